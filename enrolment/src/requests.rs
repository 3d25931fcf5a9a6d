//! Certificate requests as they arrive at a journey: one PKCS#10 per key of the card. Only the
//! public key and the proof of possession are taken from them (RFC 2986; ca room, `request`). What
//! is wrong with them is a fact for the law to judge in its fixed order, not an error here.

use ca::request::{RequestError, SubjectKey, verify_csr};
use policies::card::KeyRole;
use policies::issuance::KeyFacts;

use crate::journeys::request_hash;

/// One request.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    /// Which key of the card it is for.
    pub key_role: KeyRole,
    /// PKCS#10, PEM or DER.
    pub csr: Vec<u8>,
}

/// Requests that have been looked at.
#[derive(Clone)]
pub(crate) struct Examined {
    keys: Vec<(KeyRole, SubjectKey)>,
    proven: bool,
    acceptable: bool,
    fingerprint: String,
}

impl Examined {
    /// Verifies each request, with the nonce where one was given out. A set is one authentication
    /// and one signature key, two different ones (house decision 4; domain E40).
    pub(crate) fn examine(requests: &[CertificateRequest], nonce: Option<&str>) -> Self {
        let mut keys = Vec::with_capacity(requests.len());
        let (mut proven, mut acceptable) = (true, true);
        for request in requests {
            match verify_csr(&request.csr, nonce) {
                Ok(key) => keys.push((request.key_role, key)),
                Err(
                    RequestError::ProofOfPossession
                    | RequestError::NonceMissing
                    | RequestError::NonceWrong,
                ) => {
                    proven = false;
                }
                Err(
                    RequestError::TooLarge
                    | RequestError::Malformed
                    | RequestError::SignatureAlgorithm
                    | RequestError::Key(_),
                ) => acceptable = false,
            }
        }
        keys.sort_by_key(|(key_role, _)| *key_role);
        Self {
            proven,
            acceptable: acceptable && is_a_pair(&keys, requests),
            fingerprint: fingerprint(requests, &keys),
            keys,
        }
    }

    /// The same, where the nonce that the requests should carry is gone: nothing proves they are
    /// new.
    pub(crate) fn unproven(self) -> Self {
        Self {
            proven: false,
            ..self
        }
    }

    /// The facts for the law; whether the keys are fresh is known to the database alone.
    pub(crate) fn facts(&self, fresh: bool) -> KeyFacts {
        KeyFacts {
            fresh,
            proven: self.proven,
            acceptable: self.acceptable,
        }
    }

    /// The keys, authentication first.
    pub(crate) fn keys(&self) -> &[(KeyRole, SubjectKey)] {
        &self.keys
    }

    /// Names exactly these keys in these roles.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn is_a_pair(keys: &[(KeyRole, SubjectKey)], requests: &[CertificateRequest]) -> bool {
    // A key without proof is missing from `keys`; that is judged as `proven`, not here.
    if keys.len() < requests.len() {
        return requests.len() == KeyRole::ALL.len();
    }
    let roles: Vec<KeyRole> = keys.iter().map(|(key_role, _)| *key_role).collect();
    roles == KeyRole::ALL
        && keys.windows(2).all(|pair| match pair {
            [(_, first), (_, second)] => first.spki_sha256() != second.spki_sha256(),
            _ => true,
        })
}

/// Over the public keys; over the requests themselves where no key could be read from one of them.
fn fingerprint(requests: &[CertificateRequest], keys: &[(KeyRole, SubjectKey)]) -> String {
    let mut parts: Vec<&[u8]> = Vec::new();
    if keys.len() == requests.len() {
        for (key_role, key) in keys {
            parts.push(key_role.as_str().as_bytes());
            parts.push(key.spki_der());
        }
    } else {
        for request in requests {
            parts.push(request.key_role.as_str().as_bytes());
            parts.push(&request.csr);
        }
    }
    request_hash(&parts)
}
