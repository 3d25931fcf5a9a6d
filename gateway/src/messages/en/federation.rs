//! English: accounts of other organisations, and why an answer of one was refused.

use policies::refusal::RefusalCode as Code;

use super::acts::DESK;
use crate::federation::Trouble;
use crate::messages::RefusalText;
use crate::messages::federation::FederationTexts;

pub(super) const FEDERATION: FederationTexts = FederationTexts {
    hint: "Your account there, once it is linked to your profile here. You are \
           brought back here.",
    down: |name, trouble| match trouble {
        Trouble::Slow => format!("{name} takes too long to answer."),
        Trouble::Crowded => format!("Too many people are on their way to {name}."),
        Trouble::Unreachable => format!("{name} does not answer."),
        Trouble::Elsewhere | Trouble::TooLarge | Trouble::Misdescribed => {
            format!("{name} answers in a way that is not expected. The operators can see why.")
        }
    },
    none_in_dev: "No other organisation is set up here (matron dev --federation FILE).",
    off: |name| format!("Signing in by way of {name} is switched off by the operators."),
    ask_again: "Ask it again",
    add: "Link an account of another organisation",
    title: "Link an account of another organisation",
    lines: &[
        "You prove yourself there, with a second factor, and are brought back here.",
        "It opens applications that ask for AAL2. It does not open those that ask for AAL3, nor \
         the desk. With it you cannot change your ways to sign in: for that you sign in with your \
         card, a security key or an app.",
        "It is known by the account itself, not by its e-mail address. One account belongs to one \
         person.",
        "You are told at all your addresses that it was linked.",
    ],
    of: |name| format!("Account at {name}"),
    name: "What do you call it?",
    go: |name| format!("Go on to {name}"),
    name_wrong: "A name has 1 to 40 characters, without < and >",
    on_the_way: |name| format!("You are going to {name}"),
    on_the_way_lead: "Prove there who you are, with a second factor. You have ten minutes, and are \
                      brought back here.",
};

/// The text of a refusal about such an account; `None` for every other code.
pub(super) const fn text(code: Code) -> Option<&'static RefusalText> {
    Some(match code {
        Code::AccountNotLinked => &NOT_LINKED,
        Code::OwnAuthenticatorNeeded => &OWN_NEEDED,
        Code::FederationUnavailable => &UNAVAILABLE,
        Code::FederationOff => &OFF,
        Code::FederationDenied => &DENIED,
        Code::FederationAnswerInvalid => &INVALID,
        Code::FederationTooWeak => &TOO_WEAK,
        Code::FederationTooOld => &TOO_OLD,
        _ => return None,
    })
}

const OTHER_WAY: &str = "Sign in another way: your card, a security key or an app. If none is left, your registration \
    authority can help.";

const NOT_LINKED: RefusalText = RefusalText {
    title: "This account is not linked to anybody here",
    cause: "The other organisation knows you, but nobody has linked that account to a profile of \
            this service. An e-mail address alone opens nothing.",
    steps: &[
        "Sign in another way first: with your card, a security key or an app.",
        "Then open Ways to sign in, choose Link an account of another organisation, and link it. \
         After that it opens your profile.",
    ],
    help: DESK,
    again: "",
};
const OWN_NEEDED: RefusalText = RefusalText {
    title: "For this you need a way to sign in of this service",
    cause: "You signed in with an account of another organisation. It opens applications, but it \
            does not change how you sign in here.",
    steps: &["Sign in again with your card, a security key or an app, then come back."],
    help: OTHER_WAY,
    again: "",
};
const UNAVAILABLE: RefusalText = RefusalText {
    title: "The other organisation does not answer",
    cause: "Its sign-in cannot be reached right now, or does not answer as expected. That is not \
            your fault, and your account there is not affected.",
    steps: &["Sign in another way now, or try again in a few minutes."],
    help: OTHER_WAY,
    again: "Try again",
};
const OFF: RefusalText = RefusalText {
    title: "Signing in by way of that organisation is switched off",
    cause: "The operators of this service have switched it off. Sessions that it opened have \
            ended.",
    steps: &["Sign in another way."],
    help: OTHER_WAY,
    again: "",
};
const DENIED: RefusalText = RefusalText {
    title: "The other organisation did not sign you in",
    cause: "You gave up there, or it said no. What it knows about the reason stands on its own \
            pages.",
    steps: &["Try again, or sign in another way."],
    help: OTHER_WAY,
    again: "Try again",
};
const INVALID: RefusalText = RefusalText {
    title: "The other organisation\u{2019}s answer cannot be trusted",
    cause: "It was not for this sign-in, not by that organisation, too old, used before, or \
            damaged. So that nobody can sign in under your name, nobody was signed in.",
    steps: &[
        "Try again. If you followed a link that somebody sent you, do not use it again.",
        "If it happens twice, give the reference below to your IT service desk.",
    ],
    help: OTHER_WAY,
    again: "Try again",
};
const TOO_WEAK: RefusalText = RefusalText {
    title: "The other organisation did not ask for a second factor",
    cause: "An account there opens something here only when it was proven with two factors, such \
            as a password and an app.",
    steps: &[
        "Set up a second factor for your account there, then try again.",
        "Or sign in another way now.",
    ],
    help: OTHER_WAY,
    again: "Try again",
};
const TOO_OLD: RefusalText = RefusalText {
    title: "You proved yourself there too long ago",
    cause: "The other organisation did not ask you again, or did not say when it did.",
    steps: &["Sign out there, then try again, or sign in another way."],
    help: OTHER_WAY,
    again: "Try again",
};
