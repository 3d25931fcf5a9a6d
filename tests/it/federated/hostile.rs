//! What a hostile, broken or absent provider gets: a page with a code and the other ways in, and never a session.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::CALLBACK;
use crate::support::elsewhere::{CLIENT, Manner, Says, Signed};
use crate::support::stage::{ACR, NOW, Stage, link_to};
use crate::support::{App, pages};

/// Signs in once with a provider that was changed so; the refusal.
async fn refusal_after(stage: &Stage, change: impl FnOnce(&mut Says)) -> Option<String> {
    let before = stage.nhs.change(change);
    let mut agent = stage.agent();
    let page = stage.sign_in(&mut agent, &[ACR]).await;
    stage.nhs.say(before);
    let mine = agent.get(&format!("{}/my", stage.matron.issuer())).await;
    assert_eq!(mine.status, StatusCode::SEE_OTHER, "nobody is signed in");
    if page.refusal().is_some() {
        let again = page.body.contains("data-choice=\"again\"");
        let other = page.body.contains("data-choice=\"other-way\"");
        assert!(again && other, "{}", page.body);
        assert!(page.body.contains("data-reference"), "{}", page.body);
    }
    page.refusal()
}

fn claim(name: &'static str, value: Value) -> impl FnOnce(&mut Says) {
    move |says| says.claims[name] = value
}

/// Claims of which each proves too little.
fn wrong_claims(stage: &Stage) -> Vec<(&'static str, Value)> {
    vec![
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!([CLIENT, "another-client"])),
        ("azp", json!("another-client")),
        ("iss", json!("http://127.0.0.1:1")),
        ("iss", json!(format!("{}/", stage.nhs.issuer()))),
        ("exp", json!(NOW)),
        ("exp", json!(NOW - 3600)),
        ("iat", json!(NOW + 300)),
        ("auth_time", json!(NOW + 300)),
        ("tid", json!("another-tenant")),
        ("tid", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("s".repeat(256))),
    ]
}

#[tokio::test]
async fn an_answer_that_does_not_prove_what_it_should_opens_nothing() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    let invalid = Some("federation_answer_invalid".to_owned());
    for (name, value) in wrong_claims(&stage) {
        let told = format!("{name} {value}");
        assert_eq!(
            refusal_after(&stage, claim(name, value)).await,
            invalid,
            "{told}"
        );
    }
    for signed in [
        Signed::Not,
        Signed::BySecret,
        Signed::ByPublicKey,
        Signed::ByAnother,
    ] {
        let refusal = refusal_after(&stage, |says| says.signed = signed).await;
        assert_eq!(refusal, invalid, "{signed:?}");
    }
    let weak = Some("federation_too_weak".to_owned());
    for (name, value) in [
        ("acr", Value::Null),
        ("acr", json!("pwd")),
        ("amr", Value::Null),
        ("amr", json!(["pwd"])),
        ("amr", json!([])),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(
            refusal_after(&stage, claim(name, value)).await,
            weak,
            "{told}"
        );
    }
    let old = Some("federation_too_old".to_owned());
    for value in [Value::Null, json!(NOW - 61), json!(NOW - 3600), json!(0)] {
        let told = value.to_string();
        assert_eq!(
            refusal_after(&stage, claim("auth_time", value)).await,
            old,
            "{told}"
        );
    }
    // As it should be, it opens.
    assert_eq!(refusal_after_good(&stage).await, None);
}

async fn refusal_after_good(stage: &Stage) -> Option<String> {
    let mut agent = stage.agent();
    let page = stage.sign_in(&mut agent, &[ACR]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    page.refusal()
}

/// Attack 48: mix-up; attack 30: another browser; classes 34 and 40.
#[tokio::test]
async fn an_answer_of_another_organisation_or_browser_or_a_second_time_opens_nothing() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    let over = Some("sign_in_over".to_owned());

    let mut agent = stage.agent();
    let sent = stage.start(&mut agent, &[ACR]).await;
    let back = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));
    // At the address of the other organisation.
    let page = agent.get(&stage.callback("trust", &back)).await;
    assert_eq!(page.refusal(), over);
    assert_eq!(
        stage
            .matron
            .audit_lines("federation_refused", "other_organisation"),
        1
    );
    assert_eq!(
        stage.trust.asked("/token"),
        0,
        "the code is not shown to the other one"
    );
    // In another browser, with a sign-in of its own.
    let mut thief = stage.agent();
    stage.start(&mut thief, &[ACR]).await;
    let page = thief.get(&stage.callback("nhs", &back)).await;
    assert_eq!(page.refusal(), over);
    assert_eq!(
        stage
            .matron
            .audit_lines("federation_refused", "other_browser"),
        1
    );
    // With no state, or an invented one.
    for query in ["code=a", "code=a&state=", "code=a&state=invented"] {
        assert_eq!(
            agent.get(&stage.callback("nhs", query)).await.refusal(),
            over,
            "{query}"
        );
    }
    // Where it belongs: once.
    let page = agent.get(&stage.callback("nhs", &back)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    assert_eq!(
        agent.get(&stage.callback("nhs", &back)).await.refusal(),
        over,
        "a second time"
    );
}

