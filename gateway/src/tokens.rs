//! The keys that sign tokens, and what is made and checked with them.
//!
//! Each algorithm has a key in use and a next one, announced in the JWKS before it ever signs, so
//! that a relying party that caches the list is never surprised (lead time against cache lifetime:
//! [`KEY_LEAD_TIME`]). Every private-key operation runs in ring; the `rsa` crate only makes numbers.

pub mod generate;
pub mod id_token;
pub mod key;
pub mod provider;
#[cfg(test)]
pub(crate) mod trial;
pub mod verify;

use enrolment::store::{Store, StoreError};
use policies::time::{Span, Time};
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::oidc::discovery;
use crate::oidc::keys::{self, Document};
use crate::store::keys as rows;
pub use key::{KeyError, TokenKey};

/// A next key is announced at least this long before it signs. The JWKS and discovery answers must
/// stay cacheable for less: see the assertion in [`crate::oidc::keys`].
pub const KEY_LEAD_TIME: Span = Span::days(1);

/// How a token is signed (RFC 7518 3.1). Closed: what is not here is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; what clients of the national service expect.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256; the default.
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// Both algorithms, in the order discovery lists them.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// Reads the registered name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == text)
    }
}

/// Where a key stands in its life: announced, signing, or only verifying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Published, not yet used.
    Next,
    /// Signs today.
    Current,
    /// No longer signs; published until the last token it signed has ended.
    Retired,
}

impl Standing {
    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Next, Self::Current, Self::Retired]
            .into_iter()
            .find(|standing| standing.as_str() == text)
    }
}

/// Why the token keys could not be opened.
#[derive(Debug, Error)]
pub enum TokenKeysError {
    /// An algorithm has no key of that standing.
    #[error("there is no {} key for {}", standing.as_str(), algorithm.as_str())]
    Missing {
        /// The algorithm without a key.
        algorithm: Algorithm,
        /// The standing that is not filled.
        standing: Standing,
    },
    /// A key could not be read or made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that makes RSA keys died.
    #[error("key generation was interrupted")]
    Interrupted,
}

/// The keys of this provider, and the two documents that announce them, rendered once.
pub struct TokenKeys {
    issuer: String,
    rs256: TokenKey,
    es256: TokenKey,
    announced: Vec<TokenKey>,
    discovery: Document,
    jwks: Document,
}

impl TokenKeys {
    /// Opens the keys kept in the database, making those that are missing.
    pub async fn open(
        store: &Store,
        issuer: &str,
        chance: &SystemRandom,
        now: Time,
    ) -> Result<Self, TokenKeysError> {
        let mut held = rows::all(store).await?;
        let mut fresh = Vec::new();
        for algorithm in Algorithm::ALL {
            for standing in [Standing::Current, Standing::Next] {
                let fills =
                    |key: &rows::KeptKey| (key.algorithm, key.standing) == (algorithm, standing);
                if !held.iter().any(fills) {
                    fresh.push((algorithm, standing));
                }
            }
        }
        if !fresh.is_empty() {
            rows::keep(store, generate::all(fresh, chance.clone()).await?, now).await?;
            held = rows::all(store).await?;
        }
        let keys = held.iter().map(|kept| {
            Ok((
                kept.standing,
                TokenKey::from_pkcs8(kept.algorithm, &kept.pkcs8)?,
            ))
        });
        Self::assemble(issuer, keys.collect::<Result<_, KeyError>>()?)
    }

    /// Takes keys that an operator keeps in files, each a PKCS#8 PEM text.
    pub fn from_pem(issuer: &str, keys: &[(Standing, &[u8])]) -> Result<Self, TokenKeysError> {
        let keys = keys
            .iter()
            .map(|(standing, pem)| Ok((*standing, TokenKey::from_pem(pem)?)));
        Self::assemble(issuer, keys.collect::<Result<_, KeyError>>()?)
    }

    fn assemble(issuer: &str, keys: Vec<(Standing, TokenKey)>) -> Result<Self, TokenKeysError> {
        provider::install();
        for algorithm in Algorithm::ALL {
            for standing in [Standing::Current, Standing::Next] {
                let fills = |(at, key): &(Standing, TokenKey)| {
                    (*at, key.algorithm()) == (standing, algorithm)
                };
                if !keys.iter().any(fills) {
                    return Err(TokenKeysError::Missing {
                        algorithm,
                        standing,
                    });
                }
            }
        }
        let jwks = keys::render(keys.iter().map(|(_, key)| key));
        let (mut rs256, mut es256, mut announced) = (None, None, Vec::new());
        for (standing, key) in keys {
            match (standing, key.algorithm()) {
                (Standing::Current, Algorithm::Rs256) => rs256 = Some(key),
                (Standing::Current, Algorithm::Es256) => es256 = Some(key),
                (Standing::Next | Standing::Retired, _) => announced.push(key),
            }
        }
        let missing = |algorithm| TokenKeysError::Missing {
            algorithm,
            standing: Standing::Current,
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            rs256: rs256.ok_or(missing(Algorithm::Rs256))?,
            es256: es256.ok_or(missing(Algorithm::Es256))?,
            announced,
            discovery: discovery::render(issuer),
            jwks,
        })
    }

    /// The issuer these keys speak for: exactly the configured string.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key that signs today with this algorithm.
    pub const fn signing(&self, algorithm: Algorithm) -> &TokenKey {
        match algorithm {
            Algorithm::Rs256 => &self.rs256,
            Algorithm::Es256 => &self.es256,
        }
    }

    /// The published key of that name. A `kid` is only ever compared, never interpreted.
    pub fn by_kid(&self, kid: &str) -> Option<&TokenKey> {
        [&self.rs256, &self.es256]
            .into_iter()
            .chain(&self.announced)
            .find(|key| key.kid() == kid)
    }

    /// The provider metadata, rendered.
    pub const fn discovery(&self) -> &Document {
        &self.discovery
    }

    /// The key set, rendered.
    pub const fn jwks(&self) -> &Document {
        &self.jwks
    }
}
