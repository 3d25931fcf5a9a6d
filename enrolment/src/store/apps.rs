//! Rows of passwords, authenticator apps, and guesses at them.

use std::net::IpAddr;

use policies::guessing::{HOUR, lately};
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::time::{Span, Time};

use crate::params;
use crate::password::{Costs, Stored};
use crate::store::{Row, StoreError, Tx};

/// How long a ceremony is remembered after it can be finished no more.
const CEREMONY_KEPT: Span = Span::hours(1);
/// How long a browser is known.
pub(crate) const BROWSER_KEPT: Span = Span::days(90);

const COSTS: StoreError = StoreError::Inconsistent {
    table: "password",
    column: "memory_kib",
};

/// Her password, if she has one; nobody has none.
pub(crate) async fn password(
    tx: Tx<'_>,
    user_id: Option<&UserId>,
) -> Result<Option<(Stored, Time)>, StoreError> {
    let row = tx
        .row(
            "SELECT salt, hash, memory_kib, passes, lanes, set_at FROM password WHERE user_id = $1",
            params![user_id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (salt, hash, memory_kib, passes, lanes, set_at) =
        row.read::<(Vec<u8>, Vec<u8>, i64, i64, i64, Time)>()?;
    let costs = Costs {
        memory_kib: u32::try_from(memory_kib).map_err(|_| COSTS)?,
        passes: u32::try_from(passes).map_err(|_| COSTS)?,
        lanes: u32::try_from(lanes).map_err(|_| COSTS)?,
    };
    Ok(Some((Stored { salt, hash, costs }, set_at)))
}

/// Sets her password.
pub(crate) async fn set_password(
    tx: Tx<'_>,
    user_id: &UserId,
    new: &Stored,
    at: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO password (user_id, salt, hash, memory_kib, passes, lanes, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (user_id) DO UPDATE SET salt = excluded.salt, hash = excluded.hash,
             memory_kib = excluded.memory_kib, passes = excluded.passes, lanes = excluded.lanes,
             set_at = excluded.set_at",
        params![
            user_id,
            new.salt.as_slice(),
            new.hash.as_slice(),
            i64::from(new.costs.memory_kib),
            i64::from(new.costs.passes),
            i64::from(new.costs.lanes),
            at,
        ],
    )
    .await?;
    Ok(())
}

/// An app of hers: its name, its sealed secret, the last step that counted.
pub(crate) struct App {
    pub(crate) id: AuthenticatorId,
    pub(crate) sealed: Vec<u8>,
    pub(crate) last_step: i64,
}

/// Her apps that are not taken away; nobody has none.
pub(crate) async fn of_person(
    tx: Tx<'_>,
    user_id: Option<&UserId>,
) -> Result<Vec<App>, StoreError> {
    let rows = tx
        .rows(
            "SELECT s.authenticator_id, s.sealed, s.last_step
             FROM app_secret s JOIN authenticator a ON a.authenticator_id = s.authenticator_id
             WHERE a.user_id = $1 AND a.state <> 'removed' ORDER BY s.authenticator_id",
            params![user_id],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let (id, sealed, last_step) = row.read::<(AuthenticatorId, Vec<u8>, i64)>()?;
            Ok(App {
                id,
                sealed,
                last_step,
            })
        })
        .collect()
}

/// Whether she has an app that does not end by itself, also one that is thought lost.
pub(crate) async fn has_lasting(tx: Tx<'_>, user_id: &UserId) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT 1 FROM authenticator
             WHERE user_id = $1 AND method = 'authenticator-app' AND state <> 'removed'
               AND ends_at IS NULL",
            params![user_id],
        )
        .await?;
    Ok(row.is_some())
}

/// Keeps the secret of a new app; the step of the code that was typed is used up.
pub(crate) async fn insert(tx: Tx<'_>, app: &App) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO app_secret (authenticator_id, sealed, last_step) VALUES ($1, $2, $3)",
        params![&app.id, app.sealed.as_slice(), app.last_step],
    )
    .await?;
    Ok(())
}

/// Uses a step up: of any number of codes at once, one finds the app as it was read.
pub(crate) async fn use_step(tx: Tx<'_>, app: &App, step: i64) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE app_secret SET last_step = $3 WHERE authenticator_id = $1 AND last_step = $2",
            params![&app.id, app.last_step, step],
        )
        .await?;
    Ok(changed == 1)
}

/// Forgets the secrets of her apps that are taken away, and her password once none is left.
pub(crate) async fn forget_removed(tx: Tx<'_>, user_id: &UserId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM app_secret WHERE authenticator_id IN
            (SELECT authenticator_id FROM authenticator WHERE user_id = $1 AND state = 'removed')",
        params![user_id],
    )
    .await?;
    tx.execute(
        "DELETE FROM password WHERE user_id = $1 AND NOT EXISTS
            (SELECT 1 FROM authenticator WHERE user_id = $1 AND state <> 'removed'
                                           AND method = 'authenticator-app')",
        params![user_id],
    )
    .await?;
    Ok(())
}

