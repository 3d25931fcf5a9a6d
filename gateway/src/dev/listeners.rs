//! The four listeners of dev: three of the house, on loopback and nowhere else, and Ward 7's.

use std::net::{Ipv4Addr, SocketAddr};

use certs_dev::manifest::Manifest;
use certs_dev::pki::ListenerCertificate;
use certs_dev::start::Start;
use certs_dev::ward7::Ward7;
use http::Method;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{DevError, demo};
use crate::door::accept::{Listener, Stop};
use crate::door::limits::Limits;
use crate::door::sites::Sites;
use crate::door::tls::{self, Credentials};
use crate::house::Shared;
use crate::router::{self, Access, Routes};
use crate::serve::{Addresses, Listeners, Running, ServeError, ServerTls};
use crate::signin::soft_card;

/// The URLs that only dev has.
pub fn routes() -> Routes {
    Routes::new().at(
        Method::POST,
        "/dev/soft-card-reader",
        Access::Browser,
        soft_card::post,
    )
}

/// All four, open and serving.
pub(super) struct Open {
    house: Running,
    ward: JoinHandle<()>,
    ward_address: SocketAddr,
}

/// Binds all four and starts serving.
pub(super) async fn open(
    start: &Start,
    manifest: &Manifest,
    house: &Shared,
    stop: &Stop,
) -> Result<Open, DevError> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (ports, limits) = (start.ports, Limits::default());
    let addresses = Addresses {
        gateway: at(ports.gateway),
        card: at(ports.card),
        publishing: at(ports.pki),
    };
    let issuers = house.authority.issuers().iter();
    let issuing: Vec<_> = issuers
        .map(|issuer| CertificateDer::from(issuer.der().to_vec()))
        .collect();
    let tls = ServerTls {
        gateway: tls::gateway(credentials(start, ListenerCertificate::Gateway)?)
            .map_err(ServeError::from)?,
        card: tls::card(credentials(start, ListenerCertificate::Card)?, &issuing)
            .map_err(ServeError::from)?,
    };
    let listeners = Listeners::open(
        house,
        addresses,
        tls,
        router::gateway().and(routes()),
        limits,
    )
    .await?;
    let ward_address = at(ports.app);
    let socket = TcpListener::bind(ward_address).await;
    let ward = Listener {
        socket: socket.map_err(|source| ServeError::Listen {
            address: ward_address,
            source,
        })?,
        sites: Sites::Plain(
            Ward7::new(&start.folder, manifest, house.clock.clone())
                .map_err(demo)?
                .router(),
        ),
        trust: house.trust.clone(),
        clock: house.clock.clone(),
        limits,
    };
    let house = listeners.start(stop);
    Ok(Open {
        house,
        ward: tokio::spawn(ward.run(stop.clone())),
        ward_address,
    })
}

impl Open {
    /// Returns when all four take connections.
    pub(super) async fn answer(&self) -> Result<(), ServeError> {
        let address = self.ward_address;
        let (house, ward) = tokio::join!(self.house.answer(), TcpStream::connect(address));
        ward.map_err(|source| ServeError::Silent { address, source })?;
        house
    }

    /// Returns when all four have ended and drained.
    pub(super) async fn ended(self) {
        let (ward, ()) = tokio::join!(self.ward, self.house.ended());
        if let Err(error) = ward {
            tracing::error!(%error, "Ward 7 died");
        }
    }
}

fn credentials(start: &Start, listener: ListenerCertificate) -> Result<Credentials, DevError> {
    let (chain, key) = (
        listener.chain(&start.folder).map_err(demo)?,
        listener.key(&start.folder).map_err(demo)?,
    );
    Ok(Credentials {
        chain: CertificateDer::pem_slice_iter(chain.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(demo)?,
        key: PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(demo)?,
    })
}
