//! Roles that ask for certain devices (law G27): judged when a key is added, when a role is chosen,
//! where tokens are minted and at the desk; a card opens them all.

use std::path::Path;

use serde_json::Value;

use crate::keys::{AAL2, listing};
use crate::keys_levels::offered;
use crate::support::agent::{Page, role_ids, smartcard_link};
use crate::support::app::CALLBACK;
use crate::support::ceremony::{add_by_api, sign_in};
use crate::support::key::{Batch, Make, SoftKey};
use crate::support::pages::{self, form_with};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options};

/// The model of the tests, as a list writes it.
const MODEL: &str = "6d617472-6f6e-2d74-6573-742d6b657921";

/// A folder in which one Matron after the other runs, each with groups of its own.
struct House {
    batch: std::sync::Arc<Batch>,
    folder: tempfile::TempDir,
    ports: u16,
    options: Options,
}

impl House {
    fn new() -> Self {
        let batch = Batch::of(*b"matron-test-key!");
        let folder = tempfile::TempDir::new().expect("a folder");
        let mut options = listing(&batch, folder.path(), "allowed");
        options.database = crate::support::engine::of_this_run();
        let ports = crate::support::matron::free_ports();
        Self {
            batch,
            folder,
            ports,
            options,
        }
    }

    fn start(&self, groups: &str) -> Matron {
        let list = self.batch.list(self.folder.path(), "allowed");
        let models = std::fs::read_to_string(&list).expect("a list");
        std::fs::write(&list, format!("{models}\n{groups}")).expect("a list");
        let dev: &Path = &self.folder.path().join("dev");
        Matron::start_in(dev, self.ports, self.options.clone()).expect("it starts")
    }

    async fn key_of(&self, matron: &Matron, alias: &'static str) -> SoftKey {
        let mut key = SoftKey::new(&matron.issuer(), Make::of(&self.batch));
        let api = Api::of(matron, alias).await;
        add_by_api(&api, &mut key, "My key").await;
        key
    }
}

fn denied_at_desks() -> String {
    format!("[[group]]\ndesk = [\"sponsor\", \"ra_manager\"]\ndeny = [\"{MODEL}\"]\n")
}

/// Signs in with a key, to the picker or back to the application.
async fn by_key(agent: &mut Agent, url: &str, key: &mut SoftKey) -> Page {
    let page = sign_in(agent, url, "security-key", key).await;
    agent.follow(page, CALLBACK).await
}

/// Chooses this role, also where no button of the page offers it.
async fn choose(agent: &mut Agent, page: &Page, role: &str) -> Page {
    let form = form_with(&page.body, "name=\"role_id\"");
    let page = agent.submit(&form, &[("role_id", role)]).await;
    agent.follow(page, CALLBACK).await
}

