//! Rows of single sign-on sessions. Reading one reads person and card as well, so that a closed
//! profile or a cancelled card ends a session without anybody having to remember it (decision 8).

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::{AuthenticatorId, CardNumber, RoleId, Serial, SessionId, UserId};
use policies::signin::Aal;
use policies::time::Time;

use crate::signin::session::{EndReason, Session};

const LEVEL: StoreError = StoreError::Inconsistent {
    table: "session",
    column: "aal",
};
const METHOD: StoreError = StoreError::Inconsistent {
    table: "session",
    column: "method",
};

/// A session about to be written, and the hash of its key.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) session: Session,
    pub(crate) key_hash: Vec<u8>,
}

/// The session that this key opens, unless it, its person or its card has ended.
pub(crate) async fn by_key(tx: Tx<'_>, key_hash: &[u8]) -> Result<Option<Session>, StoreError> {
    let row = tx
        .row(
            "SELECT s.sid, s.user_id, s.aal, s.method, s.authenticated_at, s.last_active_at,
                    s.role_id, s.role_chosen, s.card_number, s.serial, s.authenticator_id, a.ends_at,
                    s.version
             FROM session s
             JOIN person p ON p.user_id = s.user_id AND p.state = 'open'
             LEFT JOIN card c ON c.card_number = s.card_number
             LEFT JOIN authenticator a ON a.authenticator_id = s.authenticator_id
             WHERE s.key_hash = $1 AND s.ended_at IS NULL
               AND (c.state IS NULL OR c.state <> 'cancelled')
               AND (a.state IS NULL OR a.state IN ('registered', 'active'))",
            params![key_hash],
        )
        .await?;
    row.map(decode).transpose()
}

/// The live row of the family of that name, unless its person or its card has ended.
pub(crate) async fn newest(tx: Tx<'_>, sid: &SessionId) -> Result<Option<Session>, StoreError> {
    let row = tx
        .row(
            "SELECT s.sid, s.user_id, s.aal, s.method, s.authenticated_at, s.last_active_at,
                    s.role_id, s.role_chosen, s.card_number, s.serial, s.authenticator_id, a.ends_at,
                    s.version
             FROM session named
             JOIN session s ON s.family = named.family AND s.ended_at IS NULL
             JOIN person p ON p.user_id = s.user_id AND p.state = 'open'
             LEFT JOIN card c ON c.card_number = s.card_number
             LEFT JOIN authenticator a ON a.authenticator_id = s.authenticator_id
             WHERE named.sid = $1 AND (c.state IS NULL OR c.state <> 'cancelled')
               AND (a.state IS NULL OR a.state IN ('registered', 'active'))",
            params![sid],
        )
        .await?;
    row.map(decode).transpose()
}

/// The newest 100 rows of this person that have not been ended, unless she or the card has ended.
pub(crate) async fn running_of(tx: Tx<'_>, person: &UserId) -> Result<Vec<Session>, StoreError> {
    let rows = tx
        .rows(
            "SELECT s.sid, s.user_id, s.aal, s.method, s.authenticated_at, s.last_active_at,
                    s.role_id, s.role_chosen, s.card_number, s.serial, s.authenticator_id, a.ends_at,
                    s.version
             FROM session s
             JOIN person p ON p.user_id = s.user_id AND p.state = 'open'
             LEFT JOIN card c ON c.card_number = s.card_number
             LEFT JOIN authenticator a ON a.authenticator_id = s.authenticator_id
             WHERE s.user_id = $1 AND s.ended_at IS NULL
               AND (c.state IS NULL OR c.state <> 'cancelled')
               AND (a.state IS NULL OR a.state IN ('registered', 'active'))
             ORDER BY s.authenticated_at DESC, s.sid LIMIT 100",
            params![person],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<Session, StoreError> {
    type Columns = (
        SessionId,
        UserId,
        i64,
        String,
        Time,
        Time,
        Option<RoleId>,
        bool,
        Option<CardNumber>,
        Option<Serial>,
        Option<AuthenticatorId>,
        Option<Time>,
        i64,
    );
    let (
        sid,
        user_id,
        level,
        method,
        authenticated_at,
        last_active_at,
        role_id,
        role_chosen,
        card,
        serial,
        authenticator,
        until,
        version,
    ) = row.read::<Columns>()?;
    Ok(Session {
        sid,
        user_id,
        aal: level_from(level)?,
        method: method.parse().map_err(|_| METHOD)?,
        authenticated_at,
        last_active_at,
        role_id,
        role_chosen,
        card,
        serial,
        authenticator,
        until,
        version,
    })
}

const fn level_from(number: i64) -> Result<Aal, StoreError> {
    match number {
        1 => Ok(Aal::Aal1),
        2 => Ok(Aal::Aal2),
        3 => Ok(Aal::Aal3),
        _ => Err(LEVEL),
    }
}

/// Writes the first session of a family.
pub(crate) async fn begin(tx: Tx<'_>, new: &NewSession) -> Result<(), StoreError> {
    insert(tx, new, new.session.sid.as_str()).await
}

/// Ends `old` and goes on as `new`: same family, another name, another key.
pub(crate) async fn succeed(
    tx: Tx<'_>,
    old: &SessionId,
    new: &NewSession,
    now: Time,
) -> Result<(), StoreError> {
    let row = tx
        .row("SELECT family FROM session WHERE sid = $1", params![old])
        .await?;
    let family = row.map(Row::read::<(String,)>).transpose()?;
    tx.execute(
        "UPDATE session SET ended_at = $2, end_reason = 'continued', version = version + 1
         WHERE sid = $1 AND ended_at IS NULL",
        params![old, now],
    )
    .await?;
    let family = family.map_or_else(|| new.session.sid.to_string(), |(family,)| family);
    insert(tx, new, &family).await
}

async fn insert(tx: Tx<'_>, new: &NewSession, family: &str) -> Result<(), StoreError> {
    let session = &new.session;
    tx.execute(
        "INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                              last_active_at, role_id, role_chosen, card_number, serial,
                              authenticator_id, version, ended_at, end_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, NULL, NULL)",
        params![
            &session.sid,
            family,
            new.key_hash.as_slice(),
            &session.user_id,
            i64::from(session.aal.level()),
            session.method.as_str(),
            session.authenticated_at,
            session.last_active_at,
            session.role_id.as_ref(),
            session.role_chosen,
            session.card.as_ref(),
            session.serial.as_ref(),
            session.authenticator.as_ref(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes a sign of life; never moves time back.
pub(crate) async fn touch(tx: Tx<'_>, sid: &SessionId, now: Time) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET last_active_at = $2
         WHERE sid = $1 AND ended_at IS NULL AND last_active_at < $2",
        params![sid, now],
    )
    .await?;
    Ok(())
}

/// Writes the answer to the question of the role.
pub(crate) async fn settle_role(
    tx: Tx<'_>,
    sid: &SessionId,
    role: Option<&RoleId>,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE session SET role_id = $2, role_chosen = 1, version = version + 1
             WHERE sid = $1 AND ended_at IS NULL",
            params![sid, role],
        )
        .await?;
    Ok(changed == 1)
}

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

#[cfg(test)]
mod tests;
