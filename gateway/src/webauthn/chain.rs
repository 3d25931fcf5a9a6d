//! Whether a maker's chain leads to a root that is trusted for it, at a time that is given.

use policies::time::Time;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};

/// The longest chain that is looked at.
const LONGEST: usize = 6;

/// What makers sign with. SHA-1 and RSA below 2048 bits are not among it.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 7] = [
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
}

/// A root, or the certificate of one batch: a name and a key (RFC 5280 6.1.1 d). Its own dates do
/// not count, as whoever lists it says how long.
#[derive(Debug, Clone)]
pub(super) struct Root(TrustAnchor<'static>);

impl Root {
    /// Takes a certificate; `None` if it is not one.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        webpki::anchor_from_trusted_cert(&CertificateDer::from(der))
            .ok()
            .map(|anchor| Self(anchor.to_owned()))
    }
}

/// Attestation certificates are for many purposes; which one a kind of statement wants, its own
/// rules say.
struct AnyPurpose;

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
    let anchors: Vec<TrustAnchor<'static>> = roots.iter().map(|root| root.0.clone()).collect();
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

/// A time as webpki wants it.
pub(super) fn moment(now: Time) -> UnixTime {
    let seconds = u64::try_from(now.unix()).unwrap_or_default();
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}
