//! TLS certificates of gateway and card listener: separate ones (contract 2), of 90 days, renewed at start in their
//! last month, by the machine's clock.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use ca::keys::{FileKey, SigningKey as _};
use ca::profile::ServerNames;
use ca::request::SubjectKey;
use ca::{Issuer, ceremony};
use policies::permit::Validity;
use policies::time::{Span, Time};
use serde::{Deserialize, Serialize};

use super::{TLS_ISSUING, TLS_ISSUING_KEY, publishing, read_certificate};
use crate::cards::pem;
use crate::folder::Folder;

/// How long a certificate lives (ca.md 4.4: at most 90 days, both ends inclusive).
const LIFE: Span = Span::days(90);
/// Renewed when it ends within this time (ca.md 4.4: at two thirds).
const LAST_PART: Span = Span::days(30);

/// A certificate for a listener, with its chain, and the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerCertificate {
    /// The gateway's.
    Gateway,
    /// The card listener's.
    Card,
}

impl ListenerCertificate {
    const ALL: [Self; 2] = [Self::Gateway, Self::Card];

    const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Card => "card-listener",
        }
    }

    /// Chain as PEM: its own certificate, then its issuer's.
    pub fn chain(self, folder: &Folder) -> Result<String> {
        folder.read(&format!("pki/{}.pem", self.name()))
    }

    /// PKCS#8 PEM of the key.
    pub fn key(self, folder: &Folder) -> Result<String> {
        folder.read(&format!("keys/{}.key", self.name()))
    }
}

/// Dates of the listeners' certificates, kept beside them so that nobody needs to parse what we wrote ourselves.
#[derive(Deserialize, Serialize)]
struct Dates {
    not_before: i64,
    not_after: i64,
}

/// Issues both certificates anew unless they are young; call at each start with the machine's time.
pub fn renew_listener_certificates(folder: &Folder, pki_url: &str, machine: Time) -> Result<()> {
    if is_young(folder, machine) {
        return Ok(());
    }
    let publishing = publishing(pki_url)?;
    let key =
        FileKey::from_pem(&folder.read(TLS_ISSUING_KEY)?).context("the key of the TLS issuer")?;
    let issuer = Issuer::new(read_certificate(folder, TLS_ISSUING)?, Arc::new(key))
        .context("the TLS issuer")?;
    let names = ServerNames::new(
        vec!["localhost".to_owned()],
        vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
    )?;
    let end = machine
        .plus(LIFE)
        .minus(Span::seconds(1))
        .min(issuer.validity().not_after);
    let validity = Validity {
        not_before: machine,
        not_after: end,
    };
    for listener in ListenerCertificate::ALL {
        let key = FileKey::generate(ca::keys::Algorithm::P256)?;
        let subject =
            SubjectKey::from_spki(key.spki_der()).map_err(ca::request::RequestError::Key)?;
        let der =
            ceremony::issue_server_certificate(&issuer, &publishing, &names, &subject, validity)
                .with_context(|| format!("the TLS certificate of {}", listener.name()))?;
        let chain = pem("CERTIFICATE", &der) + &pem("CERTIFICATE", issuer.der());
        folder.write_public(&format!("pki/{}.pem", listener.name()), chain)?;
        folder.write_secret(
            &format!("keys/{}.key", listener.name()),
            key.to_pem()?.as_bytes(),
        )?;
    }
    let dates = Dates {
        not_before: validity.not_before.unix(),
        not_after: validity.not_after.unix(),
    };
    folder.write_public("pki/listeners.json", serde_json::to_string(&dates)?)
}

fn is_young(folder: &Folder, machine: Time) -> bool {
    let dates = folder
        .read("pki/listeners.json")
        .ok()
        .and_then(|text| serde_json::from_str::<Dates>(&text).ok());
    dates.is_some_and(|dates| {
        machine >= Time::from_unix(dates.not_before)
            && machine.plus(LAST_PART) < Time::from_unix(dates.not_after)
    })
}
