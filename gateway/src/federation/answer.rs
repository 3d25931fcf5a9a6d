//! What another organisation answered, and what can be wrong with it.

use policies::federation::Statement;
use policies::refusal::RefusalCode;

use super::Trouble;

/// A verified answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who she is there.
    pub subject: String,
    /// Her e-mail address there: for an alert, never for finding her.
    pub email: Option<String>,
    /// How and when she proved herself.
    pub statement: Statement,
}

/// Why an answer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The code was refused: used before, forged, or not ours.
    Code,
    /// No answer that can be read.
    Unreadable,
    /// Over.
    Expired,
    /// For somebody else.
    Audience,
    /// By somebody else.
    Issuer,
    /// For another sign-in.
    Nonce,
    /// Signed with a key that is not among its own.
    Key,
    /// Not signed, or by a shared secret.
    Algorithm,
    /// The signature is not good.
    Signature,
}

/// Why a code brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The organisation cannot be used right now.
    Trouble(Trouble),
    /// Its answer proves nothing.
    Broken(Broken),
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Fault {
    /// The refusal that people see.
    pub const fn code(self) -> RefusalCode {
        match self {
            Self::Trouble(_) => RefusalCode::FederationUnavailable,
            Self::Broken(_) => RefusalCode::FederationAnswerInvalid,
        }
    }

    /// The word in the trail.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Trouble(trouble) => trouble.as_str(),
            Self::Broken(broken) => match broken {
                Broken::Code => "code_refused",
                Broken::Unreadable => "unreadable",
                Broken::Expired => "expired",
                Broken::Audience => "audience",
                Broken::Issuer => "issuer",
                Broken::Nonce => "nonce",
                Broken::Key => "key",
                Broken::Algorithm => "algorithm",
                Broken::Signature => "signature",
            },
        }
    }
}
