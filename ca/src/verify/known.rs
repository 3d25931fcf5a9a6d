//! Certificates that were found to be ours. A verdict rests on the certificate's octets and on our
//! authorities alone, and those stay while we run: whoever came yesterday need not be read and
//! verified anew. Nothing else is remembered: the proof of her key is part of every handshake, and
//! dates, card and person are looked up in the books each time.

use std::sync::{Arc, Mutex, PoisonError};

use hashlink::LruCache;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use super::{Facts, ForeignReason};

/// So many are remembered, those that came last: 300 octets each, 30 MB at most.
const MOST: usize = 100_000;

/// By the SHA-256 of the whole certificate. Refusals are not remembered: anybody can make one.
pub(super) struct Known(Mutex<LruCache<[u8; SHA256_OUTPUT_LEN], Arc<Facts>>>);

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl Known {
    /// What is known of this certificate (DER), or what `judge` says of it.
    pub(super) fn or_judge(
        &self,
        der: &[u8],
        judge: impl FnOnce() -> Result<Facts, ForeignReason>,
    ) -> Result<Arc<Facts>, ForeignReason> {
        let mut name = [0; SHA256_OUTPUT_LEN];
        name.copy_from_slice(digest(&SHA256, der).as_ref());
        let known = self.remembered(|all| all.get(&name).cloned());
        if let Some(facts) = known {
            return Ok(facts);
        }
        let facts = Arc::new(judge()?);
        self.remembered(|all| all.insert(name, facts.clone()));
        Ok(facts)
    }

    fn remembered<T>(
        &self,
        look: impl FnOnce(&mut LruCache<[u8; SHA256_OUTPUT_LEN], Arc<Facts>>) -> T,
    ) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