/// Begins to set an app up; what she began before is over.
pub(crate) async fn begin(
    tx: Tx<'_>,
    (id, user_id, session): (&AuthenticatorId, &UserId, &SessionId),
    sealed: &[u8],
    now: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM app_ceremony WHERE user_id = $1 AND used_at IS NULL",
        params![user_id],
    )
    .await?;
    tx.execute(
        "INSERT INTO app_ceremony (ceremony_id, user_id, session, sealed, started_at)
         VALUES ($1, $2, $3, $4, $5)",
        params![id, user_id, session, sealed, now],
    )
    .await?;
    Ok(())
}

/// The sealed secret of what she began in this session since then and did not finish.
pub(crate) async fn begun(
    tx: Tx<'_>,
    (id, user_id, session): (&AuthenticatorId, &UserId, &SessionId),
    since: Time,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx
        .row(
            "SELECT sealed FROM app_ceremony
             WHERE ceremony_id = $1 AND user_id = $2 AND session = $3 AND started_at >= $4
               AND used_at IS NULL",
            params![id, user_id, session, since],
        )
        .await?;
    let sealed = row.map(Row::read::<(Vec<u8>,)>).transpose()?;
    Ok(sealed.map(|(sealed,)| sealed))
}

/// Finishes it, once.
pub(crate) async fn finish(
    tx: Tx<'_>,
    id: &AuthenticatorId,
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE app_ceremony SET used_at = $2 WHERE ceremony_id = $1 AND used_at IS NULL",
            params![id, now],
        )
        .await?;
    Ok(changed == 1)
}

/// The tries of a budget in the last hour.
pub(crate) async fn guesses(
    tx: Tx<'_>,
    budget: [u8; 32],
    now: Time,
) -> Result<Vec<Time>, StoreError> {
    let rows = tx
        .rows(
            "SELECT tried_at FROM guess WHERE budget = $1 AND tried_at > $2",
            params![budget, now.minus(HOUR)],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(Time,)>()?.0))
        .collect()
}

/// The oldest of the last `many` tries from this address that count now; none where there were fewer.
pub(crate) async fn filled(
    tx: Tx<'_>,
    address: IpAddr,
    many: u32,
    now: Time,
) -> Result<Option<Time>, StoreError> {
    let (after, until) = lately(now);
    let row = tx
        .row(
            "SELECT tried_at FROM guess WHERE address = $1 AND tried_at > $2 AND tried_at <= $3
             ORDER BY tried_at DESC LIMIT 1 OFFSET $4",
            params![
                address.to_string(),
                after,
                until,
                i64::from(many.saturating_sub(1))
            ],
        )
        .await?;
    Ok(row.map(Row::read::<(Time,)>).transpose()?.map(|(at,)| at))
}

/// Counts a try, with the address that it came from if it counts there as well.
pub(crate) async fn count(
    tx: Tx<'_>,
    id: &str,
    (budget, address): ([u8; 32], Option<IpAddr>),
    now: Time,
) -> Result<(), StoreError> {
    let address = address.map(|address| address.to_string());
    tx.execute(
        "INSERT INTO guess (guess_id, budget, tried_at, address) VALUES ($1, $2, $3, $4)",
        params![id, budget, now, address],
    )
    .await?;
    Ok(())
}

/// Gives a try back: it was no guess.
pub(crate) async fn give_back(tx: Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM guess WHERE guess_id = $1", params![id])
        .await?;
    Ok(())
}

/// Whether she signed in with this browser before; nobody did.
pub(crate) async fn knows_browser(
    tx: Tx<'_>,
    user_id: Option<&UserId>,
    browser: Option<[u8; 32]>,
    now: Time,
) -> Result<bool, StoreError> {
    let browser = browser.map(|hash| hash.to_vec());
    let row = tx
        .row(
            "SELECT 1 FROM known_browser
             WHERE browser_hash = $1 AND user_id = $2 AND used_at > $3",
            params![browser.as_deref(), user_id, now.minus(BROWSER_KEPT)],
        )
        .await?;
    Ok(row.is_some())
}

/// Remembers that she signed in with this browser.
pub(crate) async fn remember_browser(
    tx: Tx<'_>,
    user_id: &UserId,
    browser: [u8; 32],
    now: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO known_browser (browser_hash, user_id, used_at) VALUES ($1, $2, $3)
         ON CONFLICT (browser_hash, user_id) DO UPDATE SET used_at = excluded.used_at",
        params![browser, user_id, now],
    )
    .await?;
    Ok(())
}

/// Forgets at most `piece` rows of each kind that are over; how many went.
pub(crate) async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    let guesses = tx
        .execute(
            "DELETE FROM guess WHERE guess_id IN
                (SELECT guess_id FROM guess WHERE tried_at < $1 LIMIT $2)",
            params![now.minus(HOUR), piece],
        )
        .await?;
    let ceremonies = tx
        .execute(
            "DELETE FROM app_ceremony WHERE ceremony_id IN
                (SELECT ceremony_id FROM app_ceremony WHERE started_at < $1 LIMIT $2)",
            params![now.minus(CEREMONY_KEPT), piece],
        )
        .await?;
    let browsers = tx
        .execute(
            "DELETE FROM known_browser WHERE used_at < $1 AND browser_hash IN
                (SELECT browser_hash FROM known_browser WHERE used_at < $1 LIMIT $2)",
            params![now.minus(BROWSER_KEPT), piece],
        )
        .await?;
    Ok(guesses + ceremonies + browsers)
}
