//! Rows of token keys: private keys that this deployment keeps in its own database.

use enrolment::audit::{Code, Event, Sha256};
use enrolment::params;
use enrolment::store::{Key, Store, StoreError, Tx};
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
                    insert(tx, key, now).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn insert(tx: Tx<'_>, key: &FreshKey, now: Time) -> Result<(), StoreError> {
    let inserted = tx
        .execute(
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
    if inserted == 1 {
        let event = Event::TokenKeyMade {
            key: Sha256::of(key.kid.as_bytes()),
            algorithm: Code::of(key.algorithm.as_str()),
        };
        tx.audit(now, &event).await?;
    }
    Ok(())
}

const fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "token_key",
        column,
    }
}

#[cfg(test)]
mod tests {
    use enrolment::store::trial::on_both_engines;
    use policies::time::Time;
    use ring::rand::SystemRandom;

    use crate::tokens::{Algorithm, TokenKeys};

    #[test]
    fn a_second_start_signs_with_the_same_keys_and_announces_the_next() {
        on_both_engines(async |store| {
            crate::serve::migrate(&store).await.unwrap();
            let (chance, now) = (SystemRandom::new(), Time::from_unix(1_800_000_000));
            let first = TokenKeys::open(&store, "https://id.example", &chance, now)
                .await
                .unwrap();
            let again = TokenKeys::open(&store, "https://id.example", &chance, now)
                .await
                .unwrap();
            for algorithm in Algorithm::ALL {
                assert_eq!(
                    first.signing(algorithm).kid(),
                    again.signing(algorithm).kid()
                );
            }
            assert_eq!(first.jwks().body(), again.jwks().body());
            let set: serde_json::Value = serde_json::from_slice(first.jwks().body()).unwrap();
            let keys = set["keys"].as_array().unwrap();
            assert_eq!(keys.len(), 4);
            for key in keys {
                assert_eq!(key["use"], "sig");
                assert!(key.get("d").is_none());
                assert!(first.by_kid(key["kid"].as_str().unwrap()).is_some());
            }
        })
        .unwrap();
    }
}
