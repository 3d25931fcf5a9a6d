//! SIGTERM: nobody new comes in, whoever is inside is answered, and the program ends well (fault F13).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::folder::{Layout, Production};
use super::process::Served;
use super::ward::opened;

type Connection = StreamOwned<ClientConnection, TcpStream>;

fn connection(production: &Production) -> Connection {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(production.path("tls-root.pem")).expect("a root"))
        .expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions");
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("id.localhost").expect("a name");
    let tls = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let tcp = TcpStream::connect(("127.0.0.1", production.gateway)).expect("a connection");
    tcp.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a deadline");
    StreamOwned::new(tls, tcp)
}

/// Sends the head of a request and waits until the program reads its body.
fn begin(connection: &mut Connection, production: &Production, body: &str) {
    let head = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: id.localhost:{}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        production.gateway,
        body.len()
    );
    connection.write_all(head.as_bytes()).expect("sent");
    let mut line = [0; 25];
    connection.read_exact(&mut line).expect("an interim answer");
    assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
}

#[tokio::test]
async fn sigterm_answers_who_is_inside_and_ends_with_0() {
    let production = opened(Layout::OneAddress).await.production;
    let served = Served::start(&production);
    let body = "grant_type=authorization_code&code=x";
    let mut inside = connection(&production);
    begin(&mut inside, &production, body);
    served.terminate();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", production.gateway)).is_ok() {
        assert!(
            std::time::Instant::now() < deadline,
            "it still lets people in"
        );
        std::thread::yield_now();
    }
    inside
        .write_all(body.as_bytes())
        .expect("the rest is taken");
    let mut answer = String::new();
    let _ = inside.read_to_string(&mut answer);
    assert!(
        answer.starts_with("HTTP/1.1 401"),
        "no credentials, but an answer: {answer}"
    );
    let ended = served.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("stopping"), "{}", ended.err);
}
