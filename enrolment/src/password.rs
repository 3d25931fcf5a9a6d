//! Passwords: argon2id with the costs that OWASP names (19 MiB, two passes, one lane), on a thread
//! of their own, and never more at once than memory and processors bear.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::journeys::JourneyError;
use crate::store::StoreError;

/// How many are hashed at once; each takes 19 MiB.
const AT_ONCE: usize = 4;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// The costs of a new one: KiB, passes, lanes.
const COSTS: Costs = Costs {
    memory_kib: 19_456,
    passes: 2,
    lanes: 1,
};

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// What a hash costs (RFC 9106 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Costs {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

/// A password as it is stored. No `Debug`.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) salt: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) costs: Costs,
}

impl Stored {
    /// Hashes a new password under a fresh salt.
    pub(crate) async fn of(
        password: Zeroizing<String>,
        chance: &SystemRandom,
    ) -> Result<Self, JourneyError> {
        let mut salt = vec![0_u8; 16];
        chance.fill(&mut salt).map_err(|_| JourneyError::NoChance)?;
        let hash = hashed(password, salt.clone(), COSTS).await?;
        Ok(Self {
            salt,
            hash: hash.to_vec(),
            costs: COSTS,
        })
    }

    /// Stands for the password of nobody: it takes as long, and no password is this one.
    fn of_nobody() -> Self {
        Self {
            salt: vec![0; 16],
            hash: Vec::new(),
            costs: COSTS,
        }
    }
}

/// Whether this is the password; the same work where there is none.
pub(crate) async fn is_right(
    password: Zeroizing<String>,
    stored: Option<Stored>,
) -> Result<bool, JourneyError> {
    let stored = stored.unwrap_or_else(Stored::of_nobody);
    let hash = hashed(password, stored.salt, stored.costs).await?;
    Ok(hash.as_slice().ct_eq(&stored.hash).into())
}

/// What two keyboards make of the same password is the same (NFKC, SP 800-63B-4).
async fn hashed(
    password: Zeroizing<String>,
    salt: Vec<u8>,
    costs: Costs,
) -> Result<Zeroizing<[u8; 32]>, JourneyError> {
    let place = tokio::time::timeout(PATIENCE, PLACES.acquire()).await;
    let Ok(Ok(_place)) = place else {
        return Err(StoreError::Busy.into());
    };
    let work = move || {
        let plain: Zeroizing<String> = Zeroizing::new(password.nfkc().collect());
        let params = Params::new(costs.memory_kib, costs.passes, costs.lanes, Some(32)).ok()?;
        let mut hash = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(plain.as_bytes(), &salt, hash.as_mut_slice())
            .ok()?;
        Some(hash)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.ok().flatten().ok_or(JourneyError::Hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(password: &str) -> Zeroizing<String> {
        Zeroizing::new(password.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_itself_however_it_is_encoded_and_nobody_has_one() {
        let stored = Stored::of(text("p\u{175}er a gwen"), &SystemRandom::new())
            .await
            .ok()
            .unwrap();
        let right = async |typed: &str| is_right(text(typed), Some(stored.clone())).await.unwrap();
        assert!(right("p\u{175}er a gwen").await);
        assert!(right("pw\u{302}er a gwen").await);
        assert!(!right("pwer a gwen").await);
        assert!(!right("").await);
        assert!(!is_right(text(""), None).await.unwrap());
    }
}
