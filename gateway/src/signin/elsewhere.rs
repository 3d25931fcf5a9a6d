//! Whoever signs in while another browser of hers, in another network, was used a moment ago is told
//! at all her addresses: she may have two computers, or somebody has her card (law S8). Nothing is
//! refused for it, and once a day is enough: a notice that comes at every round of the wards is
//! read by nobody.

use enrolment::audit::Event;
use enrolment::notices::{self, Notice};
use enrolment::store::{StoreError, Tx};
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::messages::EN;
use crate::signin::session::Session;
use crate::store::sessions;

/// How long one notice is enough.
const ENOUGH_FOR: Span = Span::days(1);

/// Looks whether the session that has just begun is one of two, inside its transaction.
///
/// # Errors
/// What the store says.
pub(super) async fn look(
    tx: Tx<'_>,
    session: &Session,
    now: Time,
    policy: &Policy,
) -> Result<(), StoreError> {
    let since = now.minus(policy.two_places());
    let Some(other) = sessions::elsewhere(tx, session, since).await? else {
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
            there: other.in_words(&EN),
        };
        notices::tell(tx, &session.user_id, &notice, now).await?;
    }
    Ok(())
}
