//! The deeds for real that are not about certificates: a card on its way, codes and secrets, the
//! mark of the clock.

use policies::card::CancelReason;
use policies::signin::Aal;
use policies::time::Time;
use zeroize::Zeroizing;

use super::super::house::in_session;
use super::holder::{Holder, Real};
use super::resolve::Deed;
use super::state::Wish;
use super::world::World;
use crate::audit::OperatorName;
use crate::clock_mark;
use crate::codes::{Named, Typed};
use crate::journeys::accept_terms::accept_terms;
use crate::journeys::card_secrets::{self, Secret};
use crate::journeys::confirm_receipt::confirm_receipt;
use crate::journeys::dispatch_card::dispatch_card;
use crate::journeys::reopen_person::reopen_person;
use crate::journeys::replace_card::{Replacement, replace_card};
use crate::journeys::request_card::{CardRequest, request_card};
use crate::journeys::{IdempotencyKey, JourneyError, unlock};
use crate::notices::Letter;
use crate::params;
use crate::store::StoreError;

fn key(wish: Wish) -> IdempotencyKey {
    format!("wish-{}", wish.0).parse().unwrap()
}

fn plain(secret: &Secret) -> (Option<Vec<u8>>, Vec<u8>) {
    let current = secret.current.as_ref().map(|current| current.to_vec());
    (current, secret.next.to_vec())
}

impl Holder {
    pub(super) async fn of_the_road(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let (store, policy) = (self.house(world).store(), self.house(world).policy());
        match deed {
            Deed::Request { by, wish } => {
                let wanted = CardRequest {
                    user_id: self.user_id.clone(),
                    card: Some(self.card(wish.2)),
                    idempotency_key: Some(key(wish)),
                };
                let by = self.session(world, by);
                return Ok(Real::Card(
                    request_card(store, policy, wanted, by, now).await?,
                ));
            }
            Deed::Replace { by, wish, reason } => {
                let wanted = Replacement {
                    card: self.card(wish.1.unwrap()),
                    reason: reason.then_some(CancelReason::Damaged),
                    new_card: Some(self.card(wish.2)),
                    idempotency_key: Some(key(wish)),
                };
                let by = self.session(world, by);
                return Ok(Real::Card(
                    replace_card(store, policy, wanted, by, now).await?,
                ));
            }
            Deed::Dispatch { card, by, home } => {
                let to = if home { "RAH" } else { "RAS" }.parse().unwrap();
                let by = self.session(world, by);
                dispatch_card(store, policy, (self.card(card), to), by, now).await?;
            }
            Deed::Receipt { card, by } => {
                let by = self.session(world, by);
                confirm_receipt(store, policy, self.card(card), by, now).await?;
            }
            Deed::Reopen { by } => {
                let by = self.session(world, by);
                reopen_person(store, policy, self.user_id.clone(), by, now).await?;
            }
            Deed::Terms => {
                let version = policy.terms_version();
                let hers = (&self.user_id, in_session(&self.user_id, Aal::Aal3));
                accept_terms(store, policy, hers, version, now).await?;
            }
            _ => return self.of_a_passcode(world, deed, now).await,
        }
        Ok(Real::Nothing)
    }

    async fn of_a_passcode(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let house = self.code_house(world);
        match deed {
            Deed::Secrets { work, by } => {
                let by = self.session(world, by);
                let given = card_secrets::for_work(house, &self.works[work].0, &by, now).await?;
                let both = [&given.unblock, &given.management].map(plain);
                return Ok(Real::Secrets(both.into()));
            }
            Deed::AskCode { named } => {
                let named = match named {
                    Some(card) => Named::Card(self.card(card)),
                    None => Named::Person(self.user_id.clone()),
                };
                let key = Some(vec![7; 32]);
                let unlock = unlock::start(house, named, key, now).await?;
                self.unlocks.push(unlock);
                return self.read_mail(world).await.map(Real::Code);
            }
            Deed::Type {
                unlock,
                code,
                finish,
            } => {
                let code = code.map_or("00000000", |code| self.codes[code].as_str());
                let typed = Typed {
                    request_id: self.unlocks[unlock].clone(),
                    code: Zeroizing::new(code.to_owned()),
                };
                if !finish {
                    unlock::check(house, typed, now).await?;
                    return Ok(Real::Nothing);
                }
                let released = unlock::finish(house, typed, now).await?;
                let current = released.unblock_key.as_ref().map(|key| key.to_vec());
                let next = released.next_unblock_key.to_vec();
                return Ok(Real::Secrets(vec![(current, next)]));
            }
            Deed::Unlocked { unlock } => {
                unlock::confirm(house, &self.unlocks[unlock], now).await?;
            }
            Deed::Beat { sources } => {
                let independent = sources.map(|away| Time::from_unix(now.unix() + away));
                let issuing = &self.house(world).issuing;
                clock_mark::raise(&issuing.store, now, independent, issuing.clock).await?;
            }
            Deed::Reset { twice } => {
                let names = if twice {
                    ["one", "one"]
                } else {
                    ["one", "two"]
                };
                let operators: [OperatorName; 2] = names.map(|name| name.parse().unwrap());
                clock_mark::reset(self.house(world).store(), now, operators).await?;
            }
            _ => {}
        }
        Ok(Real::Nothing)
    }

    /// Reads her mail; whether there is a code in it that she has not seen.
    async fn read_mail(&mut self, world: &World) -> Result<bool, JourneyError> {
        let address = self.address();
        let contents = self
            .house(world)
            .store()
            .read::<_, StoreError, _>("model.mail", move |tx| {
                let address = address.clone();
                Box::pin(async move {
                    let sql = "SELECT content FROM outbox WHERE address = $1 ORDER BY number";
                    let rows = tx.rows(sql, params![&address]).await?;
                    let content = |row: crate::store::Row| Ok(row.read::<(String,)>()?.0);
                    rows.into_iter().map(content).collect::<Result<Vec<_>, _>>()
                })
            })
            .await?;
        let codes = contents
            .iter()
            .filter_map(|content| match Letter::read(content) {
                Some(Letter::Code { code, .. }) => Some(code),
                _ => None,
            });
        let before = self.codes.len();
        self.codes = codes.collect();
        Ok(self.codes.len() > before)
    }
}
