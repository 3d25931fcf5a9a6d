//! A key with moods.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ca::keys::{Algorithm, FileKey, KeyError, Repeats, SigningKey};

/// A key that may refuse to sign: what a process leaves that dies between its two transactions.
pub(super) struct Moody {
    pub(super) key: FileKey,
    pub(super) repeats: Repeats,
    pub(super) refuses: Arc<AtomicBool>,
}

impl SigningKey for Moody {
    fn spki_der(&self) -> &[u8] {
        self.key.spki_der()
    }

    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn repeats(&self) -> Repeats {
        self.repeats
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(KeyError::Unreachable("pulled out".into()));
        }
        self.key.sign(octets)
    }
}