/// Attack 48 again, by the name of the issuer; and a code carried from one sign-in to another.
#[tokio::test]
async fn an_answer_that_names_another_issuer_or_brings_the_code_of_another_sign_in_opens_nothing() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    // An answer that names another issuer, or none where it always names one (RFC 9207).
    let invalid = Some("federation_answer_invalid".to_owned());
    let mut agent = stage.agent();
    let sent = stage.start(&mut agent, &[ACR]).await;
    let back = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));
    let (before, _) = back.split_once("&iss=").expect("iss");
    let named = format!("{before}&iss={}", stage.trust.issuer().replace(':', "%3A"));
    assert_eq!(
        agent.get(&stage.callback("nhs", &named)).await.refusal(),
        invalid
    );
    let sent = stage.start(&mut agent, &[ACR]).await;
    let back = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));
    let (before, _) = back.split_once("&iss=").expect("iss");
    assert_eq!(
        agent.get(&stage.callback("nhs", before)).await.refusal(),
        invalid
    );

    // A code that was used in another sign-in.
    let sent = stage.start(&mut agent, &[ACR]).await;
    let first = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));
    let sent = stage.start(&mut agent, &[ACR]).await;
    let second = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));
    let code = |query: &str| query.split('&').next().expect("a code").to_owned();
    let mixed = second.replace(&code(&second), &code(&first));
    assert_eq!(
        agent.get(&stage.callback("nhs", &mixed)).await.refusal(),
        invalid
    );
    assert_eq!(
        stage
            .matron
            .audit_lines("federation_refused", "code_refused"),
        1
    );
}

#[tokio::test]
async fn what_the_organisation_says_instead_of_a_code_is_a_page_with_a_next_step() {
    let stage = Stage::set();
    for (error, code) in [
        ("access_denied", "federation_denied"),
        ("login_required", "federation_denied"),
        ("<script>", "federation_denied"),
        ("temporarily_unavailable", "federation_unavailable"),
        ("server_error", "federation_unavailable"),
    ] {
        let mut agent = stage.agent();
        let sent = stage.start(&mut agent, &[ACR]).await;
        let back = stage
            .nhs
            .sign_in(sent.location.as_ref().expect("sent there"));
        let (_, rest) = back.split_once('&').expect("a state");
        let error: String = url::form_urlencoded::byte_serialize(error.as_bytes()).collect();
        let query = format!("error={error}&error_description=%3Cb%3E&{rest}");
        let page = agent.get(&stage.callback("nhs", &query)).await;
        assert_eq!(page.refusal().as_deref(), Some(code), "{}", page.body);
        assert!(!page.body.contains("<script>") && !page.body.contains("<b>"));
        assert!(page.body.contains("data-choice=\"again\""));
    }
}

#[tokio::test]
async fn an_organisation_that_does_not_answer_is_shown_so_and_others_are_not_affected() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    let app = App::new(&stage.matron, "ward7");
    for (manner, reason) in [
        (Manner::Down, "unreachable"),
        (Manner::Broken, "unreachable"),
        (Manner::Huge, "too_large"),
        (Manner::Redirect, "elsewhere"),
        (Manner::OtherIssuer, "misdescribed"),
        (Manner::LeadsAway, "elsewhere"),
        (Manner::Slow, "slow"),
    ] {
        let reason = format!("\"reason\":\"{reason}\"");
        let before = stage.matron.audit_lines("federation_refused", &reason);
        let mut agent = stage.agent();
        let first = agent.get(&app.url(&[ACR])).await;
        let methods = agent.follow(first, CALLBACK).await;
        let link = link_to(&methods.body, "nhs").expect("a way, or the way to ask again");
        stage.nhs.change(|says| says.discovery = manner);
        // What was learnt a moment ago is still believed for two seconds.
        tokio::time::sleep(Duration::from_millis(2100)).await;
        let page = agent.get(&link).await;
        assert_eq!(
            page.refusal().as_deref(),
            Some("federation_unavailable"),
            "{manner:?}"
        );
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        let lines = stage.matron.audit_lines("federation_refused", &reason);
        assert_eq!(lines, before + 1, "{manner:?}");
        // The sign-in page waits for nobody.
        let begun = Instant::now();
        let other = pages::tags(&page.body, "a")
            .into_iter()
            .find(|tag| tag.contains("data-choice=\"other-way\""))
            .and_then(|tag| pages::attribute(tag, "href"))
            .expect("another way");
        let methods = agent.get(&other).await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{manner:?}");
        let off = "data-method=\"federated\" data-unavailable=\"down\"";
        assert_eq!(methods.body.matches(off).count(), 1, "{}", methods.body);
        assert!(
            link_to(&methods.body, "trust").is_some(),
            "the other one works"
        );
        stage.nhs.change(|says| says.discovery = Manner::Well);
        tokio::time::sleep(Duration::from_millis(2100)).await;
        assert_eq!(
            refusal_after_good(&stage).await,
            None,
            "it is back after {manner:?}"
        );
    }
    for manner in [Manner::Down, Manner::Broken, Manner::Huge, Manner::Redirect] {
        let refusal = refusal_after(&stage, |says| says.token = manner).await;
        let code = refusal.unwrap_or_default();
        assert!(
            ["federation_unavailable", "federation_answer_invalid"].contains(&code.as_str()),
            "{manner:?} {code}"
        );
    }
}

#[tokio::test]
async fn rotated_keys_are_learnt_and_unknown_ones_are_not_asked_for_without_end() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    let mut agent = stage.agent();
    let sent = stage.start(&mut agent, &[ACR]).await;
    let back = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));
    stage.nhs.rotate();
    let page = agent.get(&stage.callback("nhs", &back)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    // A forger's key is asked for once, however often she comes.
    let before = stage.nhs.asked("/jwks");
    let begun = Instant::now();
    for _ in 0..6 {
        let refusal = refusal_after(&stage, |says| says.signed = Signed::ByAnother).await;
        assert_eq!(refusal.as_deref(), Some("federation_answer_invalid"));
    }
    let seconds = usize::try_from(begun.elapsed().as_secs()).expect("small");
    let asked = stage.nhs.asked("/jwks") - before;
    // Each two seconds for sending somebody there, each five for the missing key.
    assert!(
        asked <= 2 + seconds / 2 + 1 + seconds / 5,
        "{asked} in {seconds} s"
    );
}
