//! Which of our names a connection wants. One address may serve the gateway and the card listener,
//! told apart by SNI before any certificate is chosen; a client that names neither meets the
//! gateway, which answers 421, and is never asked for a card.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use ca::verify::Presented;
use policies::time::Time;
use rustls::ServerConfig;

use super::host::host_of;

/// One of the listeners of a house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The gateway: pages and OpenID Connect.
    Gateway,
    /// The card listener.
    Card,
    /// Revocation lists and CA certificates over plain HTTP.
    Publishing,
}

/// One name with its TLS configuration and its router.
#[derive(Clone)]
pub struct Site {
    /// Which listener this is.
    pub side: Side,
    /// The authority that `Host` must equal.
    pub authority: Arc<str>,
    /// Its certificate and rules.
    pub tls: Arc<ServerConfig>,
    /// Its URLs, behind the door.
    pub app: Router,
}

/// What one socket serves.
#[derive(Clone)]
pub enum Sites {
    /// Plain HTTP.
    Plain(Router),
    /// TLS; `first` is met by clients that name none of the sites.
    Tls {
        /// The gateway, wherever there is one.
        first: Site,
        /// The other names at this address.
        others: Vec<Site>,
    },
}

impl Site {
    /// Whether this is the site that `sni` names.
    pub(crate) fn is_named(&self, sni: Option<&str>) -> bool {
        sni.is_some_and(|name| name.eq_ignore_ascii_case(host_of(&self.authority)))
    }
}

impl From<Site> for Sites {
    /// A site with an address of its own.
    fn from(first: Site) -> Self {
        Self::Tls {
            first,
            others: Vec::new(),
        }
    }
}

/// What the accept loop knows about a connection; the door reads it from each request.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) peer: SocketAddr,
    pub(crate) sni: Option<Arc<str>>,
    pub(crate) presented: Option<Arc<Presented>>,
    pub(crate) handshake_at: Time,
}
