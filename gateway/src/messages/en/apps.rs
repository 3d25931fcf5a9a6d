//! English: password and authenticator app, and the list of ways to sign in.

use policies::authenticator::AuthenticatorState as State;
use policies::refusal::RefusalCode as Code;
use policies::signin::Aal;

use crate::messages::apps::Apps;

pub(super) const APPS: Apps = Apps {
    sign_in: "Password and authenticator app",
    sign_in_lead: |client| format!("You are signing in to {client}."),
    username: "User name",
    username_hint: "Your user ID (12 digits) or your work e-mail address.",
    password: "Password",
    code: "Code",
    code_hint: "The six digits that your authenticator app shows now.",
    sign_in_button: "Sign in",
    username_missing: "Type your user name",
    password_missing: "Type your password",
    code_missing: "Type the code that your app shows now",
    wrong: "Name, password or code is wrong. Check the name, type the password again, and wait for \
            the next code of the app",
    too_many: |seconds| {
        let wait = match seconds {
            1 => "1 second".to_owned(),
            2..=90 => format!("{seconds} seconds"),
            _ => format!("{} minutes", seconds.div_euclid(60) + 1),
        };
        format!(
            "There were too many wrong tries under this name or from this place. Try again in \
             {wait}, or sign in another way now"
        )
    },
    list: "Ways to sign in",
    list_lead: "What signs you in, beside a card. If you lose one, say so here: it opens nothing from \
                that moment on.",
    none: "You have no other way to sign in than your card.",
    level: "Level",
    level_words: |level, (proven, cap), desk| {
        match (level, proven, cap) {
        (Aal::Aal3, ..) => match desk {
            None => "AAL3: opens everything that your role may open".to_owned(),
            Some(first) => format!(
                "AAL3: opens everything that your role may open. At the desk it may be used for the \
                 first time {first}."
            ),
        },
        (Aal::Aal2, Aal::Aal3, _) => "AAL2, because it was added in a weaker session. It counts fully \
                                      once you have signed in with a card or another way at AAL3, or \
                                      at a desk."
            .to_owned(),
        (Aal::Aal2, _, Aal::Aal3) => "AAL2, because it did not prove its model. It does not open \
                                      applications that ask for AAL3."
            .to_owned(),
        (Aal::Aal2, ..) => "AAL2: more is not possible with this kind. It does not open \
                            applications that ask for AAL3, nor the desk."
            .to_owned(),
        (Aal::Aal1, ..) => "AAL1: opens nothing".to_owned(),
    }
    },
    added: "Added",
    used: "Used last",
    is_new: "New",
    never: "Never",
    state: "State",
    state_words: |state| match state {
        State::Registered => "Ready, not used yet",
        State::Active => "In use",
        State::Suspended => "Reported lost",
        State::Locked => "Locked, because there may be a copy of it",
        State::Removed => "Taken away",
    },
    ended: "Ended",
    lost: "Lost it",
    found: "Found it",
    remove: "Take it away",
    remove_title: |name| format!("Take \u{201c}{name}\u{201d} away?"),
    remove_ends: "It will not sign you in any more, and wherever you are signed in with it, that ends. \
                  To use it again, you add it anew.",
    remove_signs_out: "You are signed in with it here: you will be signed out.",
    remove_not: "Keep it",
    done: |word| match word {
        "lost" => Some("It is reported lost and opens nothing until you say that you found it."),
        "found" => Some("It is back in use."),
        "remove" => Some("It is taken away."),
        _ => None,
    },
    add: "Add an authenticator app",
    hindrance: |code| match code {
        Code::OwnAuthenticatorNeeded => Some(
            "You signed in with an account of another organisation, which cannot change how you \
             sign in here. To add a way to sign in, or to take one away, sign in again with your \
             card, a security key or an app. If you have none of them, your registration authority \
             can help.",
        ),
        Code::SessionLevelTooLow => Some(
            "You signed in with something that was given for one shift, and nothing that lasts \
             comes of that. To add a way to sign in, or to take one away, sign in again with your \
             card or with a way of your own that lasts. If you have none, your registration \
             authority can help.",
        ),
        Code::ModelNotAllowed | Code::AttestationMissing => Some(
            "The device you signed in with does not open all of your roles, and so adds no other. \
             Sign in again with your card, or with a device that opens them all. If you have none, \
             your registration authority can help.",
        ),
        Code::ReauthenticationNeeded => Some(
            "It is a while since you proved that it is you, and somebody else could be at this \
             computer. To add a way to sign in, or to take one away, sign in again first.",
        ),
        Code::LimitReached => Some(
            "You have as many ways to sign in as you may have. Take away one that you do not use \
             any more; then you can add another.",
        ),
        _ => None,
    },
    sign_in_again: "Sign in again",
    set_up: "Set up password and authenticator app",
    set_up_lines: &[
        "You need a phone or tablet with any authenticator app, and about two minutes.",
        "It opens applications that ask for AAL2. It does not open those that ask for AAL3, nor \
         the desk: for those you need your card, a security key or Windows Hello.",
        "You choose a password now; one that you set up here before is replaced.",
        "It has no end date. You are told at all your addresses that it was added.",
    ],
    begin: "Begin",
    scan: "Let the app read this picture",
    scan_lead: "Open the app, choose to add an account, and point the camera at the picture. You \
                have ten minutes.",
    picture: "Picture for the camera of the authenticator app; the same is written below in letters",
    by_hand: "Or type this key into the app (time-based, six digits, 30 seconds):",
    choose: "Choose a password and prove that the app works",
    name: "What do you call it?",
    name_default: "My phone",
    prove: "Type your password and prove that the app works",
    own_password: "Your password",
    own_password_hint: "The one that you use with your own authenticator app. Access for one shift \
        does not change it. If you have forgotten it, go back and set up a security key instead, or \
        ask your registration authority for a link that stays.",
    own_password_wrong: "This is not the password that you use with your own authenticator app",
    new_password: "New password",
    new_password_hint: "8 to 128 characters of any kind. You may paste it. Three or four words \
                        that have nothing to do with each other are good.",
    finish: "Finish",
    name_wrong: "A name has 1 to 40 characters, without < and >",
    code_wrong: "That is not the code that the app should show now. Wait for the next one",
};
