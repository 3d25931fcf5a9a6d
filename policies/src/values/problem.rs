//! What can be wrong with a policy file. All problems are told at once.

use thiserror::Error;

use crate::access::ActorRole;

/// One problem of a policy file; `key` is the path to the value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyProblem {
    /// Not TOML at all.
    #[error("the file is not TOML")]
    Syntax(#[source] toml::de::Error),
    /// A value that must be there is not.
    #[error("{key} is missing")]
    Missing {
        /// The value.
        key: String,
    },
    /// A value that this program does not know.
    #[error("{key} is unknown")]
    Unknown {
        /// The value.
        key: String,
    },
    /// A text, list or number stands where another kind belongs.
    #[error("{key} must be {expected}")]
    WrongKind {
        /// The value.
        key: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A number that no sensible policy has.
    #[error("{key} must lie between {lowest} and {highest}")]
    OutOfRange {
        /// The value.
        key: String,
        /// The least sensible number.
        lowest: u32,
        /// The greatest sensible number.
        highest: u32,
    },
    /// A word that names no role, or no task.
    #[error("{key}: {word:?} is not a known word")]
    UnknownWord {
        /// The list.
        key: String,
        /// The word.
        word: String,
    },
    /// The same word twice in one list.
    #[error("{key}: {word:?} stands twice")]
    Repeated {
        /// The list.
        key: String,
        /// The word.
        word: String,
    },
    /// A role that can never do this to somebody else.
    #[error("{key}: {role} cannot be granted this")]
    NotGrantable {
        /// The row.
        key: String,
        /// The role.
        role: ActorRole,
    },
    /// Only what is done in the holder's presence can be open to any registration authority: her
    /// presence stands in for the reach of her own.
    #[error("{key}: {task} is not done in the holder's presence")]
    NeedsNoPresence {
        /// The list.
        key: String,
        /// The task.
        task: &'static str,
    },
    /// The window must be shorter than half the validity (E43): otherwise a card would be renewed
    /// while its predecessor's successor is hardly born.
    #[error(
        "renewal.window_days is {window}, which is not less than half of the {shortest_validity} days \
         that certificate.validity_months may be short of"
    )]
    WindowTooLong {
        /// Days of the window.
        window: i64,
        /// The fewest days of a certificate.
        shortest_validity: i64,
    },
    /// Sponsors never open a window before holders do.
    #[error("renewal.sponsor_window_days is longer than renewal.window_days")]
    SponsorBeforeHolder,
    /// The shortest passcode is longer than the longest.
    #[error("passcode.shortest is greater than passcode.longest")]
    PasscodeLengthsCrossed,
    /// A session would be over before it is idle, or offered anew before it begins.
    #[error("a session's idle and offer times must be shorter than its longest time")]
    SessionLimitsCrossed,
}
