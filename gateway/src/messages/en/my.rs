//! English: the holder's pages.

mod events;

use policies::card::{CardState, KeyRole};

use crate::messages::my::{FindRa, My, Reading, RenewalNotice};

fn days(left: i64) -> String {
    match left {
        ..=0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        left => format!("{left} days"),
    }
}

pub(super) const RENEWAL: RenewalNotice = RenewalNotice {
    title: |left| format!("Your smartcard ends in {}", days(left)),
    lead: |moment| {
        format!(
            "It signs you in for the last time {moment}. Renewed before then, it goes on for three \
             more years. After that it needs a visit to your registration authority."
        )
    },
    how: "You can renew it yourself now, at this computer, with the card in the reader. It takes \
          about two minutes.",
    renew: "Renew now",
    what_to_bring: "See what to do",
    not_now: |left| format!("Not now ({} left)", days(left)),
    afterwards: |client| format!("Either way you can go on to {client}."),
};

pub(super) const MY: My = My {
    pages: "Your pages",
    card: "My card",
    profile: "My profile",
    number: "Card number",
    state_label: "State",
    state: state_words,
    expired: "expired",
    certificate: |role| match role {
        KeyRole::Authentication => "Signing in",
        KeyRole::Signature => "Signing documents",
    },
    ends: |moment| format!("Ends {moment}"),
    window: "Renewal",
    window_from: |moment| format!("Window opens {moment}"),
    renewals: "Self-renewals",
    renewals_left: |left| match left {
        0 => "None left: the next time, somebody must see you with your card".to_owned(),
        1 => "You can renew it yourself once more; then somebody must see you with your card"
            .to_owned(),
        left => format!(
            "You can renew it yourself {left} more times; then somebody must see you with your card"
        ),
    },
    pending: "New certificates are waiting for this card. Put it in the reader and finish the \
              renewal, or sign in with the new certificate: its first use finishes it.",
    now: "What you can do now",
    can_renew: "You can renew your card yourself now. It takes about two minutes.",
    renew: "Renew my card",
    opens_at: |moment| format!("Renewing opens {moment}."),
    calendar: "Put both dates in my calendar",
    lost: "Lost or stolen?",
    lost_help: "Cancel the card at once, at any hour: whoever has it can then do nothing with it. \
                Your registration authority gives you a new one.",
    cancel_now: "Cancel a lost or stolen card",
    no_card: "You have no smartcard. Your registration authority can give you one.",

    renew_title: "Renew my card",
    renew_until: |moment| format!("Your card works until the end {moment}."),
    renew_lead: "Your card makes two new keys and gets two new certificates, valid for three \
                 years. The old ones keep working until the new ones are safely on the card, so \
                 you can be interrupted at any time.",
    renew_steps: &[
        "Leave your card in the reader.",
        "Open the card program on this computer, or type the command below. It asks for your \
         passcode.",
        "Choose \u{201c}Go to my card program\u{201d} here, and \u{201c}Renew now\u{201d} there. You \
         come back to this page.",
    ],
    renew_go: "Go to my card program",
    renew_command: "The command, and the one that does it all in the terminal:",
    renew_begun: "Your card program has begun. Nothing is issued yet.",
    renew_pending: "Your new certificates are issued and on their way to the card. The old ones \
                    still work. If you were interrupted, open the card program again: it goes on \
                    where it stopped.",
    renew_leave_card: "Do not take the card out until this page says that it is done.",
    renew_done: "Your card is renewed. There is nothing more to do.",
    renew_check: "Check progress",
    renew_go_on: "Go on signing in",
    renew_no_client: "No card program on this computer? Use a computer that has one, or ask your \
                      registration authority: they can renew it with you at their desk.",

    activity: "Recent activity",
    activity_lead: "What happened with your card and your sign-ins. If you see something that was \
                    not you, tell your registration authority or IT service desk today.",
    activity_none: "Nothing is on record yet.",
    older: "Older",
    newest: "Newest",
    activity_heads: ["When", "What"],
    event: events::words,

    sessions: "Where you are signed in",
    where_label: "Where",
    place: |browser, address| {
        let browser = browser.unwrap_or("A browser that does not say which");
        match address {
            Some(address) => format!("{browser}, from {address}"),
            None => browser.to_owned(),
        }
    },
    with_label: "Signed in with",
    sessions_lead: "Each line is a browser in which you are signed in now. End those that you do \
                    not use; applications that rest on them lose access at once.",
    this_session: "This browser",
    since: "Signed in",
    active: "Last active",
    end_one: "End this session",
    end_all: "Sign out everywhere",

    terms: Reading {
        title: "Terms of use",
        lead: "What you agree to when you use a smartcard. In short: the card is you.",
        lines: &[
            "Your card and its passcode are for you alone. Nobody may ask you to share them, and \
             you do not lend them, not even for a minute.",
            "Work only in the role that you chose when you signed in, and only for patients you \
             look after or have another good reason to look up.",
            "Take the card out of the reader when you leave the computer.",
            "Report a lost, stolen or damaged card at once, and whatever looks wrong in your \
             activity.",
            "Everything you do with the card is recorded under your name.",
            "Renew the card in time, and hand it back when you leave healthcare.",
        ],
    },
    terms_accepted: |version| match version {
        Some(version) => format!("You accepted version {version} of these terms."),
        None => "You have not accepted these terms yet.".to_owned(),
    },
    passcode: Reading {
        title: "Passcode rules",
        lead: "The passcode opens your card. It never leaves the card, and nobody at a desk can \
               see it.",
        lines: &[
            "Do not use a birthday, a telephone number, your user ID, or a row such as 123456.",
            "Do not write it down where the card is.",
            "If somebody may have seen it, change it with your card program.",
            "A locked card gets a new passcode with a code sent to you, or at a desk. Your end dates \
             stay as they are.",
        ],
    },
    passcode_rule: |shortest, longest, wrong| {
        format!("It has {shortest} to {longest} digits. {wrong} wrong ones in a row lock the card.")
    },
    contact: Reading {
        title: "Contact details",
        lead: "Notices about your card and your ways to sign in go here.",
        lines: &[
            "If an address or a number is wrong or missing, ask your registration authority to \
             correct it: without one you get no notices.",
        ],
    },
    contact_mail: |mail| match mail {
        Some(mail) => format!("E-mail: {mail}"),
        None => "E-mail: none on record".to_owned(),
    },
    contact_mobile: |mobile| match mobile {
        Some(mobile) => format!("Mobile: {mobile}"),
        None => "Mobile: none on record".to_owned(),
    },
};

pub(super) const FIND_RA: FindRa = FindRa {
    link: "Find your registration authority",
    title: "Find your registration authority",
    lead: "The registration authority looks after smartcards: new ones, expired ones, locked ones. \
           Look for the organisation where you work.",
    search: "Organisation",
    hint: "Part of its name, or its code. At least three letters.",
    button: "Search",
    too_short: "Type at least three letters of the name, or the code",
    none: |typed| format!("No organisation matches \u{201c}{typed}\u{201d}."),
    looked_after: |desk| format!("Looked after by {desk}"),
    no_desk: "No desk is on record. Ask your line manager or IT service desk.",
    labels: ["Open", "Where"],
};

const fn state_words(state: CardState) -> &'static str {
    match state {
        CardState::Requested => "Requested, not made yet",
        CardState::Produced => "Made, not handed over yet",
        CardState::Dispatched => "On its way to you",
        CardState::Active => "Active",
        CardState::Locked => "Locked",
        CardState::Cancelled => "Cancelled for ever",
    }
}