fn roles_of(userinfo: &Value) -> Vec<String> {
    let roles = userinfo["nhsid_nrbac_roles"].as_array();
    let roles = roles.into_iter().flatten();
    roles
        .filter_map(|role| role["person_roleid"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn g27_a_key_opens_the_roles_that_take_it_and_a_card_opens_all() {
    let house = House::new();
    let matron = house.start("");
    let mut key = house.key_of(&matron, "joan").await;
    drop(matron);
    let matron = house.start(&denied_at_desks());
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "joan");
    let page = agent.present_card(&app.url(&[])).await;
    let all = role_ids(&agent.follow(page, CALLBACK).await.body);
    assert_eq!(all.len(), 2);
    let url = app.url(&[AAL2]);
    let mut agent = Agent::with_card(&matron, "joan");
    let picker = by_key(&mut agent, &url, &mut key).await;
    let open = role_ids(&picker.body);
    assert_eq!(open.len(), 1, "{}", picker.body);
    assert!(picker.body.contains("closed-roles"), "{}", picker.body);
    let closed = all.iter().find(|role| !open.contains(role)).expect("one");
    let no = choose(&mut agent, &picker, closed).await;
    assert_eq!(no.refusal().as_deref(), Some("model_not_allowed"));
    assert_eq!(
        matron.audit_lines("sign_in_refused", "model_not_allowed"),
        1
    );
    let mut agent = Agent::with_card(&matron, "joan");
    let picker = by_key(&mut agent, &url, &mut key).await;
    let page = choose(&mut agent, &picker, &open[0]).await;
    let code = page.parameter("code").expect("a code");
    let tokens = app.exchange(&code).await;
    let userinfo = app.userinfo(&tokens.text("access_token")).await.body;
    assert_eq!(roles_of(&userinfo), open, "{userinfo}");
    // The way on from the picker leads to her card, and that to both.
    let mut agent = Agent::with_card(&matron, "joan");
    let picker = by_key(&mut agent, &url, &mut key).await;
    let form = form_with(&picker.body, "data-choice=\"other-way\"");
    let page = agent.submit(&form, &[]).await;
    let methods = agent.follow(page, CALLBACK).await;
    let link = smartcard_link(&methods.body).expect("her card");
    let page = agent.get(&link).await;
    let picker = agent.follow(page, CALLBACK).await;
    assert_eq!(role_ids(&picker.body).len(), 2, "{}", picker.body);
}

/// What was chosen while it was open is lost where it is not any more: no token, no desk.
#[tokio::test]
async fn g27_a_role_that_is_closed_after_the_choice_is_lost() {
    let house = House::new();
    let matron = house.start("");
    let mut key = house.key_of(&matron, "ruth").await;
    matron.set_clock("2026-11-26T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "ruth");
    let page = by_key(&mut agent, &app.url(&[AAL2]), &mut key).await;
    let code = page.parameter("code").expect("a code");
    let token = app.exchange(&code).await.text("access_token");
    assert!(app.userinfo(&token).await.status.is_success());
    let page = by_key(&mut agent, &app.url(&[AAL2, ("prompt", "login")]), &mut key).await;
    let late = page.parameter("code").expect("a code");
    let desk = format!("{}/desk", matron.issuer());
    assert!(agent.get(&desk).await.body.contains("name=\"q\""));
    drop(matron);
    let matron = house.start(&denied_at_desks());
    matron.set_clock("2026-11-26T09:00:00Z");
    let app = App::new(&matron, "ward7");
    assert!(!app.userinfo(&token).await.status.is_success());
    let page = agent.get(&desk).await;
    assert_eq!(page.refusal().as_deref(), Some("model_not_allowed"));
    assert!(page.body.contains("/signin/own?page=desk"), "{}", page.body);
    let answer = app.exchange(&late).await;
    assert_eq!(answer.body["error"], "invalid_grant", "{:?}", answer.body);
}

#[tokio::test]
async fn g27_a_key_that_opens_none_of_her_roles_leads_to_her_other_ways_and_is_not_added() {
    let house = House::new();
    let matron = house.start("");
    let mut key = house.key_of(&matron, "ruth").await;
    drop(matron);
    let matron = house.start(&denied_at_desks());
    let app = App::new(&matron, "ward7");
    let own = format!("{}/my/authenticators", matron.issuer());
    let mut agent = Agent::with_card(&matron, "ruth");
    let link = format!("{}/signin/own?page=my", matron.issuer());
    agent.sign_in(&link, &own, 0).await;
    let page = agent.get(&format!("{own}/key")).await;
    assert!(
        page.body.contains("any device, but not Test key"),
        "{}",
        page.body
    );
    let mut agent = Agent::with_card(&matron, "ruth");
    let page = by_key(&mut agent, &app.url(&[AAL2]), &mut key).await;
    assert_eq!(page.refusal().as_deref(), Some("model_not_allowed"));
    // Her own pages ask for no role, and stay hers.
    assert!(agent.get(&own).await.body.contains("My key"));
    let silent = agent.get(&app.url(&[AAL2, ("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let methods = pages::link(&page.body, "other-way").expect("a way on");
    let methods = agent.get(&methods).await;
    let link = smartcard_link(&methods.body).expect("her card");
    let page = agent.get(&link).await;
    let page = agent.follow(page, CALLBACK).await;
    assert!(page.parameter("code").is_some(), "{}", page.body);
    let api = Api::of(&matron, "ruth").await;
    let (said, _) = offered(&matron, &api, Make::of(&house.batch)).await;
    assert_eq!(said.code(), "model_not_allowed");
    let api = Api::of(&matron, "noah").await;
    let (said, _) = offered(&matron, &api, Make::of(&house.batch)).await;
    said.good();
}

#[tokio::test]
async fn g27_a_group_may_ask_for_the_makers_word_or_for_models_from_its_list() {
    let house = House::new();
    for (asks, vouched, silent, claimed) in [
        (
            "attestation = true".to_owned(),
            None,
            Some("attestation_missing"),
            "attestation_missing",
        ),
        (
            format!("allow = [\"{MODEL}\"]"),
            None,
            Some("model_not_allowed"),
            "attestation_missing",
        ),
        (
            "allow = [\"00000000-0000-0000-0000-000000000001\"]".to_owned(),
            Some("model_not_allowed"),
            Some("model_not_allowed"),
            "model_not_allowed",
        ),
    ] {
        let matron = house.start(&format!("[[group]]\nroles = [\"S8000:G8000\"]\n{asks}\n"));
        let api = Api::of(&matron, "hana").await;
        for (make, said) in [(Make::of(&house.batch), vouched), (Make::plain(), silent)] {
            let (answer, _) = offered(&matron, &api, make).await;
            match said {
                Some(code) => assert_eq!(answer.code(), code, "{asks}"),
                None => drop(answer.good()),
            }
        }
        // Somebody who names the model, without its maker.
        let named = Make {
            aaguid: *b"matron-test-key!",
            ..Make::plain()
        };
        let (answer, _) = offered(&matron, &api, named).await;
        assert_eq!(answer.code(), claimed, "{asks}");
    }
}

/// Her session goes on with the role that she chose by card, and with a key that does not open it:
/// an application that only asks what she may do learns nothing of that role, and leads her on.
#[tokio::test]
async fn g27_a_role_chosen_by_card_is_not_carried_on_by_a_key() {
    let house = House::new();
    let matron = house.start("");
    let mut key = house.key_of(&matron, "ruth").await;
    drop(matron);
    let matron = house.start(&denied_at_desks());
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "ruth");
    app.code_with(&mut agent, &[]).await;
    let scope = ("scope", "openid nationalrbacaccess");
    let anew = app.url(&[scope, AAL2, ("prompt", "login")]);
    let page = by_key(&mut agent, &anew, &mut key).await;
    assert_eq!(page.refusal().as_deref(), Some("model_not_allowed"));
    let again = agent.get(&app.url(&[scope, AAL2])).await;
    let again = agent.follow(again, CALLBACK).await;
    let go_on = form_with(&again.body, "data-choice=\"continue\"");
    let page = agent.submit(&go_on, &[]).await;
    let page = agent.follow(page, CALLBACK).await;
    assert_eq!(page.refusal().as_deref(), Some("model_not_allowed"));
    let methods = pages::link(&page.body, "other-way").expect("a way on");
    let methods = agent.get(&methods).await;
    let link = smartcard_link(&methods.body).expect("her card");
    let page = agent.get(&link).await;
    let page = agent.follow(page, CALLBACK).await;
    assert!(page.parameter("code").is_some(), "{}", page.body);
}

/// Otherwise it would add the app that opens what it does not.
#[tokio::test]
async fn g27_a_key_that_opens_not_all_of_her_roles_adds_nothing() {
    let house = House::new();
    let matron = house.start("");
    let mut key = house.key_of(&matron, "joan").await;
    drop(matron);
    let matron = house.start(&denied_at_desks());
    let own = format!("{}/signin/own?page=my", matron.issuer());
    let mut agent = Agent::with_card(&matron, "joan");
    by_key(&mut agent, &own, &mut key).await;
    let list = format!("{}/my/authenticators", matron.issuer());
    let page = agent.get(&list).await;
    assert!(page.body.contains("adds no other"), "{}", page.body);
    for kind in ["key", "app"] {
        let page = agent.get(&format!("{list}/{kind}")).await;
        assert_eq!(page.refusal().as_deref(), Some("model_not_allowed"));
    }
    let api = Api::by(&matron, agent).await;
    for kind in ["key", "app"] {
        let path = format!("/api/v1/my/authenticators/{kind}");
        let said = api.post(&path, &serde_json::json!({})).await;
        assert_eq!(said.code(), "model_not_allowed");
    }
}
