//! The claims of an ID token, frozen inside the transaction that mints it.
//!
//! Everything the token will say is in [`IdTokenClaims`] before anything is signed; the signer adds
//! nothing. The order of fields is the order in the token. Names and types are those of the
//! national service: one audience as a plain string, levels as strings, `amr` an array of one.

use policies::ids::{ClientId, OrgCode, RoleId, SessionId, UserId};
use policies::rbac::Rbac;
use policies::role::RoleHeld;
use policies::signin::{Aal, Demand, Method};
use policies::time::{Span, Time};
use serde::{Deserialize, Serialize};

use crate::claims::roles;
use crate::claims::scope::Scope;
use crate::store::grants::Grant;

/// How long an ID token may be taken as news of a sign-in. As a hint it counts for longer.
pub const ID_TOKEN_LIFE: Span = Span::minutes(10);

/// What really happened at the sign-in; levels come from here and never from a request
/// (house decision 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationFacts {
    /// The level reached, as `acr` says it.
    pub acr: String,
    /// The one method that happened, as `amr` says it.
    pub amr: String,
    /// The level's number, as `authentication_assurance_level` says it.
    pub level: String,
    /// The instant of the proof, Unix seconds.
    pub auth_time: i64,
}

impl AuthenticationFacts {
    /// Freezes the facts of a session.
    pub fn of(aal: Aal, method: Method, authenticated_at: Time) -> Self {
        Self {
            acr: aal.acr().to_owned(),
            amr: method.amr().to_owned(),
            level: aal.level().to_string(),
            auth_time: authenticated_at.unix(),
        }
    }

    /// Those of frozen claims, JSON; none where they are no claims.
    pub fn of_claims(claims: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Frozen {
            acr: String,
            amr: [String; 1],
            authentication_assurance_level: String,
            auth_time: i64,
        }
        let frozen: Frozen = serde_json::from_str(claims).ok()?;
        let [amr] = frozen.amr;
        Some(Self {
            acr: frozen.acr,
            amr,
            level: frozen.authentication_assurance_level,
            auth_time: frozen.auth_time,
        })
    }

    /// Whether they are enough for this demand.
    pub fn meet(&self, demand: &Demand) -> bool {
        let proof = (Aal::from_acr(&self.acr), Method::from_amr(&self.amr));
        matches!(proof, (Some(aal), Some(method)) if demand.satisfied_by(aal, method))
    }
}

/// The role a grant carries, with what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionRoleClaim {
    role_id: RoleId,
    org_code: OrgCode,
    job_role: String,
    effective_activity_codes: Vec<String>,
    rbac_version: String,
}

impl SessionRoleClaim {
    /// Describes a role that was just seen to be held.
    pub fn of(role: &RoleHeld, rbac: &Rbac) -> Self {
        Self {
            role_id: role.role_id.clone(),
            org_code: role.org_code.clone(),
            job_role: role.job_role.to_string(),
            effective_activity_codes: roles::effective_codes(role, rbac),
            rbac_version: rbac.version().to_owned(),
        }
    }
}

/// Every claim of one ID token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdTokenClaims {
    iss: String,
    sub: UserId,
    aud: ClientId,
    azp: ClientId,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    sid: SessionId,
    acr: String,
    amr: [String; 1],
    id_assurance_level: String,
    idassurancelevel: String,
    authentication_assurance_level: String,
    at_hash: String,
    /// Present exactly when a role was asked for; empty for a person without one (domain 2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    selected_roleid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matron_session_role: Option<SessionRoleClaim>,
}

/// What [`IdTokenClaims::freeze`] reads besides the grant.
#[derive(Debug, Clone, Copy)]
pub struct Mint<'a> {
    /// The issuer, exactly as configured.
    pub issuer: &'a str,
    /// The instant of the request.
    pub now: Time,
    /// The hash of the access token that leaves with the ID token.
    pub at_hash: &'a str,
    /// Confidence in the person's identity, 0 to 3.
    pub id_assurance_level: u8,
    /// The grant's role, re-read in this transaction.
    pub role: Option<&'a RoleHeld>,
    /// What roles may do.
    pub rbac: &'a Rbac,
}

impl IdTokenClaims {
    /// Freezes the claims of a grant whose session and role were re-read a moment ago.
    pub fn freeze(grant: &Grant, mint: &Mint<'_>) -> Self {
        let level = mint.id_assurance_level.to_string();
        let asked = [Scope::SelectedRole, Scope::ChangedRole];
        let role_asked = grant.scope.iter().any(|scope| asked.contains(scope));
        let role_id = mint.role.map(|role| role.role_id.to_string());
        Self {
            iss: mint.issuer.to_owned(),
            sub: grant.user_id.clone(),
            aud: grant.client.clone(),
            azp: grant.client.clone(),
            exp: mint.now.plus(ID_TOKEN_LIFE).unix(),
            iat: mint.now.unix(),
            auth_time: grant.facts.auth_time,
            nonce: grant.nonce.clone(),
            sid: grant.sid.clone(),
            acr: grant.facts.acr.clone(),
            amr: [grant.facts.amr.clone()],
            id_assurance_level: level.clone(),
            idassurancelevel: level,
            authentication_assurance_level: grant.facts.level.clone(),
            at_hash: mint.at_hash.to_owned(),
            selected_roleid: role_asked.then(|| role_id.unwrap_or_default()),
            matron_session_role: mint.role.map(|role| SessionRoleClaim::of(role, mint.rbac)),
        }
    }
}
