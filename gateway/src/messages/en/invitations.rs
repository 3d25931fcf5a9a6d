//! English: links that a desk gives, and what it does to ways to sign in.

use policies::day::Day;
use policies::invitation::DeskReason;
use policies::signin::Aal;

use crate::messages::invitations::Invitations;

pub(super) const INVITATIONS: Invitations = Invitations {
    link: "Set up a way to sign in",
    link_lines: &[
        "Somebody at a desk gave you this link, with you there. It works once.",
        "Go on in the browser that you want to set it up with: from then on the link belongs to it.",
    ],
    open: "Go on in this browser",
    visit: "Set up a way to sign in",
    whose: |name| {
        format!(
            "It will be a way to sign in for {name}. If that is not you, close this page and tell \
             the person who gave you the link."
        )
    },
    until: |stamp| {
        format!(
            "It is for one shift: it works until {stamp} and then ends by itself. It opens \
             applications that ask for AAL2, not those that ask for AAL3."
        )
    },
    finish_by: |stamp| format!("Finish by {stamp}; after that you need a new link."),
    app: "Set up password and authenticator app",
    other: "Set up something else instead",
    done: "Your way to sign in is set up",
    done_lead: "The link is used up. You are not signed in yet: sign in now and see that it works.",
    sign_in: "Sign in",

    given: |name| format!("A link for {name}"),
    given_lead: "Let the person read the picture with their own phone, or open the link in the browser \
                 that they use. It is shown this once. Stay until they are done.",
    picture: "Picture for the camera of a phone; the same link is written below in letters",
    address: "Link",
    works_until: "Works until",
    ends: "What it adds ends",
    back: "Back to the person",
    present: "The person is here",

    ways: "Ways to sign in beside the card",
    way: "Way to sign in",
    none: "There are none.",
    key_lead: "A security key, or this computer, tablet or phone itself. Nothing to remember but its \
               PIN, finger or face.",
    key_opens: "A model that is allowed for AAL3 opens everything from the start. Any other opens what \
                asks for AAL2.",
    key_opens_for_a_shift: "It opens what asks for AAL2, until the end that you were told.",
    temporary: |ends_at, now| {
        let word = if now <= ends_at { "until" } else { "ended" };
        let time = super::local(ends_at, "%-I:%M%P");
        let day = if Day::in_london(ends_at) == Day::in_london(now) {
            "today".to_owned()
        } else {
            super::local(ends_at, "%-d %B")
        };
        format!("Temporary, {word} {time} {day}")
    },
    level: |level| match level {
        Aal::Aal1 => "AAL1",
        Aal::Aal2 => "AAL2",
        Aal::Aal3 => "AAL3",
    },
    reason: |reason| match reason {
        DeskReason::Lost => "Lost",
        DeskReason::Stolen => "Stolen",
        DeskReason::Misused => "Somebody else used it",
        DeskReason::Unused => "Nobody uses it any more",
    },
    why: "Why?",
    last: "I know that nothing else would sign this person in now",

    unused: "Ways to sign in that nobody uses",
    unused_lead: |months| {
        format!(
            "Beside the cards, of the people that your registration authority looks after, not used \
             for {months} months or longer. The longest unused come first."
        )
    },
    unused_none: "There are none.",
    never: "never used",
    more: "More",
};
