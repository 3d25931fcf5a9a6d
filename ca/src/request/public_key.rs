//! The public keys we certify: P-256, P-384 and, for old cards, RSA of 2048 to 4096 bits with the
//! exponent 65537 (ca.md 4.1; SP 800-78-5 table 1; SP 800-56A 5.6.2.3.3 for points).

use der::Decode;
use der::asn1::{ObjectIdentifier, UintRef};
use p256::pkcs8::DecodePublicKey;
use ring::digest;
use spki::SubjectPublicKeyInfoRef;

use super::KeyProblem;
use super::rsa_weakness;
use crate::oids;

/// Which kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA, with the length of its modulus in bits.
    Rsa(usize),
}

/// A public key that may be certified. Only the checks of this file make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectKey {
    kind: KeyKind,
    spki_der: Vec<u8>,
    spki_sha256: [u8; 32],
}

/// `RSAPublicKey` (RFC 8017 A.1.1).
#[derive(der::Sequence)]
pub(crate) struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

impl SubjectKey {
    /// Checks the DER of a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// The first [`KeyProblem`] found.
    pub fn from_spki(spki_der: &[u8]) -> Result<Self, KeyProblem> {
        let spki =
            SubjectPublicKeyInfoRef::from_der(spki_der).map_err(|_parse| KeyProblem::Encoding)?;
        let kind = match spki.algorithm.oid {
            oids::EC_PUBLIC_KEY => check_curve(&spki, spki_der)?,
            oids::RSA_ENCRYPTION => check_rsa(&spki)?,
            _ => return Err(KeyProblem::Kind),
        };
        let mut spki_sha256 = [0; 32];
        spki_sha256.copy_from_slice(digest::digest(&digest::SHA256, spki_der).as_ref());
        Ok(Self {
            kind,
            spki_der: spki_der.to_vec(),
            spki_sha256,
        })
    }

    /// Which kind of key.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as it goes, verbatim, into the certificate.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// SHA-256 of [`SubjectKey::spki_der`]: what "the same key" means in the register.
    pub fn spki_sha256(&self) -> [u8; 32] {
        self.spki_sha256
    }
}

fn check_curve(spki: &SubjectPublicKeyInfoRef<'_>, spki_der: &[u8]) -> Result<KeyKind, KeyProblem> {
    let curve: ObjectIdentifier = spki
        .algorithm
        .parameters
        .ok_or(KeyProblem::Kind)?
        .decode_as()
        .map_err(|_explicit_curve| KeyProblem::Kind)?;
    // Uncompressed points only (RFC 5480 2.2 leaves the other form optional).
    let (kind, length) = match curve {
        oids::CURVE_P256 => (KeyKind::P256, 65),
        oids::CURVE_P384 => (KeyKind::P384, 97),
        _ => return Err(KeyProblem::Kind),
    };
    let point = spki
        .subject_public_key
        .as_bytes()
        .ok_or(KeyProblem::Encoding)?;
    if point.len() != length || point.first() != Some(&4) {
        return Err(KeyProblem::Encoding);
    }
    let on_curve = match kind {
        KeyKind::P384 => p384::PublicKey::from_public_key_der(spki_der).is_ok(),
        KeyKind::P256 | KeyKind::Rsa(_) => p256::PublicKey::from_public_key_der(spki_der).is_ok(),
    };
    if on_curve {
        Ok(kind)
    } else {
        Err(KeyProblem::Point)
    }
}

fn check_rsa(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<KeyKind, KeyProblem> {
    // Parameters are NULL (RFC 3279 2.3.1).
    let parameters = spki.algorithm.parameters.ok_or(KeyProblem::Encoding)?;
    if !parameters.is_null() {
        return Err(KeyProblem::Encoding);
    }
    let octets = spki
        .subject_public_key
        .as_bytes()
        .ok_or(KeyProblem::Encoding)?;
    let key = RsaPublicKey::from_der(octets).map_err(|_parse| KeyProblem::Encoding)?;
    let modulus = key.modulus.as_bytes();
    let bits = bit_length(modulus);
    // Size first: everything after it costs time that grows with the modulus.
    if !(2048..=4096).contains(&bits) {
        return Err(KeyProblem::Size);
    }
    if key.public_exponent.as_bytes() != [1, 0, 1] {
        return Err(KeyProblem::Exponent);
    }
    if rsa_weakness::is_weak(modulus) {
        return Err(KeyProblem::Weak);
    }
    Ok(KeyKind::Rsa(bits))
}

/// Bits of a big-endian number without leading zero octets.
fn bit_length(octets: &[u8]) -> usize {
    let unused = octets.first().map_or(0, |first| first.leading_zeros());
    octets.len() * 8 - usize::try_from(unused).unwrap_or_default()
}
