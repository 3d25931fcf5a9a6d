//! A small house for the tests: a database with tables, an authority with fresh keys, and people to
//! act on.

use std::sync::Arc;

use ca::authority::Authority;
use ca::ceremony::{make_issuing, make_root};
use ca::keys::{Algorithm, FileKey, KeyError, Repeats, SigningKey};
use ca::publishing::{Assurance, Publishing, PublishingFacts};
use policies::access::ActorRole;
use policies::authenticator::Standing as Proven;
use policies::card::KeyRole;
use policies::ids::{CardNumber, UserId};
use policies::lifecycle::CodeFacts;
use policies::permit::Validity;
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};
use policies::values::Policy;
use rcgen::{Attribute, CertificateParams, KeyPair};

use super::books;
use crate::audit::Actor;
use crate::cards::{CertificateSet, Standing, standing};
use crate::clock_mark::ClockTrust;
use crate::journeys::first_card::{Activation, FirstCard};
use crate::journeys::register_person::{NewPerson, register_person};
use crate::journeys::self_renew::{self, SelfRenewal};
use crate::journeys::{DeskActor, JourneyError, first_card};
use crate::ledger::{Issuing, Presented};
use crate::requests::CertificateRequest;
use crate::schema;
use crate::signed_in::SignedIn;
use crate::store::{Store, StoreError, Value};

/// 2026-01-05T09:00:00Z.
pub(super) const START: Time = Time::from_unix(1_767_603_600);

/// A key that never signs the same way twice, as hardware keys do, or says so at least.
struct Forgetful(FileKey);

impl SigningKey for Forgetful {
    fn spki_der(&self) -> &[u8] {
        self.0.spki_der()
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn repeats(&self) -> Repeats {
        Repeats::Randomised
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0.sign(octets)
    }
}

/// Everything a journey needs.
#[derive(Clone)]
pub(super) struct House {
    pub(super) issuing: Issuing,
}

impl House {
    /// A house whose issuing key repeats itself.
    pub(super) async fn new(store: Store) -> Self {
        Self::with_key(store, Arc::new(FileKey::generate(Algorithm::P256).unwrap())).await
    }

    /// A house whose issuing key does not.
    pub(super) async fn forgetful(store: Store) -> Self {
        Self::with_key(
            store,
            Arc::new(Forgetful(FileKey::generate(Algorithm::P256).unwrap())),
        )
        .await
    }

