//! Which address of a person counts for a one-time code. An address that was put in lately may
//! have been put in by whoever took over an account, so it waits; meanwhile the old address is told
//! of everything (attack table 40).

use crate::authenticator::Standing;
use crate::refusal::{Refusal, RefusalCode, require};
use crate::signin::{Aal, Method};
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

/// Whether this session may change an address (law K2): AAL3, and for somebody who never had a card or
/// another authenticator of AAL3, and for whom codes unlock nothing, AAL2 proven within 20 minutes by
/// the default policy; by an authenticator of this house that lasts. Codes go to that address, so
/// whoever is let in for a shift, or by another organisation, would otherwise stay. What she had
/// counts as well: a session of AAL2 can cancel a card, and would so do away with what stands in its
/// way.
///
/// # Errors
/// In this order: `own_authenticator_needed`, `session_level_too_low`, `reauthentication_needed`.
pub fn may_change(
    standing: Standing,
    knows_aal3: bool,
    now: Time,
    policy: &Policy,
) -> Result<(), Refusal> {
    require(
        standing.method != Method::Federated,
        RefusalCode::OwnAuthenticatorNeeded,
    )?;
    let needed = if knows_aal3 { Aal::Aal3 } else { Aal::Aal2 };
    let strong = standing.aal >= needed && !standing.temporary;
    require(strong, RefusalCode::SessionLevelTooLow)?;
    let fresh = now <= standing.authenticated_at.plus(policy.contact_fresh());
    require(
        standing.aal == Aal::Aal3 || fresh,
        RefusalCode::ReauthenticationNeeded,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k2_a_strong_session_or_a_fresh_one_changes_an_address() {
        let (policy, at) = (Policy::default_file(), Time::from_unix(1_862_000_000));
        let asked = |knows_aal3, aal, minutes, seconds| {
            let standing = Standing {
                aal,
                authenticated_at: at,
                method: Method::Totp,
                temporary: false,
            };
            let now = at.plus(Span::minutes(minutes)).plus(Span::seconds(seconds));
            may_change(standing, knows_aal3, now, &policy).map_err(|refusal| refusal.code)
        };
        let low = Err(RefusalCode::SessionLevelTooLow);
        assert_eq!(asked(true, Aal::Aal3, 600, 0), Ok(()));
        assert_eq!(asked(true, Aal::Aal2, 0, 0), low);
        assert_eq!(asked(false, Aal::Aal2, 20, 0), Ok(()));
        assert_eq!(
            asked(false, Aal::Aal2, 20, 1),
            Err(RefusalCode::ReauthenticationNeeded)
        );
        assert_eq!(asked(false, Aal::Aal1, 0, 0), low);
    }
    use crate::time::Span;

    #[test]
    fn k2_what_does_not_last_or_is_another_organisations_changes_no_address() {
        let (policy, at) = (Policy::default_file(), Time::from_unix(1_862_000_000));
        let standing = |method, temporary| Standing {
            aal: Aal::Aal2,
            authenticated_at: at,
            method,
            temporary,
        };
        for (standing, code) in [
            (
                standing(Method::Totp, true),
                RefusalCode::SessionLevelTooLow,
            ),
            (
                standing(Method::Federated, false),
                RefusalCode::OwnAuthenticatorNeeded,
            ),
        ] {
            let refusal = may_change(standing, false, at, &policy).unwrap_err();
            assert_eq!(refusal.code, code);
        }
    }

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
