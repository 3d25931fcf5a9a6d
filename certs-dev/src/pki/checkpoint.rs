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
