//! Rows of authenticators: what all kinds share.

use policies::authenticator::AuthenticatorState;
use policies::ids::{AuthenticatorId, OrgCode, UserId};
use policies::signin::{Aal, Method};
use policies::time::Time;

use crate::authenticators::Authenticator;
use crate::params;
use crate::store::{Row, StoreError, Tx};
use crate::unused::Unused;

const ADDED_BY: StoreError = StoreError::Inconsistent {
    table: "authenticator",
    column: "added_by",
};

/// The authenticator of that name.
pub(crate) async fn find(
    tx: Tx<'_>,
    id: &AuthenticatorId,
) -> Result<Option<Authenticator>, StoreError> {
    let row = tx
        .row(
            "SELECT a.authenticator_id, a.user_id, p.state, a.method, a.name, a.state, a.evidence,
                    a.bound_at, a.added_by, a.added_at, a.raised_at, a.used_at, a.ends_at, a.version
             FROM authenticator a JOIN person p ON p.user_id = a.user_id
             WHERE a.authenticator_id = $1",
            params![id],
        )
        .await?;
    row.map(decode).transpose()
}

/// Those of a person that are not removed, newest first.
pub(crate) async fn of_person(
    tx: Tx<'_>,
    user_id: &UserId,
) -> Result<Vec<Authenticator>, StoreError> {
    let rows = tx
        .rows(
            "SELECT a.authenticator_id, a.user_id, p.state, a.method, a.name, a.state, a.evidence,
                    a.bound_at, a.added_by, a.added_at, a.raised_at, a.used_at, a.ends_at, a.version
             FROM authenticator a JOIN person p ON p.user_id = a.user_id
             WHERE a.user_id = $1 AND a.state <> 'removed'
             ORDER BY a.added_at DESC, a.authenticator_id",
            params![user_id],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}

/// Whether she has one that counts as AAL3, or had one that was taken away since.
pub(crate) async fn had_aal3(tx: Tx<'_>, user_id: &UserId) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT 1 FROM authenticator WHERE user_id = $1 AND bound_at = 3 AND evidence = 3 LIMIT 1",
            params![user_id],
        )
        .await?;
    Ok(row.is_some())
}

fn decode(row: Row) -> Result<Authenticator, StoreError> {
    type Columns = (
        AuthenticatorId,
        UserId,
        String,
        Method,
        String,
        AuthenticatorState,
        Aal,
        Aal,
        String,
        Time,
        Option<Time>,
        Option<Time>,
        Option<Time>,
        i64,
    );
    let (
        id,
        user_id,
        person,
        method,
        name,
        state,
        evidence,
        bound_at,
        added_by,
        added_at,
        raised_at,
        used_at,
        ends_at,
        version,
    ) = row.read::<Columns>()?;
    Ok(Authenticator {
        id,
        user_id,
        person_open: person == "open",
        method,
        name,
        state,
        evidence,
        bound_at,
        added_by: added_by.parse().map_err(|_| ADDED_BY)?,
        added_at,
        raised_at,
        used_at,
        ends_at,
        version,
    })
}

/// Puts a new one on record, unused.
pub(crate) async fn insert(tx: Tx<'_>, new: &Authenticator) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO authenticator (authenticator_id, user_id, method, name, state, evidence,
                                    bound_at, added_by, added_at, used_at, ends_at, changed_at,
                                    version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $9, 1)",
        params![
            &new.id,
            &new.user_id,
            new.method,
            new.name.as_str(),
            new.state,
            new.evidence,
            new.bound_at,
            new.added_by.as_str(),
            new.added_at,
            new.ends_at,
        ],
    )
    .await?;
    Ok(())
}

