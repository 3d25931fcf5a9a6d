//! How long a sign-in lasts (NIST SP 800-63B 2.2.3 and 2.3.3, domain 2.8): at most 12 hours,
//! less when nothing happens. Activity is any authenticated request; the caller records it.

use crate::signin::Aal;
use crate::time::Time;
use crate::values::Policy;

/// What is known about a single sign-on session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// The level really reached.
    pub aal: Aal,
    /// The instant of the last full proof.
    pub authenticated_at: Time,
    /// The instant of the last authenticated request.
    pub last_active_at: Time,
    /// Signed out, or ended because card or person ended.
    pub ended: bool,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStanding {
    /// It lives.
    Live {
        /// The first instant without it, however busy it is.
        ends_at: Time,
        /// Time to offer a fresh proof that keeps app and role.
        reauthenticate_soon: bool,
    },
    /// Nothing happened for too long.
    Idle,
    /// It has lasted as long as it may.
    Over,
    /// It was ended.
    Ended,
}

/// Judges a session (law S1, S2). A session ends in the second in which its time is used up:
/// at exactly 12 hours it is over, after exactly 15 idle minutes it is idle.
pub fn judge(facts: &SessionFacts, now: Time, policy: &Policy) -> SessionStanding {
    if facts.ended {
        return SessionStanding::Ended;
    }
    let limits = policy.session_limits(facts.aal);
    let ends_at = facts.authenticated_at.plus(limits.longest);
    if now >= ends_at {
        return SessionStanding::Over;
    }
    if now >= facts.last_active_at.plus(limits.idle) {
        return SessionStanding::Idle;
    }
    let reauthenticate_soon = now >= ends_at.minus(limits.offer_before_end);
    SessionStanding::Live {
        ends_at,
        reauthenticate_soon,
    }
}

/// Which of a person's other sessions end because one more has begun (law S10): their places in
/// `others`. As many live as the policy allows, the new one among them; those used longest ago go.
/// What is idle or over takes up no place and is left alone.
pub fn crowded_out(others: &[SessionFacts], now: Time, policy: &Policy) -> Vec<usize> {
    let mut live: Vec<_> = (others.iter().enumerate())
        .filter(|(_, facts)| matches!(judge(facts, now, policy), SessionStanding::Live { .. }))
        .map(|(place, facts)| (facts.last_active_at, place))
        .collect();
    live.sort_unstable_by(|a, b| b.cmp(a));
    let stay = usize::try_from(policy.sessions()).map_or(usize::MAX, |most| most - 1);
    live.into_iter()
        .skip(stay)
        .map(|(_, place)| place)
        .collect()
}

#[cfg(test)]
mod tests;
