//! A house for tests: a real store in a folder of its own, a real authority, real token keys.

use std::sync::Arc;

use ca::authority::Authority;
use ca::ceremony::{make_issuing, make_root};
use ca::keys::{Algorithm, FileKey};
use ca::publishing::{Assurance, Publishing, PublishingFacts};
use ca::verify::Trust;
use enrolment::clock_mark::ClockTrust;
use enrolment::store::Store;
use enrolment::vault::Vault;
use policies::permit::Validity;
use policies::rbac::Rbac;
use policies::time::{Clock, Time};
use policies::values::Policy;
use ring::rand::SystemRandom;
use tempfile::TempDir;

use super::{House, Names, Shared};
use crate::errands::Errands;
use crate::federation::Federation;
use crate::health::Health;
use crate::post::Post;
use crate::serve::migrate;
use crate::tokens::{TokenKeys, provider};
use crate::webauthn::Models;

/// A clock that stands still at 2029-01-15T09:00:00Z.
struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        "2029-01-15T09:00:00Z".parse().unwrap()
    }
}

/// A house and the folder it lives in.
pub(crate) async fn house() -> (Shared, TempDir) {
    house_under(Policy::default_file()).await
}

/// The same under another policy.
pub(crate) async fn house_under(policy: Policy) -> (Shared, TempDir) {
    provider::install();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!(
        "sqlite:{}",
        folder.path().join("matron.db").display()
    ))
    .await
    .unwrap();
    migrate(&store).await.unwrap();
    let chance = SystemRandom::new();
    let issuer = "https://localhost:8443";
    let token_keys = TokenKeys::open(&store, issuer, &chance, Still.now())
        .await
        .unwrap();
    let (authority, root_certificate) = authority();
    let trust = Trust::new(authority.issuers().iter().map(ca::issuer::Issuer::der)).unwrap();
    let house = House {
        store,
        authority: Arc::new(authority),
        trust: Arc::new(trust),
        root_certificate,
        root_list: None,
        policy: Arc::new(policy),
        rbac: Arc::new(Rbac::default_file()),
        names: Names {
            issuer: issuer.into(),
            card_url: "https://localhost:8444".into(),
            pki_url: "http://127.0.0.1:8446".into(),
            app_url: None,
            cookie_suffix: "8443".into(),
            hsts: false,
        },
        token_keys,
        clock: Arc::new(Still),
        clock_trust: ClockTrust::Guarded,
        health: Health::new(),
        chance,
        vault: Some(Arc::new(Vault::from_bytes(&[7; 32]).unwrap())),
        keys: super::keys_of(issuer, Models::none()),
        post: Post::Folder(folder.path().join("outbox")),
        federation: Federation::default(),
        errands: Errands::default(),
        dev: None,
    };
    (Arc::new(house), folder)
}

fn authority() -> (Authority, Vec<u8>) {
    let publishing = Publishing::new(PublishingFacts {
        pki_url: "http://127.0.0.1:8446".into(),
        country: "GB".into(),
        organisation: "Example Trust".into(),
        upn_realm: "ad.example".into(),
        policy_arc: "1.3.6.1.4.1.99999".into(),
        assurance: Assurance::CardFaceToFace,
    })
    .unwrap();
    let key = || Arc::new(FileKey::generate(Algorithm::P384).unwrap());
    let until = |end: &str| Validity {
        not_before: "2020-01-01T00:00:00Z".parse().unwrap(),
        not_after: end.parse().unwrap(),
    };
    let root = make_root(&publishing, "Root", key(), until("2080-01-01T00:00:00Z")).unwrap();
    let end = until("2065-01-01T00:00:00Z");
    let issuing = make_issuing(&root, &publishing, "Issuing", key(), end).unwrap();
    (
        Authority::new(vec![issuing], publishing).unwrap(),
        root.der().to_vec(),
    )
}