/// Moves it to another state if its row is still the one that was judged.
pub(crate) async fn change(
    tx: Tx<'_>,
    id: &AuthenticatorId,
    version: i64,
    to: AuthenticatorState,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE authenticator SET state = $3, changed_at = $4, version = version + 1
             WHERE authenticator_id = $1 AND version = $2",
            params![id, version, to, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes that it signed her in; a new one is in service from now on. Time never moves back.
pub(crate) async fn used(tx: Tx<'_>, id: &AuthenticatorId, at: Time) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE authenticator
         SET used_at = $2, state = CASE state WHEN 'registered' THEN 'active' ELSE state END,
             version = version + CASE state WHEN 'registered' THEN 1 ELSE 0 END
         WHERE authenticator_id = $1 AND (used_at IS NULL OR used_at < $2)",
        params![id, at],
    )
    .await?;
    Ok(())
}

/// Raises to AAL3 what was added in a weaker session; answers which. Temporary ones stay as they
/// are.
pub(crate) async fn raise(
    tx: Tx<'_>,
    user_id: &UserId,
    at: Time,
) -> Result<Vec<AuthenticatorId>, StoreError> {
    let rows = tx
        .rows(
            "UPDATE authenticator SET bound_at = 3, changed_at = $2, raised_at = $2, version = version + 1
             WHERE user_id = $1 AND bound_at = 2 AND evidence = 3 AND state IN ('registered', 'active')
               AND added_by <> 'temporary'
             RETURNING authenticator_id",
            params![user_id, at],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(AuthenticatorId,)>()?.0))
        .collect()
}

/// Raises one to AAL3 if its row is still the one that was judged, and not raised yet.
pub(crate) async fn raise_one(
    tx: Tx<'_>,
    id: &AuthenticatorId,
    version: i64,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE authenticator SET bound_at = 3, changed_at = $3, raised_at = $3, version = version + 1
             WHERE authenticator_id = $1 AND version = $2 AND bound_at = 2
               AND added_by <> 'temporary'",
            params![id, version, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Those of people that this authority looks after which nobody has used since `until`, the longest
/// unused first, after `after`, at most `most`. What was given for one shift ended by itself and is
/// nobody's to tidy up.
pub(crate) async fn unused(
    tx: Tx<'_>,
    authority: &OrgCode,
    (after, until): ((Time, &str), Time),
    most: i64,
) -> Result<Vec<Unused>, StoreError> {
    let rows = tx
        .rows(
            "SELECT a.authenticator_id, a.user_id, p.display_name, a.method, a.name, a.added_at,
                    a.used_at
             FROM authenticator a JOIN person p ON p.user_id = a.user_id
             WHERE a.state <> 'removed' AND a.ends_at IS NULL
               AND COALESCE(a.used_at, a.added_at) <= $3
               AND (COALESCE(a.used_at, a.added_at), a.authenticator_id) > ($1, $2)
               AND p.state = 'open'
               AND (p.home_ra = $4 OR EXISTS
                    (SELECT 1 FROM membership m
                     JOIN organisation o ON o.org_code = m.org_code
                     WHERE m.user_id = a.user_id AND COALESCE(o.hosted_by, o.org_code) = $4))
             ORDER BY COALESCE(a.used_at, a.added_at), a.authenticator_id LIMIT $5",
            params![after.0, after.1, until, authority, most],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            type Columns = (
                AuthenticatorId,
                UserId,
                String,
                Method,
                String,
                Time,
                Option<Time>,
            );
            let (id, user_id, owner, method, name, added_at, used_at) = row.read::<Columns>()?;
            Ok(Unused {
                id,
                user_id,
                owner,
                method,
                name,
                added_at,
                used_at,
            })
        })
        .collect()
}

/// Takes all of a person's away; answers which.
pub(crate) async fn remove_all(
    tx: Tx<'_>,
    user_id: &UserId,
    at: Time,
) -> Result<Vec<AuthenticatorId>, StoreError> {
    let rows = tx
        .rows(
            "UPDATE authenticator SET state = 'removed', changed_at = $2, version = version + 1
             WHERE user_id = $1 AND state <> 'removed' RETURNING authenticator_id",
            params![user_id, at],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(AuthenticatorId,)>()?.0))
        .collect()
}
