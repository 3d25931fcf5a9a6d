//! The form of a passcode (X4, F41). It is judged where it is typed, by the card's client, and
//! never travels: no server ever sees one (F40).

use crate::day::Day;
use crate::refusal::{Refusal, RefusalCode, require};
use crate::values::Policy;

/// Judges a passcode that a holder chose for her card (law L9): 6 to 8 digits by the default
/// policy, not all the same, not a run upwards or downwards, and without her date of birth in the
/// usual spellings, where that is known.
///
/// # Errors
/// `passcode_format`.
pub fn judge(passcode: &str, born: Option<Day>, policy: &Policy) -> Result<(), Refusal> {
    let limits = policy.passcode();
    let length = u32::try_from(passcode.len()).unwrap_or(u32::MAX);
    let has_form = (limits.shortest..=limits.longest).contains(&length)
        && passcode.bytes().all(|byte| byte.is_ascii_digit());
    let guessable = [-1, 0, 1].iter().any(|step| is_run(passcode, *step))
        || born.is_some_and(|born| contains_date(passcode, born));
    require(has_form && !guessable, RefusalCode::PasscodeFormat)
}

/// Whether each digit follows the one before it by `step`, as in 345678 or 999999.
fn is_run(passcode: &str, step: i16) -> bool {
    let digits = passcode.as_bytes();
    let mut pairs = digits.iter().zip(digits.iter().skip(1));
    pairs.all(|(one, next)| i16::from(*next) - i16::from(*one) == step)
}

/// Whether the digits hold the date as DDMMYY, YYMMDD, MMDDYY or with all four digits of the year.
fn contains_date(passcode: &str, date: Day) -> bool {
    let text = date.to_string();
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let short = year.get(2..).unwrap_or(year);
    // The spellings with four digits contain those with two, or are named on their own.
    let spellings = [
        format!("{day}{month}{short}"),
        format!("{short}{month}{day}"),
        format!("{month}{day}{short}"),
        format!("{day}{month}{year}"),
        format!("{month}{day}{year}"),
    ];
    spellings.iter().any(|spelling| passcode.contains(spelling))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(passcode: &str) -> bool {
        let born = "1987-03-09".parse().ok();
        judge(passcode, born, &Policy::default_file()).is_ok()
    }

    #[test]
    fn l9_six_to_eight_digits() {
        for good in ["194736", "1947362", "19473628", "210987"] {
            assert!(accepted(good), "{good}");
        }
        for wrong in ["", "19473", "194736281", "19473a", "１９４７３６", "19 736"] {
            assert!(!accepted(wrong), "{wrong}");
        }
    }

    #[test]
    fn l9_nothing_that_anybody_would_try_first() {
        for trivial in ["000000", "99999999", "123456", "3456789", "987654"] {
            assert!(!accepted(trivial), "{trivial}");
        }
        for birthday in [
            "090387", "870309", "030987", "09031987", "19870309", "03091987", "10903874",
        ] {
            assert!(!accepted(birthday), "{birthday}");
        }
        assert!(judge("090387", None, &Policy::default_file()).is_ok());
    }

    #[test]
    fn the_refusal_does_not_repeat_the_passcode() {
        let refusal = judge("111111", None, &Policy::default_file()).unwrap_err();
        assert!(!format!("{refusal:?}").contains("111111"));
    }
}
