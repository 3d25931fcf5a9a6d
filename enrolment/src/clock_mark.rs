//! The highest time seen (house decision 1; domain E25, E26). A clock that falls behind it stops
//! what cannot be taken back: certificates, revocation list numbers, approvals. Sign-ins and tokens
//! never stop for it.

use policies::clock::{self, ClockFacts};
use policies::refusal::{Refusal, RefusalCode};
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::audit::{Actor, Event, OperatorName};
use crate::journeys::JourneyError;
use crate::ledger::Issuing;
use crate::store::{Key, Store, StoreError, Tx, crls};

/// How far above the independent time sources the mark may rise: one wrong hour is a nuisance, a
/// wrong year would stop issuance for a year.
const HEADROOM: Span = Span::hours(1);

/// What the clock of this process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockTrust {
    /// The machine's clock: the mark is kept, and jumping back is refused.
    Guarded,
    /// The clock file of `matron dev`: the file is the time, wherever it jumps. No mark is kept.
    FileIsTruth,
}

/// Asks whether `now` may be signed, and remembers it. Part of the transaction of every issuance.
///
/// # Errors
/// As [`check`].
pub(crate) async fn pass(tx: Tx<'_>, now: Time, issuing: &Issuing) -> Result<(), JourneyError> {
    check(tx, now, &issuing.policy).await?;
    match issuing.clock {
        ClockTrust::Guarded => Ok(crls::raise_clock_mark(tx, now).await?),
        ClockTrust::FileIsTruth => Ok(()),
    }
}

/// Asks whether `now` may be signed: the mark is what this house remembers about time. The newest
/// audit line is not asked for: on PostgreSQL that would set every issuance against every act that
/// is written down in the same moment.
///
/// # Errors
/// Refuses as `policies::clock::judge` does.
pub async fn check(tx: Tx<'_>, now: Time, policy: &Policy) -> Result<(), JourneyError> {
    let facts = ClockFacts {
        high_water: crls::clock_mark(tx).await?,
        newest_audit: None,
    };
    Ok(clock::judge(&facts, now, policy)?)
}

/// Raises the mark to `now`, but not more than an hour above the independent sources, if they were
/// asked. Called every 30 s.
pub async fn raise(
    store: &Store,
    now: Time,
    independent: Option<Time>,
    trust: ClockTrust,
) -> Result<(), StoreError> {
    if trust == ClockTrust::FileIsTruth {
        return Ok(());
    }
    let mark = independent.map_or(now, |source| now.min(source.plus(HEADROOM)));
    store
        .write(
            "clock_mark.raise",
            Key::of("clock_mark", "only"),
            move |tx| Box::pin(async move { crls::raise_clock_mark(tx, mark).await }),
        )
        .await
}

/// Two different operators set the mark to `now`, when the clock had run ahead and was put right.
///
/// # Errors
/// Refuses with `actor_is_subject` when it is one operator twice.
pub async fn reset(
    store: &Store,
    now: Time,
    operators: [OperatorName; 2],
) -> Result<(), JourneyError> {
    let [first, second] = operators;
    if first == second {
        return Err(Refusal::new(RefusalCode::ActorIsSubject).into());
    }
    store
        .write(
            "clock_mark.reset",
            Key::of("clock_mark", "only"),
            move |tx| {
                let (first, second) = (first.clone(), second.clone());
                Box::pin(async move {
                    crls::reset_clock_mark(tx, now).await?;
                    let event = Event::ClockMarkReset {
                        actor: Actor::Operator(first),
                        second_actor: Actor::Operator(second),
                    };
                    tx.audit(now, &event).await?;
                    Ok(())
                })
            },
        )
        .await
}
