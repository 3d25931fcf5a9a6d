//! What `matron dev` says once it is there: where everything is and what to try, on stderr; `ready` on stdout, for
//! whoever waits for it.

use std::io::Write as _;

use certs_dev::manifest::Manifest;
use certs_dev::start::Start;
use ring::digest::{SHA256, digest};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// Says it. Nobody listening is no reason to stop.
pub(super) fn say(start: &Start, manifest: &Manifest) {
    eprint!("{}", text(start, manifest));
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "ready").and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody reads stdout");
    }
}

fn text(start: &Start, manifest: &Manifest) -> String {
    let root = start.folder.root().display();
    let begun = if start.continued.is_some() {
        "goes on with"
    } else {
        "has made"
    };
    let passcode = manifest
        .person("amara")
        .and_then(|amara| amara.card.as_ref())
        .map_or("", |card| card.passcode.as_str());
    let (app, issuer, card, pki) = (
        &manifest.app_url,
        &manifest.issuer,
        &manifest.card_url,
        &manifest.pki_url,
    );
    let (tls_root, fingerprint) = (&manifest.tls_root_certificate, fingerprint(start, manifest));
    format!(
        "\
matron dev {begun} the demo data in {root}

  Ward 7, the demo app   {app}   <- begin here
  Gateway (OIDC issuer)  {issuer}
  Card listener          {card}
  CRL, CA certificates   {pki}

  Sign in as Dr Amara Osei-DEMO: choose her under Demo card, passcode {passcode}
  Your browser asks whether to trust localhost; to end that, import {tls_root}
  (SHA-256 {fingerprint})
  Move the clock: echo +90d > {root}/clock      Start afresh: --reset      Stop: Ctrl-C
"
    )
}

/// As browsers show it: the thing to compare before importing.
fn fingerprint(start: &Start, manifest: &Manifest) -> String {
    let pem = start
        .folder
        .read(&manifest.tls_root_certificate)
        .unwrap_or_default();
    let Ok(certificate) = CertificateDer::from_pem_slice(pem.as_bytes()) else {
        return "unreadable".to_owned();
    };
    let octets = digest(&SHA256, &certificate);
    octets
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect::<Vec<_>>()
        .join(":")
}
