//! Why an answer was not accepted. Every reason has a word for the log and the trail; none carries
//! anything that the browser wrote.

use webauthn_rs_core::error::WebauthnError;

use super::chain::ChainError;

/// Why an answer was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// More than [`super::LARGEST_ANSWER`].
    #[error("the answer is too long")]
    TooLong,
    /// No answer of a browser.
    #[error("the answer cannot be read: {0}")]
    Malformed(&'static str),
    /// Another ceremony's answer: a registration at a sign-in, or the other way round.
    #[error("the answer belongs to another kind of ceremony")]
    OtherCeremony,
    /// Not what this ceremony asked.
    #[error("the answer is to another question")]
    OtherChallenge,
    /// Another site asked.
    #[error("another site asked for the answer")]
    OtherOrigin,
    /// The credential belongs to another relying party.
    #[error("the credential belongs to another site")]
    OtherSite,
    /// It is not one of those that may answer, or not the one that was looked up.
    #[error("another credential answered")]
    OtherCredential,
    /// She has it already.
    #[error("the device is registered already")]
    Excluded,
    /// Nobody touched the device.
    #[error("nobody touched the device")]
    UserNotPresent,
    /// The device did not check who held it.
    #[error("the device did not ask for a PIN, finger or face")]
    UserNotVerified,
    /// It says backed up, and that it cannot be.
    #[error("the device contradicts itself about backups")]
    Contradiction,
    /// A kind of key that was not asked for.
    #[error("the key is of a kind that was not asked for")]
    Algorithm,
    /// The signature is not this key's.
    #[error("the signature is wrong")]
    Signature,
    /// A statement of a kind that we do not verify.
    #[error("the device's statement is of an unknown kind")]
    UnknownStatement,
    /// The statement contradicts the credential, or itself.
    #[error("the device's statement is wrong: {0}")]
    Statement(&'static str),
    /// It names a model whose maker did not vouch for it.
    #[error("the device names a model whose maker does not vouch for it")]
    NotItsMaker(#[source] ChainError),
    /// The library refused for another reason.
    #[error("the answer does not verify")]
    Other(#[source] Box<WebauthnError>),
}

impl CeremonyError {
    /// A stable word.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed(_) => "malformed",
            Self::OtherCeremony => "other_ceremony",
            Self::OtherChallenge => "other_challenge",
            Self::OtherOrigin => "other_origin",
            Self::OtherSite => "other_site",
            Self::OtherCredential => "other_credential",
            Self::Excluded => "excluded",
            Self::UserNotPresent => "user_not_present",
            Self::UserNotVerified => "user_not_verified",
            Self::Contradiction => "contradiction",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::UnknownStatement => "unknown_statement",
            Self::Statement(_) => "statement",
            Self::NotItsMaker(_) => "not_its_maker",
            Self::Other(_) => "does_not_verify",
        }
    }
}

impl From<WebauthnError> for CeremonyError {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::InvalidClientDataType => Self::OtherCeremony,
            WebauthnError::MismatchedChallenge => Self::OtherChallenge,
            WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => {
                Self::OtherOrigin
            }
            WebauthnError::InvalidRPIDHash => Self::OtherSite,
            WebauthnError::UserNotPresent => Self::UserNotPresent,
            WebauthnError::UserNotVerified => Self::UserNotVerified,
            WebauthnError::CredentialMayNotBeHardwareBound => Self::Contradiction,
            WebauthnError::AuthenticationFailure => Self::Signature,
            WebauthnError::CredentialNotFound => Self::OtherCredential,
            other => Self::Other(Box::new(other)),
        }
    }
}
