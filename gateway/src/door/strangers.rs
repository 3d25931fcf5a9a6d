//! How many lines strangers may write into the audit trail. A refusal of somebody who has proven
//! nothing is a durable write that anybody can cause, as often as she likes, into a table that only
//! grows (attack table 82). Each address, and all of them together, therefore have an allowance that
//! fills up again; past it a refusal is still answered and still in the log, but no longer in the
//! trail. What a card of ours, a session or a spent code has to do with is always written.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::limits::neighbourhood;

/// The addresses remembered one by one. When there are more, the newest share the common allowance.
const MOST_ADDRESSES: usize = 10_000;

/// How much may be written at once, and how fast that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Lines that may be written without a pause.
    pub(crate) burst: u32,
    /// Lines that come back in a second.
    pub(crate) per_second: u32,
}

/// One address: a mistyped client secret in every app of a hospital, not a flood.
const ONE: Allowance = Allowance {
    burst: 1_000,
    per_second: 2,
};
/// All of them: at most some two million lines a day.
const ALL: Allowance = Allowance {
    burst: 10_000,
    per_second: 20,
};

/// The allowances of one listener.
#[derive(Debug)]
pub(crate) struct Strangers {
    one: Allowance,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    all: Level,
    each: HashMap<IpAddr, Level>,
}

impl Default for Strangers {
    fn default() -> Self {
        Self::with(ONE, ALL)
    }
}

impl Strangers {
    pub(crate) fn with(one: Allowance, all: Allowance) -> Self {
        let state = State {
            all: Level::full(all),
            each: HashMap::new(),
        };
        Self {
            one,
            state: Mutex::new(state),
        }
    }

    /// Whether this address may write one more line now; counts it.
    pub(crate) fn may_write(&self, peer: IpAddr) -> bool {
        self.may_write_at(peer, Instant::now())
    }

    /// Whether somebody at this address has proven nothing within the last moments, so that her next
    /// request is looked up before it may take a turn of the one who writes. Counts nothing. Where
    /// there is no room to remember each address, all are.
    pub(crate) fn knows(&self, peer: IpAddr) -> bool {
        self.knows_at(peer, Instant::now())
    }

    fn knows_at(&self, peer: IpAddr, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.each.get(&neighbourhood(peer)) {
            Some(own) => !own.is_full_at(now),
            None => state.each.len() >= MOST_ADDRESSES,
        }
    }

    fn may_write_at(&self, peer: IpAddr, now: Instant) -> bool {
        let address = neighbourhood(peer);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.each.len() >= MOST_ADDRESSES && !state.each.contains_key(&address) {
            state.each.retain(|_, level| !level.is_full_at(now));
        }
        let room = state.each.len() < MOST_ADDRESSES || state.each.contains_key(&address);
        if room {
            let fresh = || Level::full_at(self.one, now);
            let own = state.each.entry(address).or_insert_with(fresh);
            if !own.take(now) {
                return false;
            }
        }
        state.all.take(now)
    }
}

/// What is left of an allowance, in thousandths of a line.
#[derive(Debug)]
struct Level {
    allowance: Allowance,
    left: u64,
    seen: Instant,
}

/// One line.
const LINE: u64 = 1_000;

impl Level {
    fn full(allowance: Allowance) -> Self {
        Self::full_at(allowance, Instant::now())
    }

    fn full_at(allowance: Allowance, now: Instant) -> Self {
        Self {
            allowance,
            left: u64::from(allowance.burst) * LINE,
            seen: now,
        }
    }

    fn is_full_at(&self, now: Instant) -> bool {
        self.level_at(now) >= u64::from(self.allowance.burst) * LINE
    }

    fn level_at(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.seen).as_millis();
        let back = u64::try_from(passed)
            .unwrap_or(u64::MAX)
            .saturating_mul(u64::from(self.allowance.per_second));
        let most = u64::from(self.allowance.burst) * LINE;
        self.left.saturating_add(back).min(most)
    }

    fn take(&mut self, now: Instant) -> bool {
        self.left = self.level_at(now);
        self.seen = now;
        let Some(rest) = self.left.checked_sub(LINE) else {
            return false;
        };
        self.left = rest;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(burst: u32, all: u32) -> Strangers {
        let with = |burst| Allowance {
            burst,
            per_second: 1,
        };
        Strangers::with(with(burst), with(all))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_allowance_and_gets_it_back_with_time() {
        let (strangers, now) = (of(2, 100), Instant::now());
        let one = address("192.0.2.1");
        let asked = |after| strangers.may_write_at(one, now + Duration::from_millis(after));
        assert!(asked(0) && asked(0) && !asked(0));
        assert!(!asked(999), "not yet");
        assert!(asked(1_000) && !asked(1_000));
        assert!(strangers.may_write_at(address("192.0.2.2"), now), "another");
    }

    #[test]
    fn an_address_is_known_until_its_allowance_is_whole_again() {
        let (strangers, now) = (of(2, 100), Instant::now());
        let known = |last: u8, after| {
            let after = now + Duration::from_millis(after);
            strangers.knows_at(IpAddr::from([192, 0, 2, last]), after)
        };
        assert!(!known(1, 0));
        assert!(strangers.may_write_at(address("192.0.2.1"), now));
        assert!(known(1, 0) && known(1, 999) && !known(2, 0));
        assert!(!known(1, 1_000));
    }

    #[test]
    fn all_addresses_together_have_one_as_well() {
        let (strangers, now) = (of(10, 3), Instant::now());
        let written = (0..9_u8)
            .map(|last| IpAddr::from([192, 0, 2, last]))
            .filter(|each| strangers.may_write_at(*each, now))
            .count();
        assert_eq!(written, 3);
    }

    #[test]
    fn a_crowd_of_addresses_takes_no_more_memory_than_its_bound() {
        let (strangers, now) = (of(1, 1_000_000), Instant::now());
        for number in 0..20_000_u32 {
            strangers.may_write_at(IpAddr::from(number.to_be_bytes()), now);
        }
        let state = strangers.state.lock().unwrap();
        assert!(state.each.len() <= MOST_ADDRESSES);
        drop(state);
        assert!(strangers.knows_at(address("2001:db8::1"), now), "no room");
    }
}
