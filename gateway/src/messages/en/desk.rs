//! English: the desk's pages.

use policies::access::ActorRole;
use policies::card::{CancelReason, CardState, PlasticState};
use policies::renewal::RepairReason;

use super::desk_acts::{act, why};
use crate::messages::desk::{
    DeskTexts, FindTexts, Labels, NoneTexts, PersonTexts, SecondTexts, WorkTexts,
};

pub(super) const DESK: DeskTexts = DeskTexts {
    name: "Card desk",
    sign_in_name: "Matron\u{2019}s card desk",
    back: "Find somebody else",
    go_back: "Go back",
    stamp: |at| super::local(at, "%-d %B %Y, %-I:%M%P %Z"),
    role,
    state,
    plastic,
    reason,
    repair,
    why,
    act,
    find: FIND,
    person: PERSON,
    work: WORK,
    second: SECOND,
    none: NONE,
};

const FIND: FindTexts = FindTexts {
    title: "Find a person",
    label: "User ID, name or card number",
    hint: "Type the 12 digits under the photo, the beginning of a name, or scan the number on the card.",
    button: "Find",
    none: |typed| format!("Nobody found for \u{201c}{typed}\u{201d}."),
    none_next: "Check the number or try fewer letters. You see the people of your own registration \
                authority; of anybody else, only the holder of a card in your hand.",
    count: |shown, more| match (shown, more) {
        (1, _) => "1 person".to_owned(),
        (shown, false) => format!("{shown} people"),
        (shown, true) => format!("The first {shown} people. Type more of the name to see fewer."),
    },
    list: "People found",
    no_card: "No card",
    closed: "Profile closed",
    out_of_area: "Another registration authority",
    acting: |name, role| format!("{name}, {role}"),
    second: "Confirm a colleague\u{2019}s work",
    role: "Act in another role",
};

const PERSON: PersonTexts = PersonTexts {
    photo: |name| format!("Photo on record of {name}"),
    no_photo: "No photo on record",
    labels: Labels {
        user_id: "User ID",
        roles: "Works as",
        number: "Card number",
        state: "State",
        valid_until: "Valid until",
        window: "Renewable from",
        used: "Self-renewals",
        cancelled: "Cancelled",
        sent: "Sent to",
        arrived: "Arrival recorded",
        plastic: "Plastic",
    },
    used: |used, limit| format!("{used} of {limit} since somebody compared the photo"),
    card: "Card",
    no_card: "None",
    expired: "Expired",
    pending: "New certificates waiting",
    pending_lead: |stamp| {
        format!(
            "Certificates valid until {stamp} were issued and wait to be written to the card. If \
             they were lost on the way, begin again with fresh keys: the count stays as it is."
        )
    },
    restart: "Begin again with fresh keys",
    can: "What you can do now",
    nothing: "Nothing, in the role you act in.",
    cannot: "What is not possible now, and why",
    who: |roles| format!("Who may do it: {roles}."),
    from: |day| format!("Possible from {day}."),
    closed: |stamp| format!("This profile was closed on {stamp}."),
    out_of_area: "Another registration authority looks after this person. You can help with the \
                  card in your hand; it is recorded as out of area.",
    herself: "This is your own card. Nobody does this work on their own card; you can only cancel it.",
    none: "None",
};

