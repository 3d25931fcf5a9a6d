//! Whether a maker's chain leads to a root that is trusted for it, at a time that is given.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use der::Decode;
use policies::time::Time;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webauthn_rs_core::attestation::verify_attestation_ca_chain;
use webauthn_rs_core::proto::{AttestationCaListBuilder, ParsedAttestationData};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::Certificate;

/// The longest chain that is looked at.
const LONGEST: usize = 6;

/// What makers sign with. SHA-1 and RSA below 2048 bits are not among it.
pub(super) const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 7] = [
    webpki::ring::ECDSA_P256_SHA256,
    webpki::ring::ECDSA_P256_SHA384,
    webpki::ring::ECDSA_P384_SHA256,
    webpki::ring::ECDSA_P384_SHA384,
    webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    webpki::ring::RSA_PKCS1_2048_8192_SHA384,
    webpki::ring::RSA_PKCS1_2048_8192_SHA512,
];

/// Why a chain leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No certificate at all, too many, or the first is none.
    #[error("there is no chain")]
    NoChain,
    /// webpki's word for it.
    #[error("the chain does not lead to a trusted root: {0}")]
    NotTrusted(webpki::Error),
    /// The chain of a TPM's attestation key.
    #[error("the TPM's chain does not lead to a trusted root")]
    TpmNotTrusted,
}

/// A root, or the certificate of one batch. For webpki it is a name and a key (RFC 5280 6.1.1 d).
#[derive(Debug, Clone)]
pub(super) struct Root {
    anchor: TrustAnchor<'static>,
    certificate: Certificate,
}

impl Root {
    /// Takes a certificate; `None` if it is not one.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        let anchor = webpki::anchor_from_trusted_cert(&CertificateDer::from(der))
            .ok()?
            .to_owned();
        Some(Self {
            anchor,
            certificate: Certificate::from_der(der).ok()?,
        })
    }
}

/// Attestation certificates are for many purposes; which one a kind of statement wants, its own
/// rules say.
pub(super) struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// Whether a chain, its own certificate first, leads to one of these roots at that time.
pub(super) fn leads_to(chain: &[Vec<u8>], roots: &[Root], now: Time) -> Result<(), ChainError> {
    let chain: Vec<CertificateDer<'_>> = chain
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let (leaf, between) = chain.split_first().ok_or(ChainError::NoChain)?;
    if chain.len() > LONGEST {
        return Err(ChainError::NoChain);
    }
    let leaf = EndEntityCert::try_from(leaf).map_err(|_| ChainError::NoChain)?;
    let anchors: Vec<TrustAnchor<'static>> = roots.iter().map(|root| root.anchor.clone()).collect();
    leaf.verify_for_usage(
        &ALGORITHMS,
        &anchors,
        between,
        moment(now),
        AnyPurpose,
        None,
        None,
    )
    .map(|_path| ())
    .map_err(ChainError::NotTrusted)
}

/// The same for a TPM's attestation key. Its certificate marks its policies as critical, which webpki
/// refuses because it reads no policies; the WebAuthn library's validator takes it. Root by root, as
/// that one looks at the first of a name only.
#[expect(
    clippy::default_trait_access,
    reason = "the type by which the library names a model has no name here"
)]
pub(super) fn leads_to_for_tpm(
    chain: &[Vec<u8>],
    roots: &[Root],
    now: Time,
) -> Result<(), ChainError> {
    if chain.len() > LONGEST {
        return Err(ChainError::NoChain);
    }
    let certificates = chain
        .iter()
        .map(|der| Certificate::from_der(der))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| ChainError::NoChain)?;
    // The outer name of the algorithm is not signed; it must be the inner one (RFC 5280 4.1.1.2).
    let is_plain = |certificate: &Certificate| {
        certificate.signature_algorithm() == certificate.tbs_certificate().signature()
    };
    if !certificates.iter().all(is_plain) {
        return Err(ChainError::NoChain);
    }
    let seconds = u64::try_from(now.unix()).unwrap_or_default();
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let chain = ParsedAttestationData::AttCa(certificates);
    let leads = roots.iter().any(|root| {
        let mut list = AttestationCaListBuilder::new();
        let any_model = Default::default();
        list.insert_device_x509(
            root.certificate.clone(),
            any_model,
            String::new(),
            BTreeMap::new(),
        )
        .is_ok()
            && verify_attestation_ca_chain(&chain, &list.build(), moment)
                .is_ok_and(|root| root.is_some())
    });
    if leads {
        Ok(())
    } else {
        Err(ChainError::TpmNotTrusted)
    }
}

/// A time as webpki wants it.
pub(super) fn moment(now: Time) -> UnixTime {
    let seconds = u64::try_from(now.unix()).unwrap_or_default();
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}
