//! Every text that a person reads, as fields of one type: a language with a missing text does not
//! compile (house decision 13). Texts with a name or a number in them are functions.
//!
//! How to write them: plain words, the cause first, then the next step, then who can help; never
//! "invalid", never blame, no abbreviation without its meaning.

pub mod any_hour;
pub mod apps;
pub mod deputies;
pub mod desk;
mod en;
pub mod federation;
pub mod invitations;
pub mod keys;
pub mod letters;
pub mod my;
mod start;
mod trouble;

use policies::time::Time;

use crate::messages::federation::FederationTexts;
use crate::signin::{Stop, TicketFault};
use policies::refusal::RefusalCode;

pub use en::EN;
use my::{FindRa, My, RenewalNotice};
pub use start::{SignOut, Start};
pub use trouble::TroubleTexts;

/// A catalogue in one language.
#[derive(Debug)]
pub struct Messages {
    /// The value of the `lang` attribute.
    pub lang: &'static str,
    /// The name of the service, in the header of every page.
    pub product: &'static str,
    /// What the service is, beside its name.
    pub tagline: &'static str,
    /// Name of the links in the header that lead away from one's own pages, for screen readers.
    pub leave: &'static str,
    /// First link of every page, for keyboards and screen readers.
    pub skip: &'static str,
    /// Who this is for, in the footer.
    pub audience: &'static str,
    /// Second line of the footer.
    pub privacy: &'static str,
    /// Heading of the copyable reference.
    pub reference: &'static str,
    /// What the reference is for.
    pub reference_why: &'static str,
    /// Heading of the list of steps.
    pub what_to_do: &'static str,
    /// Heading before the people who can help.
    pub who_can_help: &'static str,
    /// Heading of an error summary.
    pub problem: &'static str,
    /// Put before the page title when a form was not accepted.
    pub error_prefix: &'static str,
    /// A moment in words, in UK time.
    pub moment: fn(Time) -> String,
    /// The same with the name of the zone, for dates that are kept or printed.
    pub moment_with_zone: fn(Time) -> String,
    /// A day in words, in UK time.
    pub day: fn(Time) -> String,
    /// The sign-in page.
    pub methods: Methods,
    /// The drawer of demo cards.
    pub soft_card: SoftCard,
    /// "Continue as".
    pub continue_as: ContinueAs,
    /// The role picker.
    pub roles: Roles,
    /// The notice about a card that ends soon.
    pub renewal: RenewalNotice,
    /// The holder's own pages.
    pub my: My,
    /// Accounts of other organisations.
    pub federation: FederationTexts,
    /// Finding a registration authority.
    pub find_ra: FindRa,
    /// The start page.
    pub start: Start,
    /// Signing out.
    pub sign_out: SignOut,
    /// The pages for people who are not signed in.
    pub any_hour: any_hour::AnyHour,
    /// Password and authenticator app, and the list of ways to sign in.
    pub apps: apps::Apps,
    /// Links that a desk gives, and what it does to ways to sign in.
    pub invitations: invitations::Invitations,
    /// Deputies of wards.
    pub deputies: deputies::DeputyTexts,
    /// Security keys, Windows Hello and passkeys.
    pub keys: keys::Keys,
    /// Mails and text messages.
    pub letters: letters::Letters,
    /// The desk.
    pub desk: desk::DeskTexts,
    /// Refusals.
    pub refusals: Refusals,
    /// Everything else that goes wrong.
    pub trouble: TroubleTexts,
}

