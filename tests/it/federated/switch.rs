//! What an account of another organisation never opens, and the switch that ends what it did (attack 14).

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use crate::support::agent::{Page, smartcard_link};
use crate::support::app::CALLBACK;
use crate::support::matron::program;
use crate::support::stage::{ACR, NOW, Stage, on_to_the_application};
use crate::support::{Agent, App, pages};

/// `matron federation ACT --id nhs`, beside the running server.
pub(super) fn order(stage: &Stage, act: &str, id: &str) -> (Option<i32>, String) {
    let matron = &stage.matron;
    let embedded = format!("sqlite:{}", matron.folder().join("matron.db").display());
    let database = matron.database.clone().unwrap_or(embedded);
    let mut arguments = vec!["federation", act, "--database", &database];
    if act != "list" {
        arguments.extend(["--operator", "ruth.o", "--id", id]);
    }
    let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    let out = program(&arguments).output().expect("the command");
    (
        out.status.code(),
        String::from_utf8_lossy(&out.stdout).into_owned(),
    )
}

/// Signs somebody in who has linked an account; her browser and her tokens.
async fn signed_in(stage: &Stage) -> (Agent, String) {
    let mut agent = stage.agent();
    let page = stage.sign_in(&mut agent, &[ACR]).await;
    let page = on_to_the_application(&mut agent, page).await;
    let app = App::new(&stage.matron, "ward7");
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(tokens.claims()["acr"], json!("AAL2_ANY"));
    assert_eq!(tokens.claims()["amr"], json!(["FEDERATED"]));
    (agent, tokens.text("access_token"))
}

