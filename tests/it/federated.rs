//! Accounts of other organisations through the front door, against a provider that says whatever a test wants: linked in a
//! session of hers, known by issuer and subject alone, worth AAL2, and switched off with all they opened.

mod crowd;
mod hostile;
mod switch;

use reqwest::StatusCode;
use serde_json::json;

use crate::addresses::token;
use crate::support::app::CALLBACK;
use crate::support::letters::letters;
use crate::support::soft::Api;
use crate::support::stage::{ACR, NOW, Stage, address, link_to, on_to_the_application};
use crate::support::{Agent, App, Matron, pages};

#[tokio::test]
async fn an_account_is_linked_in_a_fresh_session_and_signs_in_at_aal2() {
    let stage = Stage::set();
    let matron = &stage.matron;
    let mut amara = stage.by_card("amara").await;
    let linked = stage.link(&mut amara).await;
    assert_eq!(linked.status, StatusCode::SEE_OTHER, "{}", linked.body);
    let list = amara.follow(linked, "none").await;
    assert!(list.body.contains("Work account"), "{}", list.body);
    let person = matron.text("/people/amara/user_id");
    assert_eq!(matron.audit_lines("authenticator_added", &person), 1);
    // By mail and by text message.
    for _ in 0..100 {
        if letters(matron, "Work account").len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(letters(matron, "Work account").len() >= 2);

    // She signs in with it in a browser that never saw her card.
    let mut agent = stage.agent();
    let page = stage.sign_in(&mut agent, &[ACR]).await;
    let page = on_to_the_application(&mut agent, page).await;
    let app = App::new(matron, "ward7");
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    let claims = tokens.claims();
    assert_eq!(claims["sub"], json!(person));
    assert_eq!(claims["acr"], json!("AAL2_ANY"));
    assert_eq!(claims["amr"], json!(["FEDERATED"]));
    assert_eq!(claims["auth_time"], json!(NOW));

    // The same account is nobody else's, and not hers twice.
    let mut noah = stage.by_card("noah").await;
    for agent in [&mut noah, &mut amara] {
        let again = stage.link(agent).await;
        assert_eq!(
            again.refusal().as_deref(),
            Some("already_registered_elsewhere")
        );
    }

    // Programs see it like any other; an application that asks for AAL3 does not get it.
    let listed = Api::of(matron, "amara")
        .await
        .get("/api/v1/my/authenticators")
        .await
        .good();
    let one = &listed.body["authenticators"][0];
    assert_eq!(
        (&one["method"], &one["level"]),
        (&json!("federated"), &json!(2))
    );
    let mut agent = stage.agent();
    let first = agent.get(&app.url(&[("acr_values", "AAL3_ANY")])).await;
    let methods = agent.follow(first, CALLBACK).await;
    assert!(
        methods
            .body
            .contains("data-method=\"federated\" data-unavailable=\"acr\"")
    );
    assert!(link_to(&methods.body, "nhs").is_none());
    let handle = methods.url.query().expect("the handle").to_owned();
    let anyway = agent.get(&format!("/signin/federated/nhs?{handle}")).await;
    assert_eq!(anyway.location.expect("back").path(), "/signin");
}

/// Attack 13: the nOAuth class.
#[tokio::test]
async fn a_victims_email_with_another_subject_opens_nothing_and_leaves_an_alert() {
    let stage = Stage::set();
    let matron = &stage.matron;
    let mut amara = stage.by_card("amara").await;
    stage
        .nhs
        .change(|says| says.claims["email"] = json!(matron.text("/people/amara/email")));
    assert_eq!(stage.link(&mut amara).await.status, StatusCode::SEE_OTHER);
    for (email, lines) in [
        (matron.text("/people/amara/email"), 1),
        (matron.text("/people/amara/email").to_uppercase(), 2),
        ("nobody@elsewhere.example".to_owned(), 2),
    ] {
        stage.nhs.change(|says| {
            says.claims["sub"] = json!("the attacker");
            says.claims["email"] = json!(email);
            says.claims["email_verified"] = json!(true);
        });
        let mut agent = stage.agent();
        let page = stage.sign_in(&mut agent, &[ACR]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        assert_eq!(page.refusal().as_deref(), Some("account_not_linked"));
        assert!(!page.body.contains("Amara"), "nothing about her");
        let mine = agent.get(&format!("{}/my", matron.issuer())).await;
        assert_eq!(mine.status, StatusCode::SEE_OTHER, "nobody is signed in");
        let person = matron.text("/people/amara/user_id");
        assert_eq!(
            matron.audit_lines("federation_email_matched", &person),
            lines
        );
    }
    assert_eq!(matron.audit_lines("\"signed_in\"", "FEDERATED"), 0);
    // The same subject at the other organisation is another account.
    stage
        .trust
        .change(|says| says.claims["email"] = json!(matron.text("/people/amara/email")));
    let mut agent = stage.agent();
    let app = App::new(matron, "ward7");
    let first = agent.get(&app.url(&[ACR])).await;
    let methods = agent.follow(first, CALLBACK).await;
    let sent = agent
        .get(&link_to(&methods.body, "trust").expect("a way"))
        .await;
    let back = stage.trust.sign_in(&sent.location.expect("sent there"));
    let page = agent.get(&stage.callback("trust", &back)).await;
    assert_eq!(page.refusal().as_deref(), Some("account_not_linked"));
}

/// Takes the one way in the list away: it is asked first.
async fn take_away(noah: &mut Agent, matron: &Matron) {
    let mine = format!("{}/my/authenticators", matron.issuer());
    let list = noah.get(&mine).await;
    let remove = pages::form_with(&list.body, "data-choice=\"remove\"");
    let asked = noah.submit(&remove, &[]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    assert!(!asked.body.contains("data-signs-out"), "his card stays");
    let again = noah.get(&mine).await;
    assert!(again.body.contains("data-choice=\"remove\""), "only asked");
    let confirm = pages::form_with(&asked.body, "data-choice=\"confirm-remove\"");
    let done = noah.submit(&confirm, &[]).await;
    let done = noah.follow(done, "none").await;
    assert!(done.body.contains("It is taken away."), "{}", done.body);
}

#[tokio::test]
async fn linking_needs_a_fresh_proof_the_same_session_and_ten_minutes() {
    let stage = Stage::set();
    let matron = &stage.matron;
    let mut amara = stage.by_card("amara").await;
    // Twenty minutes after the card: no more.
    let sent = stage.begin_link(&mut amara).await;
    matron.set_clock("2026-11-25T09:10:01Z");
    let back = stage.nhs.sign_in(&address(&sent));
    let late = amara.get(&stage.callback("nhs", &back)).await;
    assert_eq!(
        late.refusal().as_deref(),
        Some("sign_in_over"),
        "ten minutes"
    );
    assert_eq!(matron.audit_lines("federation_refused", "\"late\""), 1);
    // A sign of life, for the session of a card ends when it is idle.
    amara.get(&format!("{}/my", matron.issuer())).await;
    matron.set_clock("2026-11-25T09:19:59Z");
    let page = stage.link_page(&mut amara).await;
    let sent = stage.send_link(&mut amara, &page).await;
    matron.set_clock("2026-11-25T09:20:01Z");
    for refused in [
        stage.link_page(&mut amara).await,
        stage.send_link(&mut amara, &page).await,
    ] {
        let said = refused.refusal();
        assert_eq!(said.as_deref(), Some("reauthentication_needed"));
    }
    stage.nhs.change(|says| {
        says.claims["auth_time"] = json!(NOW + 1200);
        says.claims["exp"] = json!(NOW + 1500);
    });
    let back = stage.nhs.sign_in(&address(&sent));
    let refused = amara.get(&stage.callback("nhs", &back)).await;
    assert_eq!(
        refused.refusal().as_deref(),
        Some("reauthentication_needed"),
        "asked again at the end"
    );
    // Back in somebody else's session.
    matron.set_clock("2026-11-25T09:00:00Z");
    stage
        .nhs
        .change(|says| says.claims["auth_time"] = json!(NOW));
    let (mut amara, mut noah) = (stage.by_card("amara").await, stage.by_card("noah").await);
    let sent = stage.begin_link(&mut noah).await;
    let back = stage.nhs.sign_in(&address(&sent));
    let stolen = amara.get(&stage.callback("nhs", &back)).await;
    assert_eq!(stolen.refusal().as_deref(), Some("sign_in_over"));
    assert_eq!(matron.audit_lines("authenticator_added", "federated"), 0);
    // In her own it is linked, and a name that does not fit is told beforehand.
    let linked = noah.get(&stage.callback("nhs", &back)).await;
    assert_eq!(linked.status, StatusCode::SEE_OTHER, "{}", linked.body);
    let page = noah
        .get(&format!("{}/my/authenticators/federated", matron.issuer()))
        .await;
    let form = pages::form_with(&page.body, "value=\"nhs\"");
    let wrong = noah.submit(&form, &[("name", "  ")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Taken away, the account can be linked anew, by whoever proves it.
    take_away(&mut noah, matron).await;
    assert_eq!(stage.link(&mut amara).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_program_learns_where_the_browser_goes_on_and_is_refused_as_the_page_is() {
    let stage = Stage::set();
    let matron = &stage.matron;
    let api = Api::of(matron, "amara").await;
    let path = "/api/v1/my/authenticators/federated";
    let ask = async |id: &str, name: &str| {
        let body = json!({ "federation_id": id, "name": name });
        api.post(path, &body).await
    };
    let started = ask("nhs", "Work & more").await.good();
    let mut amara = stage.by_card("amara").await;
    let page = amara.get(&started.text("continue_at")).await;
    assert!(
        page.body.contains("value=\"Work &#38; more\""),
        "{}",
        page.body
    );
    assert_eq!(
        stage.send_link(&mut amara, &page).await.status,
        StatusCode::OK
    );
    assert_eq!(ask("nobody", "Work").await.code(), "not_found");
    assert_eq!(ask("nhs", "<b>").await.code(), "name_not_allowed");
    assert_eq!(switch::order(&stage, "disable", "nhs").0, Some(0));
    switch::page_that_says(&stage, true).await;
    let off = ask("nhs", "Work").await;
    assert_eq!(
        (off.status, off.code()),
        (StatusCode::CONFLICT, "federation_off".to_owned())
    );
    // A session that was proven more than twenty minutes ago, and used since.
    for time in ["09:10:00", "09:20:01"] {
        matron.set_clock(&format!("2026-11-25T{time}Z"));
        stage.link_page(&mut amara).await;
    }
    let old_token = token(matron, &mut amara).await;
    let body = json!({ "federation_id": "nhs", "name": "Work" });
    let said = crate::addresses::ask(matron, &old_token, path, &body).await;
    assert_eq!(said.code(), "reauthentication_needed");
}

#[tokio::test]
async fn a_form_of_another_site_or_without_its_token_links_nothing() {
    let stage = Stage::set();
    let mut amara = stage.by_card("amara").await;
    let url = format!("{}/my/authenticators/federated", stage.matron.issuer());
    let page = amara.get(&url).await;
    let form = pages::form_with(&page.body, "value=\"nhs\"");
    let without: Vec<_> = form
        .hidden
        .iter()
        .filter(|(name, _)| name != "form_token")
        .cloned()
        .collect();
    let refused = amara.post(&url, &without).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let request = amara
        .client()
        .post(&url)
        .header("origin", "https://evil.example");
    let answer = request.form(&form.hidden).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(stage.nhs.asked("/token"), 0);
}
