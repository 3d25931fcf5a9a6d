//! The drawer of demo cards behind the soft card reader: passcode and handshake are `certs_dev`'s; a card that blocks
//! itself is locked in the register by the journey that everybody's cards take.

use std::sync::Arc;

use certs_dev::folder::Folder;
use certs_dev::manifest::{CardEntry, Manifest, PersonEntry};
use certs_dev::people;
use certs_dev::soft_card::{Drawer, Passcode};
use enrolment::audit::Actor;
use enrolment::journeys::lock;
use enrolment::store::Store;
use futures_util::future::BoxFuture;
use policies::time::Clock;

use crate::house::{CardListenerAnswer, DevCard, DevCardRefused, DevCards};

/// All demo cards, and the register they are locked in.
pub(super) struct DemoDrawer {
    drawer: Drawer,
    store: Store,
    clock: Arc<dyn Clock>,
}

impl DemoDrawer {
    /// The cards of this folder.
    pub(super) fn open(
        folder: Folder,
        manifest: Manifest,
        store: Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self {
            drawer: Drawer::open(folder, manifest)?,
            store,
            clock,
        })
    }

    async fn offer(
        &self,
        alias: &str,
        passcode: &str,
        login_url: &str,
    ) -> Result<CardListenerAnswer, DevCardRefused> {
        let unreachable =
            |error: Box<dyn std::error::Error + Send + Sync>| DevCardRefused::Unreachable(error);
        match self
            .drawer
            .try_passcode(alias, passcode)
            .map_err(|error| unreachable(error.into()))?
        {
            None => Err(DevCardRefused::UnknownCard),
            Some(Passcode::Wrong { left }) => Err(DevCardRefused::WrongPasscode { left }),
            Some(Passcode::BlockedNow | Passcode::Blocked) => {
                self.lock(alias).await;
                Err(DevCardRefused::Locked)
            }
            Some(Passcode::Right) => {
                let answer = self
                    .drawer
                    .present(alias, login_url)
                    .await
                    .map_err(|error| unreachable(error.into()))?;
                Ok(CardListenerAnswer {
                    status: answer.status,
                    location: answer.location,
                    body: answer.body,
                })
            }
        }
    }

    /// Tells the register that the card has blocked itself. Told again at each try, so that a crash in between heals.
    async fn lock(&self, alias: &str) {
        let person = self.drawer.manifest().person(alias);
        let parsed = person.and_then(|person| {
            let card = person.card.as_ref()?.number.parse().ok()?;
            Some((card, person.user_id.parse().ok()?))
        });
        let Some((card, holder)) = parsed else { return };
        let locked = lock::lock(&self.store, &card, &Actor::Holder(holder), self.clock.now()).await;
        if let Err(error) = locked {
            tracing::warn!(%error, alias, "a blocked demo card is not locked in the register");
        }
    }
}

impl DevCards for DemoDrawer {
    fn cards(&self) -> Vec<DevCard> {
        let people = &self.drawer.manifest().people;
        let cards = people
            .iter()
            .filter_map(|(alias, person)| Some((alias, person, person.card.as_ref()?)));
        let mut cards: Vec<_> = cards
            .map(|(alias, person, card)| shown(alias, person, card))
            .collect();
        let place = |card: &DevCard| {
            people::PEOPLE
                .iter()
                .position(|person| person.alias == card.alias)
        };
        cards.sort_by_cached_key(place);
        cards
    }

    fn present<'a>(
        &'a self,
        alias: &'a str,
        passcode: &'a str,
        login_url: &'a str,
    ) -> BoxFuture<'a, Result<CardListenerAnswer, DevCardRefused>> {
        Box::pin(self.offer(alias, passcode, login_url))
    }
}

/// The passcode is shown: these cards are for trying out, and it is all a newcomer lacks.
fn shown(alias: &str, person: &PersonEntry, card: &CardEntry) -> DevCard {
    let why = people::by_alias(alias).map_or("A demo card", |person| person.why);
    DevCard {
        alias: alias.to_owned(),
        name: person.name.clone(),
        note: format!("passcode {}: {why}", card.passcode),
    }
}
