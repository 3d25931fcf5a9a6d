//! How often each kind of step was answered in which way.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::law::Ground;
use super::resolve::Deed;
use super::state::{Gave, Said};

type Counts = BTreeMap<(&'static str, &'static str), u64>;

static ALL: Mutex<Counts> = Mutex::new(BTreeMap::new());

static HISTORIES: AtomicU64 = AtomicU64::new(0);

/// One more history agreed.
pub(super) fn one_more_history() {
    HISTORIES.fetch_add(1, Ordering::Relaxed);
}

/// So many histories of this run agreed.
pub(super) fn histories() -> u64 {
    HISTORIES.load(Ordering::Relaxed)
}

/// Every refusal that a card can meet between its request and its end. Not among them: what only a
/// handshake, a passcode on the card or another authenticator can meet, and what no fact of this
/// house leads to yet (`series_end_of_life`; an address that ends with a code under way).
const OF_CARDS: [&str; 43] = [
    "actor_is_subject",
    "actor_out_of_scope",
    "actor_role_missing",
    "address_not_allowed",
    "busy",
    "card_active",
    "card_cancelled",
    "card_locked",
    "card_not_active",
    "card_serial_reused",
    "certificate_expired",
    "certificate_not_expired",
    "certificate_not_yet_valid",
    "certificate_revoked",
    "certificate_superseded",
    "certificate_wrong_purpose",
    "clock_untrusted",
    "code_expired",
    "code_wrong",
    "holder_not_present",
    "idempotency_key_reused",
    "identity_closed",
    "identity_not_verified",
    "identity_recheck_needed",
    "issuer_expires_first",
    "key_not_acceptable",
    "key_reused",
    "live_card_exists",
    "not_found",
    "nothing_pending",
    "pair_superseded",
    "proof_of_possession_failed",
    "reason_missing",
    "receipt_not_confirmed",
    "renewal_in_progress",
    "renewal_window_not_open",
    "role_not_held",
    "second_actor_needed",
    "self_renewal_limit_reached",
    "serial_mismatch",
    "terms_not_accepted",
    "too_many_codes",
    "key_did_not_sign",
];

/// The counts of one history.
#[derive(Default)]
pub(super) struct Tally(Counts);

impl Tally {
    pub(super) fn count(&mut self, deed: Deed, said: &Said) {
        let answer = match said {
            Err(code) => code,
            Ok(Gave::Stage(stage)) => stage,
            Ok(Gave::Code(false)) => "no code",
            Ok(_) => "done",
        };
        self.one(deed.name(), answer);
    }

    pub(super) fn one(&mut self, step: &'static str, answer: &'static str) {
        *self.0.entry((step, answer)).or_default() += 1;
    }

    /// Adds them to those of the whole run.
    pub(super) fn keep(self) {
        let mut all = ALL.lock().unwrap();
        for (what, count) in self.0 {
            *all.entry(what).or_default() += count;
        }
    }
}

/// Prints all counts; answers the refusals that were never met.
pub(super) fn print() -> Vec<&'static str> {
    let all = ALL.lock().unwrap();
    let mut steps: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    for ((step, answer), count) in all.iter() {
        steps.entry(step).or_default().push((answer, *count));
    }
    for (step, mut answers) in steps {
        answers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let total: u64 = answers.iter().map(|(_, count)| count).sum();
        let answers: Vec<_> = answers
            .iter()
            .map(|(answer, count)| format!("{answer} {count}"))
            .collect();
        println!("{step} {total}: {}", answers.join(", "));
    }
    let met = |code: &str| all.keys().any(|(_, answer)| *answer == code);
    OF_CARDS.into_iter().filter(|code| !met(code)).collect()
}

impl Deed {
    /// What it is called in the counts.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Ask(ask, _) => match ask.ground {
                Ground::First { work: None, .. } => "first card",
                Ground::First { .. } => "first card at desk",
                Ground::Renewal { .. } => "renew",
                Ground::Restart { .. } => "restart",
                Ground::Desk { again: true, .. } => "restart at desk",
                Ground::Desk { .. } => "issue at desk",
            },
            Self::Type { finish: true, .. } => "unlock by code",
            Self::Type { .. } => "check a code",
            Self::Activate { .. } => "activate",
            Self::Start { .. } => "start renewal",
            Self::Renonce { .. } => "new nonce",
            Self::Look { .. } => "look",
            Self::Confirm { .. } => "confirm renewal",
            Self::GiveUp { .. } => "give up",
            Self::Use { .. } => "confirm by use",
            Self::Serials { .. } => "confirm by serials",
            Self::Begin { .. } => "begin work",
            Self::Second { .. } => "second work",
            Self::Written { .. } => "desk confirms",
            Self::Abandon { .. } => "desk gives up",
            Self::Lock { .. } => "lock",
            Self::Unlock { .. } => "unlock at desk",
            Self::Cancel { .. } => "cancel",
            Self::Close { .. } => "close",
            Self::Recover => "process starts",
            Self::Tidy => "every minute",
            Self::Slow(_) => "slow process signs",
            Self::Late(_) => "slow process records",
            Self::Request { .. } => "request",
            Self::Replace { .. } => "replace",
            Self::Dispatch { .. } => "dispatch",
            Self::Receipt { .. } => "receipt",
            Self::Reopen { .. } => "reopen",
            Self::Terms => "accept terms",
            Self::Secrets { .. } => "card secrets",
            Self::AskCode { .. } => "ask for a code",
            Self::Unlocked { .. } => "confirm unlock",
            Self::Beat { .. } => "clock beat",
            Self::Reset { .. } => "clock reset",
        }
    }
}