const WORK: WorkTexts = WorkTexts {
    title: |kind, name| match kind {
        "issue" => format!("Produce the card of {name}"),
        "renew" => format!("Renew the card of {name}"),
        "reissue" => format!("Reissue the card of {name}"),
        _ => format!("Repair the card of {name}"),
    },
    number: "Work number",
    until: "Open until",
    over: "The ten minutes of this work are over. Nothing has been issued.",
    again: "Begin again",
    attest: "1. Look at the person in front of you",
    attest_plain: "Look at the person in front of you",
    present: "The holder is here, with the card",
    compared: "I have compared the face with the photo",
    reason: "Why is it repaired?",
    reason_given: "Reason",
    reason_of_end: "Why does the card end?",
    go_on: "Continue",
    requests: "2. Requests from the card",
    requests_hint: "The card makes two keys and signs a request with each. Paste both requests here.",
    command: "Or let the card client do all of it, with the card in the reader:",
    nonce: "Number that both requests must carry (challenge password)",
    authentication: "Request of the sign-in key",
    signature: "Request of the signature key",
    issue: "Issue the certificates",
    second_needed: "The holder works for the registration authority. A colleague must look too, \
                    who opens \u{201c}Confirm a colleague\u{2019}s work\u{201d} under their own sign-in and types this number.",
    seconded: |name| format!("{name} has looked too and stands behind this."),
    look_again: "My colleague has confirmed it",
    issued: "The certificates are issued",
    issued_lead: "Write both to the card and read them back. Until you say so the old ones stand.",
    confirm: "They are on the card",
    receipt: "Done",
    receipt_lead: |kind| match kind {
        "issue" => "The card is produced. Its holder puts it to use with a passcode of their own.",
        "renew" => {
            "The card is renewed. The holder may renew it alone twice before somebody looks again."
        }
        "reissue" => "The card is reissued and works again. The holder chooses a new passcode.",
        _ => "Everything on the card is new. The holder chooses a new passcode.",
    },
    by: "Done by",
    second: "Confirmed by",
    at: "Begun",
    holder: "Holder",
    serial: |key| match key {
        "authentication" => "Sign-in certificate",
        _ => "Signature certificate",
    },
    print: "To keep it on paper, print this page.",
    to_card: "Back to the card",
};

const SECOND: SecondTexts = SecondTexts {
    title: "Confirm a colleague\u{2019}s work",
    lead: "When the holder works for the registration authority, two people compare the face with \
           the photo. Type the work number that your colleague reads to you.",
    label: "Work number",
    look: "Show it",
    begun: |name, stamp| format!("{name} began this work on {stamp}."),
    button: "I have looked too: confirm",
    done: "You stand behind this work now. Your colleague can go on.",
};

const NONE: NoneTexts = NoneTexts {
    title: "This role has no work at the card desk",
    lead: |role| format!("You are signed in as {role}."),
    title_none: "You have no role yet",
    lead_none: "You are signed in without a role, and nobody works at the card desk without one.",
    gives: "The sponsor of the organisation you work for gives roles. Your registration authority \
            tells you who that is.",
    roles: "Roles that have",
    again: "Sign in again and choose another role",
};

fn role(role: ActorRole) -> &'static str {
    match role {
        ActorRole::RaManager => "RA manager",
        ActorRole::RaAgentAdvanced => "RA agent (advanced)",
        ActorRole::RaAgent => "RA agent",
        ActorRole::Sponsor => "sponsor",
        ActorRole::IdChecker => "ID checker",
        ActorRole::LocalSmartcardAdmin => "local smartcard administrator",
        ActorRole::ServiceDesk => "service desk",
        ActorRole::PrivacyOfficer => "privacy officer",
        ActorRole::WardDeputy => "ward deputy",
        ActorRole::Holder => "the holder",
    }
}

fn state(state: CardState) -> &'static str {
    match state {
        CardState::Requested => "Requested",
        CardState::Produced => "Produced",
        CardState::Dispatched => "On its way",
        CardState::Active => "Active",
        CardState::Locked => "Locked",
        CardState::Cancelled => "Cancelled",
    }
}

fn plastic(state: PlasticState) -> &'static str {
    match state {
        PlasticState::Returned => "Returned",
        PlasticState::Destroyed => "Destroyed",
        PlasticState::Cleared => "Cleared for stock",
        PlasticState::Unaccounted => "Not accounted for",
    }
}

fn reason(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Lost => "Lost",
        CancelReason::Stolen => "Stolen",
        CancelReason::Damaged => "Damaged",
        CancelReason::NameChange => "The holder has a new name",
        CancelReason::Replaced => "Replaced by another card",
        CancelReason::Misused => "Somebody else used it",
        CancelReason::LeftHealthcare => "The holder left healthcare",
        CancelReason::NeverArrived => "It never arrived",
        CancelReason::IdentityClosed => "The profile is closed",
    }
}

fn repair(reason: RepairReason) -> &'static str {
    match reason {
        RepairReason::CorruptCertificates => "The certificates on the chip cannot be read",
        RepairReason::IssuingFault => "Issuing stopped half-way",
        RepairReason::CannotSignIn => "The card is read, but does not sign in",
    }
}
