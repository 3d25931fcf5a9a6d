//! The PKI of dev, made by the ceremonies of the ca room.
//!
//! Two trees that share nothing. Cards: a root of 60 years and an issuer of 45, both from 12 years before the first
//! start, so that the demo histories fit in. TLS: a root critically limited to this machine, whose key exists only
//! while its issuer is made; an issuer; and one certificate each for gateway and card listener, renewed at start
//! when old. The cards live in dev time, TLS in the machine's (contract 3).

mod checkpoint;
mod foreign;
mod listeners;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use ca::crl::{self, CrlContents};
use ca::keys::{Algorithm, FileKey};
use ca::publishing::PublishingFacts;
use ca::{Assurance, Authority, Issuer, Publishing, ceremony};
use policies::permit::Validity;
use policies::time::{Span, Time};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use crate::calendar;
use crate::cards::pem;
use crate::folder::Folder;

pub use checkpoint::{card_secrets_key, checkpoint_key};
pub use foreign::{ForeignCard, ForeignPki};
pub use listeners::{ListenerCertificate, renew_listener_certificates};

/// File of the root that a browser is asked to trust.
pub const TLS_ROOT: &str = "pki/tls-root.pem";
/// File of the root of the cards.
pub const CARD_ROOT: &str = "pki/card-root.pem";
/// File of the issuer of the cards.
pub const ISSUING: &str = "pki/issuing.pem";
/// File of the list of revoked issuers of cards, which is empty.
pub const CARD_ROOT_LIST: &str = "pki/card-root-crl.pem";

const TLS_ISSUING: &str = "pki/tls-issuing.pem";
const TLS_ISSUING_KEY: &str = "keys/tls-issuing.key";
const ISSUING_KEY: &str = "keys/issuing.key";
const CARD_ROOT_KEY: &str = "keys/card-root.key";

/// The arc that is reserved for documentation (RFC 5612); `matron serve` refuses everything made under it.
const DOCUMENTATION_ARC: &str = "1.3.6.1.4.1.32473";

/// Years from the making of the card root back to its first second.
const YEARS_BEFORE: u32 = 12;
/// Years that the card root is valid (contract 3).
const ROOT_YEARS: u32 = 60;
/// Years that the issuer of the cards is valid (contract 3).
const ISSUING_YEARS: u32 = 45;
/// Years that the TLS tree is valid: longer than anybody keeps a demo folder.
const TLS_YEARS: u32 = 10;

/// The authority over the demo cards, and what the world may know of the tree above it.
pub struct DevPki {
    /// Signs cards and revocation lists.
    pub authority: Authority,
    /// The root of the cards, DER.
    pub card_root: Vec<u8>,
    /// The root's own revocation list, DER: the issuing certificate names its address.
    pub root_list: Vec<u8>,
    /// The issuer of the cards, DER.
    pub issuing: Vec<u8>,
}

impl DevPki {
    /// Makes both trees and writes them into the folder. `first_start` is dev's clock, `machine` the machine's.
    pub fn create(
        folder: &Folder,
        pki_url: &str,
        first_start: Time,
        machine: Time,
    ) -> Result<Self> {
        let publishing = publishing(pki_url)?;
        let tree = CardTree::make(&publishing, first_start)?;
        folder.write_public(CARD_ROOT, pem("CERTIFICATE", tree.root.der()))?;
        folder.write_secret(CARD_ROOT_KEY, tree.root_key.to_pem()?.as_bytes())?;
        let root_list = tree.root_list()?;
        folder.write_public(CARD_ROOT_LIST, pem("X509 CRL", &root_list))?;
        folder.write_public(ISSUING, pem("CERTIFICATE", tree.issuing.der()))?;
        folder.write_secret(ISSUING_KEY, tree.issuing_key.to_pem()?.as_bytes())?;
        make_tls_tree(folder, &publishing, machine)?;
        let (card_root, issuing) = (tree.root.der().to_vec(), tree.issuing.der().to_vec());
        Ok(Self {
            authority: Authority::new(vec![tree.issuing], publishing)?,
            card_root,
            root_list,
            issuing,
        })
    }

    /// Reads the tree of the cards back.
    pub fn open(folder: &Folder, pki_url: &str) -> Result<Self> {
        let card_root = read_certificate(folder, CARD_ROOT)?;
        let root_list =
            CertificateRevocationListDer::from_pem_slice(folder.read(CARD_ROOT_LIST)?.as_bytes())
                .ok()
                .with_context(|| format!("{CARD_ROOT_LIST} is not PEM"))?
                .to_vec();
        let issuing = read_certificate(folder, ISSUING)?;
        let key = FileKey::from_pem(&folder.read(ISSUING_KEY)?).context("the issuing key")?;
        let issuer = Issuer::new(issuing.clone(), Arc::new(key))
            .context("the issuing certificate and its key")?;
        Ok(Self {
            authority: Authority::new(vec![issuer], publishing(pki_url)?)?,
            card_root,
            root_list,
            issuing,
        })
    }
}

/// The tree of the cards, keys included.
struct CardTree {
    root: Issuer,
    root_key: Arc<FileKey>,
    issuing: Issuer,
    issuing_key: Arc<FileKey>,
}

impl CardTree {
    fn make(publishing: &Publishing, first_start: Time) -> Result<Self> {
        let begins = calendar::minus_months(first_start, i64::from(YEARS_BEFORE * 12))?;
        let root_key = Arc::new(FileKey::generate(Algorithm::P384)?);
        let issuing_key = Arc::new(FileKey::generate(Algorithm::P256)?);
        let root = ceremony::make_root(
            publishing,
            "Matron DEMO card root",
            Arc::clone(&root_key) as _,
            years(begins, ROOT_YEARS),
        )
        .context("the card root")?;
        let key = Arc::clone(&issuing_key) as _;
        let issuing = ceremony::make_issuing(
            &root,
            publishing,
            "Matron DEMO card issuing",
            key,
            years(begins, ISSUING_YEARS),
        )
        .context("the card issuer")?;
        Ok(Self {
            root,
            root_key,
            issuing,
            issuing_key,
        })
    }

