//! Who is signed in to Ward 7. In memory: a restart signs everybody out of the demo app, not out of the gateway.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use policies::time::{Span, Time};
use ring::digest::{SHA256, digest};

use super::claims::Told;
use crate::chance;

/// Without a request for so long, the session is over (domain 2.8: what clinical applications do).
const IDLE: Span = Span::minutes(15);
/// No session lives longer than this (domain 2.8).
pub(super) const LONGEST: Span = Span::hours(12);
/// The demo app does not grow without end.
const MOST: usize = 1_000;

/// A signed-in person as the application knows her.
#[derive(Clone)]
pub(super) struct Visit {
    /// What the gateway told us about her, verified.
    pub(super) told: Told,
    /// The ID token as received: the hint for signing out (RP-Initiated Logout 2).
    pub(super) id_token: String,
    began: Time,
    last_seen: Time,
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Never signed in, or signed out.
    Nobody,
    /// Too long without a request.
    Idle,
    /// At its absolute end.
    Over,
}

/// All sessions, under the hash of their cookie.
#[derive(Default)]
pub(super) struct Visits {
    open: Mutex<HashMap<Vec<u8>, Visit>>,
}

impl Visits {
    /// Opens a session and gives the value of its cookie. Always a new one: nothing of before sign-in survives.
    pub(super) fn open(&self, told: Told, id_token: String, now: Time) -> Result<String> {
        let cookie = chance::secret()?;
        let mut open = self.lock();
        if open.len() >= MOST {
            let oldest = open
                .iter()
                .min_by_key(|(_, visit)| visit.last_seen)
                .map(|(key, _)| key.clone());
            oldest.and_then(|key| open.remove(&key));
        }
        open.insert(
            hashed(&cookie),
            Visit {
                told,
                id_token,
                began: now,
                last_seen: now,
            },
        );
        Ok(cookie)
    }

    /// The session of this cookie, marked as seen now.
    pub(super) fn find(&self, cookie: Option<&str>, now: Time) -> Result<Visit, Ended> {
        let key = hashed(cookie.ok_or(Ended::Nobody)?);
        let mut open = self.lock();
        let visit = open.get_mut(&key).ok_or(Ended::Nobody)?;
        let ended = if now.since(visit.began) >= LONGEST {
            Ended::Over
        } else if now.since(visit.last_seen) >= IDLE {
            Ended::Idle
        } else {
            visit.last_seen = now;
            return Ok(visit.clone());
        };
        open.remove(&key);
        Err(ended)
    }

    /// Ends the session of this cookie and gives back what it was.
    pub(super) fn end(&self, cookie: Option<&str>) -> Option<Visit> {
        self.lock().remove(&hashed(cookie?))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Visit>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hashed(cookie: &str) -> Vec<u8> {
    digest(&SHA256, cookie.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Time {
        Time::from_unix(1_800_000_000).plus(Span::minutes(minutes))
    }

    fn signed_in() -> (Visits, String) {
        let visits = Visits::default();
        let cookie = visits
            .open(Told::default(), "token".to_owned(), at(0))
            .unwrap();
        (visits, cookie)
    }

    #[test]
    fn fifteen_minutes_without_a_request_end_it() {
        let (visits, cookie) = signed_in();
        assert!(visits.find(Some(&cookie), at(14)).is_ok());
        assert!(visits.find(Some(&cookie), at(28)).is_ok());
        assert_eq!(visits.find(Some(&cookie), at(43)).err(), Some(Ended::Idle));
        assert_eq!(
            visits.find(Some(&cookie), at(28)).err(),
            Some(Ended::Nobody),
            "what ended stays ended"
        );
    }

    #[test]
    fn twelve_hours_end_it_whatever_happens() {
        let (visits, cookie) = signed_in();
        for minutes in (10..720).step_by(10) {
            assert!(visits.find(Some(&cookie), at(minutes)).is_ok());
        }
        assert_eq!(visits.find(Some(&cookie), at(720)).err(), Some(Ended::Over));
    }

    #[test]
    fn another_cookie_is_nobody() {
        let (visits, _) = signed_in();
        assert_eq!(visits.find(Some("guess"), at(1)).err(), Some(Ended::Nobody));
        assert_eq!(visits.find(None, at(1)).err(), Some(Ended::Nobody));
    }
}
