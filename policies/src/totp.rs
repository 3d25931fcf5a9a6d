//! The six digits of an authenticator app (RFC 6238): how they may be typed, and for which half
//! minutes they count. Computing them is not a rule; who holds the secret does it.

use std::fmt;

use crate::time::Time;

/// How long a code lasts, in seconds (RFC 6238 5.2).
pub const STEP_SECONDS: i64 = 30;
/// How many digits a code has.
pub const DIGITS: usize = 6;
/// The longest text that is looked at, in bytes: six digits with blanks of any kind between them.
const LONGEST: usize = 64;

/// Six ASCII digits, however they were typed. Shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct SixDigits(String);

impl SixDigits {
    /// Reads what was typed: full-width digits are digits, and blanks and dashes do not matter.
    /// None for anything else (law G6).
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut digits = String::with_capacity(DIGITS);
        for letter in text.chars().filter(|letter| !is_between(*letter)) {
            digits.push(digit(letter)?);
        }
        (digits.len() == DIGITS).then_some(Self(digits))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SixDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SixDigits")
    }
}

/// What people and keyboards put between digits.
const fn is_between(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}

/// An ASCII or a full-width digit, as the ASCII one.
fn digit(letter: char) -> Option<char> {
    let plain = match letter {
        '\u{ff10}'..='\u{ff19}' => u32::from(letter) - 0xff10 + u32::from('0'),
        other => u32::from(other),
    };
    char::from_u32(plain).filter(char::is_ascii_digit)
}

/// The number of the half minute of `now`.
pub const fn step_of(now: Time) -> i64 {
    now.unix().div_euclid(STEP_SECONDS)
}

/// The steps whose codes count now, the likeliest first: this one and one either side (RFC 6238
/// 5.2), and never one at or before the last that was accepted: each step counts once (law G7).
pub fn steps(now: Time, last: Option<i64>) -> impl Iterator<Item = i64> {
    let this = step_of(now);
    [this, this - 1, this + 1]
        .into_iter()
        .filter(move |step| last.is_none_or(|last| *step > last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g6_a_code_is_six_digits_however_they_are_typed() {
        let good = [
            "012345",
            " 012 345 ",
            "012-345",
            "0\u{2013}1\u{a0}2345",
            "\u{ff10}\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}",
            "\u{200b}012345\u{feff}",
        ];
        for text in good {
            let read = SixDigits::parse(text).unwrap();
            assert_eq!(read.as_str(), "012345", "{text}");
        }
        let long = format!("012345{}", " ".repeat(64));
        let bad = [
            "",
            "12345",
            "0123456",
            "01234a",
            "+12345",
            "٠١٢٣٤٥",
            "０１２３４",
            &long,
        ];
        for text in bad {
            assert!(SixDigits::parse(text).is_none(), "{text}");
        }
        let shown = format!("{:?}", SixDigits::parse("012345").unwrap());
        assert!(!shown.contains("012345"));
    }

    #[test]
    fn g7_a_code_counts_one_step_either_side_and_each_step_once() {
        let now = Time::from_unix(3_000);
        assert_eq!(steps(now, None).collect::<Vec<_>>(), [100, 99, 101]);
        assert_eq!(
            steps(now.plus(crate::time::Span::seconds(29)), None).next(),
            Some(100)
        );
        assert_eq!(steps(now, Some(98)).collect::<Vec<_>>(), [100, 99, 101]);
        assert_eq!(steps(now, Some(99)).collect::<Vec<_>>(), [100, 101]);
        assert_eq!(steps(now, Some(100)).collect::<Vec<_>>(), [101]);
        assert_eq!(steps(now, Some(101)).count(), 0);
    }

    proptest::proptest! {
        #[test]
        fn g6_any_text_is_six_digits_or_nothing(text in "\\PC{0,40}|[0-9 \u{ff10}-\u{ff19}\u{2010}-]{0,24}") {
            if let Some(read) = SixDigits::parse(&text) {
                proptest::prop_assert!(read.as_str().len() == DIGITS);
                proptest::prop_assert!(read.as_str().bytes().all(|byte| byte.is_ascii_digit()));
                // read again, it is the same
                proptest::prop_assert_eq!(SixDigits::parse(read.as_str()), Some(read));
            }
        }
    }
}
