//! Rows of single sign-on sessions. Reading one reads person and card as well, so that a closed
//! profile, a cancelled card or an organisation that is switched off ends a session without anybody having to remember it (decision 8).

mod ending;

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::{AuthenticatorId, CardNumber, RoleId, Serial, SessionId, UserId};
use policies::session::SessionFacts;
use policies::signin::Aal;
use policies::time::Time;

use crate::signin::place::Place;
use crate::signin::session::Session;

pub(crate) use ending::{Ended, end, end_all, end_by_federations_off, end_opened_by};

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

/// Whether an authenticator, by its name in a statement, may hold a session: it is in use, and the
/// other organisation whose account it may be is not switched off.
macro_rules! holds {
    ($one:literal) => {
        concat!(
            $one,
            ".state IN ('registered', 'active') AND NOT EXISTS
              (SELECT 1 FROM federated_account account
               JOIN federation whose ON whose.federation_id = account.federation_id
               WHERE account.authenticator_id = ",
            $one,
            ".authenticator_id
                 AND (whose.configured = 0 OR whose.switched_off_at IS NOT NULL))"
        )
    };
}

/// Rows that run: not ended, of an open person, whose card is not cancelled or whose authenticator
/// [`holds`]. From where, by which condition, and what follows it.
macro_rules! running {
    ($from:literal, [$($which:tt)+] $(, $after:literal)?) => {
        concat!(
            "SELECT s.sid, s.user_id, s.aal, s.method, s.authenticated_at, s.last_active_at,
                    s.role_id, s.role_chosen, s.card_number, s.serial, s.authenticator_id, a.ends_at,
                    COALESCE(a.raised_at, a.added_at), s.address, s.browser, s.version
             FROM ", $from,
            " JOIN person p ON p.user_id = s.user_id AND p.state = 'open'
             LEFT JOIN card c ON c.card_number = s.card_number
             LEFT JOIN authenticator a ON a.authenticator_id = s.authenticator_id
             WHERE s.ended_at IS NULL AND ", $($which)+,
            " AND (s.card_number IS NULL OR c.state <> 'cancelled')
              AND (s.authenticator_id IS NULL OR (", holds!("a"), "))" $(, $after)?
        )
    };
}

/// The session that this key opens, unless it, its person or what opened it has ended.
pub(crate) async fn by_key(tx: Tx<'_>, key_hash: &[u8]) -> Result<Option<Session>, StoreError> {
    let row = tx
        .row(
            running!("session s", ["s.key_hash = $1"]),
            params![key_hash],
        )
        .await?;
    row.map(decode).transpose()
}

