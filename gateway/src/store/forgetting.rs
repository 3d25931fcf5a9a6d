//! Forgetting what has ended, so that no table grows with what strangers begin and never finish
//! (attack table 82). The audit trail keeps what happened; these rows only made it happen.
//!
//! Rows go in pieces: one write may not hold up the others. A row that another still names waits
//! until that one is gone.

use enrolment::params;
use enrolment::store::{Key, Store, StoreError, Tx};
use policies::time::{Span, Time};

use crate::store::{ceremonies, grants};

/// The most rows of one kind that one write forgets.
const PIECE: i64 = 500;

/// How long a sign-in and its tickets are kept after their end: a late or second use of a ticket is
/// still told apart from one that never was.
const SIGN_IN_KEPT: Span = Span::minutes(10);

/// How long a session is kept after the sign-in it began with. No session lives for longer than
/// half a day; its name stands in ID tokens that come back as hints.
const SESSION_KEPT: Span = Span::days(30);

/// Forgets everything that is due; how many rows went.
///
/// # Errors
/// What the store says. What went before stays gone.
pub(crate) async fn forget_ended(store: &Store, now: Time) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    loop {
        let piece = store
            .write::<_, StoreError, _>("gateway.forget", Key::none(), move |tx| {
                Box::pin(async move {
                    let codes_and_tokens = grants::forget_ended(tx, now).await?;
                    let one_time = enrolment::codes::forget_ended(tx, now, PIECE).await?;
                    let guesses =
                        enrolment::journeys::authenticator_app::forget_ended(tx, now, PIECE)
                            .await?;
                    let away = enrolment::journeys::federated::forget_ended(tx, now, PIECE).await?;
                    let links =
                        enrolment::journeys::invitation::forget_ended(tx, now, PIECE).await?;
                    let ceremonies = ceremonies::forget_ended(tx, now, PIECE).await?;
                    Ok(guesses
                        + away
                        + links
                        + ceremonies
                        + one_time
                        + codes_and_tokens
                        + sign_ins_and_sessions(tx, now).await?)
                })
            })
            .await?;
        if piece == 0 {
            return Ok(forgotten);
        }
        forgotten += piece;
    }
}

async fn sign_ins_and_sessions(tx: Tx<'_>, now: Time) -> Result<u64, StoreError> {
    let tickets = tx
        .execute(
            "DELETE FROM sign_in_ticket WHERE ticket_hash IN
                (SELECT ticket_hash FROM sign_in_ticket WHERE ends_at < $1 LIMIT $2)",
            params![now.minus(SIGN_IN_KEPT), PIECE],
        )
        .await?;
    let sign_ins = tx
        .execute(
            "DELETE FROM sign_in WHERE handle IN
                (SELECT handle FROM sign_in WHERE ends_at < $1 AND NOT EXISTS
                    (SELECT 1 FROM sign_in_ticket WHERE sign_in_ticket.handle = sign_in.handle)
                 LIMIT $2)",
            params![now.minus(SIGN_IN_KEPT), PIECE],
        )
        .await?;
    let sessions = tx
        .execute(
            "DELETE FROM session WHERE sid IN
                (SELECT sid FROM session WHERE authenticated_at < $1 AND NOT EXISTS
                    (SELECT 1 FROM sign_in WHERE sign_in.sid = session.sid)
                 LIMIT $2)",
            params![now.minus(SESSION_KEPT), PIECE],
        )
        .await?;
    Ok(tickets + sign_ins + sessions)
}

#[cfg(test)]
mod tests;
