//! The texts of the desk's pages.

use policies::access::ActorRole;
use policies::card::{CancelReason, CardState, PlasticState};
use policies::refusal::RefusalCode;
use policies::renewal::RepairReason;
use policies::time::Time;

/// The desk.
#[derive(Debug)]
pub struct DeskTexts {
    /// The name of these pages.
    pub name: &'static str,
    /// The same where one signs in for them.
    pub sign_in_name: &'static str,
    /// Link back to finding people.
    pub back: &'static str,
    /// Link back to where an act was asked from.
    pub go_back: &'static str,
    /// A moment with its time zone, in UK time.
    pub stamp: fn(Time) -> String,
    /// A role of a desk in words.
    pub role: fn(ActorRole) -> &'static str,
    /// A card's state in one or two words.
    pub state: fn(CardState) -> &'static str,
    /// What became of plastic.
    pub plastic: fn(PlasticState) -> &'static str,
    /// Why a card is cancelled.
    pub reason: fn(CancelReason) -> &'static str,
    /// Why a card is repaired.
    pub repair: fn(RepairReason) -> &'static str,
    /// Why something is not offered, in one sentence.
    pub why: fn(RefusalCode) -> &'static str,
    /// What can be done, by its word.
    pub act: fn(&str) -> &'static ActText,
    /// Finding people.
    pub find: FindTexts,
    /// A person and her card.
    pub person: PersonTexts,
    /// A work.
    pub work: WorkTexts,
    /// Standing behind a colleague's work.
    pub second: SecondTexts,
    /// No desk role.
    pub none: NoneTexts,
}

/// One thing that a desk can do.
#[derive(Debug)]
pub struct ActText {
    /// On the button.
    pub button: &'static str,
    /// What it is, where it is not offered.
    pub name: &'static str,
    /// Title and `h1` of its page.
    pub title: &'static str,
    /// What happens, before it is done.
    pub lead: &'static str,
    /// What has happened.
    pub done: &'static str,
}

/// Finding people.
#[derive(Debug)]
pub struct FindTexts {
    /// Title and `h1`.
    pub title: &'static str,
    /// Label of the field.
    pub label: &'static str,
    /// What can be typed.
    pub hint: &'static str,
    /// The button.
    pub button: &'static str,
    /// Nobody, with what was typed.
    pub none: fn(&str) -> String,
    /// What to do then.
    pub none_next: &'static str,
    /// How many.
    pub count: fn(usize, bool) -> String,
    /// Name of the list.
    pub list: &'static str,
    /// No card.
    pub no_card: &'static str,
    /// Closed profile.
    pub closed: &'static str,
    /// Of another registration authority.
    pub out_of_area: &'static str,
    /// Who acts, in which role.
    pub acting: fn(&str, &str) -> String,
    /// Link to the second person's page.
    pub second: &'static str,
    /// Link to choose another role.
    pub role: &'static str,
}

/// A person and her card.
#[derive(Debug)]
pub struct PersonTexts {
    /// Text of the photo.
    pub photo: fn(&str) -> String,
    /// There is no photo on record.
    pub no_photo: &'static str,
    /// Labels of the facts, in the order of the page.
    pub labels: Labels,
    /// How many of how many.
    pub used: fn(u32, u32) -> String,
    /// Heading of the card.
    pub card: &'static str,
    /// She has no card.
    pub no_card: &'static str,
    /// Beside the state: its certificates have ended.
    pub expired: &'static str,
    /// Beside the state: new certificates wait.
    pub pending: &'static str,
    /// What a pending set needs.
    pub pending_lead: fn(&str) -> String,
    /// The button that begins it again.
    pub restart: &'static str,
    /// Heading of what can be done.
    pub can: &'static str,
    /// There is nothing.
    pub nothing: &'static str,
    /// Heading of what cannot.
    pub cannot: &'static str,
    /// Before the roles that may.
    pub who: fn(&str) -> String,
    /// The day from which it can be done.
    pub from: fn(&str) -> String,
    /// Her profile is closed.
    pub closed: fn(&str) -> String,
    /// Another authority looks after her.
    pub out_of_area: &'static str,
    /// It is herself.
    pub herself: &'static str,
    /// Nothing of the kind.
    pub none: &'static str,
}

