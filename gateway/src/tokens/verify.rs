//! Verifies an ID token that comes back to us as a hint.
//!
//! Expired is fine, forged is not (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2): signature by
//! a published key, the algorithm fixed by that key, our issuer, and an audience. The header only
//! names a key of ours; `jwk`, `jku`, `x5u` and `x5c` are never looked at, `crit` is refused.

use jsonwebtoken::{Validation, decode, decode_header};
use policies::ids::{ClientId, SessionId, UserId};
use serde::Deserialize;
use thiserror::Error;

use super::{Algorithm, TokenKeys};

/// The text is not an ID token of ours for a client we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an ID token of this issuer")]
pub struct NotOurs;

/// What a genuine ID token of ours says. Only [`hint`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedHint {
    subject: UserId,
    audience: ClientId,
    session: SessionId,
}

impl VerifiedHint {
    /// The person.
    pub const fn subject(&self) -> &UserId {
        &self.subject
    }

    /// The client it was issued to.
    pub const fn audience(&self) -> &ClientId {
        &self.audience
    }

    /// The session it was issued in.
    pub const fn session(&self) -> &SessionId {
        &self.session
    }
}

#[derive(Deserialize)]
struct HintClaims {
    sub: UserId,
    aud: ClientId,
    sid: SessionId,
}

/// Verifies a hint. With `client`, it must have been issued to that client.
pub fn hint(
    text: &str,
    client: Option<&ClientId>,
    keys: &TokenKeys,
) -> Result<VerifiedHint, NotOurs> {
    let header = decode_header(text).map_err(|_| NotOurs)?;
    if header.crit.is_some() {
        return Err(NotOurs);
    }
    let key = header
        .kid
        .and_then(|kid| keys.by_kid(&kid))
        .ok_or(NotOurs)?;
    let mut validation = Validation::new(match key.algorithm() {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
    });
    validation.set_issuer(&[keys.issuer()]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // A hint says who, not whether: an expired one still counts, and its dates are not judged.
    validation.validate_exp = false;
    // The audience is one string, compared below with the type of our client ids.
    validation.validate_aud = false;
    let decoding = key.decoding_key().map_err(|_| NotOurs)?;
    let claims = decode::<HintClaims>(text, &decoding, &validation)
        .map_err(|_| NotOurs)?
        .claims;
    if client.is_some_and(|client| *client != claims.aud) {
        return Err(NotOurs);
    }
    Ok(VerifiedHint {
        subject: claims.sub,
        audience: claims.aud,
        session: claims.sid,
    })
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
