//! All ways to sign in, through the front door, by one test: each goes from an application to a chosen
//! role, tokens, userinfo and out again, and only level and method differ.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::keys::{AAL2, allowing};
use crate::support::app::CALLBACK;
use crate::support::ceremony::{add_by_api, sign_in};
use crate::support::key::{Batch, Make, SoftKey, Statement};
use crate::support::phone;
use crate::support::soft::Api;
use crate::support::{Agent, App, Reader, pages};

/// With what somebody proves herself.
enum With<'k> {
    Card,
    App(&'k enrolment::totp::AppSecret),
    Key(&'k mut SoftKey, &'static str),
}

/// Signs in, chooses the second role, gets tokens, asks userinfo, signs out. Answers `acr` and `amr`,
/// and everything else that was said.
async fn whole_way(app: &App<'_>, with: With<'_>) -> (Value, Value, Value) {
    let matron = app.matron;
    let reader = match with {
        With::Card => Reader::Card("amara", "authentication"),
        With::App(_) | With::Key(..) => Reader::Empty,
    };
    let mut agent = Agent::new(matron, reader);
    let url = app.url(&[AAL2]);
    let proven = match with {
        With::Card => agent.present_card(&url).await,
        With::App(secret) => {
            let (_, form) = phone::form(&mut agent, &url).await;
            let name = matron.text("/people/amara/email");
            let digits = phone::code(matron, secret);
            phone::send(&mut agent, &form, &name, "tea at the window", &digits).await
        }
        With::Key(key, method) => sign_in(&mut agent, &url, method, key).await,
    };
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

#[tokio::test]
async fn each_kind_goes_the_same_way_and_only_level_and_method_differ() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let api = Api::of(&matron, "amara").await;
    let (phone, _) = phone::set_up(&matron, &api).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let site = matron.issuer();
    let mut key = SoftKey::new(&site, Make::of(&batch));
    let itself = Make {
        statement: Statement::Itself,
        ..Make::plain()
    };
    let mut itself = SoftKey::new(&site, itself);
    let laptop = Make {
        platform: true,
        ..Make::plain()
    };
    let mut laptop = SoftKey::new(&site, laptop);
    let mut passkey = SoftKey::new(&site, Make::passkey());
    for (key, method, evidence) in [
        (&mut key, "security-key", 3),
        (&mut itself, "security-key", 2),
        (&mut laptop, "passkey", 2),
        (&mut passkey, "passkey", 2),
    ] {
        let added = add_by_api(&api, key, "One of them").await;
        assert_eq!(added["method"], method, "{added}");
        assert_eq!(added["evidence_level"], evidence, "{added}");
        assert_eq!(added["bound_at_level"], 3, "{added}");
        assert_eq!(added["level"], evidence, "{added}");
    }
    let ways = [
        (With::Card, "AAL3_ANY", "N3_SMARTCARD"),
        (With::App(&phone), "AAL2_ANY", "TOTP"),
        (With::Key(&mut key, "security-key"), "AAL3_ANY", "FIDO2"),
        (With::Key(&mut itself, "security-key"), "AAL2_ANY", "FIDO2"),
        (
            With::Key(&mut laptop, "windows-hello"),
            "AAL2_ANY",
            "PASSKEY",
        ),
        (With::Key(&mut passkey, "passkey"), "AAL2_ANY", "PASSKEY"),
    ];
    let mut said = Vec::new();
    for (with, level, method) in ways {
        let (acr, amr, rest) = whole_way(&app, with).await;
        assert_eq!((acr, amr), (json!(level), json!([method])));
        said.push(rest);
    }
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
}
