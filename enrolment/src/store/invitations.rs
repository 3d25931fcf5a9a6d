//! Rows of links that a desk gave for adding an authenticator.

use policies::ids::{AuthenticatorId, InvitationId, UserId};
use policies::invitation::InvitationKind;
use policies::time::{Span, Time};

use crate::journeys::invitation::Invitation;
use crate::params;
use crate::store::{Row, StoreError, Tx};

/// How long a link is remembered: longer than any policy asks when somebody last had temporary
/// access (90 days).
const KEPT: Span = Span::days(92);

/// Puts a new link on record, unopened.
pub(crate) async fn insert(
    tx: Tx<'_>,
    new: &Invitation,
    secret_hash: [u8; 32],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO authenticator_invitation (invitation_id, secret_hash, user_id, kind,
                                               invited_by, invited_at, expires_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            &new.id,
            secret_hash,
            &new.user_id,
            new.kind.as_str(),
            &new.invited_by,
            new.invited_at,
            new.expires_at,
            new.ends_at,
        ],
    )
    .await?;
    Ok(())
}

/// A newer link takes the place of those of hers that have not added anything yet.
pub(crate) async fn withdraw(tx: Tx<'_>, user_id: &UserId, now: Time) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE authenticator_invitation SET withdrawn_at = $2
         WHERE user_id = $1 AND spent_at IS NULL AND withdrawn_at IS NULL",
        params![user_id, now],
    )
    .await?;
    Ok(())
}

/// The link whose column is this.
macro_rules! link_where {
    ($column:literal) => {
        concat!(
            "SELECT i.invitation_id, i.user_id, p.state, i.kind, i.invited_by, i.invited_at,
                    i.expires_at, i.ends_at, i.browser_hash, i.spent_at, i.withdrawn_at
             FROM authenticator_invitation i JOIN person p ON p.user_id = i.user_id
             WHERE i.",
            $column,
            " = $1"
        )
    };
}

/// The link of that secret.
pub(crate) async fn by_secret(
    tx: Tx<'_>,
    secret_hash: [u8; 32],
) -> Result<Option<Invitation>, StoreError> {
    let row = tx
        .row(link_where!("secret_hash"), params![secret_hash])
        .await?;
    row.map(decode).transpose()
}

/// The link that this browser opened first.
pub(crate) async fn by_browser(
    tx: Tx<'_>,
    browser_hash: [u8; 32],
) -> Result<Option<Invitation>, StoreError> {
    let row = tx
        .row(link_where!("browser_hash"), params![browser_hash])
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<Invitation, StoreError> {
    type Columns = (
        InvitationId,
        UserId,
        String,
        InvitationKind,
        UserId,
        Time,
        Time,
        Option<Time>,
        Option<[u8; 32]>,
        Option<Time>,
        Option<Time>,
    );
    let (
        id,
        user_id,
        person,
        kind,
        invited_by,
        invited_at,
        expires_at,
        ends_at,
        browser,
        spent,
        over,
    ) = row.read::<Columns>()?;
    Ok(Invitation {
        id,
        user_id,
        person_open: person == "open",
        kind,
        invited_by,
        invited_at,
        expires_at,
        ends_at,
        browser,
        spent: spent.is_some(),
        withdrawn: over.is_some(),
    })
}

/// Gives the link to the browser that opens it: of any number at once, one finds it unopened.
pub(crate) async fn open(
    tx: Tx<'_>,
    id: &InvitationId,
    browser_hash: [u8; 32],
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE authenticator_invitation SET browser_hash = $2, opened_at = $3
             WHERE invitation_id = $1 AND browser_hash IS NULL AND spent_at IS NULL
               AND withdrawn_at IS NULL AND expires_at >= $3",
            params![id, browser_hash, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Spends the link for one authenticator, in the browser that opened it: of any number at once, one
/// finds it unspent.
pub(crate) async fn spend(
    tx: Tx<'_>,
    (id, browser_hash): (&InvitationId, [u8; 32]),
    authenticator: &AuthenticatorId,
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE authenticator_invitation SET spent_at = $4, authenticator_id = $3
             WHERE invitation_id = $1 AND browser_hash = $2 AND spent_at IS NULL
               AND withdrawn_at IS NULL AND expires_at >= $4",
            params![id, browser_hash, authenticator, now],
        )
        .await?;
    Ok(changed == 1)
}

/// From when on she may be given temporary access again, by what she was given: `every` after one
/// that was used, the end of a link that may still be used. None when she may now.
pub(crate) async fn temporary_from(
    tx: Tx<'_>,
    user_id: &UserId,
    every: Span,
    now: Time,
) -> Result<Option<Time>, StoreError> {
    let rows = tx
        .rows(
            "SELECT spent_at, expires_at FROM authenticator_invitation
             WHERE user_id = $1 AND kind = 'temporary'
               AND (spent_at > $2 OR (spent_at IS NULL AND withdrawn_at IS NULL AND expires_at >= $3))",
            params![user_id, now.minus(every), now],
        )
        .await?;
    let mut from = None;
    for row in rows {
        let (spent_at, expires_at) = row.read::<(Option<Time>, Time)>()?;
        let free = spent_at.map_or(expires_at.plus(Span::seconds(1)), |at| at.plus(every));
        from = from.max(Some(free));
    }
    Ok(from)
}

/// Forgets at most `piece` links of long ago; how many went.
pub(crate) async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM authenticator_invitation WHERE invitation_id IN
            (SELECT invitation_id FROM authenticator_invitation WHERE invited_at < $1 LIMIT $2)",
        params![now.minus(KEPT), piece],
    )
    .await
}