#[tokio::test]
async fn an_organisation_that_claims_aal3_gets_aal2_and_neither_desk_nor_authenticators() {
    let stage = Stage::set();
    let matron = &stage.matron;
    let mut ruth = stage.by_card("ruth").await;
    stage.link(&mut ruth).await;
    stage.nhs.change(|says| {
        says.claims["acr"] = json!("AAL3_ANY");
        says.claims["amr"] = json!(["hwk", "N3_SMARTCARD"]);
    });
    let (mut agent, _) = signed_in(&stage).await;
    // The desk is closed: it asks for more, and not from another organisation.
    let page = agent.get(&format!("{}/desk", matron.issuer())).await;
    let page = agent.follow(page, "none").await;
    for says in [
        "data-notice=\"step-up\"",
        "data-method=\"federated\" data-unavailable=\"acr\"",
    ] {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    let direct = agent.get(&format!("{}/desk/unused", matron.issuer())).await;
    assert_eq!(direct.status, StatusCode::SEE_OTHER, "{}", direct.body);
    // It adds nothing: no other account, no app; and takes nothing away.
    let needed = Some("own_authenticator_needed");
    let mine = format!("{}/my/authenticators", matron.issuer());
    for kind in ["federated", "app", "key"] {
        let page = agent.get(&format!("{mine}/{kind}")).await;
        assert_eq!(page.refusal().as_deref(), needed, "{}", page.body);
        assert!(page.body.contains("data-choice=\"other-way\""), "{kind}");
    }
    let list = agent.get(&mine).await;
    pages::assert_offers_only_to_sign_in_again(&list.body, "own_authenticator_needed");
    let form = pages::form_with(&list.body, "data-choice=\"lost\"");
    let remove = form.forged("change", "remove");
    let removed = agent.submit(&remove, &[("confirmed", "yes")]).await;
    assert_eq!(removed.refusal().as_deref(), needed);
    // What asks for AAL3 is refused with this session.
    let app = App::new(matron, "ward7");
    let first = agent
        .get(&app.url(&[("acr_values", "AAL3_ANY"), ("prompt", "none")]))
        .await;
    assert!(first.parameter("error").is_some(), "{:?}", first.location);
    // Reporting it lost is always possible, and ends what it opened.
    let report = pages::form_with(&list.body, "data-choice=\"lost\"");
    agent.submit(&report, &[]).await;
    let mine = agent.get(&format!("{}/my", matron.issuer())).await;
    assert_eq!(mine.status, StatusCode::SEE_OTHER);
    let page = stage.sign_in(&mut stage.agent(), &[ACR]).await;
    assert_eq!(page.refusal().as_deref(), Some("authenticator_suspended"));
}

/// A token from a session that an account opened, and that a card has opened anew since.
async fn stepped_up(stage: &Stage) -> String {
    let mut agent = Agent::with_card(&stage.matron, "amara");
    let page = stage.sign_in(&mut agent, &[ACR]).await;
    let page = on_to_the_application(&mut agent, page).await;
    let app = App::new(&stage.matron, "ward7");
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    let first = agent.get(&app.url(&[("acr_values", "AAL3_ANY")])).await;
    let ways = agent.follow(first, CALLBACK).await;
    let card = smartcard_link(&ways.body).expect("the card");
    let card = agent.get(&card).await;
    let done = agent.follow(card, CALLBACK).await;
    assert!(done.parameter("code").is_some(), "{}", done.body);
    tokens.text("access_token")
}

/// The ways to sign in as they follow a switch within a second, whichever process turned it.
pub(super) async fn page_that_says(stage: &Stage, off: bool) -> (Agent, Page) {
    let app = App::new(&stage.matron, "ward7");
    let (mut agent, begun) = (stage.agent(), Instant::now());
    let first = agent.get(&app.url(&[ACR])).await;
    let mut methods = agent.follow(first, CALLBACK).await;
    while methods.body.contains("is switched off") != off {
        assert!(begun.elapsed() < Duration::from_secs(1), "within a second");
        methods = agent.get(methods.url.as_str()).await;
    }
    (agent, methods)
}

#[tokio::test]
async fn a_switch_ends_every_session_of_an_organisation_within_a_second() {
    let stage = Stage::set();
    let matron = &stage.matron;
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    let (mut agent, token) = signed_in(&stage).await;
    let app = App::new(matron, "ward7");
    let mine = format!("{}/my/sessions", matron.issuer());
    let stepped = stepped_up(&stage).await;
    assert_eq!(app.userinfo(&stepped).await.status, StatusCode::OK);
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    assert_eq!(app.userinfo(&token).await.status, StatusCode::OK);
    // One that is on its way when the switch is turned.
    let mut late = stage.agent();
    let sent = stage.start(&mut late, &[ACR]).await;
    let back = stage
        .nhs
        .sign_in(sent.location.as_ref().expect("sent there"));

    assert_eq!(order(&stage, "disable", "nobody").0, Some(4));
    assert_eq!(order(&stage, "disable", "nhs").0, Some(0));
    let begun = Instant::now();
    while agent.get(&mine).await.status == StatusCode::OK {
        assert!(begun.elapsed() < Duration::from_secs(1), "within a second");
    }
    assert_eq!(app.userinfo(&token).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(matron.audit_lines("session_ended", "federation_off"), 1);
    assert_eq!(matron.audit_lines("federation_switched", "ruth.o"), 1);
    let page = late.get(&stage.callback("nhs", &back)).await;
    assert_eq!(
        page.refusal().as_deref(),
        Some("federation_off"),
        "{}",
        page.body
    );
    assert!(order(&stage, "list", "").1.contains("switched_off"));
    // Whoever signed in with her card stays; the other organisation too.
    assert_eq!(amara.get(&mine).await.status, StatusCode::OK);
    // The page says so, and a way that was found before leads nowhere.
    let (mut agent, methods) = page_that_says(&stage, true).await;
    let handle = methods.url.query().expect("the handle").to_owned();
    let page = agent.get(&format!("/signin/federated/nhs?{handle}")).await;
    assert_eq!(page.refusal().as_deref(), Some("federation_off"));

    assert_eq!(order(&stage, "enable", "nhs").0, Some(0));
    for ended in [&token, &stepped] {
        let status = app.userinfo(ended).await.status;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "ended is ended");
    }
    page_that_says(&stage, false).await;
    signed_in(&stage).await;
}

#[tokio::test]
async fn what_an_application_allows_is_asked_for_and_checked() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    stage.link(&mut amara).await;
    let asked = |page: &Page, name: &str| page.parameter(name);
    let mut agent = stage.agent();
    let sent = stage.start(&mut agent, &[ACR]).await;
    assert_eq!(asked(&sent, "max_age").as_deref(), Some("300"));
    assert_eq!(asked(&sent, "prompt").as_deref(), Some("login"));
    assert_eq!(asked(&sent, "acr_values").as_deref(), Some("mfa AAL3_ANY"));
    let back = format!("{}/signin/federated/nhs/callback", stage.matron.issuer());
    assert_eq!(asked(&sent, "redirect_uri"), Some(back));
    let mut agent = stage.agent();
    let sent = stage.start(&mut agent, &[ACR, ("max_age", "60")]).await;
    assert_eq!(asked(&sent, "max_age").as_deref(), Some("60"));
    // Two sign-ins never share what binds them.
    let again = stage.start(&mut agent, &[ACR]).await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(asked(&sent, name), asked(&again, name), "{name}");
    }
    // Where the operator does not ask for a new proof, an older one counts until max_age.
    let relaxed =
        Stage::set_with(|text| *text = text.replace("tenant", "prompt = \"none\"\ntenant"));
    let mut amara = relaxed.by_card("amara").await;
    assert_eq!(relaxed.link(&mut amara).await.status, StatusCode::SEE_OTHER);
    for (age, extra, refusal) in [
        (360, None, None),
        (361, None, Some("federation_too_old")),
        (200, Some(("max_age", "60")), Some("federation_too_old")),
        (200, Some(("prompt", "login")), Some("federation_too_old")),
        (0, Some(("prompt", "login")), None),
    ] {
        relaxed
            .nhs
            .change(|says| says.claims["auth_time"] = json!(NOW - age));
        let mut changed = vec![ACR];
        changed.extend(extra);
        let page = relaxed.sign_in(&mut relaxed.agent(), &changed).await;
        assert_eq!(page.refusal().as_deref(), refusal, "{age} {extra:?}");
    }
}
