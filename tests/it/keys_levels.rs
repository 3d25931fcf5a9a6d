//! What a key is worth: what was proven, when it was added and today; copies, models that were broken,
//! leavers, and how many one person may have.

use reqwest::StatusCode;
use serde_json::json;

use crate::keys::{AAL2, AAL3, allowing, listing};
use crate::keys_attacks::{FINISH, START, failed, refusal, with_key};
use crate::support::agent::role_ids;
use crate::support::app::CALLBACK;
use crate::support::ceremony::{self, add, add_by_api, sign_in};
use crate::support::desk::user_id;
use crate::support::key::{Batch, Make, SoftKey, Statement};
use crate::support::letters::letters;
use crate::support::pages::{assert_offers_only_to_sign_in_again, form_with};
use crate::support::phone;
use crate::support::soft::{Api, Said};
use crate::support::{Agent, App, Matron, Reader};

#[tokio::test]
async fn what_only_a_copy_could_answer_locks_the_key_and_she_is_told() {
    let changes: [fn(&mut SoftKey); 2] = [|copy| copy.counter = 0, |copy| copy.make.synced = true];
    for change in changes {
        let batch = Batch::of(*b"matron-test-key!");
        let (matron, mut key) = with_key(&batch).await;
        let app = App::new(&matron, "ward7");
        let mut agent = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut agent, &app.url(&[AAL3]), "security-key", &mut key).await;
        agent.follow(page, CALLBACK).await;
        let mut copy = key.clone();
        change(&mut copy);
        let mut other = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut other, &app.url(&[AAL2]), "security-key", &mut copy).await;
        assert_eq!(page.refusal().as_deref(), Some("authenticator_locked"));
        assert!(page.body.contains("<li>Smartcard</li>"), "{}", page.body);
        assert_eq!(
            matron.audit_lines("authenticator_changed", "looks_copied"),
            1
        );
        assert!(!letters(&matron, "Locked").is_empty() || !letters(&matron, "locked").is_empty());
        // What it had opened is over, and the true one opens nothing either.
        let mine = format!("{}/my/sessions", matron.issuer());
        assert_eq!(agent.get(&mine).await.status, StatusCode::SEE_OTHER);
        let mut third = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut third, &app.url(&[AAL2]), "security-key", &mut key).await;
        assert_eq!(page.refusal().as_deref(), Some("authenticator_locked"));
    }
}

#[tokio::test]
async fn an_owner_that_no_signature_covers_is_refused_and_the_key_goes_on() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let app = App::new(&matron, "ward7");
    let mut other = Agent::new(&matron, Reader::Empty);
    let mut changed = key.clone();
    changed.user_handle = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let page = sign_in(&mut other, &app.url(&[AAL2]), "security-key", &mut changed).await;
    assert_eq!(page.refusal().as_deref(), Some("ceremony_failed"));
    assert_eq!(
        matron.audit_lines("authenticator_changed", "looks_copied"),
        0
    );
    let page = sign_in(&mut other, &app.url(&[AAL3]), "security-key", &mut key).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

#[tokio::test]
async fn g24_a_raised_key_opens_no_desk_on_the_day_after_it_was_raised() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let (phone, _) = phone::set_up(&matron, &Api::of(&matron, "ruth").await).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let ward = App::new(&matron, "ward7");
    let (_, form) = phone::form(&mut agent, &ward.url(&[phone::ACR])).await;
    let (name, digits) = (user_id(&matron, "ruth"), phone::code(&matron, &phone));
    phone::send(&mut agent, &form, &name, "tea at the window", &digits).await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let added = add(&mut agent, &matron, &mut key, "Ruth's key").await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    // Two days later her card raises it; what counts is when.
    matron.set_clock("2026-11-27T09:00:00Z");
    Api::of(&matron, "ruth").await;
    let own = format!("{}/signin/own?page=desk", matron.issuer());
    for (instant, new) in [
        ("2026-11-28T08:59:59Z", true),
        ("2026-11-28T09:00:00Z", false),
    ] {
        matron.set_clock(instant);
        let mut agent = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut agent, &own, "security-key", &mut key).await;
        agent.follow(page, "none").await;
        let page = agent.get(&format!("{}/desk", matron.issuer())).await;
        let code = page.refusal();
        let wanted = new.then_some("authenticator_too_new");
        assert_eq!(code.as_deref(), wanted, "{}", page.body);
    }
}

