//! From what happened to words: the text of every letter, chosen when it leaves.

use enrolment::notices::Letter as Fact;

use crate::house::House;
use crate::messages::EN;

/// A letter in words.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    /// For a text message: shorter.
    pub(super) short: String,
}

/// The letter that stands in the outbox; none when it is none.
pub(super) fn write(house: &House, content: &str) -> Option<Letter> {
    let letters = &EN.letters;
    let issuer = &house.names.issuer;
    let (subject, text) = match Fact::read(content)? {
        Fact::Code { code, purpose } => {
            let minutes = house.policy.code_life().as_seconds() / 60;
            (letters.code)(&code, purpose, minutes)
        }
        Fact::Notice(notice) => (letters.notice)(&notice, issuer),
    };
    Some(Letter {
        short: text.clone(),
        text: format!("{text}\n\n{}\n", (letters.foot)(issuer)),
        subject,
    })
}
