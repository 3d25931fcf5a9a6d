//! All ways to sign in, through the front door, by one test: each goes from an application to a chosen
//! role, tokens, userinfo and out again, and only level and method differ.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::keys::AAL2;
use crate::support::agent::Page;
use crate::support::app::CALLBACK;
use crate::support::ceremony::{add_by_api, sign_in};
use crate::support::elsewhere::Says;
use crate::support::key::{Batch, Make, SoftKey, Statement};
use crate::support::phone;
use crate::support::soft::Api;
use crate::support::stage::{NOW, Stage};
use crate::support::tpm::Tpm;
use crate::support::{Agent, App, Reader, pages};

/// With what somebody proves herself.
enum With<'k> {
    Card,
    App(&'k enrolment::totp::AppSecret),
    Key(&'k mut SoftKey, &'static str),
    /// Her account at another organisation.
    Account,
}

/// From an application to the answer of the way.
async fn prove(stage: &Stage, agent: &mut Agent, with: With<'_>) -> Page {
    let matron = &stage.matron;
    let url = App::new(matron, "ward7").url(&[AAL2]);
    match with {
        With::Card => agent.present_card(&url).await,
        With::App(secret) => {
            let (_, form) = phone::form(agent, &url).await;
            let name = matron.text("/people/amara/email");
            let digits = phone::code(matron, secret);
            phone::send(agent, &form, &name, "tea at the window", &digits).await
        }
        With::Key(key, method) => sign_in(agent, &url, method, key).await,
        With::Account => stage.sign_in(agent, &[AAL2]).await,
    }
}

/// Signs in, chooses the second role, gets tokens, asks userinfo, signs out. Answers `acr` and `amr`,
/// and everything else that was said.
async fn whole_way(stage: &Stage, with: With<'_>) -> (Value, Value, Value) {
    let matron = &stage.matron;
    let app = App::new(matron, "ward7");
    let reader = match with {
        With::Card => Reader::Card("amara", "authentication"),
        With::App(_) | With::Key(..) | With::Account => Reader::Empty,
    };
    let mut agent = Agent::new(matron, reader);
    let proven = prove(stage, &mut agent, with).await;
    let picker = agent.follow(proven, CALLBACK).await;
    let roles = crate::support::agent::role_ids(&picker.body);
    let form = pages::form_with(&picker.body, "name=\"role_id\"");
    let chosen = agent.submit(&form, &[("role_id", &roles[1])]).await;
    let page = agent.follow(chosen, CALLBACK).await;
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    let mut claims = tokens.claims();
    let token = tokens.text("access_token");
    let mut info = app.userinfo(&token).await.body;
    let id_token = tokens.text("id_token");
    let out = format!(
        "{}/oauth2/end_session?id_token_hint={id_token}",
        matron.issuer()
    );
    agent.get(&out).await;
    let mine = format!("{}/my/sessions", matron.issuer());
    assert_eq!(agent.get(&mine).await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.userinfo(&token).await.status, StatusCode::UNAUTHORIZED);
    let (acr, amr) = (claims["acr"].take(), claims["amr"].take());
    for fleeting in ["iat", "exp", "auth_time", "sid", "at_hash", "jti"] {
        claims[fleeting].take();
    }
    for level in ["acr", "amr", "authentication_assurance_level"] {
        info[level].take();
        claims[level].take();
    }
    (acr, amr, json!([claims, info]))
}

/// One device of each make.
struct Devices {
    key: SoftKey,
    itself: SoftKey,
    hello: SoftKey,
    laptop: SoftKey,
    passkey: SoftKey,
}

impl Devices {
    fn of(site: &str, batch: &Arc<Batch>, tpm: &Arc<Tpm>) -> Self {
        let itself = Make {
            statement: Statement::Itself,
            ..Make::plain()
        };
        let laptop = Make {
            platform: true,
            ..Make::plain()
        };
        Self {
            key: SoftKey::new(site, Make::of(batch)),
            itself: SoftKey::new(site, itself),
            hello: SoftKey::new(site, Make::hello(tpm)),
            laptop: SoftKey::new(site, laptop),
            passkey: SoftKey::new(site, Make::passkey()),
        }
    }

    /// Adds them all by the API of somebody who came by card.
    async fn add(&mut self, api: &Api<'_>) {
        for (key, method, evidence) in [
            (&mut self.key, "security-key", 3),
            (&mut self.itself, "security-key", 2),
            (&mut self.hello, "windows-hello", 3),
            (&mut self.laptop, "passkey", 2),
            (&mut self.passkey, "passkey", 2),
        ] {
            let added = add_by_api(api, key, "One of them").await;
            assert_eq!(added["method"], method, "{added}");
            assert_eq!(added["evidence_level"], evidence, "{added}");
            assert_eq!(added["bound_at_level"], 3, "{added}");
            assert_eq!(added["level"], evidence, "{added}");
        }
    }
}

#[tokio::test]
async fn each_kind_goes_the_same_way_and_only_level_and_method_differ() {
    let batch = Batch::of(*b"matron-test-key!");
    let tpm = Tpm::of(*b"matron-test-tpm!");
    let folder = tempfile::TempDir::new().expect("a folder");
    let list = batch.list(folder.path(), "allowed");
    tpm.join(&list);
    let stage = Stage::set_with_models(&list);
    let matron = &stage.matron;
    let linked = stage.link(&mut stage.by_card("amara").await).await;
    assert_eq!(linked.status, StatusCode::SEE_OTHER, "{}", linked.body);
    let api = Api::of(matron, "amara").await;
    let (phone, _) = phone::set_up(matron, &api).await;
    let mut devices = Devices::of(&matron.issuer(), &batch, &tpm);
    devices.add(&api).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    // She has just typed her password there as well.
    let says = |says: &mut Says| says.claims["auth_time"] = json!(NOW + 120);
    stage.nhs.change(says);
    let Devices {
        key,
        itself,
        hello,
        laptop,
        passkey,
    } = &mut devices;
    let ways = [
        (With::Card, "AAL3_ANY", "N3_SMARTCARD"),
        (With::App(&phone), "AAL2_ANY", "TOTP"),
        (With::Key(key, "security-key"), "AAL3_ANY", "FIDO2"),
        (With::Key(itself, "security-key"), "AAL2_ANY", "FIDO2"),
        (
            With::Key(hello, "windows-hello"),
            "AAL3_ANY",
            "WINDOWS_HELLO",
        ),
        (With::Key(laptop, "windows-hello"), "AAL2_ANY", "PASSKEY"),
        (With::Key(passkey, "passkey"), "AAL2_ANY", "PASSKEY"),
        (With::Account, "AAL2_ANY", "FEDERATED"),
    ];
    let mut said = Vec::new();
    for (with, level, method) in ways {
        let (acr, amr, rest) = whole_way(&stage, with).await;
        assert_eq!((acr, amr), (json!(level), json!([method])));
        said.push(rest);
    }
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
}
