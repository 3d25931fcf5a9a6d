//! A folder as an operator of a hospital has one: an authority of its own, made by the ceremonies, TLS
//! certificates for two names from a public root, and `matron.toml`. Nothing in it comes from `matron dev`.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ca::keys::{Algorithm, FileKey};
use ca::publishing::{Assurance, Publishing, PublishingFacts};
use ca::{Authority, Issuer, ceremony};
use policies::permit::Validity;
use policies::time::{Span, Time};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;

use crate::support::matron::free_ports;

/// An arc that is not the one for documentation.
pub(super) const ARC: &str = "1.3.6.1.4.1.99999.1";
pub(super) const DOCUMENTATION_ARC: &str = "1.3.6.1.4.1.32473";

/// The application that the configuration names; its secret lies in a file.
pub(super) const PHARMACY_SECRET: &str = "a secret of the pharmacy, 40 letters long";

/// Where the two TLS names are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Told apart by SNI.
    OneAddress,
    /// Each on a port of its own.
    TwoAddresses,
}

/// The folder, and where the house listens.
pub(super) struct Production {
    home: TempDir,
    pub(super) gateway: u16,
    pub(super) card: u16,
    pub(super) publishing: u16,
    arc: &'static str,
}

impl Production {
    pub(super) fn new(layout: Layout) -> Self {
        Self::under(ARC, layout)
    }

    /// The same, all policies under `arc`.
    pub(super) fn under(arc: &'static str, layout: Layout) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let gateway = free_ports();
        let card = gateway + u16::from(layout == Layout::TwoAddresses);
        let made = Self {
            home,
            gateway,
            card,
            publishing: gateway + 3,
            arc,
        };
        made.make_authority();
        made.make_tls();
        made.write(
            "checkpoint.key",
            KeyPair::generate().expect("a key").serialize_pem(),
        );
        made.write("pharmacy.secret", PHARMACY_SECRET);
        made.write("matron.toml", made.text());
        made
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(super) fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        fs::write(self.path(name), octets).expect("a file in the folder");
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file in the folder")
    }

    /// The path of the configuration, as an argument.
    pub(super) fn config(&self) -> String {
        self.path("matron.toml").display().to_string()
    }

    pub(super) fn issuer(&self) -> String {
        format!("https://id.localhost:{}", self.gateway)
    }

    pub(super) fn card_url(&self) -> String {
        format!("https://card.localhost:{}", self.card)
    }

    pub(super) fn pki_url(&self) -> String {
        format!("http://pki.localhost:{}", self.publishing)
    }

    /// A configuration without a problem.
    pub(super) fn text(&self) -> String {
        let (issuer, card_url, pki_url) = (self.issuer(), self.card_url(), self.pki_url());
        let Self {
            gateway,
            card,
            publishing,
            arc,
            ..
        } = self;
        format!(
            r#"[gateway]
url = "{issuer}"
listen = "127.0.0.1:{gateway}"
certificate = "id.pem"
key = "id.key"

[card]
url = "{card_url}"
listen = "127.0.0.1:{card}"
certificate = "card.pem"
key = "card.key"

[publishing]
url = "{pki_url}"
listen = "127.0.0.1:{publishing}"

[database]
url = "sqlite:matron.db"

[authority]
root = "root.pem"
country = "GB"
organisation = "Northwell Hospital"
upn_realm = "ad.northwell.test"
policy_arc = "{arc}"

[[authority.issuer]]
certificate = "issuing.pem"
key = "issuing.key"

[audit]
checkpoint_key = "checkpoint.key"

[[client]]
client_id = "pharmacy"
name = "Pharmacy"
redirect_uris = ["https://pharmacy.northwell.test/callback"]
secret_file = "pharmacy.secret"
acr_values = ["AAL3_ANY"]
roles = ["S8000:G8000:R8000"]
"#
        )
    }

    /// The authority of the folder, for journeys that run before the server starts.
    pub(super) fn authority(&self) -> Authority {
        let key = FileKey::from_pem(&self.read("issuing.key")).expect("the issuing key");
        let issuer = Issuer::new(self.issuing().to_vec(), Arc::new(key)).expect("the issuer");
        Authority::new(vec![issuer], self.publishing_facts()).expect("an authority")
    }

    pub(super) fn issuing(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path("issuing.pem")).expect("a certificate")
    }

    fn publishing_facts(&self) -> Publishing {
        let facts = PublishingFacts {
            pki_url: self.pki_url(),
            country: "GB".into(),
            organisation: "Northwell Hospital".into(),
            upn_realm: "ad.northwell.test".into(),
            policy_arc: self.arc.into(),
            assurance: Assurance::CardFaceToFace,
        };
        Publishing::new(facts).expect("facts")
    }

    fn make_authority(&self) {
        let begins = now().minus(Span::days(1));
        let years = |n: u32| Validity {
            not_before: begins,
            not_after: begins.plus_calendar_months(n * 12),
        };
        let publishing = self.publishing_facts();
        let root_key = Arc::new(FileKey::generate(Algorithm::P384).expect("a key"));
        let root = ceremony::make_root(&publishing, "Northwell Root", root_key, years(20))
            .expect("a root");
        let key = Arc::new(FileKey::generate(Algorithm::P256).expect("a key"));
        let issuing = ceremony::make_issuing(
            &root,
            &publishing,
            "Northwell Cards",
            key.clone(),
            years(10),
        );
        self.write("root.pem", pem(root.der()));
        self.write("issuing.pem", pem(issuing.expect("an issuer").der()));
        self.write("issuing.key", key.to_pem().expect("PEM").as_bytes());
    }

    /// One root that browsers trust, and a certificate of its own for each name.
    fn make_tls(&self) {
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        authority
            .distinguished_name
            .push(DnType::CommonName, "A root that browsers trust");
        let root = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key"))
            .expect("a root");
        self.write("tls-root.pem", root.as_ref().pem());
        for name in ["id", "card"] {
            let key = KeyPair::generate().expect("a key");
            let names =
                CertificateParams::new(vec![format!("{name}.localhost")]).expect("parameters");
            let certificate = names.signed_by(&key, &root).expect("a certificate");
            self.write(&format!("{name}.pem"), certificate.pem());
            self.write(&format!("{name}.key"), key.serialize_pem());
        }
    }
}

/// What the machine's clock says.
pub(super) fn now() -> Time {
    let seconds = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_secs();
    Time::from_unix(i64::try_from(seconds).expect("before the end of time"))
}

/// A certificate as PEM (RFC 7468).
pub(super) fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(der)
    )
}
