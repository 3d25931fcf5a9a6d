//! Rows of accounts of other organisations, of who was sent there, and of what is switched off.

use policies::ids::{AuthenticatorId, FederationId, SessionId, UserId};
use policies::time::{Span, Time};

use crate::params;
use crate::store::{Row, StoreError, Tx};

/// How long a ceremony is remembered after its end: a late answer is told apart from a forged one.
const KEPT: Span = Span::hours(1);

const PURPOSE: StoreError = StoreError::Inconsistent {
    table: "federated_ceremony",
    column: "handle",
};

/// Whether signing in by way of it is on.
pub(crate) async fn is_on(tx: Tx<'_>, id: &FederationId) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT federation_id FROM federation
             WHERE federation_id = $1 AND configured = 1 AND switched_off_at IS NULL",
            params![id],
        )
        .await?;
    Ok(row.is_some())
}

/// Every organisation that was ever configured: in the configuration now, switched off since.
pub(crate) async fn all(tx: Tx<'_>) -> Result<Vec<(FederationId, bool, Option<Time>)>, StoreError> {
    let rows = tx
        .rows(
            "SELECT federation_id, configured, switched_off_at FROM federation
             ORDER BY federation_id",
            params![],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Notes whether it is in the configuration; true where that is new.
pub(crate) async fn configure(
    tx: Tx<'_>,
    id: &FederationId,
    configured: bool,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "INSERT INTO federation (federation_id, configured, switched_off_at)
             VALUES ($1, $2, NULL)
             ON CONFLICT (federation_id) DO UPDATE SET configured = excluded.configured
             WHERE federation.configured <> excluded.configured",
            params![id, configured],
        )
        .await?;
    Ok(changed == 1)
}

/// Turns the operator's switch; true where it stood the other way.
pub(crate) async fn switch(
    tx: Tx<'_>,
    id: &FederationId,
    off_since: Option<Time>,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE federation SET switched_off_at = $2
             WHERE federation_id = $1 AND (switched_off_at IS NULL) = ($3 = 1)",
            params![id, off_since, off_since.is_some()],
        )
        .await?;
    Ok(changed == 1)
}

/// Who has linked this account.
pub(crate) async fn holder(
    tx: Tx<'_>,
    (issuer, subject): (&str, &str),
) -> Result<Option<AuthenticatorId>, StoreError> {
    let row = tx
        .row(
            "SELECT authenticator_id FROM federated_account WHERE issuer = $1 AND subject = $2",
            params![issuer, subject],
        )
        .await?;
    let id = row.map(Row::read::<(AuthenticatorId,)>).transpose()?;
    Ok(id.map(|(id,)| id))
}

/// Links an account.
pub(crate) async fn insert(
    tx: Tx<'_>,
    id: &AuthenticatorId,
    federation: &FederationId,
    (issuer, subject): (&str, &str),
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO federated_account (authenticator_id, federation_id, issuer, subject)
         VALUES ($1, $2, $3, $4)",
        params![id, federation, issuer, subject],
    )
    .await?;
    Ok(())
}

/// Forgets the accounts of hers that are taken away, so that they can be linked anew.
pub(crate) async fn forget_removed(tx: Tx<'_>, user_id: &UserId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM federated_account WHERE authenticator_id IN
            (SELECT authenticator_id FROM authenticator WHERE user_id = $1 AND state = 'removed')",
        params![user_id],
    )
    .await?;
    Ok(())
}

/// Why somebody was sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in; the handle of the sign-in.
    SignIn(String),
    /// To link the account to her profile.
    Link {
        /// The session in which she asked for it.
        session: SessionId,
        /// Who.
        user_id: UserId,
        /// What she calls it.
        name: String,
    },
}

/// Notes that a browser is sent there.
pub(crate) async fn depart(
    tx: Tx<'_>,
    (state_hash, federation, browser_hash): (&[u8; 32], &FederationId, &[u8; 32]),
    purpose: &Purpose,
    (begun_at, ends_at): (Time, Time),
) -> Result<(), StoreError> {
    let (handle, session, user_id, name) = match purpose {
        Purpose::SignIn(handle) => (Some(handle.as_str()), None, None, None),
        Purpose::Link {
            session,
            user_id,
            name,
        } => (None, Some(session), Some(user_id), Some(name.as_str())),
    };
    tx.execute(
        "INSERT INTO federated_ceremony (state_hash, federation_id, browser_hash, handle, session,
                                         user_id, name, begun_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            state_hash,
            federation,
            browser_hash,
            handle,
            session,
            user_id,
            name,
            begun_at,
            ends_at
        ],
    )
    .await?;
    Ok(())
}

/// Takes the ceremony away if everything fits, in one statement: that state, that organisation, in one
/// of these browsers' cookies, in time.
pub(crate) async fn arrive(
    tx: Tx<'_>,
    state_hash: &[u8; 32],
    federation: &FederationId,
    browsers: &[[u8; 32]; 2],
    now: Time,
) -> Result<Option<(Purpose, Time)>, StoreError> {
    type Columns = (
        Option<String>,
        Option<SessionId>,
        Option<UserId>,
        Option<String>,
        Time,
    );
    let [one, other] = browsers;
    let row = tx
        .row(
            "DELETE FROM federated_ceremony
             WHERE state_hash = $1 AND federation_id = $2 AND browser_hash IN ($3, $4)
               AND begun_at <= $5 AND ends_at >= $5
             RETURNING handle, session, user_id, name, begun_at",
            params![state_hash, federation, one, other, now],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let purpose = match row.read::<Columns>()? {
        (Some(handle), None, None, None, at) => (Purpose::SignIn(handle), at),
        (None, Some(session), Some(user_id), Some(name), at) => (
            Purpose::Link {
                session,
                user_id,
                name,
            },
            at,
        ),
        _ => return Err(PURPOSE),
    };
    Ok(Some(purpose))
}

/// The organisation, the browser and the end of a ceremony that [`arrive`] did not take.
pub(crate) async fn still_there(
    tx: Tx<'_>,
    state_hash: &[u8; 32],
) -> Result<Option<(FederationId, [u8; 32], Time)>, StoreError> {
    let row = tx
        .row(
            "SELECT federation_id, browser_hash, ends_at FROM federated_ceremony
             WHERE state_hash = $1",
            params![state_hash],
        )
        .await?;
    row.map(Row::read).transpose()
}

/// Forgets ceremonies that have ended, at most `piece` of them.
pub(crate) async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM federated_ceremony WHERE state_hash IN
            (SELECT state_hash FROM federated_ceremony WHERE ends_at < $1 LIMIT $2)",
        params![now.minus(KEPT), piece],
    )
    .await
}
