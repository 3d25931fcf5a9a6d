//! The numbers of the law, and its access table: one versioned file, `policy.toml`, read whole or
//! refused with every problem at once. A certificate's own dates always win over today's policy
//! (contract 7, E31, E32).

mod limits;
mod problem;
mod reader;

use std::collections::{BTreeMap, BTreeSet};

pub use limits::{PasscodeLimits, SessionLimits};
pub use problem::PolicyProblem;

use crate::access::{ActorRole, Task};
use crate::signin::Aal;
use crate::time::Span;
use reader::Reader;

/// Slots that the register has for each in-person act: its schema refuses a third, whatever a
/// policy says (invariant I4).
const MOST_SELF_RENEWALS: u32 = 2;

const DEFAULT_FILE: &str = include_str!("../policy.toml");

/// The policy in force: read-only, sound by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    version: String,
    validity_months: u32,
    window: Span,
    sponsor_window: Span,
    self_renewals: u32,
    pending_life: Span,
    passcode: PasscodeLimits,
    code_life: Span,
    codes_per_hour: u32,
    code_tries: u32,
    contact_hold: Span,
    contact_fresh: Span,
    authenticator_fresh: Span,
    authenticators: u32,
    authenticator_cooldown: Span,
    temporary_life: Span,
    temporary_every: Span,
    invitation_life: Span,
    unused_months: u32,
    deputy_longest: Span,
    guesses_per_hour: u32,
    guesses_per_address: u32,
    guess_delay: Span,
    terms_version: String,
    aal3: SessionLimits,
    aal2: SessionLimits,
    continue_unasked: Span,
    two_places: Span,
    sessions: u32,
    longest_absence_months: u32,
    recheck_after_years: u32,
    tolerated_step_back: Span,
    tolerated_step_ahead: Span,
    access: BTreeMap<Task, Vec<ActorRole>>,
    any_area: BTreeSet<Task>,
}

