//! What the door knows about a request when it lets it in. Handlers take `Arrival` as an extractor
//! and never read a clock of their own (decision 1: one now).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use ca::verify::Presented;
use http::request::Parts;
use policies::time::Time;
use ring::rand::{SecureRandom, SystemRandom};

use super::limits::site;
use super::strangers::Strangers;
use crate::error::Failure;

/// One request's arrival: when, from where, with which card.
#[derive(Clone)]
pub struct Arrival {
    /// The one now of this request.
    pub now: Time,
    /// Names this request in the log, the audit trail and on every page.
    pub correlation: Correlation,
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// What the client presented in the handshake; `None` where no certificate is ever asked for.
    pub presented: Option<Arc<Presented>>,
    /// When the TLS handshake ended (for plain HTTP, when the connection was accepted).
    pub handshake_at: Time,
    /// What strangers may still write into the trail.
    pub(super) strangers: Arc<Strangers>,
}

impl Arrival {
    /// Whether the refusal of somebody who has proven nothing may leave a line in the trail. Asked
    /// once per line; the log has its line in any case.
    pub fn may_leave_a_line(&self) -> bool {
        let may = self.strangers.may_write(self.peer.ip());
        if !may {
            tracing::warn!(correlation = %self.correlation, "refusal kept out of the trail: too many");
        }
        may
    }

    /// Whether somebody at this address has lately proven nothing. What she brings next is looked up
    /// in a read before anything is written for her, so that strangers do not stand in the line of
    /// those who sign in (attack table 82).
    pub fn is_suspect(&self) -> bool {
        self.strangers.knows(self.peer.ip())
    }

    /// Where it comes from, for what is counted by place: an address, of IPv6 a site's network (/48).
    pub fn site(&self) -> IpAddr {
        site(self.peer.ip())
    }

    /// Somebody has proven nothing where that leaves no line.
    pub fn note_stranger(&self) {
        let _counted = self.strangers.may_write(self.peer.ip());
    }
}

#[cfg(test)]
impl Arrival {
    /// A request of nobody in particular, for tests of the rooms that answer one.
    pub(crate) fn for_tests(now: Time) -> Self {
        Self {
            now,
            correlation: Correlation::draw(&SystemRandom::new()),
            peer: SocketAddr::from(([192, 0, 2, 7], 50_000)),
            presented: None,
            handshake_at: now,
            strangers: Arc::default(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Arrival {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Failure::NoArrival)
    }
}

/// A short random name of one request, safe to read out over the telephone: 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation(String);

impl Correlation {
    /// Draws a new one. Without randomness it is all zeros: a reference is no secret, and the
    /// request should still get its answer.
    pub fn draw(chance: &SystemRandom) -> Self {
        let mut bytes = [0_u8; 8];
        if chance.fill(&mut bytes).is_err() {
            bytes = [0; 8];
        }
        Self(hex::encode(bytes))
    }

    /// The 16 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
