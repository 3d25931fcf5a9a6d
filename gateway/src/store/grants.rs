//! Rows of authorization codes and access tokens. What is used once is spent by one conditional
//! statement whose row count decides (house decision 7).

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::{ClientId, RoleId, SessionId, UserId};
use policies::signin::Demand;
use policies::time::{Span, Time};

use crate::claims::scope::Scope;
use crate::claims::snapshot::{AuthenticationFacts, IdTokenClaims};
use crate::oidc::secret::SecretHash;

/// How long spent codes and dead tokens are kept, so that a late replay is still recognised.
const KEPT_AFTER_THE_END: Span = Span::days(7);

/// What a person granted to a client by signing in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The client.
    pub client: ClientId,
    /// The person.
    pub user_id: UserId,
    /// The session it rests on.
    pub sid: SessionId,
    /// The role of the session, for grants that carry one.
    pub role_id: Option<RoleId>,
    /// The scopes.
    pub scope: Vec<Scope>,
    /// Returned in the ID token.
    pub nonce: Option<String>,
    /// What happened at the sign-in, frozen when the code was issued.
    pub facts: AuthenticationFacts,
}

/// What the bearer of a code must know besides the code.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The client that asked.
    pub client: ClientId,
    /// The redirect URI it asked with.
    pub redirect_uri: String,
    /// The S256 challenge; `None` where none was sent.
    pub challenge: Option<String>,
}

/// Why a code cannot be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefused {
    /// No such code.
    Unknown,
    /// Spent before: a replay.
    Spent,
    /// Older than its life.
    Expired,
    /// Another client, redirect URI or verifier.
    Mismatch,
}

