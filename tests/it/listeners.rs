//! The listeners: which name they answer to, what they remember (nothing), what they bear (security 3.1 rows 3-5, 76-80).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};

use crate::support::tls::{config, get, speak, with_chain};
use crate::support::{Matron, Options};

#[test]
fn the_card_listener_resumes_nothing() {
    let matron = Matron::shared();
    for version in [&TLS13, &TLS12] {
        let client = config(matron, Some("noah"), &[version]);
        let request = get(&format!("localhost:{}", matron.port + 1), "/login?t=none");
        for round in 0..3 {
            let (_, kind) = speak(&client, matron.port + 1, &request).expect("an answer");
            assert_eq!(
                kind,
                Some(HandshakeKind::Full),
                "{:?} round {round}",
                version.version
            );
        }
    }
}

#[tokio::test]
async fn a_cancelled_card_that_reconnects_with_its_old_tls_session_is_refused() {
    let Some(database) = crate::support::postgres().await else {
        return;
    };
    let matron = Matron::start(Options {
        database: Some(database.clone()),
        ..Options::default()
    });
    let app = crate::support::App::new(&matron, "ward7");
    let mut agent = crate::support::Agent::with_card(&matron, "noah");
    let page = agent.present_card(&app.url(&[])).await;
    assert!(page.location.is_some(), "the card is good: {}", page.body);
    crate::support::cancel_card(&database, &matron, "noah").await;
    let page = agent.present_card(&app.url(&[])).await;
    assert_eq!(page.refusal().as_deref(), Some("card_cancelled"));
    let redeemed_late = agent.get(&app.url(&[("prompt", "none")])).await;
    assert_eq!(
        redeemed_late.parameter("error").as_deref(),
        Some("login_required")
    );
}

#[tokio::test]
async fn cancelling_a_card_ends_its_session_and_tokens_at_once() {
    let Some(database) = crate::support::postgres().await else {
        return;
    };
    let matron = Matron::start(Options {
        database: Some(database.clone()),
        ..Options::default()
    });
    let app = crate::support::App::new(&matron, "ward7");
    let mut agent = crate::support::Agent::with_card(&matron, "noah");
    let code = app.code_with(&mut agent, &[]).await;
    let tokens = app.exchange(&code).await;
    assert_eq!(app.userinfo(&tokens.text("access_token")).await.status, 200);
    let waiting = app.code_with(&mut agent, &[]).await;
    crate::support::cancel_card(&database, &matron, "noah").await;
    assert_eq!(app.userinfo(&tokens.text("access_token")).await.status, 401);
    assert_eq!(app.exchange(&waiting).await.text("error"), "invalid_grant");
    let silent = agent.get(&app.url(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
}

#[test]
fn a_host_of_another_listener_is_misdirected() {
    let matron = Matron::shared();
    let (gateway, card) = (matron.port, matron.port + 1);
    let client = config(matron, Some("noah"), &[&TLS13]);
    let wrong = [
        (gateway, format!("localhost:{card}")),
        (card, format!("localhost:{gateway}")),
        (gateway, "localhost".to_owned()),
        (gateway, format!("127.0.0.1:{gateway}")),
        (gateway, format!("evil.example:{gateway}")),
        (card, format!("LOCALHOST.:{card}")),
    ];
    for (port, host) in wrong {
        let (answer, _) = speak(&client, port, &get(&host, "/")).expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 421"),
            "{host} on {port}: {}",
            &answer[..answer.len().min(80)]
        );
    }
    assert!(matron.audit_lines("host_mismatch", "") >= 6);
    let twice = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{gateway}\r\nHost: localhost:{card}\r\nConnection: close\r\n\r\n"
    );
    let (answer, _) = speak(&client, gateway, twice.as_bytes()).expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 4"),
        "two Host headers: {answer}"
    );
}

#[test]
fn a_chain_of_100_certificates_and_one_of_32_kib_end_in_the_handshake() {
    let matron = Matron::shared();
    let key = rcgen::KeyPair::generate().expect("a key");
    let own = rcgen::CertificateParams::new(vec!["x".into()])
        .expect("parameters")
        .self_signed(&key)
        .expect("a certificate");
    let mut wide = rcgen::CertificateParams::new(
        (0..1500)
            .map(|n| format!("name-{n}.example"))
            .collect::<Vec<_>>(),
    )
    .expect("parameters");
    wide.distinguished_name
        .push(rcgen::DnType::CommonName, "wide");
    let wide = wide.self_signed(&key).expect("a certificate");
    let private = || rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    for chain in [vec![own.der().clone(); 100], vec![wide.der().clone()]] {
        let client = with_chain(matron, Some((chain, private())), &[&TLS13]);
        let answer = speak(
            &client,
            matron.port + 1,
            &get(&format!("localhost:{}", matron.port + 1), "/login?t=x"),
        );
        assert!(answer.is_err(), "no page, no work: {answer:?}");
    }
    let client = config(matron, Some("noah"), &[&TLS13]);
    let (answer, _) = speak(
        &client,
        matron.port + 1,
        &get(&format!("localhost:{}", matron.port + 1), "/login?t=x"),
    )
    .expect("others go on");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

/// Every address that begins with 127 is this machine (RFC 1122 3.2.1.3): what listened everywhere would answer.
#[test]
fn all_of_dev_listens_on_one_address_of_this_machine() {
    let matron = Matron::shared();
    for port in matron.port..matron.port + 4 {
        TcpStream::connect(("127.0.0.1", port)).expect("a listener of dev");
        for other in ["127.0.0.2", "::1"] {
            let reached = TcpStream::connect((other, port));
            assert!(reached.is_err(), "{other} port {port}");
        }
    }
}

#[test]
fn half_a_header_is_cut_while_others_are_served() {
    let matron = Matron::shared();
    let client = config(matron, None, &[&TLS13]);
    let silent = TcpStream::connect(("127.0.0.1", matron.port)).expect("a connection");
    silent
        .set_read_timeout(Some(Duration::from_secs(15)))
        .expect("a deadline");
    let half = std::thread::spawn({
        let client = client.clone();
        let port = matron.port;
        move || speak(&client, port, b"GET / HTTP/1.1\r\nHost: loc")
    });
    let (answer, _) = speak(
        &client,
        matron.port,
        &get(&format!("localhost:{}", matron.port), "/healthz"),
    )
    .expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut silent = silent;
    silent.write_all(&[22]).expect("one byte of a handshake");
    let mut rest = Vec::new();
    assert!(
        silent.read_to_end(&mut rest).is_ok() || rest.is_empty(),
        "cut by the handshake deadline"
    );
    let half = half.join().expect("the other thread");
    assert!(
        half.map_or(true, |(answer, _)| answer.is_empty()
            || answer.starts_with("HTTP/1.1 408")),
        "cut by the header deadline"
    );
}

#[test]
fn certificate_headers_from_outside_mean_nothing() {
    let matron = Matron::shared();
    let client = config(matron, None, &[&TLS13]);
    let certificate = hex::encode(matron.file("/people/noah/card/authentication/certificate"));
    let port = matron.port + 1;
    let request = format!(
        "GET /login?t=x HTTP/1.1\r\nHost: localhost:{port}\r\nX-SSL-Client-Cert: {certificate}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
    );
    let (answer, _) = speak(&client, port, request.as_bytes()).expect("an answer");
    assert!(
        !answer.contains("ticket=") && !answer.contains("evil.example"),
        "{answer}"
    );
}
