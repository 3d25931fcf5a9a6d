//! The past of the demo people, made by the real journeys of the enrolment room at the instants when it happened.
//!
//! `plan` works out from the table of people what happened when, back from the states that contract 3 wants to see;
//! `enact` does it, in the order of time, through the same doors as everybody else: no row is written around a rule.

mod enact;
mod plan;

use anyhow::Result;
use enrolment::ledger::Issuing;
use policies::time::Time;

use crate::cards::{CardCertificates, CardKeys};

pub(crate) use enact::REGISTRAR;

/// Who is named the deputy of the ward that she works in, by the manager of the registration authority.
pub(crate) const DEPUTY: &str = "nadia";

/// What a demo card holds at the end of its history.
pub(crate) struct HeldCard {
    /// Its holder.
    pub(crate) alias: &'static str,
    /// The set in use.
    pub(crate) current: CardSet,
    /// The set that was issued but not confirmed.
    pub(crate) pending: Option<CardSet>,
}

/// Keys and certificates of one issuance.
pub(crate) struct CardSet {
    /// The keys.
    pub(crate) keys: CardKeys,
    /// Their certificates.
    pub(crate) certificates: CardCertificates,
}

/// Makes the past up to `first_start` and gives back the cards. The database must be migrated and empty.
pub(crate) async fn make(issuing: &Issuing, first_start: Time) -> Result<Vec<HeldCard>> {
    let deeds = plan::deeds(&issuing.policy, first_start)?;
    enact::all(issuing, deeds).await
}