    /// The root's list, signed once: it revokes nothing, and it holds for as long as the issuer does, so that dev's
    /// clock may stand anywhere (an offline root would sign one every few months).
    fn root_list(&self) -> Result<Vec<u8>> {
        let Validity {
            not_before,
            not_after,
        } = self.issuing.validity();
        let contents = CrlContents {
            number: 1,
            this_update: not_before,
            next_update: not_after,
            entries: &[],
            distribution_point: None,
        };
        crl::build(&self.root, &contents).context("the list of the card root")
    }
}

/// The key of the TLS root is dropped, and wiped, at the end of this function. It is written nowhere.
fn make_tls_tree(folder: &Folder, publishing: &Publishing, machine: Time) -> Result<()> {
    let validity = years(machine, TLS_YEARS);
    let root_key = Arc::new(FileKey::generate(Algorithm::P256)?);
    let root = ceremony::make_tls_root(publishing, "Matron DEMO TLS root", root_key, validity)
        .context("the TLS root")?;
    let key = Arc::new(FileKey::generate(Algorithm::P256)?);
    let issuing = ceremony::make_tls_issuing(
        &root,
        publishing,
        "Matron DEMO TLS issuing",
        Arc::clone(&key) as _,
        validity,
    )
    .context("the TLS issuer")?;
    folder.write_public(TLS_ROOT, pem("CERTIFICATE", root.der()))?;
    folder.write_public(TLS_ISSUING, pem("CERTIFICATE", issuing.der()))?;
    folder.write_secret(TLS_ISSUING_KEY, key.to_pem()?.as_bytes())
}

fn publishing(pki_url: &str) -> Result<Publishing> {
    let facts = PublishingFacts {
        pki_url: pki_url.to_owned(),
        country: "GB".to_owned(),
        organisation: "Matron DEMO".to_owned(),
        upn_realm: "demo.example".to_owned(),
        policy_arc: DOCUMENTATION_ARC.to_owned(),
        assurance: Assurance::Software,
    };
    Publishing::new(facts).context("what the demo authority says about itself")
}

fn years(not_before: Time, years: u32) -> Validity {
    Validity {
        not_before,
        not_after: not_before
            .plus_calendar_months(years * 12)
            .minus(Span::seconds(1)),
    }
}

fn read_certificate(folder: &Folder, name: &str) -> Result<Vec<u8>> {
    let text = folder.read(name)?;
    let certificate = CertificateDer::from_pem_slice(text.as_bytes())
        .ok()
        .with_context(|| format!("{name} is not PEM"))?;
    Ok(certificate.to_vec())
}

#[cfg(test)]
mod tests {
    use ca::verify::{Presented, Trust, judge};

    use super::*;

    const PKI_URL: &str = "http://127.0.0.1:8446";

    fn now() -> Time {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn folder(place: &tempfile::TempDir) -> Folder {
        let folder = Folder::open(place.path()).unwrap();
        folder.claim().unwrap();
        folder
    }

    #[test]
    fn the_tree_is_read_back_as_it_was_made_and_the_tls_root_has_no_key() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(&place);
        let made = DevPki::create(&folder, PKI_URL, now(), now()).unwrap();
        let read = DevPki::open(&folder, PKI_URL).unwrap();
        assert_eq!(made.issuing, read.issuing);
        assert_eq!(made.card_root, read.card_root);
        assert_eq!(made.root_list, read.root_list);
        let mut keys: Vec<_> = std::fs::read_dir(folder.path("keys"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        keys.sort();
        assert_eq!(keys, ["card-root.key", "issuing.key", "tls-issuing.key"]);
    }

    #[test]
    fn listener_certificates_are_renewed_when_old_and_kept_when_young() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(&place);
        DevPki::create(&folder, PKI_URL, now(), now()).unwrap();
        let chain_at = |machine: Time| {
            renew_listener_certificates(&folder, PKI_URL, machine).unwrap();
            ListenerCertificate::Gateway.chain(&folder).unwrap()
        };
        let first = chain_at(now());
        assert_eq!(first, chain_at(now().plus(Span::days(59))));
        assert_ne!(first, chain_at(now().plus(Span::days(61))));
        assert_ne!(
            ListenerCertificate::Gateway.chain(&folder).unwrap(),
            ListenerCertificate::Card.chain(&folder).unwrap()
        );
    }

    #[test]
    fn a_card_of_a_second_authority_with_our_names_is_foreign() {
        let place = tempfile::tempdir().unwrap();
        let ours = DevPki::create(&folder(&place), PKI_URL, now(), now()).unwrap();
        let foreign = DevPki::new_foreign().unwrap();
        let (user_id, number) = (
            "910000001001".parse().unwrap(),
            "9900000000001001".parse().unwrap(),
        );
        let card = foreign.card(&user_id, &number, now()).unwrap();
        let trust = Trust::new([ours.issuing.as_slice()]).unwrap();
        let chain: [&[u8]; 2] = [&card.certificates.authentication, &foreign.issuing];
        assert!(matches!(judge(&chain, &trust), Presented::Foreign(_)));
        let own = Trust::new([foreign.issuing.as_slice()]).unwrap();
        assert!(
            matches!(judge(&chain, &own), Presented::Ours(_)),
            "its own relying parties do trust it"
        );
    }
}
