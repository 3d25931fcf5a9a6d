//! The highest time seen (house decision 1; domain E25, E26). A clock that falls behind it stops
//! what cannot be taken back: certificates, revocation list numbers, approvals. Sign-ins and tokens
//! never stop for it.

use policies::refusal::{Refusal, RefusalCode};
use policies::time::{Span, Time};

use crate::audit::{Actor, Event, OperatorName};
use crate::journeys::JourneyError;
use crate::store::{Key, Store, StoreError, Tx, crls};

/// How far the clock may fall behind the mark: ordinary corrections by a time service stay below
/// it.
const SLACK: Span = Span::seconds(60);

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
/// Refuses with `clock_untrusted` when `now` is more than 60 s below the mark.
pub(crate) async fn pass(tx: Tx<'_>, now: Time, trust: ClockTrust) -> Result<(), JourneyError> {
    check(tx, now).await?;
    match trust {
        ClockTrust::Guarded => Ok(crls::raise_clock_mark(tx, now).await?),
        ClockTrust::FileIsTruth => Ok(()),
    }
}

/// Asks whether `now` may be signed.
///
/// # Errors
/// Refuses with `clock_untrusted` when `now` is more than 60 s below the mark.
pub async fn check(tx: Tx<'_>, now: Time) -> Result<(), JourneyError> {
    match crls::clock_mark(tx).await? {
        Some(mark) if now < mark.minus(SLACK) => {
            Err(Refusal::new(RefusalCode::ClockUntrusted).into())
        }
        Some(_) | None => Ok(()),
    }
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
