//! What the operations about somebody else's card and profile take and answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use policies::day::ends_at_of_london_day;
use policies::ids::{CardNumber, UserId};
use policies::time::{Span, Time};

use crate::error::Failure;

/// A card, and what it is now.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CardDone {
    /// The number on the plastic.
    card_number: String,
    /// What was done to it: a state of a card, or what became of its plastic.
    state: &'static str,
}

impl CardDone {
    /// The card of that number, being this now.
    pub(super) fn new(card: &CardNumber, state: &'static str) -> Self {
        Self {
            card_number: card.to_string(),
            state,
        }
    }
}

/// A person by her number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThisPerson {
    /// Her 12 digits.
    #[serde(alias = "person")]
    user_id: String,
}

impl ThisPerson {
    /// Her number.
    pub(super) fn number(&self) -> Result<UserId, Failure> {
        user_id(&self.user_id)
    }
}

/// A person, and what her profile is now.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PersonDone {
    /// Her 12 digits.
    user_id: String,
    /// `open` or `closed`.
    state: &'static str,
}

impl PersonDone {
    /// The person of that number, her profile being this now.
    pub(super) fn new(user_id: &UserId, state: &'static str) -> Self {
        Self {
            user_id: user_id.to_string(),
            state,
        }
    }
}

/// The number of a person; blanks between groups of digits do not count.
pub(super) fn user_id(text: &str) -> Result<UserId, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .parse()
        .map_err(|_| Failure::BadInput("user_id_malformed"))
}

/// A word of a closed list, where one is given.
pub(super) fn word<T: std::str::FromStr>(
    word: Option<&str>,
    fault: &'static str,
) -> Result<Option<T>, Failure> {
    let parsed = word.map(str::parse).transpose();
    parsed.map_err(|_| Failure::BadInput(fault))
}

/// A last moment: an instant, or a day, which lasts to its end in London (law P3).
pub(crate) fn last_second(text: &str) -> Result<Time, Failure> {
    if let Ok(day) = text.parse() {
        return Ok(ends_at_of_london_day(day).minus(Span::seconds(1)));
    }
    text.parse()
        .map_err(|_| Failure::BadInput("ends_at_malformed"))
}