pub(crate) async fn offered(matron: &Matron, api: &Api<'_>, make: Make) -> (Said, SoftKey) {
    let begun = api.post(START, &json!({})).await.good();
    let mut key = SoftKey::new(&matron.issuer(), make);
    let body = json!({
        "ceremony_id": begun.text("ceremony_id"),
        "name": "My key",
        "credential": key.create(&begun.body["public_key"]),
    });
    (api.post(FINISH, &body).await, key)
}

#[tokio::test]
async fn a_level_is_what_was_proven_never_what_was_said() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let api = Api::of(&matron, "amara").await;
    // No PIN, finger or face: a key of before, whoever made it.
    let blind = Make {
        verifies: false,
        ..Make::of(&batch)
    };
    let (said, _) = offered(&matron, &api, blind).await;
    assert_eq!(
        (said.status, said.code()),
        refusal(422, "model_not_allowed")
    );
    // A chain of somebody who is not its maker is a lie and no key at all.
    let liar = Batch::of(*b"matron-test-key!");
    let (said, _) = offered(&matron, &api, Make::of(&liar)).await;
    assert_eq!((said.status, said.code()), refusal(422, "ceremony_failed"));
    // The allowed model's name without its maker's word; a copy in an account.
    for (weaker, method) in [
        (
            Make {
                statement: Statement::Itself,
                ..Make::of(&batch)
            },
            "security-key",
        ),
        (
            Make {
                statement: Statement::None,
                ..Make::of(&batch)
            },
            "security-key",
        ),
        (
            Make {
                synced: true,
                ..Make::of(&batch)
            },
            "passkey",
        ),
    ] {
        let (said, mut key) = offered(&matron, &api, weaker).await;
        let added = said.good().body;
        assert_eq!(
            (&added["method"], &added["level"]),
            (&json!(method), &json!(2))
        );
        let app = App::new(&matron, "ward7");
        let mut agent = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut agent, &app.url(&[AAL3]), "security-key", &mut key).await;
        assert_eq!(page.refusal().as_deref(), Some("authenticator_too_weak"));
        // And without a PIN it signs nobody in.
        key.make.verifies = false;
        let page = sign_in(&mut agent, &app.url(&[AAL2]), "security-key", &mut key).await;
        failed(&page);
    }
}

