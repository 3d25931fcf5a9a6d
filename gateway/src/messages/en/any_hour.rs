//! The pages for people who are not signed in.

use crate::messages::any_hour::{AnyHour, Outcome, Question};

/// The texts.
pub(super) const ANY_HOUR: AnyHour = AnyHour {
    unlock: Question {
        title: "Set a new passcode for your smartcard",
        lead: "Use this when your card is locked, or when you have forgotten its passcode. We send \
               a code to the e-mail address and the mobile number on your profile.",
        label: "Card number or user ID",
        hint: "The 16 digits on the card, or your 12-digit user ID. Spaces do not matter.",
        button: "Send a code",
    },
    unlock_code: Question {
        title: "Check your messages",
        lead: "If the number belongs to a card in use and we have an address for it, a code is on \
               its way. It works for 15 minutes.",
        label: "Code",
        hint: "8 digits. Spaces and dashes do not matter.",
        button: "Check the code",
    },
    unlock_done: Outcome {
        title: "The code is right",
        lead: "Your card gets its new passcode in the card reader. Keep the code: you need it once \
               more.",
        steps: &[
            "Put the card into the reader of a computer with the card client.",
            "Start the card client and choose to unlock the card (or type: matron-card unlock).",
            "Type the same code when it asks, within its 15 minutes.",
            "Choose a new passcode of 6 to 8 digits that is not easy to guess.",
        ],
    },
    cancel: Question {
        title: "Report a lost, stolen or misused smartcard",
        lead: "You can do this at any hour. We send a code to the e-mail address and the mobile \
               number on your profile.",
        label: "User ID or card number",
        hint: "Your 12-digit user ID, or the 16 digits on the card. Spaces do not matter.",
        button: "Send a code",
    },
    cancel_code: Question {
        title: "What has happened?",
        lead: "If the number belongs to a card and we have an address for it, a code is on its \
               way. It works for 15 minutes.",
        label: "Code",
        hint: "8 digits. Spaces and dashes do not matter.",
        button: "Continue",
    },
    cancel_reason: "What has happened to the card?",
    reasons: &[
        ("lost", "It is lost"),
        ("stolen", "It was stolen"),
        ("damaged", "It is damaged"),
        ("never_arrived", "It never arrived"),
        ("misused", "Somebody has it and uses it"),
    ],
    misuse: "I have my card, but somebody may be using it or my account",
    cancel_sure: Question {
        title: "Cancel this card for ever?",
        lead: "A cancelled card can never be used again, even if you find it. You will need a new \
               card from your registration authority.",
        label: "",
        hint: "",
        button: "Yes, cancel the card for ever",
    },
    misuse_sure: Question {
        title: "Report misuse?",
        lead: "You will be signed out everywhere, and your card will need a new passcode before it \
               works again. The card is not cancelled.",
        label: "",
        hint: "",
        button: "Yes, report misuse",
    },
    cancel_done: Outcome {
        title: "The card is cancelled",
        lead: "It cannot be used any more. We have told every address on your profile.",
        steps: &[
            "Ask your registration authority for a new card.",
            "If the card was stolen, tell your organisation as well.",
            "If you find the card, give it to your registration authority.",
        ],
    },
    misuse_done: Outcome {
        title: "Misuse is reported",
        lead: "You are signed out everywhere. We have told every address on your profile.",
        steps: &[
            "Set a new passcode for your card.",
            "Tell your registration authority what you have noticed.",
            "If the card is not with you, cancel it.",
        ],
    },
    link: Question {
        title: "Cancel this card for ever?",
        lead: "Somebody is setting a new passcode for your card. If that is not you, cancel the \
               card. A cancelled card can never be used again.",
        label: "",
        hint: "",
        button: "Yes, cancel the card for ever",
    },
    link_over: Outcome {
        title: "This link does not work any more",
        lead: "It works once, for three days.",
        steps: &["You can cancel your card at any hour with a code instead."],
    },
    activate: Outcome {
        title: "Start using a new smartcard",
        lead: "A new card is locked until it has reached you and you have chosen its passcode.",
        steps: &[
            "Tell your registration authority that the card has arrived.",
            "Put the card into the reader of a computer with the card client.",
            "Start the card client and choose to activate the card (or type: matron-card \
             activate). A code is sent to the e-mail address and the mobile number on your profile.",
            "Read and accept the terms of use, type the code, and choose a passcode of 6 to 8 digits.",
        ],
    },
    pages: "Help with your smartcard",
    unlock_now: "Set a new passcode",
    to_unlock: "Locked card or forgotten passcode",
    to_cancel: "Lost, stolen or misused card",
    to_activate: "Start using a new card",
    anew: "Ask for a new code",
    no_code_title: "No code?",
    no_code: &[
        "Wait a few minutes, and look among unwanted mail.",
        "An address that was changed in the last three days gets no codes.",
        "At most five codes are sent in an hour. A code that you have already works for its 15 \
         minutes.",
        "A desk of your registration authority can always help. Take your card and a proof of who \
         you are with you.",
    ],
    number_wrong: "Type the 16 digits of the card or the 12 digits of the user ID",
    code_wrong: "The code is not the right one, is too old, or was tried too often. Check the \
                 newest message, or ask for a new code",
    reason_missing: "Choose what has happened",
};
