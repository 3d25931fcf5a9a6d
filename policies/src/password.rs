//! What a password may be (SP 800-63B-4 B10): eight characters beside a second factor, anything
//! people can type, no rules of composition, no end date; but none that everybody tries first, and
//! none made of her own names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::refusal::{Refusal, RefusalCode, require};

/// The fewest characters (Unicode code points) beside a second factor.
pub const SHORTEST: usize = 8;
/// The most: more costs nobody anything but us.
pub const LONGEST: usize = 128;

/// Words that guessers try first, with whatever digits and signs around them.
static COMMON: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("password/common.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Judges a password that somebody wants; `own` are her names, user id and addresses (law G9).
///
/// # Errors
/// In this order: `password_too_short`, `password_too_long`, `password_common`,
/// `password_personal`.
pub fn judge(password: &str, own: &[&str]) -> Result<(), Refusal> {
    let length = password.chars().count();
    require(length >= SHORTEST, RefusalCode::PasswordTooShort)?;
    require(length <= LONGEST, RefusalCode::PasswordTooLong)?;
    let lower = password.to_lowercase();
    require(!is_common(&lower), RefusalCode::PasswordCommon)?;
    require(
        what_is_left(&lower, own) >= SHORTEST,
        RefusalCode::PasswordPersonal,
    )
}

/// On the list, as it is or without what stands around it; or one pattern over and over.
fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|letter: char| !letter.is_alphabetic());
    let plain: String = core
        .chars()
        .map(|letter| match letter {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            other => other,
        })
        .collect();
    COMMON.contains(lower)
        || COMMON.contains(core)
        || COMMON.contains(plain.as_str())
        || repeats(lower)
        || runs(lower)
}

/// One piece of at most four characters, again and again.
fn repeats(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=4).any(|piece| {
        letters
            .iter()
            .zip(letters.iter().skip(piece))
            .all(|(one, other)| one == other)
    })
}

/// Every character follows the one before, up or down, as `12345678` and `hgfedcba` do.
fn runs(text: &str) -> bool {
    let codes: Vec<i64> = text
        .chars()
        .map(|letter| i64::from(u32::from(letter)))
        .collect();
    let all = |step: i64| {
        let mut pairs = codes.iter().zip(codes.iter().skip(1));
        pairs.all(|(one, other)| other - one == step)
    };
    all(1) || all(-1)
}

/// How many characters are left without her own words of three letters and more.
fn what_is_left(lower: &str, own: &[&str]) -> usize {
    let mut left = lower.to_owned();
    let words = own
        .iter()
        .flat_map(|text| text.split(['@', '.', ' ', '-', '_', '\'']))
        .filter(|word| word.chars().count() >= 3);
    for word in words {
        left = left.replace(&word.to_lowercase(), "");
    }
    left.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 4] = ["Kofi", "Mensah", "555000000013", "kofi.mensah@demo.example"];

    fn refused(password: &str) -> Option<RefusalCode> {
        judge(password, &OWN).err().map(|refusal| refusal.code)
    }

    #[test]
    fn g9_eight_characters_of_any_kind_do() {
        for good in [
            "tea at the window",
            "gfrtzklw",
            "\u{1f375}\u{1f9f5}\u{1f9ca}\u{1f33f}\u{1f355}\u{1f9f7}\u{1f9f9}\u{1f9fa}",
            "pŵer a gwen",
            "kofi likes green tea",
        ] {
            assert_eq!(refused(good), None, "{good}");
        }
    }

    #[test]
    fn g9_length_is_counted_in_characters() {
        assert_eq!(refused("ŵŷâêîôû"), Some(RefusalCode::PasswordTooShort));
        let long = "wetter ".repeat(30);
        assert_eq!(refused(&long[..129]), Some(RefusalCode::PasswordTooLong));
        assert_eq!(refused(&long[..128]), None);
    }

    #[test]
    fn g9_what_everybody_tries_first_is_no_password() {
        for bad in [
            "password",
            "Password123!",
            "P@ssw0rd1",
            "12345678",
            "87654321",
            "aaaaaaaa",
            "abcabcabc",
            "hospital2026",
            "Welcome1!",
        ] {
            assert_eq!(refused(bad), Some(RefusalCode::PasswordCommon), "{bad}");
        }
    }

    #[test]
    fn g9_her_own_names_are_no_password() {
        for bad in [
            "Mensah1234",
            "kofimensah",
            "555000000013",
            "KOFI.MENSAH@demo.example",
        ] {
            assert_eq!(refused(bad), Some(RefusalCode::PasswordPersonal), "{bad}");
        }
    }
}
