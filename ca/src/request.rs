//! Certification requests (PKCS#10, RFC 2986): proof that whoever asks holds the private key.
//!
//! A request is asked for two things only, its public key and its proof. Subject, names, usages
//! and whatever else it wishes for are never read.

mod public_key;
mod rsa_weakness;

use std::borrow::Cow;

use der::asn1::ObjectIdentifier;
use der::{Decode, Tag, Tagged};
use subtle::ConstantTimeEq;
use x509_cert::attr::Attributes;
use x509_cert::request::CertReq;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

pub(crate) use public_key::RsaPublicKey;
pub use public_key::{KeyKind, SubjectKey};

use crate::oids;
use crate::strict::is_strict;

/// The largest request that is looked at, in octets, PEM armour included. The largest honest one
/// (RSA 4096) has about 2 KiB.
pub const LARGEST_REQUEST: usize = 16 * 1024;

/// Why a request was refused. All of these are the fault of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// More than [`LARGEST_REQUEST`] octets: nothing was parsed.
    #[error("the request is too large")]
    TooLarge,
    /// Neither DER nor one PEM block of a certification request.
    #[error("not a PKCS#10 certification request")]
    Malformed,
    /// Signed with an algorithm we do not accept: SHA-1, or one we do not know.
    #[error("the signature algorithm of the request is not accepted")]
    SignatureAlgorithm,
    /// The signature does not verify with the key in the request.
    #[error("the request is not signed by its own key")]
    ProofOfPossession,
    /// The public key is not one we certify, and why.
    #[error("the public key is not acceptable: {0}")]
    Key(KeyProblem),
    /// There is no `challengePassword`, or more than one, where a nonce was given out.
    #[error("the request does not carry the nonce")]
    NonceMissing,
    /// The `challengePassword` is not the nonce that was given out.
    #[error("the request carries another nonce")]
    NonceWrong,
}

/// What is wrong with a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Neither P-256, P-384 nor RSA.
    #[error("kind")]
    Kind,
    /// The octets are not a key of the kind they claim.
    #[error("encoding")]
    Encoding,
    /// The point is not on its curve.
    #[error("point")]
    Point,
    /// An RSA modulus below 2048 or above 4096 bits.
    #[error("size")]
    Size,
    /// An RSA exponent other than 65537.
    #[error("exponent")]
    Exponent,
    /// An RSA modulus that can be factored: a small factor, close primes, or the ROCA pattern.
    #[error("weak")]
    Weak,
}

/// Verifies a request (PEM or DER) and takes out its key. With a nonce, the request must carry it
/// as its one `challengePassword` (RFC 2985 5.4.1), so that a request cannot be collected before
/// it is asked for.
///
/// # Errors
/// See [`RequestError`]; size is asked first, before any parsing.
pub fn verify_csr(pem_or_der: &[u8], nonce: Option<&str>) -> Result<SubjectKey, RequestError> {
    if pem_or_der.len() > LARGEST_REQUEST {
        return Err(RequestError::TooLarge);
    }
    let der = unarmoured(pem_or_der)?;
    let attributes = check_form(&der)?;
    let (rest, request) =
        X509CertificationRequest::from_der(&der).map_err(|_parse| RequestError::Malformed)?;
    if !rest.is_empty() {
        return Err(RequestError::Malformed);
    }
    let key = SubjectKey::from_spki(request.certification_request_info.subject_pki.raw)
        .map_err(RequestError::Key)?;
    check_algorithm(&request)?;
    // Over the octets as they came: re-encoding a request need not give them back.
    request
        .verify_signature()
        .map_err(|_mismatch| RequestError::ProofOfPossession)?;
    if let Some(nonce) = nonce {
        check_nonce(&attributes, nonce)?;
    }
    Ok(key)
}

/// DER as it is, or the content of exactly one PEM block.
fn unarmoured(pem_or_der: &[u8]) -> Result<Cow<'_, [u8]>, RequestError> {
    const SEQUENCE: u8 = 0x30;
    if pem_or_der.first() == Some(&SEQUENCE) {
        return Ok(Cow::Borrowed(pem_or_der));
    }
    let text = pem_or_der.trim_ascii();
    let (label, der) = der::pem::decode_vec(text).map_err(|_not_pem| RequestError::Malformed)?;
    // The second label is what some card tools write.
    if matches!(label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST") {
        return Ok(Cow::Owned(der));
    }
    Err(RequestError::Malformed)
}

/// A request (RFC 2986 4.2) in DER to its last element, and what it asks for; the parser below is
/// lenient. Two forms of one request would be two requests to a log. The order of a set is not asked,
/// because card tools write theirs as it comes.
fn check_form(der: &[u8]) -> Result<Attributes, RequestError> {
    let request = CertReq::from_der(der).map_err(|_not_der| RequestError::Malformed)?;
    let is_whole = request.signature.as_bytes().is_some();
    (is_whole && is_strict(der))
        .then_some(request.info.attributes)
        .ok_or(RequestError::Malformed)
}

/// SHA-2 with ECDSA or RSA. The parser's own table would accept SHA-1.
fn check_algorithm(request: &X509CertificationRequest<'_>) -> Result<(), RequestError> {
    const ACCEPTED: [ObjectIdentifier; 6] = [
        oids::ECDSA_WITH_SHA256,
        oids::ECDSA_WITH_SHA384,
        oids::RSA_PKCS1_SHA256,
        oids::RSA_PKCS1_SHA384,
        oids::RSA_PKCS1_SHA512,
        oids::RSA_PSS,
    ];
    let named = request.signature_algorithm.algorithm.as_bytes();
    if ACCEPTED.iter().any(|accepted| accepted.as_bytes() == named) {
        return Ok(());
    }
    Err(RequestError::SignatureAlgorithm)
}

/// One `challengePassword` with one value (RFC 2985 5.4.1).
fn check_nonce(attributes: &Attributes, nonce: &str) -> Result<(), RequestError> {
    let mut passwords = attributes
        .iter()
        .filter(|attribute| attribute.oid == oids::CHALLENGE_PASSWORD);
    let (Some(password), None) = (passwords.next(), passwords.next()) else {
        return Err(RequestError::NonceMissing);
    };
    let [value] = password.values.as_slice() else {
        return Err(RequestError::NonceMissing);
    };
    let is_text = matches!(
        value.tag(),
        Tag::PrintableString | Tag::Utf8String | Tag::TeletexString
    );
    if is_text && bool::from(value.value().ct_eq(nonce.as_bytes())) {
        return Ok(());
    }
    Err(RequestError::NonceWrong)
}

#[cfg(test)]
mod tests;
