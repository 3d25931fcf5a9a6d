//! A whole house from a configuration, with both names at one address.

use std::net::SocketAddr;
use std::path::Path;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

use super::*;
use crate::config::tests::{ARC, GOOD, folder};
use crate::tokens::provider;

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
}

fn trusting(folder: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for name in ["id.pem", "card.pem"] {
        roots
            .add(CertificateDer::from_pem_file(folder.join(name)).unwrap())
            .unwrap();
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// The status line and headers that `path` answers with.
async fn ask(
    connector: &TlsConnector,
    at: SocketAddr,
    sni: &str,
    host: &str,
    path: &str,
) -> String {
    let tcp = TcpStream::connect(at).await.unwrap();
    let name = ServerName::try_from(sni.to_owned()).unwrap();
    let mut stream = connector.connect(name, tcp).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

#[tokio::test]
async fn a_configuration_becomes_a_house_that_keeps_its_two_names_apart() {
    provider::install();
    let folder = folder(ARC);
    let (at, publishing) = (free_address().await, free_address().await);
    let database = format!("sqlite:{}", folder.path().join("matron.db").display());
    let text = GOOD
        .replace("127.0.0.1:443", &at.to_string())
        .replace("127.0.0.1:80", &publishing.to_string())
        .replace("sqlite:matron.db", &database);
    let config = || Config::parse(&text, folder.path()).unwrap();
    let unready = serve(config(), || {}).await;
    assert!(
        matches!(unready, Err(ServeError::NotMigrated)),
        "{unready:?}"
    );
    let store = Store::open(&database).await.unwrap();
    migrate(&store).await.unwrap();
    drop(store);

    let (ready, is_ready) = oneshot::channel();
    let served = tokio::spawn(serve(config(), move || ready.send(()).unwrap()));
    is_ready.await.unwrap();
    let trust = trusting(folder.path());
    let (id, card) = ("id.example", "card.id.example");
    let healthy = ask(&trust, at, id, id, "/healthz").await;
    assert!(healthy.starts_with("http/1.1 200"), "{healthy}");
    assert!(healthy.contains("strict-transport-security"), "{healthy}");
    for (sni, host) in [(id, card), (card, id)] {
        let misdirected = ask(&trust, at, sni, host, "/login").await;
        assert!(misdirected.starts_with("http/1.1 421"), "{misdirected}");
    }
    let at_card = ask(&trust, at, card, card, "/healthz").await;
    assert!(at_card.starts_with("http/1.1 404"), "{at_card}");
    assert!(at_card.contains("connection: close"), "{at_card}");
    served.abort();
}
