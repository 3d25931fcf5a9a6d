//! What ends sessions: one, all of a person, or all that something opened which is trusted no more.

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::time::Time;

use crate::signin::session::EndReason;

/// Ends the live row of the family; true if there was one.
pub(crate) async fn end(
    tx: Tx<'_>,
    sid: &SessionId,
    now: Time,
    reason: EndReason,
) -> Result<bool, StoreError> {
    let ended = tx
        .execute(
            "UPDATE session SET ended_at = $2, end_reason = $3, version = version + 1
             WHERE ended_at IS NULL AND family = (SELECT family FROM session WHERE sid = $1)",
            params![sid, now, reason.as_str()],
        )
        .await?;
    Ok(ended == 1)
}

/// Ends every live session of a person; their names.
pub(crate) async fn end_all(
    tx: Tx<'_>,
    user_id: &UserId,
    now: Time,
) -> Result<Vec<SessionId>, StoreError> {
    let rows = tx
        .rows(
            "UPDATE session SET ended_at = $2, end_reason = 'signed_out', version = version + 1
             WHERE ended_at IS NULL AND user_id = $1 RETURNING sid",
            params![user_id, now],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(SessionId,)>()?.0))
        .collect()
}

/// Ends what this authenticator opened, by fact and for ever: the names of the sessions that lived
/// until now. One that was continued lends its name to nothing any more, whatever lives under the
/// next one.
pub(crate) async fn end_opened_by(
    tx: Tx<'_>,
    authenticator: &AuthenticatorId,
    now: Time,
) -> Result<Vec<SessionId>, StoreError> {
    let opened = tx
        .rows(
            "SELECT sid, ended_at IS NULL FROM session
             WHERE authenticator_id = $1 AND (ended_at IS NULL OR end_reason = 'continued')",
            params![authenticator],
        )
        .await?;
    let mut ended = Vec::new();
    for row in opened {
        let (sid, lived) = row.read::<(SessionId, bool)>()?;
        disown(tx, &sid, now).await?;
        ended.extend(lived.then_some(sid));
    }
    Ok(ended)
}

/// A session that an account of another organisation opened: its name, whose it is, and whether it
/// lived until now.
pub(crate) type Disowned = (SessionId, UserId, bool);

/// The same for accounts of every organisation that is off now, at most `most` sessions.
pub(crate) async fn end_by_federations_off(
    tx: Tx<'_>,
    most: u32,
    now: Time,
) -> Result<Vec<Disowned>, StoreError> {
    let opened = tx
        .rows(
            "SELECT sid, user_id, ended_at IS NULL FROM session
             WHERE (ended_at IS NULL OR end_reason = 'continued') AND authenticator_id IN
                (SELECT f.authenticator_id FROM federated_account f
                 JOIN federation o ON o.federation_id = f.federation_id
                 WHERE o.configured = 0 OR o.switched_off_at IS NOT NULL)
             LIMIT $1",
            params![i64::from(most)],
        )
        .await?;
    let opened: Vec<Disowned> = opened
        .into_iter()
        .map(Row::read)
        .collect::<Result<_, _>>()?;
    for (sid, ..) in &opened {
        disown(tx, sid, now).await?;
    }
    Ok(opened)
}

async fn disown(tx: Tx<'_>, sid: &SessionId, now: Time) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET ended_at = COALESCE(ended_at, $2), end_reason = 'signed_out',
                            version = version + 1
         WHERE sid = $1",
        params![sid, now],
    )
    .await?;
    Ok(())
}
