//! The catalogue in English. Every field is written out; leaving one out fails the build.

mod acts;
mod any_hour;
mod apps;
mod authenticators;
mod deputies;
mod desk;
mod desk_acts;
mod federation;
mod invitations;
mod keys;
mod letters;
mod my;
mod refusals;
mod signing_in;
mod trouble;

use jiff::tz::TimeZone;
use policies::time::Time;

use super::{ContinueAs, Messages, Methods, Roles, SignOut, SoftCard, Start};

/// English.
pub const EN: Messages = Messages {
    lang: "en",
    product: "Matron",
    tagline: "Sign in for health and care staff",
    leave: "Your session",
    skip: "Skip to main content",
    audience: "For health and care staff in England. If you are a patient, use the service \
               that your surgery or hospital has told you about.",
    privacy: "Every sign-in is recorded with the time, the card and the role you act in.",
    reference: "Reference",
    reference_why: "If you call the service desk, read this line to them. It tells them exactly \
                    what happened.",
    what_to_do: "What you can do",
    who_can_help: "Who can help",
    problem: "There is a problem",
    error_prefix: "Error: ",
    moment,
    moment_with_zone,
    day,
    methods: METHODS,
    soft_card: SOFT_CARD,
    continue_as: CONTINUE_AS,
    roles: ROLES,
    renewal: my::RENEWAL,
    my: my::MY,
    federation: federation::FEDERATION,
    find_ra: my::FIND_RA,
    start: START,
    sign_out: SIGN_OUT,
    any_hour: any_hour::ANY_HOUR,
    apps: apps::APPS,
    invitations: invitations::INVITATIONS,
    deputies: deputies::DEPUTIES,
    keys: keys::KEYS,
    letters: letters::LETTERS,
    desk: desk::DESK,
    refusals: refusals::REFUSALS,
    trouble: trouble::TROUBLE,
};

const METHODS: Methods = Methods {
    title: |client| format!("Sign in to {client}"),
    lead: "Choose how you want to prove who you are.",
    way: signing_in::way,
    unavailable: "Not available now.",
    no_keys: "This browser cannot use security keys or passkeys. A newer one can.",
    no_platform: "This device has no PIN, finger or face set up that a browser could ask for.",
    noscript: "Security keys, Windows Hello and passkeys need JavaScript, which this browser does not \
               run. Every other way works without it.",
    not_enough: |client| format!("{client} asks for a stronger way of signing in."),
    step_up: |now, client| {
        format!(
            "You are signed in at {now}. {client} asks for a stronger proof. You stay signed in and \
             keep your role."
        )
    },
    step_up_with: |ways| format!("Of your own ways, this is enough: {}.", ways.join(", ")),
    step_up_without: "None of your own ways to sign in is strong enough yet. Your registration \
                      authority can help you to one.",
    without: |client| format!("Go back to {client} without it"),
    without_own: "Go back without it",
    last: "Used last on this computer.",
    again: "You are asked to prove again that it is you.",
    help_title: "Trouble signing in?",
    help: [
        "Check that the card is the right way round and pushed in fully.",
        "If your browser does not ask for a certificate, close every browser window, put the \
         card in, and begin again in your application.",
        "If your card is lost or stolen, tell your registration authority or IT service desk \
         straight away: they can cancel it at any hour.",
    ],
};

const SOFT_CARD: SoftCard = SoftCard {
    title: "Demo card",
    hint: "Demonstration only. Matron uses one of its own demo cards for you, over a real \
           mutual TLS connection. Nothing to install.",
    card: "Card",
    pick: "Choose a person",
    passcode: "Passcode",
    passcode_hint: "It stands beside each name in the list. Three wrong ones lock the card.",
    button: "Sign in with this card",
    unknown: "Choose a card from the list",
    wrong: |left| match left {
        1 => "That is not the passcode of this card. One try is left before the card locks"
            .to_owned(),
        left => format!("That is not the passcode of this card. {left} tries are left"),
    },
    unreachable: "The demo card could not reach the card listener. Try again in a moment",
};

const CONTINUE_AS: ContinueAs = ContinueAs {
    title: |name| format!("Continue as {name}?"),
    lead: |client| format!("You are signed in already. {client} will receive your details."),
    button: |name| format!("Continue as {name}"),
    someone_else: "Someone else",
    shared: "Not you? Choose \u{201c}Someone else\u{201d}. Never work under another person\u{2019}s name.",
    ends: |moment| {
        format!(
            "This session ends {moment}. Sign in again now and you can keep working without \
             a break, in the same role."
        )
    },
    renew: "Sign in again now",
};

const ROLES: Roles = Roles {
    title: "Choose your role",
    lead: |client| format!("{client} needs to know in which role you are working."),
    search: "Find a role",
    search_hint: "Job title, organisation or organisation code",
    search_button: "Search",
    count: |shown, all| {
        if shown == all {
            format!("{all} roles")
        } else {
            format!("{shown} of {all} roles")
        }
    },
    none: |typed| format!("None of your roles matches \u{201c}{typed}\u{201d}."),
    all: "Show all roles",
    current: "Current role",
    until: |day| format!("until {day}"),
    list: "Your roles",
    no_role: "No role",
    closed: "Not with the device you signed in with",
    closed_why: "These roles ask for another make of security key, or for another way to sign in.",
    closed_other: "Sign in another way",
    untold: |client| format!("Your other roles cannot be used in {client}."),
};

const START: Start = Start {
    title: "Nobody is signed in",
    lead: "To sign in, open the application you want to work with. It brings you here.",
    patients: "This is not a service for patients.",
    demo_app: "Open Ward 7, the demonstration application",
    signed_in: |name| format!("Signed in as {name}"),
    user_id: "User ID",
    role: "Role",
    level: "Level",
    since: "Signed in",
    until: "Ends",
    card: "Card",
    my_card: "My card",
    desk: "Desk",
    role_open: "Not chosen yet",
    level_words: |level, method| format!("AAL{level}, with {method}"),
    idle: |minutes| {
        format!("You are signed out after {minutes} minutes without activity in any application.")
    },
    sign_out: "Sign out",
};

const SIGN_OUT: SignOut = SignOut {
    title: "Do you want to sign out?",
    asked_by: |client| format!("{client} asked to sign you out."),
    lead: "This ends your session here. Applications that use it lose access; unsaved work in \
           them may be lost.",
    button: "Sign out",
    stay: "Stay signed in",
    done: "You are signed out",
    done_lead: "Take your card out of the reader. If this is a shared computer, close the browser.",
    back: "Back to the application",
    start: "Start page",
};

/// "on 22 November 2026 at 4:18pm", in the time that clocks in England show.
fn moment(at: Time) -> String {
    local(at, "on %-d %B %Y at %-I:%M%P")
}

/// "on 22 November 2026 at 4:18pm GMT".
fn moment_with_zone(at: Time) -> String {
    local(at, "on %-d %B %Y at %-I:%M%P %Z")
}

/// "22 November 2026".
fn day(at: Time) -> String {
    local(at, "%-d %B %Y")
}

fn local(at: Time, form: &str) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_second(at.unix()).map_or_else(
        |_| at.to_string(),
        |stamp| stamp.to_zoned(zone).strftime(form).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_english_summer_and_winter_time() {
        let summer: Time = "2026-07-01T08:05:00Z".parse().unwrap();
        let winter: Time = "2026-12-01T16:18:00Z".parse().unwrap();
        assert_eq!(moment(summer), "on 1 July 2026 at 9:05am");
        assert_eq!(moment(winter), "on 1 December 2026 at 4:18pm");
        assert_eq!(day(winter), "1 December 2026");
    }
}
