//! From what happened to words: the text of every letter, chosen when it leaves.

use enrolment::calendar;
use enrolment::notices::{Letter as Fact, Notice};

use crate::house::House;
use crate::messages::EN;

/// A letter in words.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    /// For a text message: shorter.
    pub(super) short: String,
    /// A calendar file that comes with a mail (RFC 5545).
    pub(super) calendar: Option<String>,
}

/// The letter that stands in the outbox; none when it is none.
pub(super) fn write(house: &House, content: &str) -> Option<Letter> {
    let letters = &EN.letters;
    let issuer = &house.names.issuer;
    let fact = Fact::read(content)?;
    let (subject, text) = match &fact {
        Fact::Code { code, purpose } => {
            let minutes = house.policy.code_life().as_seconds() / 60;
            (letters.code)(code, *purpose, minutes)
        }
        Fact::Notice(notice) => (letters.notice)(notice, issuer),
    };
    let (short, calendar) = match &fact {
        Fact::Code { .. } => (None, None),
        Fact::Notice(notice) => ((letters.short)(notice, issuer), calendar(notice, house)),
    };
    Some(Letter {
        short: short.unwrap_or_else(|| text.clone()),
        text: format!("{text}\n\n{}\n", (letters.foot)(issuer)),
        subject,
        calendar,
    })
}

/// The dates of a card that ends.
fn calendar(notice: &Notice, house: &House) -> Option<String> {
    match notice {
        Notice::CardEnds {
            set,
            not_after,
            opens_at,
            ..
        } => Some(calendar::of_card(set, (*opens_at, *not_after), house.now())),
        _ => None,
    }
}
