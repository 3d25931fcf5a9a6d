//! Ending sessions, with their lines in the trail: all of a person, or all that something opened which is
//! trusted no more. Rows that were over before, idle or too old, are ended in fact and not told of.

use enrolment::audit::{Code, Event};
use enrolment::store::{StoreError, Tx};
use policies::ids::{AuthenticatorId, UserId};
use policies::session::{SessionFacts, SessionStanding, judge};
use policies::time::Time;
use policies::values::Policy;

use crate::store::sessions::{self, Ended};

/// Ends every session of a person; `why` stands in the trail. How many lived.
///
/// # Errors
/// What the store says.
pub(crate) async fn end_all(
    tx: Tx<'_>,
    user_id: &UserId,
    (now, policy): (Time, &Policy),
    why: &'static str,
) -> Result<u32, StoreError> {
    let ended = sessions::end_all(tx, user_id, now).await?;
    tell(tx, &ended, |facts| lived(facts, now, policy), (now, why)).await
}

/// Ends for ever what this authenticator opened. How many lived.
///
/// # Errors
/// What the store says.
pub(crate) async fn end_opened_by(
    tx: Tx<'_>,
    authenticator: &AuthenticatorId,
    (now, policy): (Time, &Policy),
    why: &'static str,
) -> Result<u32, StoreError> {
    let ended = sessions::end_opened_by(tx, authenticator, now).await?;
    tell(tx, &ended, |facts| lived(facts, now, policy), (now, why)).await
}

fn lived(facts: &SessionFacts, now: Time, policy: &Policy) -> bool {
    matches!(judge(facts, now, policy), SessionStanding::Live { .. })
}

/// A line for each of those that count; how many do.
///
/// # Errors
/// What the store says.
pub(crate) async fn tell(
    tx: Tx<'_>,
    ended: &[Ended],
    counts: impl Fn(&SessionFacts) -> bool,
    (now, why): (Time, &'static str),
) -> Result<u32, StoreError> {
    let mut told = 0;
    for one in ended.iter().filter(|one| counts(&one.facts)) {
        let event = Event::SessionEnded {
            person: one.person.clone(),
            session: one.sid.clone(),
            reason: Code::of(why),
        };
        tx.audit(now, &event).await?;
        told += 1;
    }
    Ok(told)
}
