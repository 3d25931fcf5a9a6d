//! After a stop: every intent that was written down and not finished is finished or given up,
//! without a person (house decision 3). The ca room says how; nothing stays reserved. Run at start,
//! before the listeners open, and every minute for intents older than any signature takes.

use policies::time::{Span, Time};

use crate::journeys::JourneyError;
use crate::ledger::{CardLedger, Issuing};

/// Longer than a hardware key takes for a set, with its retries: an older intent has nobody working
/// on it.
const SIGNING_TIMEOUT: Span = Span::seconds(60);

/// What was done about each unfinished intent.
pub type Recovered = ca::issuance::Recovered<JourneyError>;

/// Finishes everything, at start; on a database that other processes use, serials are given up only
/// once nobody can be signing under them.
pub async fn at_start(issuing: &Issuing, now: Time) -> Result<Recovered, JourneyError> {
    let ledger = CardLedger::starting(issuing.clone(), now, SIGNING_TIMEOUT);
    ca::issuance::recover(&issuing.authority, &ledger).await
}

/// Finishes what has been waiting for longer than any signature takes, every minute.
pub async fn while_running(issuing: &Issuing, now: Time) -> Result<Recovered, JourneyError> {
    let ledger = CardLedger::patient(issuing.clone(), now, SIGNING_TIMEOUT);
    ca::issuance::recover(&issuing.authority, &ledger).await
}
