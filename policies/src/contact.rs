//! Which address of a person counts for a one-time code. An address that was put in lately may
//! have been put in by whoever took over an account, so it waits; meanwhile the old address is told
//! of everything (attack table 40).

use crate::time::Time;
use crate::values::Policy;
use crate::words::words;

words! {
    /// How an address came to be on record.
    pub enum Origin {
        /// It was seen with the person at her registration.
        Registered => "registered",
        /// She changed it herself, with a code that was sent to it.
        Changed => "changed",
    }
}

/// What is known about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactFacts {
    /// How it came to be on record.
    pub origin: Origin,
    /// When it was verified.
    pub verified_at: Time,
}

impl ContactFacts {
    /// Whether codes are sent there: always to an address of the registration, to a changed one
    /// once its hold has passed (72 hours by the default policy, the last second included; law
    /// K1).
    pub fn counts_for_codes(self, now: Time, policy: &Policy) -> bool {
        match self.origin {
            Origin::Registered => true,
            Origin::Changed => now > self.verified_at.plus(policy.contact_hold()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn a_changed_address_counts_after_its_hold_and_a_registered_one_at_once() {
        let (policy, at) = (Policy::default_file(), Time::from_unix(1_862_000_000));
        let of = |origin| ContactFacts {
            origin,
            verified_at: at,
        };
        let changed = of(Origin::Changed);
        for (hours, counts) in [(0, false), (1, false), (72, false), (73, true)] {
            let now = at.plus(Span::hours(hours));
            assert_eq!(changed.counts_for_codes(now, &policy), counts, "{hours}");
        }
        let after = at.plus(Span::hours(72)).plus(Span::seconds(1));
        assert!(changed.counts_for_codes(after, &policy));
        assert!(of(Origin::Registered).counts_for_codes(at, &policy));
    }
}
