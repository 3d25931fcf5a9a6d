//! Signs an ID token from its stored claims and nothing else (house decision 8).
//!
//! The compact form of RFC 7515 7.1 is two base64url texts and a signature over them; the header
//! names the key, its algorithm and the type, and carries nothing a reader could be led by.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::{KeyError, TokenKey};
use crate::claims::snapshot::IdTokenClaims;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
    typ: &'static str,
}

/// The signed ID token. Both texts are made of our own types, which always serialise; were one
/// ever not to, that is reported as a failure to sign.
pub fn sign(claims: &IdTokenClaims, key: &TokenKey) -> Result<String, KeyError> {
    let header = Header {
        alg: key.algorithm().as_str(),
        kid: key.kid(),
        typ: "JWT",
    };
    let header = serde_json::to_vec(&header).map_err(|_| KeyError::Signing)?;
    let claims = serde_json::to_vec(claims).map_err(|_| KeyError::Signing)?;
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = key.sign(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The `at_hash` of an access token: the left half of its SHA-256 (OpenID Connect Core 3.1.3.6);
/// both of our algorithms use SHA-256.
pub fn at_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    #[test]
    fn at_hash_is_that_of_the_standard() {
        // The access token and at_hash of OpenID Connect Core A.3.
        assert_eq!(
            super::at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