impl Policy {
    /// The policy that this program carries.
    ///
    /// # Panics
    /// Never: the file is compiled in, and a test reads it.
    #[expect(
        clippy::expect_used,
        reason = "the file is compiled in, and a test reads it"
    )]
    pub fn default_file() -> Self {
        Self::parse(DEFAULT_FILE).expect("the policy compiled into the program is sound")
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// Every problem of the file, in the order of the default file (law V1, V2; E43).
    pub fn parse(text: &str) -> Result<Self, Vec<PolicyProblem>> {
        let mut file = Reader::open(text)?;
        let policy = Self {
            version: file.text("version"),
            validity_months: file.number("certificate.validity_months", 1..=120),
            window: days(file.number("renewal.window_days", 1..=1_800)),
            sponsor_window: days(file.number("renewal.sponsor_window_days", 1..=1_800)),
            self_renewals: file.number("renewal.self_renewals_in_a_row", 0..=MOST_SELF_RENEWALS),
            pending_life: days(file.number("renewal.pending_days", 1..=90)),
            passcode: PasscodeLimits {
                shortest: file.number("passcode.shortest", 4..=12),
                longest: file.number("passcode.longest", 4..=12),
                wrong_attempts: file.number("passcode.wrong_attempts", 1..=10),
            },
            code_life: minutes(file.number("code.life_minutes", 1..=60)),
            codes_per_hour: file.number("code.per_hour", 1..=100),
            code_tries: file.number("code.tries", 1..=10),
            contact_hold: hours(file.number("contact.hold_hours", 1..=720)),
            contact_fresh: minutes(file.number("contact.fresh_minutes", 1..=720)),
            authenticator_fresh: minutes(file.number("authenticator.fresh_minutes", 1..=60)),
            authenticators: file.number("authenticator.most", 1..=50),
            authenticator_cooldown: hours(file.number("authenticator.desk_after_hours", 0..=720)),
            temporary_life: hours(file.number("authenticator.temporary_hours", 1..=48)),
            temporary_every: days(file.number("authenticator.temporary_every_days", 1..=90)),
            invitation_life: minutes(file.number("authenticator.invitation_minutes", 1..=60)),
            unused_months: file.number("authenticator.unused_months", 1..=60),
            deputy_longest: days(file.number("deputy.longest_days", 1..=1_100)),
            guesses_per_hour: file.number("guessing.tries_per_hour", 1..=20),
            guesses_per_address: file.number("guessing.tries_per_hour_and_address", 10..=50_000),
            guess_delay: seconds(file.number("guessing.delay_seconds", 0..=60)),
            terms_version: file.text("terms.version"),
            aal3: session(
                &mut file,
                "session.aal3_longest_minutes",
                "session.aal3_idle_minutes",
            ),
            aal2: session(
                &mut file,
                "session.aal2_longest_minutes",
                "session.aal2_idle_minutes",
            ),
            two_places: minutes(file.number("session.two_places_minutes", 1..=720)),
            sessions: file.number("session.most", 1..=100),
            continue_unasked: minutes(file.number("session.continue_unasked_minutes", 0..=720)),
            longest_absence_months: file.number("absence.longest_months", 1..=24),
            recheck_after_years: file.number("profile.recheck_after_years", 1..=10),
            tolerated_step_back: seconds(file.number("clock.step_back_seconds", 1..=3_600)),
            tolerated_step_ahead: hours(file.number("clock.step_ahead_hours", 1..=720)),
            access: file.access_table(),
            any_area: file.tasks_in_presence("reach.any_area"),
        };
        let offer = minutes(file.number("session.offer_before_end_minutes", 1..=719));
        let policy = policy.with_offer(offer);
        let contradictions = policy.contradictions();
        file.close(contradictions)?;
        Ok(policy)
    }

    fn with_offer(mut self, offer_before_end: Span) -> Self {
        self.aal3.offer_before_end = offer_before_end;
        self.aal2.offer_before_end = offer_before_end;
        self
    }

    /// What is wrong with values that are each within their range.
    fn contradictions(&self) -> Vec<PolicyProblem> {
        let shortest_validity = shortest_days(self.validity_months);
        let window = self.window.as_seconds() / 86_400;
        let mut found = Vec::new();
        if window * 2 >= shortest_validity {
            found.push(PolicyProblem::WindowTooLong {
                window,
                shortest_validity,
            });
        }
        if self.sponsor_window > self.window {
            found.push(PolicyProblem::SponsorBeforeHolder);
        }
        if self.passcode.shortest > self.passcode.longest {
            found.push(PolicyProblem::PasscodeLengthsCrossed);
        }
        for limits in [self.aal3, self.aal2] {
            if limits.idle >= limits.longest || limits.offer_before_end >= limits.longest {
                found.push(PolicyProblem::SessionLimitsCrossed);
            }
        }
        found
    }

    /// This policy with a sponsor's window of at most `days`: a local policy may narrow it (X13).
    pub fn with_sponsor_window_at_most(mut self, days: u32) -> Self {
        self.sponsor_window = self.sponsor_window.min(Span::days(i64::from(days.max(1))));
        self
    }

    /// The version that decisions cite.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Calendar months from the first second of a certificate (X2).
    pub const fn validity_months(&self) -> u32 {
        self.validity_months
    }

    /// How long before the last second of a certificate renewal opens.
    pub const fn window(&self) -> Span {
        self.window
    }

    /// The same for an actor who is nothing but a sponsor (X13).
    pub const fn sponsor_window(&self) -> Span {
        self.sponsor_window
    }

    /// How many self-renewals in a row are allowed (X3).
    pub const fn self_renewals(&self) -> u32 {
        self.self_renewals
    }

    /// How long an issued set waits for its confirmation (T14).
    pub const fn pending_life(&self) -> Span {
        self.pending_life
    }

    /// The form of a passcode.
    pub const fn passcode(&self) -> PasscodeLimits {
        self.passcode
    }

    /// How long a one-time code lives (T6).
    pub const fn code_life(&self) -> Span {
        self.code_life
    }

    /// How many one-time codes a person may ask for within an hour (T6).
    pub const fn codes_per_hour(&self) -> u32 {
        self.codes_per_hour
    }

    /// How often one code may be typed in wrong before it is dead (T6).
    pub const fn code_tries(&self) -> u32 {
        self.code_tries
    }

    /// How long a changed address gets no codes, and the old one still every notice (attack table
    /// 40).
    pub const fn contact_hold(&self) -> Span {
        self.contact_hold
    }

    /// Below AAL3, how soon after a proof an address may be changed.
    pub const fn contact_fresh(&self) -> Span {
        self.contact_fresh
    }

    /// How soon after a proof an authenticator may be added or taken away.
    pub const fn authenticator_fresh(&self) -> Span {
        self.authenticator_fresh
    }

    /// How many authenticators a person may have, the card not counted.
    pub const fn authenticators(&self) -> u32 {
        self.authenticators
    }

    /// How long after it was added an authenticator opens no desk (law G24).
    pub const fn authenticator_cooldown(&self) -> Span {
        self.authenticator_cooldown
    }

    /// How long a temporary authenticator lasts.
    pub const fn temporary_life(&self) -> Span {
        self.temporary_life
    }

    /// How long until a temporary one may be given again without a registration authority.
    pub const fn temporary_every(&self) -> Span {
        self.temporary_every
    }

    /// How long a link works that a desk gives in a meeting.
    pub const fn invitation_life(&self) -> Span {
        self.invitation_life
    }

    /// After how many calendar months without use an authenticator is shown to the desk.
    pub const fn unused_months(&self) -> u32 {
        self.unused_months
    }

    /// How long somebody is named the deputy of a ward at most.
    pub const fn deputy_longest(&self) -> Span {
        self.deputy_longest
    }

    /// How many wrong passwords or codes of a person are judged in an hour.
    pub const fn guesses_per_hour(&self) -> u32 {
        self.guesses_per_hour
    }

    /// How many wrong passwords or codes from one address are judged in an hour, of anybody, in browsers
    /// that they never signed in from.
    pub const fn guesses_per_address(&self) -> u32 {
        self.guesses_per_address
    }

    /// How long the next try waits after the second wrong one; doubles with each.
    pub const fn guess_delay(&self) -> Span {
        self.guess_delay
    }

    /// The version of the terms of use that holders accept (X8).
    pub fn terms_version(&self) -> &str {
        &self.terms_version
    }

    /// How long a session at this level lasts. Nothing signs in below AAL2; if it did, the
    /// limits of AAL2 would hold.
    pub const fn session_limits(&self, aal: Aal) -> SessionLimits {
        match aal {
            Aal::Aal3 => self.aal3,
            Aal::Aal2 | Aal::Aal1 => self.aal2,
        }
    }

    /// How lately another session must have been used for its person to count as being in two
    /// places (law S8).
    pub const fn two_places(&self) -> Span {
        self.two_places
    }

    /// How many sessions of one person live at once (law S10); at least one.
    pub const fn sessions(&self) -> u32 {
        self.sessions
    }

    /// How long after her proof a person goes on in another application without being asked
    /// (contract 4.3); nothing where everybody is always asked.
    pub const fn continue_unasked(&self) -> Span {
        self.continue_unasked
    }

    /// The longest absence, in calendar months, after which positions come back (X19).
    pub const fn longest_absence_months(&self) -> u32 {
        self.longest_absence_months
    }

    /// How many years after closing a profile may be reopened on the old identity check (T19).
    pub const fn recheck_after_years(&self) -> u32 {
        self.recheck_after_years
    }

    /// How far behind the highest instant seen the clock may be while anything is signed (E25).
    pub const fn tolerated_step_back(&self) -> Span {
        self.tolerated_step_back
    }

    /// How far ahead of the newest audit line the clock may be while anything is signed (E26).
    pub const fn tolerated_step_ahead(&self) -> Span {
        self.tolerated_step_ahead
    }

    /// The roles in this row of the access table, in the file's order.
    pub fn roles_for(&self, task: Task) -> &[ActorRole] {
        self.access.get(&task).map_or(&[], Vec::as_slice)
    }

    /// Whether the role suffices in any registration authority, the holder being present.
    pub fn is_open_to_any_area(&self, task: Task) -> bool {
        self.any_area.contains(&task)
    }
}

fn session(file: &mut Reader, longest: &'static str, idle: &'static str) -> SessionLimits {
    SessionLimits {
        longest: minutes(file.number(longest, 1..=1_440)),
        idle: minutes(file.number(idle, 1..=1_440)),
        offer_before_end: Span::ZERO,
    }
}

/// A number of days that so many calendar months never fall short of.
fn shortest_days(months: u32) -> i64 {
    i64::from(months / 12) * 365 + i64::from(months % 12) * 28
}

fn days(n: u32) -> Span {
    Span::days(i64::from(n))
}

fn hours(n: u32) -> Span {
    Span::hours(i64::from(n))
}

fn minutes(n: u32) -> Span {
    Span::minutes(i64::from(n))
}

fn seconds(n: u32) -> Span {
    Span::seconds(i64::from(n))
}

#[cfg(test)]
mod tests;
