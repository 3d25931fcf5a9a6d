//! The key that signs the checkpoints of dev's audit trail: made at the first start, kept beside the others.

use anyhow::{Result, anyhow};
use rcgen::KeyPair;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::folder::Folder;

const CHECKPOINT_KEY: &str = "keys/checkpoint.key";

/// PKCS#8 DER of the key, P-256; made if it is not there yet.
pub fn checkpoint_key(folder: &Folder) -> Result<Vec<u8>> {
    if !folder.path(CHECKPOINT_KEY).exists() {
        folder.write_secret(CHECKPOINT_KEY, KeyPair::generate()?.serialize_pem())?;
    }
    let text = folder.read(CHECKPOINT_KEY)?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes())
        .map_err(|error| anyhow!("{CHECKPOINT_KEY}: {error}"))?;
    Ok(key.secret_pkcs8_der().to_vec())
}

const CARD_SECRETS_KEY: &str = "keys/card-secrets.key";

/// The 32 bytes under which the cards' own secrets are sealed and codes are stored; made if they are not there yet.
pub fn card_secrets_key(folder: &Folder) -> Result<Vec<u8>> {
    let path = folder.path(CARD_SECRETS_KEY);
    if !path.exists() {
        let mut key = [0_u8; 32];
        let chance = ring::rand::SystemRandom::new();
        ring::rand::SecureRandom::fill(&chance, &mut key)
            .map_err(|_| anyhow!("no random bytes"))?;
        folder.write_secret(CARD_SECRETS_KEY, hex::encode(key))?;
    }
    let text = folder.read(CARD_SECRETS_KEY)?;
    hex::decode(text.trim()).map_err(|error| anyhow!("{CARD_SECRETS_KEY}: {error}"))
}
