//! The files of a demo card: keys made here, certificates as issued, and a PKCS#12 that browsers import.
//!
//! A real card makes its keys inside and never lets them out. A demo card is a folder of files, so that OpenSSL,
//! browsers and tests can play the card (contract 3). PKCS#12 uses AES-256 (PBES2) and an HMAC-SHA-256, which NSS,
//! OpenSSL 3 and current Windows read.

use anyhow::{Context as _, Result, anyhow};
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};
use rcgen::{Attribute, CertificateParams, KeyPair};

use crate::folder::Folder;
use crate::manifest::KeyEntry;

/// Rounds of the password derivation, as OpenSSL writes them; the passwords of dev are random.
const ROUNDS: u32 = 2_048;

/// The two keys of a card (house decision 4).
pub struct CardKeys {
    /// Signs in.
    pub authentication: KeyPair,
    /// Signs documents; never signs in.
    pub signature: KeyPair,
}

/// Certificates of one issuance, DER.
pub struct CardCertificates {
    /// For signing in.
    pub authentication: Vec<u8>,
    /// For signatures.
    pub signature: Vec<u8>,
}

impl CardKeys {
    /// Two fresh P-256 keys.
    pub fn generate() -> Result<Self> {
        Ok(Self {
            authentication: KeyPair::generate()?,
            signature: KeyPair::generate()?,
        })
    }
}

/// A PKCS#10 request for `key`, DER: the proof that whoever asks holds the key. A nonce that was given out goes in as
/// `challengePassword` (RFC 2985 5.4.1).
pub fn signing_request(key: &KeyPair, nonce: Option<&str>) -> Result<Vec<u8>> {
    let attributes = nonce
        .map(challenge_password)
        .transpose()?
        .into_iter()
        .collect();
    let request = CertificateParams::default()
        .serialize_request_with_attributes(key, attributes)
        .context("the signing request cannot be made")?;
    Ok(request.der().to_vec())
}

/// `challengePassword`, a set of one UTF8String.
fn challenge_password(nonce: &str) -> Result<Attribute> {
    const OID: &[u64] = &[1, 2, 840, 113_549, 1, 9, 7];
    const SET: u8 = 0x31;
    const UTF8_STRING: u8 = 0x0c;
    let length = u8::try_from(nonce.len())
        .ok()
        .filter(|length| *length < 126)
        .context("the nonce is too long")?;
    let mut values = vec![SET, length + 2, UTF8_STRING, length];
    values.extend_from_slice(nonce.as_bytes());
    Ok(Attribute { oid: OID, values })
}

/// Writes certificate (followed by its issuer's) and key; `stem` like `cards/amara-auth`.
pub fn write_pair(
    folder: &Folder,
    stem: &str,
    certificate: &[u8],
    issuer: &[u8],
    key: &KeyPair,
) -> Result<KeyEntry> {
    let entry = KeyEntry {
        certificate: format!("{stem}.pem"),
        key: format!("{stem}.key"),
    };
    folder.write_public(
        &entry.certificate,
        pem("CERTIFICATE", certificate) + &pem("CERTIFICATE", issuer),
    )?;
    folder.write_secret(&entry.key, key.serialize_pem())?;
    Ok(entry)
}

/// The authentication key with its chain (own certificate first, root last), locked with `password`.
pub fn pkcs12(label: &str, key: &KeyPair, chain: &[&[u8]], password: &str) -> Result<Vec<u8>> {
    let certificates = chain
        .iter()
        .map(|der| Certificate::from_der(der))
        .collect::<Result<Vec<_>, _>>();
    let certificates = certificates
        .map_err(|error| anyhow!("a certificate of {label} does not parse: {error}"))?;
    let key = PrivateKey::from_der(key.serialized_der())
        .map_err(|error| anyhow!("the key of {label}: {error}"))?;
    let mut store = KeyStore::new();
    store.add_entry(
        label,
        KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(label, key, certificates)),
    );
    store
        .writer(password)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(ROUNDS)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(ROUNDS)
        .write()
        .map_err(|error| anyhow!("the PKCS#12 of {label}: {error}"))
}

/// PEM text (RFC 7468) of `der` under `label`.
pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .filter_map(|line| str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_lines_are_64_characters() {
        let text = pem("CERTIFICATE", &[0; 100]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.first(), Some(&"-----BEGIN CERTIFICATE-----"));
        assert_eq!(lines[1].len(), 64);
    }

    #[test]
    fn a_request_carries_its_nonce() {
        let key = KeyPair::generate().unwrap();
        let request = signing_request(&key, Some("0123456789abcdef")).unwrap();
        assert!(ca::request::verify_csr(&request, Some("0123456789abcdef")).is_ok());
        assert!(ca::request::verify_csr(&request, Some("another")).is_err());
        let bare = signing_request(&key, None).unwrap();
        assert!(ca::request::verify_csr(&bare, Some("0123456789abcdef")).is_err());
    }
}
