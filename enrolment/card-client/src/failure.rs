//! Why a command did not end well, in words for people, with one exit code per kind of end.

use wire::problem::Problem;

use crate::card::CardError;

/// Shown below every command's help.
pub const EXIT_CODES: &str = "Exit codes:
  0  done
  1  failed; the message says why
  2  the command line is wrong
  3  refused by a rule; the message says what to do next and who can help
  4  the card is not there, was pulled out, or cannot do this
  5  wrong passcode or unblock key, or the card is locked
  6  the server cannot be reached or is busy: try again
  7  the server is not trusted, or the server does not accept who asks
  8  stopped half-way: run the same command again and it goes on from there";

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file, an argument, an answer that makes no sense.
    #[error("{0}")]
    Other(String),
    /// The command line does not fit together.
    #[error("{0}")]
    Usage(String),
    /// A rule said no.
    #[error("{}", .0.in_words())]
    Refused(Box<Problem>),
    /// The card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// No answer, or one that says "later".
    #[error("the server at {place} cannot be reached: {cause}")]
    Unreachable {
        /// Where it was looked for.
        place: String,
        /// What the network said.
        cause: String,
    },
    /// The server's certificate, or the caller's token.
    #[error("{0}")]
    NotTrusted(String),
    /// A renewal stands in the middle; nothing is lost.
    #[error(
        "{cause}\nThe renewal is not finished, and nothing is lost: your card still works. Put the \
         card back and run the same command again; it goes on from where it stopped."
    )]
    HalfWay {
        /// What stopped it.
        cause: Box<Self>,
    },
}

impl Failure {
    /// Something that has no class of its own.
    pub fn other(what: impl std::fmt::Display) -> Self {
        Self::Other(what.to_string())
    }

    /// The process's exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Refused(problem) => match problem.status {
                401 => 7,
                429 | 503 => 6,
                _ => 3,
            },
            Self::Card(error) => match error {
                CardError::Passcode(_) | CardError::Locked | CardError::UnblockKey(_) => 5,
                _ => 4,
            },
            Self::Unreachable { .. } => 6,
            Self::NotTrusted(_) => 7,
            Self::HalfWay { .. } => 8,
        }
    }

    /// The code of the rule that said no.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => Some(&problem.code),
            Self::HalfWay { cause } => cause.code(),
            _ => None,
        }
    }

    /// Says that a renewal waits, for ends that leave one behind. A refusal is final and stays.
    #[must_use]
    pub fn half_way(self) -> Self {
        match self {
            Self::Card(_) | Self::Unreachable { .. } => Self::HalfWay {
                cause: Box::new(self),
            },
            Self::Refused(ref problem) if matches!(problem.status, 429 | 503) => Self::HalfWay {
                cause: Box::new(self),
            },
            other => other,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn problem(status: u16, code: &str) -> Problem {
        let text = serde_json::json!({
            "type": code, "title": "No", "status": status, "detail": "Because.", "code": code,
            "correlation_id": "c1", "next_step": "Ask Ruth.", "used": 2, "limit": 2,
            "helpers": [{ "name": "Ruth", "org": "RBA", "hours": "9-17", "contact": "x123" }],
        });
        serde_json::from_value(text).expect("a problem")
    }

    #[test]
    fn a_refusal_says_cause_next_step_and_who_can_help() {
        let failure = Failure::Refused(Box::new(problem(409, "self_renewal_limit_reached")));
        let text = failure.to_string();
        for part in [
            "Because.",
            "Ask Ruth.",
            "Ruth, RBA (9-17; x123)",
            "2 of 2",
            "c1",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(failure.exit_code(), 3);
    }

    #[test]
    fn each_kind_of_end_has_its_code() {
        let refused = |status| Failure::Refused(Box::new(problem(status, "x"))).exit_code();
        assert_eq!([refused(401), refused(403), refused(503)], [7, 3, 6]);
        assert_eq!(Failure::Card(CardError::Locked).exit_code(), 5);
        let pulled = Failure::Card(CardError::Absent("pulled".into()));
        assert_eq!(pulled.exit_code(), 4);
        assert_eq!(pulled.half_way().exit_code(), 8);
        let refused = Failure::Refused(Box::new(problem(409, "x"))).half_way();
        assert_eq!(refused.exit_code(), 3);
    }
}