/// Writes a code.
pub async fn insert_code(
    tx: Tx<'_>,
    code: &SecretHash,
    binding: &Binding,
    grant: &Grant,
    life: (Time, Time),
) -> Result<(), StoreError> {
    let (issued_at, expires_at) = life;
    tx.execute(
        "INSERT INTO authorization_code (code_hash, client_id, redirect_uri, challenge, user_id,
             sid, role_id, scope, nonce, facts, issued_at, expires_at, consumed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)",
        params![
            code.octets(),
            binding.client.as_str(),
            binding.redirect_uri.as_str(),
            binding.challenge.as_deref().unwrap_or_default(),
            grant.user_id.as_str(),
            grant.sid.as_str(),
            grant.role_id.as_ref().map(RoleId::as_str),
            Scope::join(&grant.scope),
            grant.nonce.as_deref(),
            json(&grant.facts, "facts")?,
            issued_at,
            expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// Spends a code: one statement that demands every binding at once. Only if it changes nothing is
/// the row looked at again, to say why.
pub async fn spend_code(
    tx: Tx<'_>,
    code: &SecretHash,
    binding: &Binding,
    now: Time,
) -> Result<Result<Grant, CodeRefused>, StoreError> {
    let row = tx
        .row(
            "UPDATE authorization_code SET consumed_at = $1
             WHERE code_hash = $2 AND client_id = $3 AND redirect_uri = $4 AND challenge = $5
               AND consumed_at IS NULL AND expires_at >= $1
             RETURNING client_id, user_id, sid, role_id, scope, nonce, facts",
            params![
                now,
                code.octets(),
                binding.client.as_str(),
                binding.redirect_uri.as_str(),
                binding.challenge.as_deref().unwrap_or_default(),
            ],
        )
        .await?;
    match row {
        Some(row) => grant(row).map(Ok),
        None => refusal(tx, code, now).await.map(Err),
    }
}

fn grant(row: Row) -> Result<Grant, StoreError> {
    type Columns = (
        ClientId,
        UserId,
        SessionId,
        Option<RoleId>,
        String,
        Option<String>,
        String,
    );
    let (client, user_id, sid, role_id, scope, nonce, facts) = row.read::<Columns>()?;
    let facts = serde_json::from_str(&facts).map_err(|_| inconsistent("facts"))?;
    Ok(Grant {
        client,
        user_id,
        sid,
        role_id,
        scope: Scope::split(&scope),
        nonce,
        facts,
    })
}

async fn refusal(tx: Tx<'_>, code: &SecretHash, now: Time) -> Result<CodeRefused, StoreError> {
    let row = tx
        .row(
            "SELECT consumed_at, expires_at FROM authorization_code WHERE code_hash = $1",
            params![code.octets()],
        )
        .await?;
    Ok(
        match row.map(Row::read::<(Option<Time>, Time)>).transpose()? {
            None => CodeRefused::Unknown,
            Some((Some(_), _)) => CodeRefused::Spent,
            Some((None, expires_at)) if expires_at < now => CodeRefused::Expired,
            Some((None, _)) => CodeRefused::Mismatch,
        },
    )
}

/// Whose code it was, and from which session; for the audit line of a replay.
pub async fn owner_of_code(
    tx: Tx<'_>,
    code: &SecretHash,
) -> Result<Option<(UserId, SessionId)>, StoreError> {
    let row = tx
        .row(
            "SELECT user_id, sid FROM authorization_code WHERE code_hash = $1",
            params![code.octets()],
        )
        .await?;
    row.map(Row::read::<(UserId, SessionId)>).transpose()
}

/// Ends every token that came from this code; how many were still running.
pub async fn revoke_tokens_of(tx: Tx<'_>, code: &SecretHash, now: Time) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE access_token SET revoked_at = $1 WHERE code_hash = $2 AND revoked_at IS NULL",
        params![now, code.octets()],
    )
    .await
}

/// Writes an access token with the claims of the ID token that leaves with it.
pub async fn insert_token(
    tx: Tx<'_>,
    hashes: (&SecretHash, &SecretHash),
    grant: &Grant,
    claims: &IdTokenClaims,
    life: (Time, Time),
) -> Result<(), StoreError> {
    let ((token, code), (issued_at, expires_at)) = (hashes, life);
    tx.execute(
        "INSERT INTO access_token (token_hash, code_hash, client_id, user_id, sid, role_id, scope,
             id_token_claims, issued_at, expires_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)",
        params![
            token.octets(),
            code.octets(),
            grant.client.as_str(),
            grant.user_id.as_str(),
            grant.sid.as_str(),
            grant.role_id.as_ref().map(RoleId::as_str),
            Scope::join(&grant.scope),
            json(claims, "id_token_claims")?,
            issued_at,
            expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// An access token that has neither ended nor been revoked.
#[derive(Debug, Clone)]
pub struct RunningToken {
    /// The client it was issued to.
    pub client: ClientId,
    /// The person it speaks for.
    pub user_id: UserId,
    /// The session it rests on.
    pub sid: SessionId,
    /// The role it carries.
    pub role_id: Option<RoleId>,
    /// The scopes it grants.
    pub scope: Vec<Scope>,
    /// The claims of the ID token that came with it, JSON.
    claims: String,
}

impl RunningToken {
    /// Whether the proof that it came of is enough for this demand (law S11), whatever its session
    /// proved since.
    ///
    /// # Errors
    /// Claims that are none of ours.
    pub fn meets(&self, demand: &Demand) -> Result<bool, StoreError> {
        if demand.is_empty() {
            return Ok(true);
        }
        let proof = AuthenticationFacts::of_claims(&self.claims);
        let proof = proof.ok_or(StoreError::Inconsistent {
            table: "access_token",
            column: "id_token_claims",
        })?;
        Ok(proof.meet(demand))
    }
}

/// The token of that hash, if it runs now. Whether its session does is the caller's next question.
pub async fn running_token(
    tx: Tx<'_>,
    token: &SecretHash,
    now: Time,
) -> Result<Option<RunningToken>, StoreError> {
    type Columns = (ClientId, UserId, SessionId, Option<RoleId>, String, String);
    let row = tx
        .row(
            "SELECT client_id, user_id, sid, role_id, scope, id_token_claims FROM access_token
             WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2",
            params![token.octets(), now],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (client, user_id, sid, role_id, scope, claims) = row.read::<Columns>()?;
    Ok(Some(RunningToken {
        claims,
        client,
        user_id,
        sid,
        role_id,
        scope: Scope::split(&scope),
    }))
}

/// The most codes, and the most tokens, that [`forget_ended`] takes at once.
const PIECE: i64 = 500;

/// Forgets some of the codes and tokens that ended a week ago; how many rows went.
pub async fn forget_ended(tx: Tx<'_>, now: Time) -> Result<u64, StoreError> {
    let before = now.minus(KEPT_AFTER_THE_END);
    let tokens = tx
        .execute(
            "DELETE FROM access_token WHERE token_hash IN
                (SELECT token_hash FROM access_token WHERE expires_at < $1 LIMIT $2)",
            params![before, PIECE],
        )
        .await?;
    let codes = tx
        .execute(
            "DELETE FROM authorization_code WHERE code_hash IN
                (SELECT code_hash FROM authorization_code WHERE expires_at < $1 AND NOT EXISTS
                    (SELECT 1 FROM access_token
                     WHERE access_token.code_hash = authorization_code.code_hash)
                 LIMIT $2)",
            params![before, PIECE],
        )
        .await?;
    Ok(tokens + codes)
}

fn json(value: &impl serde::Serialize, column: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| inconsistent(column))
}

const fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "authorization_code",
        column,
    }
}

#[cfg(test)]
#[path = "grants_tests.rs"]
mod tests;
