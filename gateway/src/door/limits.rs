//! How many connections may be open at once, in all and from one address, and how long each step
//! of one may take (attack table 76 and 80). Every wait has a bound.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// From the request's head to the handler's answer; above the 5 s a write may wait (decision 5).
pub const HANDLER: Duration = Duration::from_secs(30);
/// After this age a connection is asked to end, so that slow readers cannot keep one for ever.
pub const CONNECTION_AGE: Duration = Duration::from_mins(10);
/// What open requests are given when the program stops (fault F13).
pub const DRAIN: Duration = Duration::from_secs(10);
/// Pause after the system refused a socket, so that a lack of descriptors is no busy loop (F40).
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The largest request head on HTTP/1.1, in bytes. Authorization requests are the longest.
pub const REQUEST_HEAD_BYTES: usize = 32 * 1024;
/// The same on HTTP/2, where names and values are counted with 32 bytes each (RFC 9113 6.5.2).
pub const REQUEST_HEAD_LIST: u32 = 32 * 1024;
/// The most header fields of one request.
pub const HEADER_FIELDS: usize = 64;
/// Requests at once on one HTTP/2 connection.
pub const STREAMS: u32 = 64;
/// Streams that a peer may reset before we have looked at them (rapid reset, CVE-2023-44487).
pub const PENDING_RESETS: usize = 20;

/// Requests with a body that are in the house at once, in all: with [`super::body::LARGEST`] each,
/// 128 MiB. HTTP/2 would otherwise let one connection fill [`STREAMS`] bodies.
pub const BODIES: u32 = 2_048;
/// The same from one address, so that one that sends its bodies slowly stops nobody else.
pub const BODIES_PER_ADDRESS: u32 = 512;

/// How many connections one listener holds, and how patient it is with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In all; further ones wait in the system's queue.
    pub connections: u32,
    /// From one address (one /64 for IPv6); further ones are closed at once. A hospital may
    /// stand behind one address, so this is generous.
    pub per_address: u32,
    /// From the accepted socket to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the handshake to the first request, and for each request's head on HTTP/1.1.
    pub request_head: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_address: 2_000,
            handshake: Duration::from_secs(5),
            request_head: Duration::from_secs(5),
        }
    }
}

/// The places of one listener: for its connections, and for requests with a body.
#[derive(Debug)]
pub(crate) struct Places {
    limits: Limits,
    free: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Places {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            free: Arc::new(Semaphore::new(limits.connections as usize)),
            taken: Arc::default(),
        }
    }

    /// Waits until the listener has room for one more. `None` once it is closed for good.
    pub(crate) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// Seats somebody at once; `None` when there is no room, in all or for this address.
    pub(crate) fn seat_now(&self, peer: IpAddr) -> Option<Place> {
        self.seat(peer, self.free.clone().try_acquire_owned().ok()?)
    }

    /// Seats a connection; `None` when its address has as many as it may.
    pub(crate) fn seat(&self, peer: IpAddr, room: OwnedSemaphorePermit) -> Option<Place> {
        let address = neighbourhood(peer);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_insert(0);
        if *count >= self.limits.per_address {
            return None;
        }
        *count += 1;
        Some(Place {
            address,
            taken: self.taken.clone(),
            _room: room,
        })
    }

    /// Waits until every connection has ended, at most `limit`.
    pub(crate) async fn emptied(&self, limit: Duration) {
        let all = self.free.acquire_many(self.limits.connections);
        if tokio::time::timeout(limit, all).await.is_err() {
            tracing::warn!("connections were still open when the time to drain was over");
        }
    }
}

/// One connection's place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    address: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, u32>>>,
    _room: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// One IPv6 customer has a whole /64 at least, so that is the least that counts as one address (RFC 6177).
pub(super) fn neighbourhood(peer: IpAddr) -> IpAddr {
    network(peer, 64)
}

/// What a whole site has (RFC 6177: up to a /48), where a total does not bound besides.
pub(super) fn site(peer: IpAddr) -> IpAddr {
    network(peer, 48)
}

/// An address of IPv4, and of IPv6 so many of its first bits.
fn network(peer: IpAddr, bits: u32) -> IpAddr {
    let mask = u128::MAX.unbounded_shl(128 - bits);
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & mask).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_cannot_take_every_place() {
        let places = Places::new(Limits {
            connections: 3,
            per_address: 1,
            ..Limits::default()
        });
        let greedy: IpAddr = "192.0.2.1".parse().unwrap();
        let first = places.seat(greedy, places.room().await.unwrap());
        assert!(first.is_some());
        assert!(places.seat(greedy, places.room().await.unwrap()).is_none());
        let other = places.seat("192.0.2.2".parse().unwrap(), places.room().await.unwrap());
        assert!(other.is_some());
        drop(first);
        assert!(places.seat(greedy, places.room().await.unwrap()).is_some());
    }

    #[test]
    fn one_ipv6_customer_is_one_address() {
        let at = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8:0:1::1"), at("2001:db8:0:2::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn a_site_is_an_address_of_ipv4_and_a_48_of_ipv6() {
        let at = |text: &str| site(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:1::1"), at("2001:db8:1:ffff::1"));
        assert_ne!(at("2001:db8:1::1"), at("2001:db8:2::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
