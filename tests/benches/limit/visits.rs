//! What it costs to be spoken to, at all: connections, TLS and HTTP as any server must have them, under the load of the
//! logins that are held against it.
//!
//! hyper and rustls on one thread, the smallest handler there is, as many clients at once as in the login. One client
//! at a time would measure how this machine falls asleep and wakes up instead: 4 or 20 µs a request, by chance.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::calibrate::Pki;
use crate::cpu;
use crate::logins::AT_ONCE;

/// CPU µs of the server for one request on a connection that stays.
pub(crate) fn request(pki: &Pki) -> f64 {
    const FEW: u32 = 20;
    const MANY: u32 = 420;
    // Both rounds open the same connections; what is left of the difference is requests.
    let few = Round::of(pki, false, 1, FEW).cpu();
    let many = Round::of(pki, false, 1, MANY).cpu();
    (many - few) / f64::from(AT_ONCE * (MANY - FEW))
}

/// CPU µs of the server for one visit of a card.
pub(crate) fn card(pki: &Pki) -> f64 {
    const VISITS: u32 = 10;
    Round::of(pki, true, VISITS, 1).cpu() / f64::from(AT_ONCE * VISITS)
}

/// One round of clients that all come at once.
struct Round {
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    connections: u32,
    requests: u32,
}

impl Round {
    fn of(pki: &Pki, mutual: bool, connections: u32, requests: u32) -> Self {
        Self {
            server: pki.server(mutual),
            client: pki.client(mutual),
            connections,
            requests,
        }
    }

    /// CPU µs of the server's thread for all of it.
    fn cpu(self) -> f64 {
        let (tell, told) = std::sync::mpsc::channel();
        let (server, all) = (self.server, AT_ONCE * self.connections);
        let server = std::thread::spawn(move || {
            runtime().block_on(serve(server, all, tell));
            cpu::this_thread()
        });
        let address = told.recv().expect("an address");
        runtime().block_on(async {
            let clients = (0..AT_ONCE).map(|_| {
                let connector = TlsConnector::from(Arc::clone(&self.client));
                async move {
                    for _ in 0..self.connections {
                        visit(&connector, address, self.requests).await;
                    }
                }
            });
            crate::support::all(clients.collect()).await;
        });
        server.join().expect("the server")
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

async fn serve(
    config: Arc<ServerConfig>,
    connections: u32,
    tell: std::sync::mpsc::Sender<SocketAddr>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    tell.send(listener.local_addr().expect("its address"))
        .expect("told");
    let acceptor = TlsAcceptor::from(config);
    let mut served = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (tcp, _) = listener.accept().await.expect("accepted");
        tcp.set_nodelay(true).expect("no delay");
        let acceptor = acceptor.clone();
        served.spawn(async move {
            let tls = acceptor.accept(tcp).await.expect("a handshake");
            let service = hyper::service::service_fn(|_| async {
                Ok::<_, std::convert::Infallible>(hyper::Response::new("x".repeat(200)))
            });
            let http = hyper::server::conn::http1::Builder::new();
            let io = hyper_util::rt::TokioIo::new(tls);
            http.serve_connection(io, service).await.ok();
        });
    }
    while served.join_next().await.is_some() {}
}

async fn visit(connector: &TlsConnector, address: SocketAddr, requests: u32) {
    let tcp = TcpStream::connect(address).await.expect("a connection");
    tcp.set_nodelay(true).expect("no delay");
    let name = ServerName::try_from("localhost").expect("a name");
    let mut tls = connector.connect(name, tcp).await.expect("a handshake");
    let mut buffer = [0_u8; 4096];
    for _ in 0..requests {
        tls.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .expect("sent");
        // What the socket did not take at once would otherwise wait for ever behind the read.
        tls.flush().await.expect("sent");
        assert!(tls.read(&mut buffer).await.expect("answered") > 0);
    }
    tls.shutdown().await.ok();
}
