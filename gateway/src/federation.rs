//! Other organisations whose sign-in is accepted here: what the operator configured, what is known of
//! each right now, and what is switched off. The pages that send people there are in `signin` and
//! `my`; whose account it is stands in enrolment.
//!
//! What this module shows on a page comes from memory: no page of ours waits for anybody else. What
//! decides is the row in the database, read in the transaction that decides.

pub mod answer;
mod key;
pub mod orders;
mod redeem;
pub mod switch;
pub mod upstream;
mod wire;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use enrolment::journeys::federated;
use policies::federation::Terms;
use policies::ids::FederationId;
use zeroize::Zeroizing;

use crate::house::Shared;
use upstream::Upstream;
pub(crate) use wire::is_allowed;

/// What the operator says of one organisation (`[[federation]]`).
#[derive(Clone)]
pub struct Setting {
    /// Names it in addresses, in the trail and on the command line.
    pub id: FederationId,
    /// What people know it as.
    pub name: String,
    /// Its issuer, byte for byte.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Zeroizing<String>,
    /// Whether it is in use.
    pub enabled: bool,
    /// What is asked of its statements.
    pub terms: Terms,
    /// What it is asked to do with a session of its own.
    pub prompt: Prompt,
    /// Whether plain HTTP to this machine is allowed: dev only.
    pub on_loopback: bool,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// What an organisation is asked to do with a session of its own (OpenID Connect Core 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Prove her anew: on a shared computer its session may be somebody else's.
    Login,
    /// Let her choose the account.
    SelectAccount,
    /// Whatever it does by itself.
    Unsaid,
}

/// Why an organisation cannot be used right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No connection, or no answer that can be read.
    Unreachable,
    /// It took too long.
    Slow,
    /// It sent us elsewhere, or to an address that is not allowed.
    Elsewhere,
    /// Its answer was too large.
    TooLarge,
    /// What it says of itself does not fit the configuration.
    Misdescribed,
    /// Too many people are on their way there.
    Crowded,
}

impl Trouble {
    /// The word in the trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Elsewhere => "elsewhere",
            Self::TooLarge => "too_large",
            Self::Misdescribed => "misdescribed",
            Self::Crowded => "crowded",
        }
    }
}

/// All of them.
#[derive(Default)]
pub struct Federation {
    list: Vec<Upstream>,
    off: RwLock<BTreeSet<FederationId>>,
    orders: Option<PathBuf>,
}

/// How an organisation looks on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It can be used.
    Open,
    /// Not right now.
    Down(Trouble),
    /// Switched off.
    Off,
}

impl Federation {
    /// Of these organisations. `database` tells where a running server takes orders of an operator.
    ///
    /// # Errors
    /// What keeps the way to them from being prepared.
    pub fn new(
        settings: Vec<Setting>,
        our_issuer: &str,
        database: &str,
    ) -> Result<Self, reqwest::Error> {
        let list = settings
            .into_iter()
            .map(|setting| Upstream::new(setting, our_issuer))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            list,
            off: RwLock::default(),
            orders: orders::folder_of(database),
        })
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Those of the configuration, in its order.
    pub fn all(&self) -> &[Upstream] {
        &self.list
    }

    /// The one of that name.
    pub fn find(&self, id: &str) -> Option<&Upstream> {
        self.list.iter().find(|one| one.setting().id.as_str() == id)
    }

    /// How it looks right now; from memory.
    pub fn look(&self, one: &Upstream) -> Look {
        let off = self.off.read().unwrap_or_else(PoisonError::into_inner);
        if off.contains(&one.setting().id) {
            return Look::Off;
        }
        one.trouble().map_or(Look::Open, Look::Down)
    }
}

/// How often switches are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often an organisation that answers is asked again.
const ASK_EVERY: Duration = Duration::from_mins(1);
/// How often one that does not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Notes what the configuration says, ends what it no longer allows, and reads the switches.
///
/// # Errors
/// What the store says.
pub async fn open(house: &Shared) -> Result<(), enrolment::StoreError> {
    let enabled = house.federation.all().iter().map(Upstream::setting);
    let enabled = enabled.filter(|setting| setting.enabled);
    let enabled: Vec<_> = enabled.map(|setting| setting.id.clone()).collect();
    // What an earlier start left unended would live again where its organisation is back.
    switch::end_what_is_off(&house.store, house.now()).await?;
    federated::configure(&house.store, enabled, house.now()).await?;
    switch::end_what_is_off(&house.store, house.now()).await?;
    if let Some(folder) = &house.federation.orders
        && let Err(error) = orders::prepare(folder)
    {
        tracing::error!(%error, "orders of operators cannot be taken");
    }
    read_switches(house).await
}

/// Carries out orders and follows switches that another process turned; ends with the house.
pub(crate) async fn follow_switches(house: Shared) {
    if house.federation.is_empty() && house.federation.orders.is_none() {
        return;
    }
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(folder) = &house.federation.orders {
            orders::carry_out(&house, folder).await;
        }
        if let Err(error) = read_switches(&house).await {
            tracing::error!(%error, "the switches of other organisations cannot be read");
        }
    }
}

/// Asks each organisation now and then whether it is there, so that pages know it without waiting.
pub(crate) async fn keep_in_touch(house: Shared) {
    if house.federation.is_empty() {
        return;
    }
    let mut ticks = tokio::time::interval(ASK_AGAIN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let all = house.federation.all().iter();
        let due = all.filter(|one| house.federation.look(one) != Look::Off);
        let asked = due.map(|one| async move {
            let before = one.trouble();
            let within = match before {
                Some(_) => ASK_AGAIN,
                None => ASK_EVERY,
            };
            let now = one.contact(within).await.err();
            if now != before {
                let (federation, trouble) = (one.setting().id.as_str(), now.map(Trouble::as_str));
                tracing::warn!(
                    federation,
                    trouble,
                    "another organisation is there, or is not"
                );
            }
        });
        futures_util::future::join_all(asked).await;
    }
}

async fn read_switches(house: &Shared) -> Result<(), enrolment::StoreError> {
    if house.federation.is_empty() {
        return Ok(());
    }
    let switches = federated::switches(&house.store).await?;
    let off = switches.into_iter().filter(|switch| !switch.is_on());
    let off: BTreeSet<_> = off.map(|switch| switch.federation).collect();
    let mut seen = house
        .federation
        .off
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    *seen = off;
    Ok(())
}