    pub(super) async fn with_key(store: Store, key: Arc<dyn SigningKey>) -> Self {
        store
            .migrate(schema::ROOM, schema::MIGRATIONS)
            .await
            .unwrap();
        let publishing = Publishing::new(PublishingFacts {
            pki_url: "http://127.0.0.1:8446".into(),
            country: "GB".into(),
            organisation: "DEMO".into(),
            upn_realm: "demo.example".into(),
            policy_arc: "1.3.6.1.4.1.32473".into(),
            assurance: Assurance::Software,
        })
        .unwrap();
        let years = |from: i64, to: i64| Validity {
            not_before: START.plus(Span::days(365 * from)),
            not_after: START.plus(Span::days(365 * to)),
        };
        let root_key = Arc::new(FileKey::generate(Algorithm::P384).unwrap());
        let root = make_root(&publishing, "DEMO Root", root_key, years(-12, 48)).unwrap();
        let issuer = make_issuing(&root, &publishing, "DEMO Issuing", key, years(-12, 33)).unwrap();
        let authority = Authority::new(vec![issuer], publishing).unwrap();
        Self {
            issuing: Issuing {
                store,
                authority: Arc::new(authority),
                policy: Arc::new(Policy::default_file()),
                clock: ClockTrust::Guarded,
            },
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.issuing.store
    }

    pub(super) fn policy(&self) -> &Arc<Policy> {
        &self.issuing.policy
    }

    /// Registers a verified person who accepted the terms.
    pub(super) async fn person(&self, number: u32) -> UserId {
        let new = new_person(number);
        let user_id = new.user_id.clone();
        register_person(self.store(), self.policy(), new, &desk(), START)
            .await
            .unwrap();
        user_id
    }

    /// Issues and activates a card.
    pub(super) async fn card(
        &self,
        user_id: &UserId,
        number: u32,
        now: Time,
    ) -> (CardNumber, CertificateSet) {
        let wanted = first(user_id, number, "first");
        let card = wanted.card.clone();
        first_card::issue(&self.issuing, wanted, &desk(), now)
            .await
            .unwrap();
        let set = first_card::activate(self.store(), self.policy(), activation(&card, now), now)
            .await
            .unwrap();
        (card, set)
    }

    /// Begins a renewal from a set and makes the wish for it.
    pub(super) async fn renewal(&self, from: &CertificateSet, key: &str, now: Time) -> SelfRenewal {
        let presented = self.presented(from);
        let begun = self_renew::start(self.store(), &presented, now)
            .await
            .unwrap();
        SelfRenewal {
            presented,
            renewal_id: begun.renewal_id,
            requests: requests(Some(&begun.nonce)),
            idempotency_key: key.parse().unwrap(),
        }
    }

    /// The authentication certificate of a set, as a handshake proves it.
    pub(super) fn presented(&self, set: &CertificateSet) -> Presented {
        let certificate = set.certificate(KeyRole::Authentication).unwrap();
        Presented {
            issuer: self.issuer(),
            serial: certificate.serial.clone(),
        }
    }

    pub(super) fn issuer(&self) -> String {
        self.issuing
            .authority
            .current()
            .unwrap()
            .id()
            .as_str()
            .to_owned()
    }

    pub(super) async fn standing(&self, set: &CertificateSet) -> Standing {
        let presented = self.presented(set);
        self.store()
            .read("test.standing", move |tx| {
                let presented = presented.clone();
                Box::pin(async move { standing(tx, &presented.issuer, &presented.serial).await })
            })
            .await
            .unwrap()
            .unwrap()
    }

    /// One number out of the database.
    pub(super) async fn count(&self, sql: &'static str) -> i64 {
        self.store()
            .read::<_, StoreError, _>("test.count", move |tx| {
                Box::pin(async move { Ok(tx.row(sql, &[]).await?.unwrap().read::<(i64,)>()?.0) })
            })
            .await
            .unwrap()
    }

    /// One text out of the database.
    pub(super) async fn text(&self, sql: &'static str) -> String {
        self.store()
            .read::<_, StoreError, _>("test.text", move |tx| {
                Box::pin(async move { Ok(tx.row(sql, &[]).await?.unwrap().read::<(String,)>()?.0) })
            })
            .await
            .unwrap()
    }

    /// Runs one statement past every rule of the code.
    pub(super) async fn execute(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let values = Arc::new(values);
        self.store()
            .write("test.execute", crate::store::Key::none(), move |tx| {
                let values = Arc::clone(&values);
                Box::pin(async move { tx.execute(sql, &values).await })
            })
            .await
    }
}

/// An operator with every right of a registration authority.
pub(super) fn desk() -> DeskActor {
    DeskActor {
        actor: Actor::Operator("tester".parse().unwrap()),
        roles: vec![ActorRole::RaManager],
        in_scope: true,
    }
}

pub(super) fn new_person(number: u32) -> NewPerson {
    NewPerson {
        user_id: format!("5550{number:08}").parse().unwrap(),
        title: "Dr".into(),
        given_name: "Demo".into(),
        middle_names: String::new(),
        family_name: "Person".into(),
        initials: String::new(),
        display_name: "Demo Person".into(),
        email: Some(format!("person{number}@demo.example")),
        mobile: None,
        id_assurance_level: 3,
        photo_svg: None,
        terms_version: Some("2026-01".into()),
        professional_numbers: Vec::new(),
        home_ra: None,
    }
}

pub(super) fn first(user_id: &UserId, number: u32, key: &str) -> FirstCard {
    FirstCard {
        user_id: user_id.clone(),
        card: format!("90000000{number:08}").parse().unwrap(),
        requests: requests(None),
        nonce: None,
        idempotency_key: key.parse().unwrap(),
    }
}

pub(super) fn activation(card: &CardNumber, now: Time) -> Activation {
    Activation {
        card: card.clone(),
        receipt_confirmed: true,
        code: CodeFacts::Right { sent_at: now },
    }
}

/// One request per key, each from a fresh key.
pub(super) fn requests(nonce: Option<&str>) -> Vec<CertificateRequest> {
    KeyRole::ALL
        .iter()
        .map(|key_role| CertificateRequest {
            key_role: *key_role,
            csr: csr(nonce),
        })
        .collect()
}

/// PKCS#10 from a fresh P-256 key, with the nonce as `challengePassword`.
pub(super) fn csr(nonce: Option<&str>) -> Vec<u8> {
    request(&KeyPair::generate().unwrap(), nonce)
}

/// The same from this key.
pub(super) fn request(key: &KeyPair, nonce: Option<&str>) -> Vec<u8> {
    let attributes = nonce.map(|nonce| {
        let length = u8::try_from(nonce.len()).unwrap();
        let mut values = vec![0x31, length + 2, 0x0c, length];
        values.extend(nonce.as_bytes());
        Attribute {
            oid: &[1, 2, 840, 113_549, 1, 9, 7],
            values,
        }
    });
    let request = CertificateParams::default()
        .serialize_request_with_attributes(key, attributes.into_iter().collect())
        .unwrap();
    request.der().to_vec()
}

/// The code of a refusal.
pub(super) fn refused<T>(answer: Result<T, JourneyError>) -> RefusalCode {
    match answer {
        Ok(_) => panic!("was allowed"),
        Err(error) => {
            error
                .refusal()
                .unwrap_or_else(|| panic!("no refusal: {error}"))
                .code
        }
    }
}

/// Somebody signed in by card since the start.
pub(super) fn in_session(user_id: &UserId, aal: Aal) -> SignedIn {
    let standing = Proven {
        aal,
        authenticated_at: START,
        method: Method::Smartcard,
        temporary: false,
    };
    books::signed_in("a-session", user_id, standing)
}
