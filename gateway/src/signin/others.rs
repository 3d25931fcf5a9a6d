//! What a session that has just begun means for the others of its person, in its transaction.
//!
//! Whoever signs in while another browser of hers, in another network, was used a moment ago is told
//! at all her addresses: she may have two computers, or somebody has her card (law S8). Nothing is
//! refused for it, and once a day is enough: a notice that comes at every round of the wards is
//! read by nobody.
//!
//! As many sessions of a person live as the policy allows (law S10). It is not the new one that is
//! refused, which would keep a nurse out for a computer that she left on another ward: the one used
//! longest ago ends. Both are judged where the session is written, since a check before it is a check
//! that two at once pass.

use enrolment::audit::{Code, Event};
use enrolment::notices::{self, Notice};
use enrolment::store::{StoreError, Tx};
use policies::session::{SessionFacts, crowded_out};
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::messages::EN;
use crate::signin::session::{self, EndReason, Session};
use crate::store::sessions::{self, Other};

/// How long one notice is enough.
const ENOUGH_FOR: Span = Span::days(1);

/// What the trail says of a session that made room.
const CROWDED_OUT: Code = Code::of("session_limit");

/// Looks at the others of the person whose session has just begun.
///
/// # Errors
/// What the store says.
pub(crate) async fn look(
    tx: Tx<'_>,
    session: &Session,
    now: Time,
    policy: &Policy,
) -> Result<(), StoreError> {
    let others = sessions::others(tx, session).await?;
    tell_of_two_places(tx, session, &others, now, policy).await?;
    make_room(tx, session, &others, now, policy).await
}

async fn tell_of_two_places(
    tx: Tx<'_>,
    session: &Session,
    others: &[Other],
    now: Time,
    policy: &Policy,
) -> Result<(), StoreError> {
    let (since, here) = (now.minus(policy.two_places()), session.place.network());
    let elsewhere = others.iter().find(|other| {
        let there = other.place.network();
        other.facts.last_active_at >= since && there.is_some() && here.is_some() && there != here
    });
    let Some(other) = elsewhere else {
        return Ok(());
    };
    let event = Event::SeenInTwoPlaces {
        person: session.user_id.clone(),
        session: session.sid.clone(),
    };
    tx.audit(now, &event).await?;
    if sessions::note_elsewhere(tx, session, now.minus(ENOUGH_FOR)).await? {
        let notice = Notice::SeenInTwoPlaces {
            here: session.place.in_words(&EN),
            there: other.place.in_words(&EN),
        };
        notices::tell(tx, &session.user_id, &notice, now).await?;
    }
    Ok(())
}

async fn make_room(
    tx: Tx<'_>,
    session: &Session,
    others: &[Other],
    now: Time,
    policy: &Policy,
) -> Result<(), StoreError> {
    let facts: Vec<SessionFacts> = others.iter().map(|other| other.facts).collect();
    for other in crowded_out(&facts, now, policy)
        .into_iter()
        .filter_map(|place| others.get(place))
    {
        if session::end(tx, &other.sid, now, EndReason::Replaced).await? {
            let event = Event::SessionEnded {
                person: session.user_id.clone(),
                session: other.sid.clone(),
                reason: CROWDED_OUT,
            };
            tx.audit(now, &event).await?;
        }
    }
    Ok(())
}
