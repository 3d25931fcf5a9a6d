//! Real sockets and real TLS against the accept loop: slow clients, greedy clients, cards.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::routing::get;
use ca::verify::{ForeignReason, Presented};
use rustls::client::{ClientConfig, Resumption};
use rustls::{HandshakeKind, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::door::clock::MachineClock;
use crate::door::tls::{self, Credentials};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A listener on a free port, and the certificate that its clients trust.
struct Trial {
    address: SocketAddr,
    server: CertificateDer<'static>,
    stop: watch::Sender<bool>,
}

fn pair(name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    (made.cert.der().clone(), key)
}

/// Says what the accept loop knows of the client.
async fn who(request: Request) -> &'static str {
    let shown = request
        .extensions()
        .get::<Connection>()
        .unwrap()
        .presented
        .as_deref();
    match shown {
        None => "not asked",
        Some(Presented::NoCertificate) => "no certificate",
        Some(Presented::Foreign(ForeignReason::TooMany)) => "too many",
        Some(Presented::Foreign(_)) => "foreign",
        Some(Presented::Ours(_)) => "ours",
    }
}

impl Trial {
    async fn open(side: Side) -> Self {
        let (server, key) = pair("localhost");
        let credentials = Credentials {
            chain: vec![server.clone()],
            key,
        };
        let tls = match side {
            Side::Card => tls::card(credentials, &[]),
            Side::Gateway | Side::Publishing => tls::gateway(credentials),
        };
        let app = Router::new().route("/", get(who));
        let only = Site {
            side,
            authority: "localhost".into(),
            tls: tls.unwrap(),
            app,
        };
        let sites = match side {
            Side::Publishing => Sites::Plain(only.app),
            Side::Gateway | Side::Card => Sites::Tls {
                first: only,
                others: Vec::new(),
            },
        };
        let limits = Limits {
            handshake: Duration::from_millis(200),
            request_head: Duration::from_millis(200),
            ..Limits::default()
        };
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (pull, stop) = Stop::new();
        let trust = Arc::new(Trust::new([]).unwrap());
        let listener = Listener {
            socket,
            sites,
            trust,
            clock: Arc::new(MachineClock),
            limits,
        };
        tokio::spawn(listener.run(stop));
        Self {
            address,
            server,
            stop: pull,
        }
    }

    fn client(
        &self,
        chain: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> ClientConfig {
        self.client_of(rustls::ALL_VERSIONS, chain)
    }

    fn client_of(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        chain: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.server.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match chain {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.resumption = Resumption::in_memory_sessions(8);
        config
    }

    async fn connect(&self, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(config.clone()).connect(name, tcp).await
    }

    async fn ask(&self, config: ClientConfig) -> std::io::Result<String> {
        let mut stream = self.connect(&Arc::new(config)).await?;
        answer_of(&mut stream).await
    }
}

async fn answer_of(stream: &mut TlsStream<TcpStream>) -> std::io::Result<String> {
    stream.write_all(REQUEST).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_half_sent_header_is_cut() {
    let trial = Trial::open(Side::Publishing).await;
    let mut slow = TcpStream::connect(trial.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: loc")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let _cut = slow.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).contains("200"));
}

#[tokio::test]
async fn a_client_silent_after_its_handshake_is_cut() {
    for protocol in [&b"h2"[..], b"http/1.1"] {
        let trial = Trial::open(Side::Gateway).await;
        let mut config = trial.client(None);
        config.alpn_protocols = vec![protocol.to_vec()];
        let mut silent = trial.connect(&Arc::new(config)).await.unwrap();
        let mut rest = Vec::new();
        let _cut = silent.read_to_end(&mut rest).await;
    }
}

#[tokio::test]
async fn a_silent_client_is_cut_and_holds_up_nobody() {
    let trial = Trial::open(Side::Gateway).await;
    let mut silent = TcpStream::connect(trial.address).await.unwrap();
    let answer = trial.ask(trial.client(None)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut rest = Vec::new();
    let _cut = silent.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn the_gateway_never_asks_for_a_card() {
    let trial = Trial::open(Side::Gateway).await;
    let (card, key) = pair("card");
    let answer = trial
        .ask(trial.client(Some((vec![card], key))))
        .await
        .unwrap();
    assert!(answer.ends_with("not asked"), "{answer}");
}

#[tokio::test]
async fn the_card_listener_asks_and_lets_strangers_reach_their_page() {
    let trial = Trial::open(Side::Card).await;
    let answer = trial.ask(trial.client(None)).await.unwrap();
    assert!(answer.ends_with("no certificate"), "{answer}");
    let (card, key) = pair("card");
    let answer = trial
        .ask(trial.client(Some((vec![card], key))))
        .await
        .unwrap();
    assert!(answer.ends_with("foreign"), "{answer}");
}

#[tokio::test]
async fn nothing_resumes_on_the_card_listener() {
    for version in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let trial = Trial::open(Side::Card).await;
        let (card, key) = pair("card");
        let config = Arc::new(trial.client_of(version, Some((vec![card], key))));
        for _attempt in 0..3 {
            let mut stream = trial.connect(&config).await.unwrap();
            let answer = answer_of(&mut stream).await.unwrap();
            assert!(answer.ends_with("foreign"), "{answer}");
            assert_eq!(
                stream.get_ref().1.handshake_kind(),
                Some(HandshakeKind::Full)
            );
            assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
        }
    }
}

#[tokio::test]
async fn a_chain_of_a_hundred_certificates_is_refused_in_the_handshake() {
    let trial = Trial::open(Side::Card).await;
    let (card, key) = pair("card");
    let refused = trial.ask(trial.client(Some((vec![card; 100], key)))).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_refused_in_the_handshake() {
    #[derive(Debug)]
    struct Stolen(Arc<rustls::sign::CertifiedKey>);
    impl rustls::client::ResolvesClientCert for Stolen {
        fn resolve(
            &self,
            _hints: &[&[u8]],
            _schemes: &[rustls::SignatureScheme],
        ) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(self.0.clone())
        }
        fn has_certs(&self) -> bool {
            true
        }
    }
    let trial = Trial::open(Side::Card).await;
    let (victim, _her_key) = pair("victim");
    let (_own, key) = pair("thief");
    let signing = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let mut config = trial.client(None);
    config.client_auth_cert_resolver = Arc::new(Stolen(Arc::new(rustls::sign::CertifiedKey::new(
        vec![victim],
        signing,
    ))));
    assert!(trial.ask(config).await.is_err());
}

#[tokio::test]
async fn a_stopped_listener_answers_what_was_asked_and_takes_nobody_new() {
    let trial = Trial::open(Side::Publishing).await;
    let mut open = TcpStream::connect(trial.address).await.unwrap();
    open.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0_u8; 12];
    open.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    trial.stop.send(true).unwrap();
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(trial.address).await.is_err());
}