/// Labels of facts.
#[derive(Debug)]
pub struct Labels {
    /// Her 12 digits.
    pub user_id: &'static str,
    /// What she does, and where.
    pub roles: &'static str,
    /// The number on the plastic.
    pub number: &'static str,
    /// Where the card is in its life.
    pub state: &'static str,
    /// The last second.
    pub valid_until: &'static str,
    /// The first second of the window.
    pub window: &'static str,
    /// Self-renewals.
    pub used: &'static str,
    /// When and why it ended.
    pub cancelled: &'static str,
    /// Where it was sent.
    pub sent: &'static str,
    /// When it arrived.
    pub arrived: &'static str,
    /// What became of the plastic.
    pub plastic: &'static str,
}

/// A work, from its number to its receipt.
#[derive(Debug)]
pub struct WorkTexts {
    /// Title and `h1`, by the word of the kind, with the name.
    pub title: fn(&str, &str) -> String,
    /// Label of its number.
    pub number: &'static str,
    /// Label of its last second.
    pub until: &'static str,
    /// It is over.
    pub over: &'static str,
    /// Begin again.
    pub again: &'static str,
    /// Heading of the attestation.
    pub attest: &'static str,
    /// The same where it stands alone.
    pub attest_plain: &'static str,
    /// First tick box.
    pub present: &'static str,
    /// Second tick box.
    pub compared: &'static str,
    /// Legend of the reasons of a repair.
    pub reason: &'static str,
    /// Label of the reason that was chosen.
    pub reason_given: &'static str,
    /// Legend of the reasons of a cancellation.
    pub reason_of_end: &'static str,
    /// The button to the next step.
    pub go_on: &'static str,
    /// Heading of the requests.
    pub requests: &'static str,
    /// How the requests come here.
    pub requests_hint: &'static str,
    /// Before the command that does it all.
    pub command: &'static str,
    /// Label of the nonce.
    pub nonce: &'static str,
    /// Label of the first request.
    pub authentication: &'static str,
    /// Label of the second.
    pub signature: &'static str,
    /// The button.
    pub issue: &'static str,
    /// A second person is needed.
    pub second_needed: &'static str,
    /// A second person stands behind it, by name.
    pub seconded: fn(&str) -> String,
    /// The button that looks again.
    pub look_again: &'static str,
    /// Heading once it has issued.
    pub issued: &'static str,
    /// What to do with the certificates.
    pub issued_lead: &'static str,
    /// The button that confirms.
    pub confirm: &'static str,
    /// Title and `h1` of the receipt.
    pub receipt: &'static str,
    /// What the receipt says, by the word of the kind.
    pub receipt_lead: fn(&str) -> &'static str,
    /// Label of who acted.
    pub by: &'static str,
    /// Label of the second one.
    pub second: &'static str,
    /// Label of when.
    pub at: &'static str,
    /// Label of the holder.
    pub holder: &'static str,
    /// Label of a serial number, by the word of its key.
    pub serial: fn(&str) -> &'static str,
    /// How it is printed.
    pub print: &'static str,
    /// Back to her card.
    pub to_card: &'static str,
}

/// Standing behind a colleague's work.
#[derive(Debug)]
pub struct SecondTexts {
    /// Title and `h1`.
    pub title: &'static str,
    /// What it is for.
    pub lead: &'static str,
    /// Label of the field.
    pub label: &'static str,
    /// The button that looks.
    pub look: &'static str,
    /// Who began it, and when.
    pub begun: fn(&str, &str) -> String,
    /// The button that confirms.
    pub button: &'static str,
    /// It is done.
    pub done: &'static str,
}

/// No desk role.
#[derive(Debug)]
pub struct NoneTexts {
    /// Title and `h1`.
    pub title: &'static str,
    /// With the role of the session.
    pub lead: fn(&str) -> String,
    /// Title and `h1` for somebody who has none at all.
    pub title_none: &'static str,
    /// Without any.
    pub lead_none: &'static str,
    /// Who gives roles.
    pub gives: &'static str,
    /// Heading of the roles that would.
    pub roles: &'static str,
    /// Link to choose another role.
    pub again: &'static str,
}
