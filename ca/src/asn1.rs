//! The two structures of RFC 5280 that we fill in by hand, because we need the exact octets to be
//! signed before a signature exists. All field types are those of `x509-cert`.

use der::asn1::{Any, AnyRef, BitStringRef, Uint};
use der::{DateTime, Decode, Encode, Sequence};
use policies::permit::Validity;
use policies::time::Time;
use spki::AlgorithmIdentifierOwned;
use x509_cert::Version;
use x509_cert::ext::Extensions;
use x509_cert::name::Name;

use crate::error::CaError;
use crate::keys::Algorithm;

/// `TBSCertificate` (RFC 5280 4.1): what is signed. The unique identifiers are left out
/// (4.1.2.8), and extensions are never absent here.
#[derive(Clone, Debug, Sequence)]
pub(crate) struct TbsCertificate {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(crate) version: Version,
    pub(crate) serial_number: Uint,
    pub(crate) signature: AlgorithmIdentifierOwned,
    pub(crate) issuer: Name,
    pub(crate) validity: Dates,
    pub(crate) subject: Name,
    /// Verbatim, as the holder's key came.
    pub(crate) subject_public_key_info: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) extensions: Extensions,
}

/// `Validity` (RFC 5280 4.1.2.5).
#[derive(Clone, Debug, Sequence)]
pub(crate) struct Dates {
    pub(crate) not_before: x509_cert::time::Time,
    pub(crate) not_after: x509_cert::time::Time,
}

impl TryFrom<Validity> for Dates {
    type Error = CaError;

    fn try_from(validity: Validity) -> Result<Self, CaError> {
        Ok(Self {
            not_before: x509_time(validity.not_before)?,
            not_after: x509_time(validity.not_after)?,
        })
    }
}

/// `SIGNED{…}` (X.509 7.2): certificates and lists alike.
#[derive(Clone, Debug, Sequence)]
pub(crate) struct SignedDocument<'a> {
    pub(crate) content: AnyRef<'a>,
    pub(crate) algorithm: AlgorithmIdentifierOwned,
    pub(crate) signature: BitStringRef<'a>,
}

impl<'a> SignedDocument<'a> {
    /// Joins recorded octets with the signature made over them.
    pub(crate) fn assemble(
        algorithm: Algorithm,
        content: &[u8],
        signature: &[u8],
    ) -> Result<Vec<u8>, CaError> {
        let document = SignedDocument {
            content: AnyRef::from_der(content)?,
            algorithm: algorithm_identifier(algorithm),
            signature: BitStringRef::from_bytes(signature)?,
        };
        Ok(document.to_der()?)
    }

    /// Takes a signed document apart without interpreting its content.
    pub(crate) fn open(der: &'a [u8]) -> Result<Self, CaError> {
        Ok(Self::from_der(der)?)
    }
}

/// The identifier of `algorithm`, parameters absent (RFC 5758 3.2).
pub(crate) fn algorithm_identifier(algorithm: Algorithm) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: algorithm.signature_oid(),
        parameters: None,
    }
}

/// UTCTime until 2049, GeneralizedTime after (RFC 5280 4.1.2.5).
pub(crate) fn x509_time(time: Time) -> Result<x509_cert::time::Time, CaError> {
    let out_of_range = || CaError::TimeOutOfRange(time);
    let seconds = u64::try_from(time.unix()).map_err(|_negative| out_of_range())?;
    let since_1970 = core::time::Duration::from_secs(seconds);
    let instant = DateTime::from_unix_duration(since_1970).map_err(|_overflow| out_of_range())?;
    Ok(instant.into())
}

/// The instant that an encoded time stands for.
pub(crate) fn house_time(time: x509_cert::time::Time) -> Option<Time> {
    let seconds = time.to_unix_duration().as_secs();
    i64::try_from(seconds).ok().map(Time::from_unix)
}
