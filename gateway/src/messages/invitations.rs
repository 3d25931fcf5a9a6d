//! The texts of links that a desk gives for adding a way to sign in, and of what a desk does to the
//! ways to sign in of somebody else.

use policies::invitation::DeskReason;
use policies::signin::Aal;
use policies::time::Time;

/// All of them.
#[derive(Debug)]
pub struct Invitations {
    /// Title and `h1` of the page that a link leads to.
    pub link: &'static str,
    /// What it will do.
    pub link_lines: &'static [&'static str],
    /// The button that opens it in this browser.
    pub open: &'static str,
    /// Title and `h1` of the visit.
    pub visit: &'static str,
    /// Whose it is, by name.
    pub whose: fn(&str) -> String,
    /// It is for one shift, until then.
    pub until: fn(&str) -> String,
    /// Until when the visit lasts.
    pub finish_by: fn(&str) -> String,
    /// The button that begins with an app.
    pub app: &'static str,
    /// Link from one kind to the choice of all.
    pub other: &'static str,
    /// Title and `h1` once it is done.
    pub done: &'static str,
    /// What to do then.
    pub done_lead: &'static str,
    /// The link to the start page.
    pub sign_in: &'static str,

    /// Title and `h1` of the link at the desk, with the name.
    pub given: fn(&str) -> String,
    /// What to do with it.
    pub given_lead: &'static str,
    /// Name of the picture for screen readers.
    pub picture: &'static str,
    /// Label of the link in letters.
    pub address: &'static str,
    /// Label of its last second.
    pub works_until: &'static str,
    /// Label of the last second of what it adds.
    pub ends: &'static str,
    /// Back to her page.
    pub back: &'static str,
    /// First tick box of a meeting without a card.
    pub present: &'static str,

    /// Heading of the ways to sign in at the desk.
    pub ways: &'static str,
    /// Label of one of them.
    pub way: &'static str,
    /// There are none.
    pub none: &'static str,
    /// What a key is for, in a visit.
    pub key_lead: &'static str,
    /// What a key will open that is added in a visit, for good.
    pub key_opens: &'static str,
    /// The same for one shift.
    pub key_opens_for_a_shift: &'static str,
    /// Beside the state: temporary, until then or ended then, seen from now.
    pub temporary: fn(Time, Time) -> String,
    /// The level in a few words.
    pub level: fn(Aal) -> &'static str,
    /// Why a desk stops one or takes it away.
    pub reason: fn(DeskReason) -> &'static str,
    /// Legend of the reasons.
    pub why: &'static str,
    /// It is the last one.
    pub last: &'static str,

    /// Title, `h1` and link of the report.
    pub unused: &'static str,
    /// Below the heading, with the months.
    pub unused_lead: fn(u32) -> String,
    /// There are none.
    pub unused_none: &'static str,
    /// Never used.
    pub never: &'static str,
    /// Link to the next page.
    pub more: &'static str,
}