#[tokio::test]
async fn adding_asks_for_a_fresh_proof_and_stops_at_ten() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let api = Api::of(&matron, "amara").await;
    for _ in 0..10 {
        let mut key = SoftKey::new(&matron.issuer(), Make::passkey());
        add_by_api(&api, &mut key, "One of ten").await;
    }
    let said = api.post(START, &json!({})).await;
    assert_eq!(said.code(), "limit_reached");
    let mine = format!("{}/my/authenticators", matron.issuer());
    let mut amara = Agent::with_card(&matron, "amara");
    App::new(&matron, "ward7").code_with(&mut amara, &[]).await;
    let list = amara.get(&mine).await.body;
    assert!(list.contains("data-hindrance=\"limit_reached\""), "{list}");
    assert!(list.contains("data-choice=\"remove\""), "{list}");
    assert!(!list.contains("data-choice=\"add-key\""), "{list}");
    let mut agent = Agent::with_card(&matron, "noah");
    App::new(&matron, "ward7").code_with(&mut agent, &[]).await;
    let url = format!("{mine}/key");
    let page = agent.get(&url).await;
    assert_eq!(page.status, StatusCode::OK);
    let form = ceremony::form(&page);
    let mut forged = form.clone();
    forged.hidden.retain(|(name, _)| name != "form_token");
    let refused = ceremony::start(&mut agent, &forged, &[("name", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for name in ["", "   ", &"x".repeat(41)] {
        let refused = ceremony::start(&mut agent, &form, &[("name", name)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    // Activity keeps the session; the proof grows old all the same.
    matron.set_clock("2026-11-25T09:14:00Z");
    agent.get(&url).await;
    matron.set_clock("2026-11-25T09:20:01Z");
    let late = agent.get(&url).await;
    assert_eq!(late.refusal().as_deref(), Some("reauthentication_needed"));
    assert!(
        late.body.contains("/signin/own?page=ways&#38;again=1"),
        "{}",
        late.body
    );
    let late = ceremony::start(&mut agent, &form, &[("name", "x")]).await;
    assert_eq!(late.refusal().as_deref(), Some("reauthentication_needed"));
    let list = agent.get(&mine).await;
    assert_offers_only_to_sign_in_again(&list.body, "reauthentication_needed");
}

#[tokio::test]
async fn a_leavers_key_opens_nothing() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let api = Api::of(&matron, "noah").await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    add_by_api(&api, &mut key, "My key").await;
    let ruth = Api::of(&matron, "ruth").await;
    let noah = matron.text("/people/noah/user_id");
    let said = ruth
        .post("/api/v1/desk/people/close", &json!({ "user_id": noah }))
        .await;
    said.good();
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&mut agent, &app.url(&[AAL2]), "security-key", &mut key).await;
    assert_eq!(page.refusal().as_deref(), Some("identity_closed"));
}

#[tokio::test]
async fn a_model_is_asked_about_again_at_every_sign_in() {
    let batch = Batch::of(*b"matron-test-key!");
    let folder = tempfile::TempDir::new().expect("a folder");
    let (list, dev) = (folder.path(), folder.path().join("dev"));
    let mut options = listing(&batch, list, "allowed");
    options.database = crate::support::engine::of_this_run();
    let ports = crate::support::matron::free_ports();
    let start = |standing: &str| {
        batch.list(list, standing);
        Matron::start_in(&dev, ports, options.clone()).expect("it starts")
    };
    let matron = start("allowed");
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let api = Api::of(&matron, "amara").await;
    add_by_api(&api, &mut key, "My key").await;
    let said = async |matron: &Matron, key: &mut SoftKey| {
        let app = App::new(matron, "ward7");
        let mut agent = Agent::new(matron, Reader::Empty);
        let page = sign_in(&mut agent, &app.url(&[AAL3]), "security-key", key).await;
        page.refusal()
    };
    assert_eq!(said(&matron, &mut key).await, None);
    drop(matron);
    let matron = start("known");
    let weaker = said(&matron, &mut key).await;
    assert_eq!(weaker.as_deref(), Some("authenticator_too_weak"));
    drop(matron);
    let matron = start("denied");
    let denied = said(&matron, &mut key).await;
    assert_eq!(denied.as_deref(), Some("model_not_allowed"));
    let api = Api::of(&matron, "noah").await;
    let (said, _) = offered(&matron, &api, Make::of(&batch)).await;
    assert_eq!(said.code(), "model_not_allowed");
}

#[tokio::test]
async fn g24_a_key_opens_no_desk_on_its_first_day_and_says_that_it_is_new() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let api = Api::of(&matron, "ruth").await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    add_by_api(&api, &mut key, "Ruth's key").await;
    let desk = format!("{}/desk", matron.issuer());
    let own = format!("{}/signin/own?page=desk", matron.issuer());
    for (instant, new) in [
        ("2026-11-26T08:59:59Z", true),
        ("2026-11-26T09:00:00Z", false),
    ] {
        matron.set_clock(instant);
        let mut agent = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut agent, &own, "security-key", &mut key).await;
        let page = agent.follow(page, "none").await;
        if let Some(role) = role_ids(&page.body).first() {
            let form = form_with(&page.body, "name=\"role_id\"");
            let page = agent.submit(&form, &[("role_id", role)]).await;
            agent.follow(page, "none").await;
        }
        let page = agent.get(&desk).await;
        let code = page.refusal();
        assert_eq!(
            code.as_deref(),
            new.then_some("authenticator_too_new"),
            "{}",
            page.body
        );
        let way_on = page.body.contains("/signin/own?page=desk&#38;again=1");
        assert_eq!(way_on, new, "{}", page.body);
        let list = agent
            .get(&format!("{}/my/authenticators", matron.issuer()))
            .await;
        assert_eq!(list.body.contains("data-new"), new, "{}", list.body);
    }
}
