//! Everything that can go wrong in this room, by name.

use policies::card::KeyRole;
use policies::ids::{IdError, Serial};
use policies::time::Time;

use crate::issuer::IssuerId;
use crate::keys::KeyError;
use crate::lint::Finding;

/// Why the authority did not do what was asked. None of these is the fault of the person asking:
/// her faults are refusals of the law, or [`crate::request::RequestError`].
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// An authority without an issuer can issue nothing.
    #[error("no issuing certificate is loaded")]
    NoIssuer,
    /// The record names an issuer whose key is not loaded here.
    #[error("issuer {0} is not loaded")]
    UnknownIssuer(IssuerId),
    /// The certificate handed in as an issuer is not one: no CA bit, no key identifier, or a key
    /// that is not its own.
    #[error("not the certificate of this issuing key")]
    NotAnIssuer,
    /// The issuer would end before the certificate does; dates are never shortened (law I2).
    #[error("the issuer ends first, at {not_after}")]
    IssuerExpiresFirst {
        /// The last second of the issuer.
        not_after: Time,
    },
    /// The issuer begins after the certificate does.
    #[error("the issuer begins later, at {not_before}")]
    IssuerBeginsLater {
        /// The first second of the issuer.
        not_before: Time,
    },
    /// A set of certificates needs at least one key.
    #[error("no key to certify")]
    EmptySet,
    /// Two keys of one set claim the same role.
    #[error("two keys for the role {0}")]
    RoleTwice(KeyRole),
    /// One key claims two roles; authentication and signature must stay apart.
    #[error("one key for two roles")]
    KeyTwice,
    /// The bytes broke the house's own rules before anything was signed.
    #[error("refused by {} lint(s)", .0.len())]
    Lint(Vec<Finding>),
    /// What was recorded is not what its row says it is: nothing is signed.
    #[error("the record of serial {0} does not hold together")]
    RecordChanged(Serial),
    /// The signature that came back does not verify with the issuer's public key: a fault, or the
    /// wrong key behind the port.
    #[error("the signature does not verify with the issuer's key")]
    SignatureDoesNotVerify,
    /// A list must end after it begins (RFC 5280 5.1.2.5).
    #[error("the list would end before it begins")]
    ListEndsFirst,
    /// The operating system gave no randomness.
    #[error("no randomness")]
    NoRandomness,
    /// An instant lies before 1970 or after 9999 and has no form in X.509.
    #[error("the instant {0} cannot be written into a certificate")]
    TimeOutOfRange(Time),
    /// The signing key failed.
    #[error("signing key")]
    Key(#[from] KeyError),
    /// A structure could not be encoded or decoded.
    #[error("DER")]
    Der(#[from] der::Error),
    /// A serial number had an impossible form.
    #[error("serial number")]
    Id(#[from] IdError),
}
