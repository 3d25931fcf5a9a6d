//! Opening the three listeners of a house, knowing that they answer, and closing them together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::ServeError;
use crate::door::accept::{Listener, Stop};
use crate::door::enter;
use crate::door::limits::Limits;
use crate::door::sites::{Side, Site, Sites};
use crate::house::Shared;
use crate::router::{self, Routes};

/// Where a house listens.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// The gateway.
    pub gateway: SocketAddr,
    /// The card listener; the gateway's own address when SNI tells them apart.
    pub card: SocketAddr,
    /// Revocation lists and CA certificates.
    pub publishing: SocketAddr,
}

/// TLS of the two listeners that have it.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// See [`crate::door::tls::gateway`].
    pub gateway: Arc<ServerConfig>,
    /// See [`crate::door::tls::card`].
    pub card: Arc<ServerConfig>,
}

/// The bound listeners of a house.
pub struct Listeners {
    list: Vec<Listener>,
}

impl Listeners {
    /// Binds every address. `gateway` are the gateway's routes; dev adds its own to them.
    ///
    /// # Errors
    /// [`ServeError::Listen`] for the first address that is not to be had.
    pub async fn open(
        house: &Shared,
        at: Addresses,
        tls: ServerTls,
        gateway: Routes,
        limits: Limits,
    ) -> Result<Self, ServeError> {
        let site = |side, authority: &str, tls, routes| Site {
            side,
            authority: authority.into(),
            tls,
            app: enter::build(routes, house, side),
        };
        let first = site(
            Side::Gateway,
            house.names.issuer_authority(),
            tls.gateway,
            gateway,
        );
        let card = site(
            Side::Card,
            house.names.card_authority(),
            tls.card,
            router::card(),
        );
        let publishing = Sites::Plain(enter::build(router::publishing(), house, Side::Publishing));
        let sockets = if at.gateway == at.card {
            let others = vec![card];
            vec![(at.gateway, Sites::Tls { first, others })]
        } else {
            vec![(at.gateway, first.into()), (at.card, card.into())]
        };
        let mut list = Vec::new();
        for (address, sites) in sockets.into_iter().chain([(at.publishing, publishing)]) {
            let socket = TcpListener::bind(address)
                .await
                .map_err(|source| ServeError::Listen { address, source })?;
            let (trust, clock) = (house.trust.clone(), house.clock.clone());
            list.push(Listener {
                socket,
                sites,
                trust,
                clock,
                limits,
            });
        }
        Ok(Self { list })
    }

    /// Starts serving on all of them.
    pub fn start(self, stop: &Stop) -> Running {
        let mut tasks = JoinSet::new();
        let mut addresses = Vec::new();
        for listener in self.list {
            addresses.extend(listener.socket.local_addr());
            tasks.spawn(listener.run(stop.clone()));
        }
        Running { tasks, addresses }
    }
}

/// Listeners that serve.
pub struct Running {
    tasks: JoinSet<()>,
    addresses: Vec<SocketAddr>,
}

impl Running {
    /// Returns when every listener takes connections.
    ///
    /// # Errors
    /// [`ServeError::Silent`] for the first that does not.
    pub async fn answer(&self) -> Result<(), ServeError> {
        for &address in &self.addresses {
            let reached = TcpStream::connect(reachable(address)).await;
            reached.map_err(|source| ServeError::Silent { address, source })?;
        }
        Ok(())
    }

    /// Returns when all have ended and drained, after the stop was pulled.
    pub async fn ended(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a listener died");
            }
        }
    }
}

/// "Every address of this machine" is reached at the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
