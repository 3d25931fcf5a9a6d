//! Rows of clients. Lists and settings are JSON texts; origins are rows of their own.

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::ClientId;
use policies::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::claims::scope::Scope;
use crate::oidc::client::{AuthenticationMethod, Client};
use crate::oidc::secret::SecretHash;
use crate::tokens::Algorithm;

/// Clients with their origins in one statement, a row for each origin: every login asks twice.
macro_rules! with_origins {
    ($which:literal) => {
        concat!(
            "SELECT c.client_id, c.name, c.auth_method, c.secret_hash, c.redirect_uris,
                    c.post_logout_redirect_uris, c.id_token_alg, c.scopes, c.settings, o.origin
             FROM oidc_client c LEFT JOIN oidc_client_origin o ON o.client_id = c.client_id ",
            $which,
            " ORDER BY c.client_id, o.origin"
        )
    };
}

/// The client of that identifier.
pub async fn find(tx: Tx<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    const SQL: &str = with_origins!("WHERE c.client_id = $1");
    let rows = tx.rows(SQL, params![id.as_str()]).await?;
    Ok(gathered(rows)?.pop())
}

/// Every client, by identifier.
pub async fn all(tx: Tx<'_>) -> Result<Vec<Client>, StoreError> {
    const SQL: &str = with_origins!("");
    gathered(tx.rows(SQL, params![]).await?)
}

fn gathered(rows: Vec<Row>) -> Result<Vec<Client>, StoreError> {
    let mut clients: Vec<Client> = Vec::new();
    for row in rows {
        let next = decode(row)?;
        match clients.last_mut().filter(|last| last.id == next.id) {
            Some(same) => same.origins.extend(next.origins),
            None => clients.push(next),
        }
    }
    Ok(clients)
}

/// Writes a client, or what changed of it, origins included.
pub async fn put(tx: Tx<'_>, client: &Client, now: Time) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO oidc_client (client_id, name, auth_method, secret_hash, redirect_uris,
             post_logout_redirect_uris, id_token_alg, scopes, settings, registered_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         ON CONFLICT (client_id) DO UPDATE SET name = excluded.name,
             auth_method = excluded.auth_method, secret_hash = excluded.secret_hash,
             redirect_uris = excluded.redirect_uris,
             post_logout_redirect_uris = excluded.post_logout_redirect_uris,
             id_token_alg = excluded.id_token_alg, scopes = excluded.scopes,
             settings = excluded.settings, changed_at = excluded.changed_at",
        params![
            client.id.as_str(),
            client.name.as_str(),
            client.method.as_str(),
            client
                .secret
                .as_ref()
                .map(|secret| secret.octets().as_slice()),
            json(&client.redirect_uris)?,
            json(&client.post_logout_redirect_uris)?,
            client.id_token_alg.as_str(),
            Scope::join(&client.scopes),
            json(&client.settings)?,
            now,
        ],
    )
    .await?;
    tx.execute(
        "DELETE FROM oidc_client_origin WHERE client_id = $1",
        params![client.id.as_str()],
    )
    .await?;
    for origin in &client.origins {
        tx.execute(
            "INSERT INTO oidc_client_origin (origin, client_id) VALUES ($1, $2)",
            params![origin.as_str(), client.id.as_str()],
        )
        .await?;
    }
    Ok(())
}

/// Deletes a client with its origins, codes and tokens; false where there is none.
pub async fn remove(tx: Tx<'_>, id: &ClientId) -> Result<bool, StoreError> {
    for sql in [
        "DELETE FROM access_token WHERE client_id = $1",
        "DELETE FROM authorization_code WHERE client_id = $1",
        "DELETE FROM oidc_client_origin WHERE client_id = $1",
    ] {
        tx.execute(sql, params![id.as_str()]).await?;
    }
    let removed = tx
        .execute(
            "DELETE FROM oidc_client WHERE client_id = $1",
            params![id.as_str()],
        )
        .await?;
    Ok(removed > 0)
}

/// Whether any client registered this origin.
pub async fn knows_origin(tx: Tx<'_>, origin: &str) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT COUNT(*) FROM oidc_client_origin WHERE origin = $1",
            params![origin],
        )
        .await?;
    let count = row.map(Row::read::<(i64,)>).transpose()?;
    Ok(count.is_some_and(|(count,)| count > 0))
}

/// With the one origin of its row, if there is any.
fn decode(row: Row) -> Result<Client, StoreError> {
    type Columns = (
        ClientId,
        String,
        String,
        Option<[u8; 32]>,
        String,
        String,
        String,
        String,
        String,
        Option<String>,
    );
    let (id, name, method, secret, redirects, logouts, alg, scopes, settings, origin) =
        row.read::<Columns>()?;
    Ok(Client {
        id,
        name,
        method: AuthenticationMethod::parse(&method).ok_or(inconsistent("auth_method"))?,
        secret: secret.map(SecretHash::stored),
        redirect_uris: read(&redirects, "redirect_uris")?,
        post_logout_redirect_uris: read(&logouts, "post_logout_redirect_uris")?,
        origins: origin.into_iter().collect(),
        id_token_alg: Algorithm::parse(&alg).ok_or(inconsistent("id_token_alg"))?,
        scopes: Scope::split(&scopes),
        settings: read(&settings, "settings")?,
    })
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| inconsistent("json"))
}

fn read<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| inconsistent(column))
}

const fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "oidc_client",
        column,
    }
}
