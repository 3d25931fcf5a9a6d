//! Whoever calls without having proven anything: bounded in number, and told nothing about anybody.

use enrolment::codes::{Named, Typed};
use zeroize::Zeroizing;

use crate::door::Arrival;
use crate::error::Failure;

/// Lets a stranger begin something that writes; there is room for only so many.
///
/// # Errors
/// [`Failure::Busy`] past the allowance of her address or of all.
pub(crate) fn may_begin(arrival: &Arrival) -> Result<(), Failure> {
    if arrival.may_leave_a_line() {
        Ok(())
    } else {
        Err(Failure::Busy)
    }
}

/// Whom she names: one of the two numbers.
///
/// # Errors
/// `number_malformed` when there is none, or two, or one of another form.
pub(super) fn named(card: Option<&str>, user_id: Option<&str>) -> Result<Named, Failure> {
    let malformed = Failure::BadInput("number_malformed");
    let (text, is_card) = match (card, user_id) {
        (Some(card), None) => (card, true),
        (None, Some(user_id)) => (user_id, false),
        _ => return Err(malformed),
    };
    match Named::parse(text) {
        Some(named) if matches!(named, Named::Card(_)) == is_card => Ok(named),
        _ => Err(malformed),
    }
}

/// A code as it was typed.
pub(crate) fn typed(request_id: &str, code: &str) -> Typed {
    Typed {
        request_id: request_id.to_owned(),
        code: Zeroizing::new(code.to_owned()),
    }
}
