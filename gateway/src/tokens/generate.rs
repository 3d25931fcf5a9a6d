//! Makes token keys.
//!
//! ring cannot make RSA keys, so the `rsa` crate finds the primes and writes PKCS#8; it never
//! signs (its signing is timing-variable, RUSTSEC-2023-0071). ring makes the P-256 keys itself.

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::{CryptoRng, Error, RngCore};
use zeroize::Zeroizing;

use super::{Algorithm, KeyError, Standing, TokenKey, TokenKeysError};

/// Bits of a new RSA modulus (RFC 7518 3.3: 2048 or larger).
const RSA_BITS: usize = 2048;

/// A key just made, to be kept.
pub struct FreshKey {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Whether it signs today or is announced.
    pub standing: Standing,
    /// The key's name.
    pub kid: String,
    /// The private key, PKCS#8 DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
}

/// Makes one key for each wish, away from the threads that serve requests: RSA takes a second.
pub async fn all(
    wishes: Vec<(Algorithm, Standing)>,
    chance: SystemRandom,
) -> Result<Vec<FreshKey>, TokenKeysError> {
    let work = move || {
        let made = wishes.into_iter().map(|(algorithm, standing)| {
            let pkcs8 = pkcs8(algorithm, &chance)?;
            let kid = TokenKey::from_pkcs8(algorithm, &pkcs8)?.kid().to_owned();
            Ok(FreshKey {
                algorithm,
                standing,
                kid,
                pkcs8,
            })
        });
        made.collect::<Result<Vec<_>, KeyError>>()
    };
    let made = tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| TokenKeysError::Interrupted)?;
    Ok(made?)
}

pub(super) fn pkcs8(
    algorithm: Algorithm,
    chance: &SystemRandom,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    match algorithm {
        Algorithm::Rs256 => {
            let key = RsaPrivateKey::new(&mut Chance(chance), RSA_BITS)
                .map_err(|_| KeyError::Generation)?;
            let der = key.to_pkcs8_der().map_err(|_| KeyError::Generation)?;
            Ok(Zeroizing::new(der.as_bytes().to_vec()))
        }
        Algorithm::Es256 => {
            let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, chance)
                .map_err(|_| KeyError::Generation)?;
            Ok(Zeroizing::new(der.as_ref().to_vec()))
        }
    }
}

/// ring's randomness for the `rsa` crate.
struct Chance<'a>(&'a SystemRandom);

impl RngCore for Chance<'_> {
    fn next_u32(&mut self) -> u32 {
        rsa::rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rsa::rand_core::impls::next_u64_via_fill(self)
    }

    /// Fills the buffer, asking again until the machine gives: the trait has no way to fail, and
    /// a key of predictable numbers would be worse than none.
    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        while self.0.fill(buffer).is_err() {}
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl CryptoRng for Chance<'_> {}
