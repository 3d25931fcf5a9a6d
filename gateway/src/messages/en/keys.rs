//! English: security keys, Windows Hello and passkeys.

use crate::messages::keys::Keys;

pub(super) const KEYS: Keys = Keys {
    sign_in: |way| format!("Sign in with {}", within(way)),
    sign_in_lead: |client| format!("You are signing in to {client}. You need no user name."),
    sign_in_button: "Use it now",
    waiting: "Waiting for your device. Your browser shows what to do.",
    noscript: "This way to sign in needs JavaScript, which is switched off in this browser. Your \
               smartcard, and password and authenticator app, work without it.",
    troubles: &[
        (
            "unsupported",
            "This browser cannot use security keys or passkeys",
            "Use a newer browser, or go back and choose another way.",
        ),
        (
            "not-allowed",
            "The device did not answer",
            "It was cancelled, took too long, has no key for this service, or its PIN or finger \
             was not accepted. Try again, or use another way.",
        ),
        (
            "not-made",
            "The device was not added",
            "It was cancelled, took too long, its PIN or finger was not accepted, or it cannot \
             check one: such a device cannot be used here. Try again, or use another device.",
        ),
        (
            "known-here",
            "This device is in your list already",
            "A device is added once. Choose another one, or look for it under Ways to sign in.",
        ),
        (
            "cannot-verify",
            "This device cannot check a PIN, a finger or a face",
            "That is needed here, so that a lost key opens nothing. Use another security key, or \
             this computer, tablet or phone.",
        ),
        (
            "wrong-address",
            "The address of this page is not the one that the device knows",
            "Open this page at the address that your organisation gave you.",
        ),
        (
            "offline",
            "This service could not be reached",
            "Check the network, then try again. Nothing was changed.",
        ),
        (
            "name",
            "A name has 1 to 40 characters, without < and >",
            "Type a name for the device, then choose its kind again.",
        ),
        (
            "failed",
            "That did not work",
            "Take the device out and put it in again, then try again. If it happens again, use \
             another way.",
        ),
    ],
    add: "Add a security key or passkey",
    opens_at_aal2: |way| {
        format!(
            "You are signed in with {} (AAL2), so this device will open applications that ask for \
             AAL2. If it proves its model, it opens those that ask for AAL3, and the desk, once \
             you have signed in with a card or another device of AAL3, or a desk has raised it.",
            within(way)
        )
    },
    opens_at_aal3: |way| {
        format!(
            "You are signed in with {} (AAL3). A security key or Windows Hello that proves its \
             model will open everything that your role may open. A passkey that is kept in an \
             account, or a device that does not prove its model, opens applications that ask for \
             AAL2.",
            within(way)
        )
    },
    asked_by_role: |asked| {
        let mut device = match asked.only {
            None if asked.vouched => "any device that proves its model".to_owned(),
            None => "any device".to_owned(),
            Some([]) => "no device, but your card".to_owned(),
            Some(some) => format!("only {}", some.join(" or ")),
        };
        if !asked.never.is_empty() {
            device = format!("{device}, but not {}", asked.never.join(" or "));
        }
        format!(
            "To work as {} at {}: {device}.",
            asked.job, asked.organisation
        )
    },
    add_lines: &[
        "Your browser asks for the PIN, finger or face of the device. A device that cannot check \
         one cannot be used.",
        "Allow the browser to show make and model of the device, if it asks.",
    ],
    add_lasts: "It has no end date. You are told at all your addresses that it was added.",
    name_hint: "So that you know it again in your list. You may leave this as it is.",
    name_default: "My key",
    kind: "What do you want to add?",
    roaming: "Security key (USB or NFC)",
    platform: "This computer, tablet or phone",
    no_platform: "This computer has no PIN, finger or face set up that a browser could ask for. A \
                  security key works here.",
    try_it: "Try it now",
    try_lead: "It was added. Use it once, so that you know that it works.",
    name_label: "Name",
    kind_label: "Kind",
    bound_at_aal2: "AAL2 for now, because you added it in a session of AAL2. It counts as AAL3 \
                    once you have signed in with a card or another device of AAL3, or a desk has \
                    raised it.",
    try_button: "Use it now",
    later: "Later: its first sign-in is the trial then",
};

/// A name in the middle of a sentence; what begins with a name of its own keeps its capital.
fn within(way: &str) -> String {
    if way.starts_with("Windows") {
        return way.to_owned();
    }
    let mut letters = way.chars();
    let lower: String = letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default();
    match way {
        "Smartcard" | "Security key" | "Passkey" => format!("a {lower}"),
        _ => lower,
    }
}
