//! English: what somebody is told who is named the deputy of a ward, or is it no more.

use enrolment::notices::Notice;

use crate::messages::EN;

/// Subject and text; empty for the notices whose words stand elsewhere.
pub(super) fn words(notice: &Notice, issuer: &str) -> (String, String) {
    match notice {
        Notice::DeputyNamed {
            ward,
            organisation,
            ends_at,
        } => (
            format!("You are the named deputy of {ward}"),
            format!(
                "You were named the deputy of {ward}, {organisation}, until {}. When somebody of the \
                 ward has left the card at home, you can give temporary access for one shift, after \
                 looking at the person:\n\n{issuer}/desk\n\nEvery time is recorded, and told to the \
                 person who gets it.",
                (EN.desk.stamp)(*ends_at)
            ),
        ),
        Notice::DeputyEnded { ward, organisation } => (
            format!("You are the deputy of {ward} no more"),
            format!(
                "You are the named deputy of {ward}, {organisation}, no more: you no longer give \
                 temporary access there. If you did not expect that, ask your registration authority."
            ),
        ),
        _ => (String::new(), String::new()),
    }
}
