//! A doctor with two roles and a card, by the journeys that the desk uses, before the server starts.

use std::sync::Arc;

use certs_dev::cards::signing_request;
use enrolment::audit::Actor;
use enrolment::clock_mark::ClockTrust;
use enrolment::journeys::DeskActor;
use enrolment::journeys::first_card::{self, Activation, FirstCard};
use enrolment::journeys::grant_role::{NewRole, grant_role};
use enrolment::journeys::register_organisation::register_organisation;
use enrolment::journeys::register_person::{NewPerson, register_person};
use enrolment::ledger::Issuing;
use enrolment::register::Organisation;
use enrolment::requests::CertificateRequest;
use enrolment::store::Store;
use policies::access::ActorRole;
use policies::card::KeyRole;
use policies::ids::{CardNumber, UserId};
use policies::lifecycle::CodeFacts;
use policies::values::Policy;
use rcgen::KeyPair;

use super::folder::{Production, now, pem};

pub(super) const DOCTOR: &str = "555000000001";
/// Her role ids: at the hospital and at the surgery.
pub(super) const ROLES: [&str; 2] = ["555100000001", "555100000002"];
const CARD: &str = "9000000000000001";

/// Writes her with these of her roles into the migrated database; her card's chain and key, PEM.
pub(super) async fn doctor(production: &Production, roles: &[&str]) -> Vec<u8> {
    let issuing = issuing(production).await;
    let places: Vec<_> = roles.iter().copied().zip(["NW1", "NW2"]).collect();
    for (_, org_code) in &places {
        let organisation = Organisation {
            org_code: org_code.parse().expect("a code"),
            name: format!("Place {org_code}"),
            hosted_by: None,
            desk_hours: String::new(),
            desk_contact: String::new(),
            address: String::new(),
        };
        register_organisation(&issuing.store, organisation, &desk().actor, now())
            .await
            .expect("registered");
    }
    let made = holder(&issuing, DOCTOR, CARD, &places).await;
    card_file(production, made)
}

/// Colleagues of hers at the hospital, each with a card in use and one role; chain and key of each card, PEM. At most 99.
pub(super) async fn colleagues(production: &Production, many: u32) -> Vec<Vec<u8>> {
    let issuing = issuing(production).await;
    let mut cards = Vec::new();
    for number in 1..=many {
        let [person, role] = ["5550000009", "5551000009"].map(|stem| format!("{stem}{number:02}"));
        let card = format!("90000000000009{number:02}");
        let made = holder(&issuing, &person, &card, &[(&role, "NW1")]).await;
        cards.push(card_file(production, made));
    }
    cards
}

async fn issuing(production: &Production) -> Issuing {
    let url = format!("sqlite:{}", production.path("matron.db").display());
    Issuing {
        store: Store::open(&url).await.expect("the database"),
        authority: Arc::new(production.authority()),
        policy: Arc::new(Policy::default_file()),
        clock: ClockTrust::Guarded,
    }
}

fn card_file(production: &Production, (certificate, key): (String, String)) -> Vec<u8> {
    [certificate, pem(&production.issuing()), key]
        .concat()
        .into_bytes()
}

/// Somebody new with a card in use and these roles, each with its organisation; her certificate and its key, PEM.
pub(super) async fn holder(
    issuing: &Issuing,
    user_id: &str,
    card_number: &str,
    places: &[(&str, &str)],
) -> (String, String) {
    let person: UserId = user_id.parse().expect("an id");
    register_person(
        &issuing.store,
        &issuing.policy,
        her(&person),
        &desk(),
        now(),
    )
    .await
    .expect("registered");
    for (role, org_code) in places {
        let role = general_practitioner(&person, role, org_code);
        grant_role(&issuing.store, &issuing.policy, role, &desk(), now())
            .await
            .expect("granted");
    }
    card(issuing, card_number, person).await
}

async fn card(issuing: &Issuing, number: &str, user_id: UserId) -> (String, String) {
    let card: CardNumber = number.parse().expect("a number");
    let keys: Vec<(KeyRole, KeyPair)> = KeyRole::ALL
        .iter()
        .map(|role| (*role, KeyPair::generate().expect("a key")))
        .collect();
    let request = |(key_role, key): &(KeyRole, KeyPair)| CertificateRequest {
        key_role: *key_role,
        csr: signing_request(key, None).expect("a request"),
    };
    let wanted = FirstCard {
        user_id,
        card: card.clone(),
        requests: keys.iter().map(request).collect(),
        nonce: None,
        idempotency_key: "first".parse().expect("a key"),
    };
    let set = first_card::issue(issuing, wanted, &desk(), now())
        .await
        .expect("issued");
    let activation = Activation {
        card,
        receipt_confirmed: true,
        code: CodeFacts::Right { sent_at: now() },
    };
    first_card::activate(&issuing.store, &issuing.policy, activation, now())
        .await
        .expect("activated");
    let certificate = set
        .certificate(KeyRole::Authentication)
        .expect("one to sign in with");
    let (_, key) = keys
        .iter()
        .find(|(role, _)| *role == KeyRole::Authentication)
        .expect("its key");
    (pem(&certificate.der), key.serialize_pem())
}

fn desk() -> DeskActor {
    DeskActor {
        actor: Actor::Operator("tester".parse().expect("a name")),
        roles: vec![ActorRole::RaManager],
        in_scope: true,
    }
}

fn her(user_id: &UserId) -> NewPerson {
    NewPerson {
        user_id: user_id.clone(),
        title: "Dr".into(),
        given_name: "Asha".into(),
        middle_names: String::new(),
        family_name: "Person".into(),
        initials: String::new(),
        display_name: "Asha Person".into(),
        email: None,
        mobile: None,
        id_assurance_level: 3,
        photo_svg: None,
        terms_version: Some("2026-01".into()),
        professional_numbers: Vec::new(),
        home_ra: None,
    }
}

fn general_practitioner(user_id: &UserId, role: &str, org_code: &str) -> NewRole {
    NewRole {
        role_id: role.parse().expect("an id"),
        user_id: user_id.clone(),
        org_code: org_code.parse().expect("a code"),
        person_orgid: role.replace("5551", "5552").parse().expect("an id"),
        job_role: "S8000:G8000:R8000".parse().expect("a job role"),
        role_name: "\"Clinical\":\"Clinical Provision\":\"General Medical Practitioner\"".into(),
        activities: Vec::new(),
        areas_of_work: Vec::new(),
        workgroups: Vec::new(),
        starts_at: now(),
        ends_at: None,
    }
}
