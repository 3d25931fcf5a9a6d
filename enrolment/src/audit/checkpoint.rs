//! Checkpoints: the ends of all lanes at one instant, chained to the checkpoint before and
//! signed. A trail that was cut off or rewritten from some line on no longer reaches them
//! (security attack rows 11 and 12). Signing happens between the doors, never inside one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use policies::time::{Clock, Time};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde::{Deserialize, Serialize};

use crate::audit::{Sha256, sha256};
use crate::params;
use crate::store::{Key, Store, StoreError, Tx};

/// Begins what is hashed and signed for a checkpoint.
const CHECKPOINT: &[u8] = b"matron audit checkpoint 1\0";

/// How often the ends are looked at (house decision 6).
const EVERY: Duration = Duration::from_secs(1);

/// The key that signs checkpoints: ECDSA P-256 with SHA-256.
pub struct CheckpointKey {
    pair: EcdsaKeyPair,
    chance: SystemRandom,
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointKey")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// A key that cannot sign checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 key in PKCS#8")]
pub struct NotACheckpointKey;

impl CheckpointKey {
    /// From PKCS#8 DER (RFC 5958).
    ///
    /// # Errors
    /// [`NotACheckpointKey`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, NotACheckpointKey> {
        let chance = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &chance)
            .map_err(|_| NotACheckpointKey)?;
        Ok(Self { pair, chance })
    }

    /// The uncompressed public point, which [`super::verify`] takes.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Hash of the public point; stored with each checkpoint.
    pub fn id(&self) -> Sha256 {
        Sha256::of(self.public_key())
    }
}

/// What can be kept outside the machine, to notice that a database was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The checkpoint's number, from 1.
    pub number: i64,
    /// Its hash, which covers all before it.
    pub hash: [u8; 32],
}

/// The end of one lane at a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) lane: i64,
    pub(super) seq: i64,
    pub(super) hash: Sha256,
}

/// What the hash of a checkpoint covers: everything in the row but hash, key and signature.
pub(super) struct Checkpoint<'a> {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) heads: &'a str,
    pub(super) previous: &'a [u8; 32],
}

impl Checkpoint<'_> {
    pub(super) fn hash(&self) -> [u8; 32] {
        sha256(&[
            CHECKPOINT,
            &self.number.to_be_bytes(),
            &self.at.to_be_bytes(),
            self.previous,
            self.heads.as_bytes(),
            b"\0",
        ])
    }
}

/// Writes a checkpoint if a line was written since the last one. Two nodes may try at once: the
/// slower one finds its number taken and leaves it at that.
///
/// # Errors
/// What the engine says, or [`StoreError::NoChance`].
pub async fn once(
    store: &Store,
    key: &CheckpointKey,
    at: Time,
) -> Result<Option<Seal>, StoreError> {
    let (last, ends) = store
        .read("audit.ends", |tx| Box::pin(now_and_before(tx)))
        .await?;
    let heads = serde_json::to_string(&ends).map_err(|error| StoreError::Event(Arc::new(error)))?;
    if ends.is_empty() || last.as_ref().is_some_and(|(_, before)| *before == heads) {
        return Ok(None);
    }
    let before = last.map_or(
        Seal {
            number: 0,
            hash: [0; 32],
        },
        |(seal, _)| seal,
    );
    let number = before.number + 1;
    let checkpoint = Checkpoint {
        number,
        at: at.unix(),
        heads: &heads,
        previous: &before.hash,
    };
    let hash = checkpoint.hash();
    let signature = key
        .pair
        .sign(&key.chance, &hash)
        .map_err(|_| StoreError::NoChance)?;
    let signature = signature.as_ref().to_vec();
    let id = sha256(&[key.public_key()]);
    let written = store
        .write(
            "audit.checkpoint",
            Key::of("audit", "checkpoint"),
            move |tx| {
                let (heads, signature) = (heads.clone(), signature.clone());
                Box::pin(async move {
                    const INSERT: &str = "INSERT INTO audit_checkpoint
                    (number, at, heads, previous, hash, key_sha256, signature)
                    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
                    let values = params![number, at, heads, &before.hash, &hash, &id, signature];
                    tx.execute(INSERT, values).await
                })
            },
        )
        .await?;
    Ok((written == 1).then_some(Seal { number, hash }))
}

/// Writes checkpoints for as long as it is polled; give it a task of its own. A checkpoint that
/// fails is logged, and tried again a second later.
pub async fn keep(store: Store, key: CheckpointKey, clock: Arc<dyn Clock>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match once(&store, &key, clock.now()).await {
            Ok(Some(seal)) => {
                tracing::debug!(number = seal.number, hash = %hex::encode(seal.hash), "checkpoint");
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "no checkpoint of the audit trail"),
        }
    }
}

/// The last checkpoint with its heads as written, and the ends of the lanes, in one snapshot.
async fn now_and_before(tx: Tx<'_>) -> Result<(Option<(Seal, String)>, Vec<End>), StoreError> {
    const LAST: &str =
        "SELECT number, hash, heads FROM audit_checkpoint ORDER BY number DESC LIMIT 1";
    const ENDS: &str = "SELECT a.lane, a.seq, a.hash FROM audit_lane l JOIN audit a
        ON a.lane = l.lane AND a.seq = (SELECT MAX(m.seq) FROM audit m WHERE m.lane = l.lane)
        ORDER BY a.lane";
    let last = match tx.row(LAST, &[]).await? {
        Some(row) => {
            let (number, hash, heads) = row.read()?;
            Some((Seal { number, hash }, heads))
        }
        None => None,
    };
    let mut ends = Vec::new();
    for row in tx.rows(ENDS, &[]).await? {
        let (lane, seq, hash) = row.read::<(i64, i64, [u8; 32])>()?;
        ends.push(End {
            lane,
            seq,
            hash: Sha256::from_bytes(&hash),
        });
    }
    Ok((last, ends))
}
