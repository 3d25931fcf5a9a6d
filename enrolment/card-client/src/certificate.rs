//! What the client reads in a certificate, and the request it makes for one.

use const_oid::db::rfc5280::ID_KP_CLIENT_AUTH;
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ID_EC_PUBLIC_KEY, SECP_256_R_1};
use der::asn1::{Any, BitString, SetOfVec, Utf8StringRef};
use der::{Decode, DecodePem, Encode, EncodePem};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use policies::card::KeyRole;
use policies::time::Time;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, Version};

use crate::card::{CardError, PublicKey};

/// `challengePassword` (RFC 2985 5.4.1), where the nonce goes.
const CHALLENGE_PASSWORD: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.7");

/// SHA-256 of `message`.
pub fn digest(message: &[u8]) -> ring::digest::Digest {
    ring::digest::digest(&ring::digest::SHA256, message)
}

/// A certificate that was read from a card, a file or the server.
#[derive(Debug, Clone)]
pub struct Read {
    /// The certificate itself.
    pub der: Vec<u8>,
    /// Its serial number, lower-case hex without leading zeros of the encoding.
    pub serial: String,
    /// Its first second.
    pub not_before: Time,
    /// Its last second.
    pub not_after: Time,
    /// Its public key.
    pub key: PublicKey,
    /// What the key is for: signing in if the certificate says so, otherwise signatures.
    pub role: KeyRole,
}

impl Read {
    /// Reads DER.
    ///
    /// # Errors
    /// Not a certificate, or not for a P-256 key.
    pub fn from_der(der: &[u8]) -> Result<Self, CardError> {
        let certificate = Certificate::from_der(der).map_err(CardError::odd)?;
        let tbs = certificate.tbs_certificate();
        let seconds = |time: &x509_cert::time::Time| {
            let seconds = time.to_unix_duration().as_secs();
            Time::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
        };
        let usages = tbs.get_extension::<ExtendedKeyUsage>();
        let signs_in = usages
            .map_err(CardError::odd)?
            .is_some_and(|(_, usages)| usages.0.contains(&ID_KP_CLIENT_AUTH));
        let serial = hex::encode(tbs.serial_number().as_bytes());
        let point = tbs.subject_public_key_info().subject_public_key.raw_bytes();
        Ok(Self {
            der: der.to_vec(),
            serial: serial.strip_prefix("00").unwrap_or(&serial).to_owned(),
            not_before: seconds(&tbs.validity().not_before),
            not_after: seconds(&tbs.validity().not_after),
            key: PublicKey::from_point(point)?,
            role: if signs_in {
                KeyRole::Authentication
            } else {
                KeyRole::Signature
            },
        })
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// As [`Self::from_der`].
    pub fn from_pem(pem: &str) -> Result<Self, CardError> {
        let certificate = Certificate::from_pem(pem.as_bytes()).map_err(CardError::odd)?;
        Self::from_der(&certificate.to_der().map_err(CardError::odd)?)
    }
}

/// Every certificate of a PEM text, DER.
///
/// # Errors
/// A block that is not a certificate.
pub fn chain(pem: &str) -> Result<Vec<Vec<u8>>, CardError> {
    let chain = Certificate::load_pem_chain(pem.as_bytes()).map_err(CardError::odd)?;
    let der = chain.iter().map(Encode::to_der).collect::<Result<_, _>>();
    der.map_err(CardError::odd)
}

/// PEM of a certificate.
///
/// # Errors
/// Not a certificate.
pub fn pem(certificate: &[u8]) -> Result<String, CardError> {
    let certificate = Certificate::from_der(certificate).map_err(CardError::odd)?;
    certificate
        .to_pem(der::pem::LineEnding::LF)
        .map_err(CardError::odd)
}

/// Makes a PKCS#10 request (RFC 2986) for `key` with the nonce as its `challengePassword`; `sign`
/// signs a SHA-256 digest with that key, in the card. The subject is empty: the CA writes its own.
///
/// # Errors
/// What `sign` says.
pub fn request(
    key: &PublicKey,
    nonce: &str,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, CardError>,
) -> Result<String, CardError> {
    let info = request_info(key, nonce).map_err(CardError::odd)?;
    let signed = info.to_der().map_err(CardError::odd)?;
    let signature = sign(digest(&signed).as_ref())?;
    let request = CertReq {
        info,
        algorithm: AlgorithmIdentifierOwned {
            oid: ECDSA_WITH_SHA_256,
            parameters: None,
        },
        signature: BitString::from_bytes(&signature).map_err(CardError::odd)?,
    };
    request
        .to_pem(der::pem::LineEnding::LF)
        .map_err(CardError::odd)
}

fn request_info(key: &PublicKey, nonce: &str) -> der::Result<CertReqInfo> {
    let password = Any::encode_from(&Utf8StringRef::new(nonce)?)?;
    let nonce = Attribute {
        oid: CHALLENGE_PASSWORD,
        values: SetOfVec::try_from(vec![password])?,
    };
    Ok(CertReqInfo {
        version: Version::V1,
        subject: Name::default(),
        public_key: SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: ID_EC_PUBLIC_KEY,
                parameters: Some(Any::encode_from(&SECP_256_R_1)?),
            },
            subject_public_key: BitString::from_bytes(key.point())?,
        },
        attributes: SetOfVec::try_from(vec![nonce])?,
    })
}

/// Whether `signature` (DER) of the digest was made with the private half of `key`.
pub fn is_signed_by(key: &PublicKey, digest: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = VerifyingKey::from_sec1_bytes(key.point()) else {
        return false;
    };
    Signature::from_der(signature)
        .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
}

/// An ECDSA signature as PKCS#11 gives it (r then s, 64 octets) in the DER of certificates.
///
/// # Errors
/// Not such a signature.
pub fn signature_from_halves(halves: &[u8]) -> Result<Vec<u8>, CardError> {
    let signature = Signature::from_slice(halves).map_err(CardError::odd)?;
    Ok(signature.to_der().as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::hazmat::PrehashSigner;

    fn key() -> (SigningKey, PublicKey) {
        let key = SigningKey::from_slice(&[7; 32]).expect("a key");
        let point = key.verifying_key().to_sec1_point(false);
        let public = PublicKey::from_point(point.as_bytes()).expect("a point");
        (key, public)
    }

    #[test]
    fn a_request_carries_the_nonce_and_proves_its_key() {
        let (key, public) = key();
        let pem = request(&public, "abc-123", |digest| {
            let signature: Signature = key.sign_prehash(digest).expect("a signature");
            Ok(signature.to_der().as_bytes().to_vec())
        })
        .expect("a request");
        let request = CertReq::from_pem(pem.as_bytes()).expect("a request");
        let signed = request.info.to_der().expect("DER");
        let signature = request.signature.raw_bytes();
        assert!(is_signed_by(&public, digest(&signed).as_ref(), signature));
        assert!(!is_signed_by(&public, digest(b"other").as_ref(), signature));
        let text = String::from_utf8_lossy(&signed).into_owned();
        assert!(text.contains("abc-123"), "the nonce is in the request");
    }

    #[test]
    fn only_p256_points_are_keys() {
        assert!(PublicKey::from_point(&[4; 64]).is_err());
        assert!(PublicKey::from_point(&[2; 65]).is_err());
    }
}
