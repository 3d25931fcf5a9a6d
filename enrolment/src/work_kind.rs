//! The kinds of work that a desk does on a card.

use std::str::FromStr;

use policies::access::CardAction;
use policies::words::UnknownWord;

/// What a desk is about to do with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    /// Its first set (T2).
    Issue,
    /// A set inside the window (T10).
    Renew,
    /// A set after expiry (T11).
    Reissue,
    /// Everything on the chip anew (T12).
    Repair,
}

impl WorkKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Issue, Self::Renew, Self::Reissue, Self::Repair];

    /// The word of contract 5.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Renew => "renew",
            Self::Reissue => "reissue",
            Self::Repair => "repair",
        }
    }

    /// The row of the access table that it needs.
    pub const fn task(self) -> CardAction {
        match self {
            Self::Issue => CardAction::Issue,
            Self::Renew => CardAction::Renew,
            Self::Reissue => CardAction::Reissue,
            Self::Repair => CardAction::Repair,
        }
    }
}

impl FromStr for WorkKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownWord {
            list: "WorkKind",
            word: word.to_owned(),
        })
    }
}