/// The live row of the family of that name, if the named one lives or was continued, unless its person
/// has ended, or the card or authenticator that opened either: what was lost, or was given for one
/// shift, takes with it what it opened, whatever opened the session anew.
pub(crate) async fn newest(
    tx: Tx<'_>,
    sid: &SessionId,
    now: Time,
) -> Result<Option<Session>, StoreError> {
    let row = tx
        .row(
            running!(
                "session named JOIN session s ON s.family = named.family",
                [
                    "named.sid = $1
                 AND (named.ended_at IS NULL OR named.end_reason = 'continued')
                 AND (named.card_number IS NULL OR NOT EXISTS
                      (SELECT 1 FROM card k WHERE k.card_number = named.card_number
                                              AND k.state = 'cancelled'))
                 AND (named.authenticator_id IS NULL OR EXISTS
                      (SELECT 1 FROM authenticator k
                       WHERE k.authenticator_id = named.authenticator_id
                         AND (k.ends_at IS NULL OR k.ends_at >= $2) AND ",
                    holds!("k"),
                    "))"
                ]
            ),
            params![sid, now],
        )
        .await?;
    row.map(decode).transpose()
}

/// The name that a session of this person goes by now, whatever opened it under that one.
pub(crate) async fn named_now(
    tx: Tx<'_>,
    sid: &SessionId,
    person: &UserId,
) -> Result<Option<SessionId>, StoreError> {
    let row = tx
        .row(
            "SELECT s.sid FROM session named JOIN session s ON s.family = named.family
             WHERE named.sid = $1 AND named.user_id = $2 AND s.ended_at IS NULL",
            params![sid, person],
        )
        .await?;
    Ok(row
        .map(Row::read::<(SessionId,)>)
        .transpose()?
        .map(|(sid,)| sid))
}

/// The 100 rows of this person that were used last and have not been ended, unless she or what opened
/// them has ended.
pub(crate) async fn running_of(tx: Tx<'_>, person: &UserId) -> Result<Vec<Session>, StoreError> {
    let rows = tx
        .rows(
            running!(
                "session s",
                ["s.user_id = $1"],
                " ORDER BY s.last_active_at DESC, s.sid LIMIT 100"
            ),
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
        Option<Time>,
        Option<String>,
        Option<String>,
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
        added_at,
        address,
        browser,
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
        added_at,
        place: place(address, browser),
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
    let ended = tx
        .row(
            "UPDATE session SET ended_at = $2, end_reason = 'continued', version = version + 1
             WHERE sid = $1 AND ended_at IS NULL RETURNING family",
            params![old, now],
        )
        .await?;
    let row = if ended.is_some() {
        ended
    } else {
        let known = "SELECT family FROM session WHERE sid = $1";
        tx.row(known, params![old]).await?
    };
    let family = row.map(Row::read::<(String,)>).transpose()?;
    let family = family.map_or_else(|| new.session.sid.to_string(), |(family,)| family);
    insert(tx, new, &family).await
}

async fn insert(tx: Tx<'_>, new: &NewSession, family: &str) -> Result<(), StoreError> {
    let session = &new.session;
    tx.execute(
        "INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                              last_active_at, role_id, role_chosen, card_number, serial,
                              authenticator_id, address, network, browser, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)",
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
            session.place.address.map(|address| address.to_string()),
            session.place.network(),
            session.place.browser.as_deref(),
        ],
    )
    .await?;
    Ok(())
}

/// A session of the same person beside the one that has just begun.
pub(crate) struct Other {
    pub(crate) sid: SessionId,
    pub(crate) facts: SessionFacts,
    pub(crate) place: Place,
}

/// The person's other sessions that have not been ended, the last used first, at most 200: more than
/// a policy lets live. The family of `session` is not another one.
pub(crate) async fn others(tx: Tx<'_>, session: &Session) -> Result<Vec<Other>, StoreError> {
    type Columns = (SessionId, i64, Time, Time, Option<String>, Option<String>);
    let rows = tx
        .rows(
            "SELECT other.sid, other.aal, other.authenticated_at, other.last_active_at,
                    other.address, other.browser
             FROM session other
             WHERE other.user_id = $1 AND other.ended_at IS NULL
               AND other.family <> (SELECT family FROM session WHERE sid = $2)
             ORDER BY other.last_active_at DESC, other.sid LIMIT 200",
            params![&session.user_id, &session.sid],
        )
        .await?;
    let other = |row: Row| {
        let (sid, level, authenticated_at, last_active_at, address, browser) =
            row.read::<Columns>()?;
        let facts = SessionFacts {
            aal: level_from(level)?,
            authenticated_at,
            last_active_at,
            ended: false,
        };
        let place = place(address, browser);
        Ok(Other { sid, facts, place })
    };
    rows.into_iter().map(other).collect()
}

fn place(address: Option<String>, browser: Option<String>) -> Place {
    Place {
        address: address.and_then(|text| text.parse().ok()),
        browser,
    }
}

/// Notes that the person was told of this session beside another one, unless she was told of one
/// that began at `since` or later. True if it was noted: then she is to be told.
pub(crate) async fn note_elsewhere(
    tx: Tx<'_>,
    session: &Session,
    since: Time,
) -> Result<bool, StoreError> {
    let noted = tx
        .execute(
            "UPDATE session SET told_elsewhere = 1
             WHERE sid = $2 AND NOT EXISTS
                (SELECT 1 FROM session told WHERE told.user_id = $1 AND told.told_elsewhere = 1
                    AND told.authenticated_at >= $3)",
            params![&session.user_id, &session.sid, since],
        )
        .await?;
    Ok(noted == 1)
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

#[cfg(test)]
mod tests;
