//! Token keys for tests, made once per test process: finding RSA primes takes its time.

use std::sync::OnceLock;

use ring::rand::SystemRandom;

use super::{Algorithm, Standing, TokenKey, TokenKeys, generate};

/// The issuer they speak for.
pub(crate) const ISSUER: &str = "https://id.example";

/// Keys of both algorithms, in use and announced.
pub(crate) fn keys() -> &'static TokenKeys {
    static KEYS: OnceLock<TokenKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let chance = SystemRandom::new();
        let mut made = Vec::new();
        for algorithm in Algorithm::ALL {
            for standing in [Standing::Current, Standing::Next] {
                let pkcs8 = generate::pkcs8(algorithm, &chance).unwrap();
                made.push((standing, TokenKey::from_pkcs8(algorithm, &pkcs8).unwrap()));
            }
        }
        TokenKeys::assemble(ISSUER, made).unwrap()
    })
}
