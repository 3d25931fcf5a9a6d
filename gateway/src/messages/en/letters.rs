//! What mails and text messages say. A letter asks for nothing but what its reader began herself,
//! and never for a passcode.

mod authenticator;
mod card;
mod deputy;

use enrolment::codes::CodePurpose;
use enrolment::notices::Notice;

use crate::messages::letters::Letters;

/// The letters.
pub(super) const LETTERS: Letters = Letters {
    code,
    notice,
    short: card::short,
    foot,
};

fn code(code: &str, purpose: CodePurpose, minutes: i64) -> (String, String) {
    let what = match purpose {
        CodePurpose::Unlock => "set the passcode of your smartcard anew",
        CodePurpose::Activate => "start using your smartcard",
        CodePurpose::Cancel => "cancel your smartcard or report misuse",
        CodePurpose::Contact => "put this address on your profile",
    };
    let (first, last) = code.split_at(code.len() / 2);
    let text = format!(
        "Your code is {first} {last}\n\nIt is for one thing: to {what}. It lasts {minutes} minutes, \
         and is used up by that. Nobody from the service desk will ask you for it. If you did not ask \
         for it, do nothing."
    );
    ("Your code for your smartcard".to_owned(), text)
}

fn notice(notice: &Notice, issuer: &str) -> (String, String) {
    let (subject, text) = match notice {
        Notice::CardEnds { .. }
        | Notice::CardRenewed { .. }
        | Notice::CardLocked
        | Notice::CardUnlockedAtDesk
        | Notice::HelpedElsewhere { .. }
        | Notice::DeskShort { .. } => return card::words(notice, issuer),
        Notice::AuthenticatorAdded { .. }
        | Notice::AuthenticatorInvited { .. }
        | Notice::DeputyNamed { .. }
        | Notice::DeputyEnded { .. }
        | Notice::AuthenticatorChanged { .. }
        | Notice::AuthenticatorsClosed
        | Notice::SeenInTwoPlaces { .. } => return authenticator::words(notice, issuer),
        Notice::CardUnlocked { cancel_token } => (
            "The passcode of your smartcard is being set anew",
            format!(
                "Somebody typed in the code that we sent to you, to set the passcode of your \
                 smartcard anew. If that was you, do nothing.\n\nIf it was not you, cancel the \
                 card now. The link works once, for three days; it asks you before it does \
                 anything:\n\n{issuer}/cancel/link?t={cancel_token}"
            ),
        ),
        Notice::CardActivated => (
            "Your smartcard is ready",
            format!(
                "Your smartcard can be used now. If that was not you, cancel the card at any \
                 hour:\n\n{issuer}/cancel"
            ),
        ),
        Notice::CardCancelled => (
            "Your smartcard has been cancelled",
            "Your smartcard has been cancelled and cannot be used again. Your registration \
             authority can give you a new one."
                .to_owned(),
        ),
        Notice::MisuseReported => (
            "Misuse of your smartcard or account was reported",
            format!(
                "Misuse of your smartcard or account was reported. You have been signed out \
                 everywhere, and the card needs a new passcode before it works again:\n\n\
                 {issuer}/unlock\n\nThe card itself has not been cancelled. If it is lost or \
                 stolen, cancel it:\n\n{issuer}/cancel"
            ),
        ),
        Notice::ContactChanged { channel } => (
            "Your contact details have changed",
            contact_changed(channel, issuer),
        ),
    };
    (subject.to_owned(), text)
}

fn contact_changed(channel: &str, issuer: &str) -> String {
    let which = if channel == "sms" {
        "mobile number"
    } else {
        "e-mail address"
    };
    format!(
        "The {which} on your profile has been changed. For three days the old one is still told of \
         everything, and no codes are sent to the new one.\n\nIf that was not you, report it at any \
         hour:\n\n{issuer}/cancel"
    )
}

fn foot(issuer: &str) -> String {
    format!("This message was sent by {issuer}. We never ask for your passcode.")
}
