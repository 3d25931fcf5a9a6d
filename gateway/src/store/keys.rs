//! Rows of token keys: private keys that this deployment keeps in its own database.

use enrolment::params;
use enrolment::store::{Key, Store, StoreError};
use policies::time::Time;
use zeroize::Zeroizing;

use crate::tokens::generate::FreshKey;
use crate::tokens::{Algorithm, Standing};

/// A key as it lies in the table.
pub struct KeptKey {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Whether it signs, is announced, or only verifies.
    pub standing: Standing,
    /// The private key, PKCS#8 DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
}

/// Every key, in the order they were made.
pub async fn all(store: &Store) -> Result<Vec<KeptKey>, StoreError> {
    store
        .read("oidc.keys.all", |tx| {
            Box::pin(async move {
                let rows = tx
                    .rows(
                        "SELECT algorithm, standing, pkcs8 FROM token_key ORDER BY made_at, kid",
                        params![],
                    )
                    .await?;
                rows.into_iter()
                    .map(|row| {
                        let (algorithm, standing, pkcs8) =
                            row.read::<(String, String, Vec<u8>)>()?;
                        Ok(KeptKey {
                            algorithm: Algorithm::parse(&algorithm)
                                .ok_or(inconsistent("algorithm"))?,
                            standing: Standing::parse(&standing).ok_or(inconsistent("standing"))?,
                            pkcs8: Zeroizing::new(pkcs8),
                        })
                    })
                    .collect()
            })
        })
        .await
}

/// Keeps fresh keys. Where another node was quicker, its key stands and ours is forgotten.
pub async fn keep(store: &Store, keys: Vec<FreshKey>, now: Time) -> Result<(), StoreError> {
    let keys = std::sync::Arc::new(keys);
    store
        .write("oidc.keys.keep", Key::of("token_key", "all"), move |tx| {
            let keys = keys.clone();
            Box::pin(async move {
                for key in keys.iter() {
                    tx.execute(
                        "INSERT INTO token_key (algorithm, standing, kid, pkcs8, made_at)
                         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                        params![
                            key.algorithm.as_str(),
                            key.standing.as_str(),
                            key.kid.as_str(),
                            key.pkcs8.as_slice(),
                            now
                        ],
                    )
                    .await?;
                }
                Ok(())
            })
        })
        .await
}

const fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "token_key",
        column,
    }
}
