//! What is altered: certificates of a house like ours, and those that nobody here made, where the
//! folder with them is there (docs/proofs.md).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ca::keys::{Algorithm, FileKey, SigningKey};
use ca::publishing::PublishingFacts;
use ca::request::SubjectKey;
use ca::verify::Trust;
use ca::{Assurance, Authority, Publishing, ceremony};
use policies::access::{ActorFacts, ActorRole};
use policies::card::{CardState, KeyRole};
use policies::issuance::{self, FirstCardFacts, KeyFacts, SubjectFacts};
use policies::permit::{IssuePermit, Validity};
use policies::time::{Span, Time};
use policies::values::Policy;
use serde_json::Value;

type Fault = Box<dyn std::error::Error>;

/// A house with its authorities and a card.
pub struct House {
    /// Who issues.
    pub authority: Authority,
    /// The issuing key.
    pub key: Arc<FileKey>,
    /// Whose cards its listener takes.
    pub trust: Trust,
    /// Its certificates: root, issuing authority, the two of a card.
    pub certificates: Vec<Vec<u8>>,
}

/// When the house was founded.
pub const FOUNDED: Time = Time::from_unix(1_800_000_000);

/// Founds one.
pub fn house() -> Result<House, Fault> {
    let publishing = Publishing::new(PublishingFacts {
        pki_url: "http://pki.example".into(),
        country: "GB".into(),
        organisation: "DEMO Trust".into(),
        upn_realm: "cards.example".into(),
        policy_arc: "1.3.6.1.4.1.32473".into(),
        assurance: Assurance::CardFaceToFace,
    })?;
    let key = |algorithm| FileKey::generate(algorithm).map(Arc::new);
    let root_key = key(Algorithm::P384)?;
    let root = ceremony::make_root(&publishing, "Root", root_key, years(40))?;
    let key = key(Algorithm::P256)?;
    let issuer = ceremony::make_issuing(&root, &publishing, "Issuing", key.clone(), years(20))?;
    let mut certificates = vec![root.der().to_vec(), issuer.der().to_vec()];
    let trust = Trust::new([issuer.der()])?;
    let authority = Authority::new(vec![issuer], publishing)?;
    let mut keys = Vec::new();
    for role in KeyRole::ALL {
        let own = FileKey::generate(Algorithm::P256)?;
        keys.push((*role, SubjectKey::from_spki(own.spki_der())?));
    }
    let set = authority.prepare(permit()?, keys)?;
    for one in set.certificates() {
        let signed = authority.sign(&one.to_reserved())?;
        certificates.push(signed.der().to_vec());
    }
    Ok(House {
        authority,
        key,
        trust,
        certificates,
    })
}

fn years(years: i64) -> Validity {
    Validity {
        not_before: FOUNDED,
        not_after: FOUNDED.plus(Span::days(years * 365)),
    }
}

/// The law's yes to a first card.
fn permit() -> Result<IssuePermit, Fault> {
    let facts = FirstCardFacts {
        subject: SubjectFacts {
            user_id: "555012345678".parse()?,
            person_version: 1,
            person_open: true,
            card: "9000000000000001".parse()?,
            card_version: 1,
            card_state: CardState::Requested,
        },
        identity_verified: true,
        terms_accepted: true,
        other_live_card: false,
        plastic_used_before: false,
        series_ended: false,
        actor: ActorFacts {
            roles: vec![ActorRole::RaManager],
            is_subject: false,
            in_scope: true,
        },
        keys: KeyFacts {
            fresh: true,
            proven: true,
            acceptable: true,
        },
        issuer_not_after: years(20).not_after,
    };
    let now = FOUNDED.plus(Span::days(1));
    issuance::first_card(&facts, now, &Policy::default_file())
        .map_err(|refusal| format!("{:?}", refusal.code).into())
}

/// Certificates from the folder of vectors: x509-limbo's, and the roots of the FIDO Alliance's
/// metadata. None where the folder is not there.
pub fn others() -> Result<Vec<Vec<u8>>, Fault> {
    let folder = std::env::var_os("MATRON_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!(
            "!! LEFT OUT: certificates that nobody here made. They are not where MATRON_VECTORS points."
        );
        return Ok(Vec::new());
    }
    let mut all = limbo(&folder.join("x509-limbo/limbo.json"))?;
    for size in ["big", "small"] {
        all.extend(metadata(
            &folder.join("webauthn/metadata").join(size).join("blob.jwt"),
        )?);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

fn limbo(path: &Path) -> Result<Vec<Vec<u8>>, Fault> {
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let mut all = Vec::new();
    for case in cases.as_array().into_iter().flatten() {
        let lists = [&case["trusted_certs"], &case["untrusted_intermediates"]];
        let listed = lists.into_iter().filter_map(Value::as_array).flatten();
        for pem in listed.chain([&case["peer_certificate"]]) {
            let lines = pem.as_str().unwrap_or_default().lines();
            let body: String = lines.filter(|line| !line.starts_with('-')).collect();
            all.push(STANDARD.decode(body)?);
        }
    }
    Ok(all)
}

fn metadata(path: &Path) -> Result<Vec<Vec<u8>>, Fault> {
    let blob = std::fs::read_to_string(path)?;
    let claims = blob.split('.').nth(1).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    let entries = claims["entries"].as_array().into_iter().flatten();
    let roots = entries
        .filter_map(|entry| entry["metadataStatement"]["attestationRootCertificates"].as_array());
    let mut all = Vec::new();
    for root in roots.flatten().filter_map(Value::as_str) {
        all.push(STANDARD.decode(root.split_whitespace().collect::<String>())?);
    }
    Ok(all)
}
