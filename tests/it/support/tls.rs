//! Raw TLS: a client whose session store remembers, as browsers' do, and that says what it pleases after.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned};

use super::Matron;

/// A client configuration with default resumption; with a card when `alias` names one.
pub(crate) fn config(
    matron: &Matron,
    alias: Option<&str>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let chain = alias.map(|alias| {
        let pem = matron.file(&format!("/people/{alias}/card/authentication/certificate"));
        let key = matron.file(&format!("/people/{alias}/card/authentication/key"));
        let chain = CertificateDer::pem_slice_iter(&pem)
            .map(|c| c.expect("a certificate"))
            .collect();
        (chain, PrivateKeyDer::from_pem_slice(&key).expect("a key"))
    });
    with_chain(matron, chain, versions)
}

/// The same with any chain.
pub(crate) fn with_chain(
    matron: &Matron,
    chain: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(&matron.file("/tls_root_certificate"))
        .expect("the dev TLS root");
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions");
    let builder = builder.with_root_certificates(roots);
    Arc::new(match chain {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).expect("a card"),
        None => builder.with_no_client_auth(),
    })
}

/// One connection: sends `request` and reads to the end. Answers what came back and how the handshake went.
pub(crate) fn speak(
    config: &Arc<ClientConfig>,
    port: u16,
    request: &[u8],
) -> std::io::Result<(String, Option<HandshakeKind>)> {
    let name = ServerName::try_from("localhost").expect("a name");
    let tcp = TcpStream::connect(("127.0.0.1", port))?;
    tcp.set_read_timeout(Some(Duration::from_secs(20)))?;
    let connection =
        ClientConnection::new(Arc::clone(config), name).map_err(std::io::Error::other)?;
    let mut tls = StreamOwned::new(connection, tcp);
    tls.write_all(request)?;
    let mut answer = Vec::new();
    let end = tls.read_to_end(&mut answer);
    if answer.is_empty() {
        end?;
    }
    Ok((
        String::from_utf8_lossy(&answer).into_owned(),
        tls.conn.handshake_kind(),
    ))
}

/// A plain GET that asks for the connection to end.
pub(crate) fn get(host: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes()
}