/// The page with every way to sign in.
#[derive(Debug)]
pub struct Methods {
    /// Title and `h1`.
    pub title: fn(&str) -> String,
    /// Below the heading.
    pub lead: &'static str,
    /// Name and hint of each way.
    pub way: fn(policies::signin::Method) -> WayText,
    /// Before the reason on a way that cannot be used now.
    pub unavailable: &'static str,
    /// This browser speaks with no security key or passkey.
    pub no_keys: &'static str,
    /// This device checks no PIN, finger or face of its own.
    pub no_platform: &'static str,
    /// Which ways need a script, for a browser without.
    pub noscript: &'static str,
    /// The application wants another way.
    pub not_enough: fn(&str) -> String,
    /// Above the ways of somebody who is signed in and must prove more: how she is signed in now,
    /// and the application.
    pub step_up: fn(&str, &str) -> String,
    /// Her own ways that are enough.
    pub step_up_with: fn(&[&'static str]) -> String,
    /// None of her ways is enough.
    pub step_up_without: &'static str,
    /// Button: back to the application as she is.
    pub without: fn(&str) -> String,
    /// The same where a page of ours asked.
    pub without_own: &'static str,
    /// On the way that this browser used last.
    pub last: &'static str,
    /// Shown when the person must prove herself again.
    pub again: &'static str,
    /// Heading of help.
    pub help_title: &'static str,
    /// Lines of help.
    pub help: [&'static str; 3],
}

/// What a way to sign in is called, and what to do for it.
#[derive(Debug, Clone, Copy)]
pub struct WayText {
    /// Its name, as the browser's own dialogue calls it where it does.
    pub name: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// The drawer of demo cards; only `matron dev` shows it.
#[derive(Debug)]
pub struct SoftCard {
    /// Heading.
    pub title: &'static str,
    /// What this is.
    pub hint: &'static str,
    /// Label of the list.
    pub card: &'static str,
    /// First entry of the list.
    pub pick: &'static str,
    /// Label of the passcode.
    pub passcode: &'static str,
    /// Where passcodes are written.
    pub passcode_hint: &'static str,
    /// The button.
    pub button: &'static str,
    /// No card of that name.
    pub unknown: &'static str,
    /// The passcode is wrong, with the tries left.
    pub wrong: fn(u8) -> String,
    /// The card's client could not reach the card listener.
    pub unreachable: &'static str,
}

/// "Continue as".
#[derive(Debug)]
pub struct ContinueAs {
    /// Title and `h1`.
    pub title: fn(&str) -> String,
    /// Below the heading, with the application.
    pub lead: fn(&str) -> String,
    /// The button.
    pub button: fn(&str) -> String,
    /// The other button.
    pub someone_else: &'static str,
    /// Said to people at shared computers.
    pub shared: &'static str,
    /// The session ends soon, with the moment.
    pub ends: fn(&str) -> String,
    /// Link: sign in again in place.
    pub renew: &'static str,
}

/// The role picker and the words for roles.
#[derive(Debug)]
pub struct Roles {
    /// Title and `h1`.
    pub title: &'static str,
    /// Below the heading, with the application.
    pub lead: fn(&str) -> String,
    /// Label of the search box.
    pub search: &'static str,
    /// Hint of the search box.
    pub search_hint: &'static str,
    /// The search button.
    pub search_button: &'static str,
    /// How many roles are shown of how many.
    pub count: fn(usize, usize) -> String,
    /// Nothing matches, with what was typed.
    pub none: fn(&str) -> String,
    /// Link that takes the search away.
    pub all: &'static str,
    /// The role that the session has now.
    pub current: &'static str,
    /// Until which day, when that is near.
    pub until: fn(&str) -> String,
    /// Name of the list for screen readers.
    pub list: &'static str,
    /// No role at all.
    pub no_role: &'static str,
    /// Above the roles that the authenticator in hand does not open.
    pub closed: &'static str,
    /// Why.
    pub closed_why: &'static str,
    /// The button to sign in with another.
    pub closed_other: &'static str,
    /// Of her roles that this application is not told of.
    pub untold: fn(&str) -> String,
}

/// A refusal in words.
#[derive(Debug)]
pub struct RefusalText {
    /// Title and `h1`.
    pub title: &'static str,
    /// Why.
    pub cause: &'static str,
    /// What to do, in order.
    pub steps: &'static [&'static str],
    /// Who can help.
    pub help: &'static str,
    /// The words of the link that tries again; empty when trying again cannot help.
    pub again: &'static str,
}

/// Something that went wrong, in words.
#[derive(Debug)]
pub struct Explanation {
    /// Title and `h1`.
    pub title: &'static str,
    /// Why.
    pub cause: &'static str,
    /// What to do.
    pub step: &'static str,
}

/// A text for each way a sign-in can be refused.
#[derive(Debug)]
pub struct Refusals {
    /// Link to the page with every way in.
    pub other_way: &'static str,
    /// Before the person's other ways in.
    pub other_methods: &'static str,
    /// Heading: she has no other way in.
    pub no_others: &'static str,
    /// Heading: what else she may have does not prove enough for this application.
    pub no_stronger: &'static str,
    /// Who helps then.
    pub no_others_help: &'static str,
    /// `no_certificate`.
    pub no_certificate: RefusalText,
    /// `certificate_untrusted`.
    pub certificate_untrusted: RefusalText,
    /// `certificate_wrong_purpose`.
    pub certificate_wrong_purpose: RefusalText,
    /// `certificate_unknown`.
    pub certificate_unknown: RefusalText,
    /// `identity_closed`.
    pub identity_closed: RefusalText,
    /// `card_cancelled`.
    pub card_cancelled: RefusalText,
    /// `card_locked`.
    pub card_locked: RefusalText,
    /// `card_not_active`.
    pub card_not_active: RefusalText,
    /// `certificate_revoked`.
    pub certificate_revoked: RefusalText,
    /// `certificate_superseded`.
    pub certificate_superseded: RefusalText,
    /// `certificate_not_yet_valid`.
    pub certificate_not_yet_valid: RefusalText,
    /// `certificate_expired`.
    pub certificate_expired: RefusalText,
    /// `role_not_held`.
    pub role_not_held: RefusalText,
    /// `busy`.
    pub busy: RefusalText,
    /// `clock_untrusted`.
    pub clock_untrusted: RefusalText,
    /// Another browser began this sign-in.
    pub ticket_other_browser: RefusalText,
    /// The hand-over was used, late, unknown or of another sign-in.
    pub ticket_used_up: RefusalText,
    /// The sign-in took too long or was finished.
    pub sign_in_over: RefusalText,
    /// Every other refusal of the law, by its code.
    pub acts: fn(RefusalCode) -> Option<&'static RefusalText>,
    /// For a code without words, which there is none of.
    pub other: RefusalText,
}

impl Refusals {
    /// The text for why a sign-in stopped.
    pub fn of(&self, stop: Stop) -> &RefusalText {
        match stop {
            Stop::Law(code) => self.of_law(code),
            Stop::Ticket(TicketFault::OtherBrowser) => &self.ticket_other_browser,
            Stop::Ticket(
                TicketFault::Unknown
                | TicketFault::OtherSignIn
                | TicketFault::Spent
                | TicketFault::Late,
            ) => &self.ticket_used_up,
            Stop::SignInOver => &self.sign_in_over,
        }
    }

    fn of_law(&self, code: RefusalCode) -> &RefusalText {
        match code {
            RefusalCode::NoCertificate => &self.no_certificate,
            RefusalCode::CertificateUntrusted => &self.certificate_untrusted,
            RefusalCode::CertificateWrongPurpose => &self.certificate_wrong_purpose,
            RefusalCode::CertificateUnknown => &self.certificate_unknown,
            RefusalCode::IdentityClosed => &self.identity_closed,
            RefusalCode::CardCancelled => &self.card_cancelled,
            RefusalCode::CardLocked => &self.card_locked,
            RefusalCode::CardNotActive => &self.card_not_active,
            RefusalCode::CertificateRevoked => &self.certificate_revoked,
            RefusalCode::CertificateSuperseded => &self.certificate_superseded,
            RefusalCode::CertificateNotYetValid => &self.certificate_not_yet_valid,
            RefusalCode::CertificateExpired => &self.certificate_expired,
            RefusalCode::RoleNotHeld => &self.role_not_held,
            RefusalCode::Busy => &self.busy,
            RefusalCode::ClockUntrusted => &self.clock_untrusted,
            code => (self.acts)(code).unwrap_or(&self.other),
        }
    }

    /// The text for a refused act; the words of signing in where an act is refused for the same.
    pub fn of_act(&self, code: RefusalCode) -> &RefusalText {
        match code {
            // Whoever signs in reads of herself; whoever acts may read of somebody else.
            RefusalCode::IdentityClosed => (self.acts)(code).unwrap_or(&self.identity_closed),
            code => self.of_law(code),
        }
    }
}
