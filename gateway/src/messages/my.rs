//! The texts of the holder's pages, of the notice before a card's end, and of finding a desk.

use enrolment::audit::Event;
use policies::card::{CardState, KeyRole};

/// The notice inside the renewal window.
#[derive(Debug)]
pub struct RenewalNotice {
    /// Title and `h1`, with the whole days left.
    pub title: fn(i64) -> String,
    /// When, with the zone.
    pub lead: fn(&str) -> String,
    /// How it is done.
    pub how: &'static str,
    /// The link.
    pub renew: &'static str,
    /// The link, for who cannot do it herself.
    pub what_to_bring: &'static str,
    /// The other button, with the whole days left.
    pub not_now: fn(i64) -> String,
    /// What comes afterwards, with the application.
    pub afterwards: fn(&str) -> String,
}

/// A page to read.
#[derive(Debug)]
pub struct Reading {
    /// Title and `h1`.
    pub title: &'static str,
    /// Below the heading.
    pub lead: &'static str,
    /// The lines.
    pub lines: &'static [&'static str],
}

/// The holder's pages.
#[derive(Debug)]
pub struct My {
    /// Name of the list of pages, for screen readers.
    pub pages: &'static str,
    /// Title and `h1` of the card page, and its link.
    pub card: &'static str,
    /// The same for somebody who has no card.
    pub profile: &'static str,
    /// Label.
    pub number: &'static str,
    /// Label.
    pub state_label: &'static str,
    /// The state in words.
    pub state: fn(CardState) -> &'static str,
    /// Added to the state where the certificates have ended.
    pub expired: &'static str,
    /// What a certificate is for, as the label of its end.
    pub certificate: fn(KeyRole) -> &'static str,
    /// "Ends …".
    pub ends: fn(&str) -> String,
    /// Label.
    pub window: &'static str,
    /// "Opens …".
    pub window_from: fn(&str) -> String,
    /// Label.
    pub renewals: &'static str,
    /// How many are left, in words.
    pub renewals_left: fn(u32) -> String,
    /// New certificates wait for the card.
    pub pending: &'static str,
    /// Heading.
    pub now: &'static str,
    /// She can renew it now.
    pub can_renew: &'static str,
    /// Link: renew.
    pub renew: &'static str,
    /// When it will be possible.
    pub opens_at: fn(&str) -> String,
    /// Link: the calendar file.
    pub calendar: &'static str,
    /// Heading: lost or stolen.
    pub lost: &'static str,
    /// What to do then.
    pub lost_help: &'static str,
    /// Link: cancel it at any hour.
    pub cancel_now: &'static str,
    /// She has no card.
    pub no_card: &'static str,

    /// Title and `h1` of the renewal page.
    pub renew_title: &'static str,
    /// Until when the card works now.
    pub renew_until: fn(&str) -> String,
    /// What will happen.
    pub renew_lead: &'static str,
    /// The steps before the command.
    pub renew_steps: &'static [&'static str],
    /// Link: to the card program's page on this computer.
    pub renew_go: &'static str,
    /// Before the command.
    pub renew_command: &'static str,
    /// While the card's client works.
    pub renew_begun: &'static str,
    /// New certificates are issued and not on the card yet.
    pub renew_pending: &'static str,
    /// Said while anything is written.
    pub renew_leave_card: &'static str,
    /// It is done.
    pub renew_done: &'static str,
    /// The button that loads the page again.
    pub renew_check: &'static str,
    /// Link: go on with the sign-in.
    pub renew_go_on: &'static str,
    /// The way for who has no client on this computer.
    pub renew_no_client: &'static str,

    /// Title and `h1` of the activity page, and its link.
    pub activity: &'static str,
    /// Below the heading.
    pub activity_lead: &'static str,
    /// There is nothing.
    pub activity_none: &'static str,
    /// Link to the next page.
    pub older: &'static str,
    /// Link to the first page.
    pub newest: &'static str,
    /// Heads of the table: when, what.
    pub activity_heads: [&'static str; 2],
    /// A line of the trail in words.
    pub event: fn(&Event) -> String,

    /// Title and `h1` of the sessions page, and its link.
    pub sessions: &'static str,
    /// Below the heading.
    pub sessions_lead: &'static str,
    /// Label of where a session was begun.
    pub where_label: &'static str,
    /// Where: browser and address.
    pub place: fn(Option<&str>, Option<&str>) -> String,
    /// Label of the authenticator that opened a session.
    pub with_label: &'static str,
    /// This browser's session.
    pub this_session: &'static str,
    /// Label.
    pub since: &'static str,
    /// Label.
    pub active: &'static str,
    /// Button: end this one, with when it began for screen readers.
    pub end_one: &'static str,
    /// Button: end all.
    pub end_all: &'static str,

    /// The terms.
    pub terms: Reading,
    /// Which version was accepted.
    pub terms_accepted: fn(Option<&str>) -> String,
    /// The rules for passcodes.
    pub passcode: Reading,
    /// Shortest, longest, wrong ones in a row.
    pub passcode_rule: fn(u32, u32, u32) -> String,
    /// The contact details.
    pub contact: Reading,
    /// The mail address.
    pub contact_mail: fn(Option<&str>) -> String,
    /// The mobile number.
    pub contact_mobile: fn(Option<&str>) -> String,
}

/// Finding a registration authority.
#[derive(Debug)]
pub struct FindRa {
    /// Link to the page.
    pub link: &'static str,
    /// Title and `h1`.
    pub title: &'static str,
    /// Below the heading.
    pub lead: &'static str,
    /// Label of the search box.
    pub search: &'static str,
    /// Its hint.
    pub hint: &'static str,
    /// The button.
    pub button: &'static str,
    /// Too short or too long to look for.
    pub too_short: &'static str,
    /// Nothing was found, with what was typed.
    pub none: fn(&str) -> String,
    /// Whose desk it is.
    pub looked_after: fn(&str) -> String,
    /// No desk is on record.
    pub no_desk: &'static str,
    /// Labels: hours, contact.
    pub labels: [&'static str; 2],
}
