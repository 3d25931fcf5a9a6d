//! What the holder sees, through the front door: the notice inside the window, her pages, her activity and sessions,
//! and where help is.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::app::CALLBACK;
use crate::support::soft::{Api, Card};
use crate::support::{Agent, App, Matron, Options, pages};

const NOTICE: &str = "data-notice=\"renewal\"";

/// From an authorization URL to the first page after the card.
async fn after_card(agent: &mut Agent, url: &str) -> crate::support::agent::Page {
    let page = agent.present_card(url).await;
    agent.follow(page, CALLBACK).await
}

fn has(page: &str, text: &str) -> bool {
    pages::text(page).contains(text)
}

#[tokio::test]
async fn inside_the_window_a_notice_comes_after_the_picker_once_in_a_sign_in() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    let mut agent = Agent::with_card(matron, "noah");
    let page = after_card(&mut agent, &app.url(&[])).await;
    assert!(page.body.contains(NOTICE), "{} {}", page.url, page.body);
    assert!(has(&page.body, "Not now (60 days left)") || has(&page.body, "Not now (61 days left)"));
    assert!(page.body.contains("data-choice=\"renew\""), "{}", page.body);
    let form = pages::form_with(&page.body, "data-choice=\"not-now\"");
    let back = agent.submit(&form, &[]).await;
    assert!(back.parameter("code").is_some(), "{:?}", back.location);
    // The same form again finishes nothing twice.
    let again = agent.submit(&form, &[]).await;
    assert_eq!(again.refusal().as_deref(), Some("sign_in_over"));
    // A live session rides on without a notice, and prompt=none has no page at all.
    let silent = agent.get(&app.url(&[("prompt", "none")])).await;
    assert!(silent.parameter("code").is_some(), "{:?}", silent.location);
    // A fresh card brings it again.
    let page = after_card(&mut agent, &app.url(&[("prompt", "login")])).await;
    assert!(page.body.contains(NOTICE));
}

#[tokio::test]
async fn the_role_chosen_before_the_notice_is_the_role_of_the_tokens() {
    let matron = Matron::start(Options::default());
    let end = crate::clock::not_after(&matron, "amara");
    matron.set_clock(&policies::time::Time::from_unix(end - 30 * 86_400).to_string());
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "amara");
    let picker = after_card(&mut agent, &app.url(&[])).await;
    let ids = crate::support::agent::role_ids(&picker.body);
    assert_eq!(ids.len(), 2, "the picker comes first: {}", picker.body);
    let form = pages::form_with(&picker.body, "name=\"role_id\"");
    let page = agent.submit(&form, &[("role_id", &ids[1])]).await;
    let page = agent.follow(page, CALLBACK).await;
    assert!(page.body.contains(NOTICE), "{} {}", page.url, page.body);
    let form = pages::form_with(&page.body, "data-choice=\"not-now\"");
    let back = agent.submit(&form, &[]).await;
    let tokens = app.exchange(&back.parameter("code").expect("a code")).await;
    assert_eq!(tokens.claims()["selected_roleid"], json!(ids[1]));
}

#[tokio::test]
async fn renew_from_the_notice_leads_to_the_steps_and_back_to_the_sign_in() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    let notice = after_card(&mut agent, &app.url(&[])).await;
    let link = pages::link(&notice.body, "renew").expect("a link");
    let page = agent.get(&link).await;
    assert!(
        page.body.contains("data-renewal=\"ready\""),
        "{}",
        page.body
    );

    let old = Card::of(&matron, "noah");
    let (keys, begun) = old.begin().await;
    let page = agent.get(&link).await;
    assert!(
        page.body.contains("data-renewal=\"begun\""),
        "{}",
        page.body
    );
    let issued = old.post("/api/v1/renewals/renew", &begun).await.good();
    let page = agent.get(&link).await;
    assert!(
        page.body.contains("data-renewal=\"pending\""),
        "{}",
        page.body
    );
    let new = Card::renewed(&matron, &keys, &issued);
    let this = json!({ "renewal_id": issued.text("renewal_id") });
    new.post("/api/v1/renewals/confirm", &this).await.good();
    let page = agent.get(&link).await;
    assert!(page.body.contains("data-renewal=\"done\""), "{}", page.body);

    // The sign-in goes on, and has nothing to say about a card that was renewed.
    let on = pages::link(&page.body, "go-on").expect("a way back");
    let back = agent.get(&on).await;
    let back = agent.follow(back, CALLBACK).await;
    assert!(
        back.parameter("code").is_some(),
        "{} {}",
        back.url,
        back.body
    );
}

#[tokio::test]
async fn mei_is_shown_three_people_with_hours_and_contact() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    let mut agent = Agent::with_card(matron, "mei");
    let notice = after_card(&mut agent, &app.url(&[])).await;
    assert!(notice.body.contains(NOTICE), "{}", notice.body);
    let renew = agent.get("/my/renew").await;
    let card = agent.get("/my").await;
    assert!(
        renew
            .body
            .contains("data-refusal=\"self_renewal_limit_reached\"")
    );
    for page in [&notice, &renew, &card] {
        let people = page.body.split("class=\"helpers\"").nth(1).expect("people");
        let people = people.split("</ul>").next().expect("a list");
        assert_eq!(people.matches("<li>").count(), 3, "{people}");
        assert_eq!(people.matches("telephone").count(), 3, "{people}");
    }
}

#[tokio::test]
async fn my_pages_ask_for_a_sign_in() {
    let matron = Matron::shared();
    let mut stranger = Agent::new(matron, crate::support::Reader::Empty);
    for path in [
        "/my",
        "/my/renew",
        "/my/activity",
        "/my/sessions",
        "/my/terms",
        "/my/passcode",
        "/my/contact",
        "/my/card.ics",
    ] {
        let page = stranger.get(&format!("{}{path}", matron.issuer())).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            page.location.expect("a way").path() == "/signin/own",
            "{path}"
        );
    }
}

#[tokio::test]
async fn my_pages_show_the_card() {
    let matron = Matron::shared();
    let mut agent = Agent::with_card(matron, "noah");
    let first = agent.present_card(&format!("{}/my", matron.issuer())).await;
    let page = agent.follow(first, "none").await;
    assert!(
        page.body.contains("data-page=\"my-card\""),
        "no notice on the way to it: {}",
        page.body
    );
    let number = matron.text("/people/noah/card/number");
    for text in [
        number.as_str(),
        "Active",
        "Ends on",
        "You can renew it yourself 2 more times; then somebody must see you",
        "Renew my card",
    ] {
        assert!(has(&page.body, text), "{text}: {}", page.body);
    }
    assert!(
        has(&page.body, " GMT") || has(&page.body, " BST"),
        "{}",
        page.body
    );
    for (path, text) in [
        ("/my/terms", "demo-1"),
        ("/my/passcode", "digits"),
        ("/my/contact", "@"),
        ("/", "My card"),
    ] {
        let page = agent.get(path).await;
        assert!(has(&page.body, text), "{path} lacks {text}: {}", page.body);
    }
    let calendar = agent.get("/my/card.ics").await;
    assert!(
        calendar.body.starts_with("BEGIN:VCALENDAR\r\n"),
        "{}",
        calendar.body
    );
    assert_eq!(
        calendar.headers["content-type"],
        "text/calendar; charset=utf-8"
    );
}

#[tokio::test]
async fn activity_is_her_own_newest_first_in_pages() {
    let matron = Matron::start(Options::default());
    let mut noah = Api::of(&matron, "noah").await;
    for _ in 0..12 {
        noah = Api::of(&matron, "noah").await;
    }
    // hana's newest line is of a kind that noah's last weeks do not have.
    Card::of(&matron, "hana").renew().await.1.good();
    let first = noah.get("/api/v1/my/activity").await.good();
    let lines = first.body["lines"].as_array().expect("lines").clone();
    assert_eq!(lines.len(), 25);
    assert!(
        lines
            .windows(2)
            .all(|two| two[0]["at"].as_str() >= two[1]["at"].as_str())
    );
    assert!(lines.iter().any(|line| line["kind"] == "signed_in"));
    let next = first.text("next");
    let second = noah
        .get(&format!("/api/v1/my/activity?before={next}"))
        .await
        .good();
    assert!(
        second.body["lines"]
            .as_array()
            .is_some_and(|more| !more.is_empty() && more[0] != lines[24])
    );
    let hana = matron.text("/people/hana/user_id");
    let seen = first.body.to_string();
    assert!(!seen.contains(&hana) && !seen.contains("certificates_issued"));
    let mut agent = Agent::with_card(&matron, "noah");
    let page = agent
        .present_card(&format!("{}/my/activity", matron.issuer()))
        .await;
    agent.follow(page, "none").await;
    let page = agent.get("/my/activity").await;
    assert!(
        has(&page.body, "You signed in with your smartcard."),
        "{}",
        page.body
    );
    let older = agent
        .get(&pages::link(&page.body, "older").expect("older lines"))
        .await;
    assert!(older.body.contains("data-page=\"my-activity\""));
    let bad = agent.get("/my/activity?before=nonsense").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_session_is_ended_with_its_tokens_and_nobody_elses() {
    let matron = Matron::start(Options::default());
    let (here, there, hana) = (
        Api::of(&matron, "noah").await,
        Api::of(&matron, "noah").await,
        Api::of(&matron, "hana").await,
    );
    let list = here.get("/api/v1/my/sessions").await.good();
    let sessions = list.body["sessions"].as_array().expect("sessions").clone();
    assert_eq!(sessions.len(), 2, "{list:?}");
    let other = sessions
        .iter()
        .find(|one| one["current"] == false)
        .expect("the other");
    let sid = other["sid"].clone();
    let nothing = hana
        .post("/api/v1/my/sessions/end", &json!({ "sid": sid }))
        .await
        .good();
    assert_eq!(
        nothing.body["ended"], 0,
        "a session of somebody else is not there"
    );
    assert_eq!(
        there.get("/api/v1/my/sessions").await.status,
        StatusCode::OK
    );
    let done = here
        .post("/api/v1/my/sessions/end", &json!({ "sid": sid }))
        .await
        .good();
    assert_eq!(done.body["ended"], 1);
    assert_eq!(
        there.get("/api/v1/my/sessions").await.status,
        StatusCode::UNAUTHORIZED
    );
    let both = here
        .post(
            "/api/v1/my/sessions/end",
            &json!({ "sid": sid, "all": true }),
        )
        .await;
    assert_eq!(both.status, StatusCode::UNPROCESSABLE_ENTITY);
    here.post("/api/v1/my/sessions/end", &json!({ "all": true }))
        .await
        .good();
    assert_eq!(
        here.get("/api/v1/my/sessions").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(hana.get("/api/v1/my/sessions").await.status, StatusCode::OK);
}

#[tokio::test]
async fn all_sessions_are_ended_on_the_page_by_its_own_form() {
    let matron = Matron::start(Options::default());
    let mut agent = Agent::with_card(&matron, "noah");
    let page = agent
        .present_card(&format!("{}/my/sessions", matron.issuer()))
        .await;
    agent.follow(page, "none").await;
    let page = agent.get("/my/sessions").await;
    let mut form = pages::form_with(&page.body, "data-choice=\"end-all\"");
    let kept = form.hidden.clone();
    form.hidden.retain(|(name, _)| name != "form_token");
    assert_eq!(
        agent
            .submit(&form, &[("form_token", "forged")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    form.hidden = kept;
    let out = agent.submit(&form, &[]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let start = agent.get("/").await;
    assert!(
        start.body.contains("data-signed-in=\"no\""),
        "{}",
        start.body
    );
}

#[tokio::test]
async fn a_refused_card_names_the_other_ways_in_and_then_who_can_help() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    let end = crate::clock::not_after(&matron, "hana");
    for (alias, code, at) in [
        ("luca", "card_locked", None),
        ("grace", "card_cancelled", None),
        ("hana", "certificate_expired", Some(end + 1)),
    ] {
        if let Some(at) = at {
            matron.set_clock(&policies::time::Time::from_unix(at).to_string());
        }
        let page = Agent::with_card(&matron, alias)
            .present_card(&app.url(&[]))
            .await;
        assert_eq!(page.refusal().as_deref(), Some(code));
        let text = pages::text(&page.body);
        let ways = text.find("no other way to sign in").expect("her ways in");
        let people = text
            .find("telephone")
            .unwrap_or_else(|| panic!("{alias}: nobody can help: {text}"));
        assert!(ways < people, "{text}");
    }
}

#[tokio::test]
async fn anybody_finds_a_registration_authority_and_no_person() {
    let matron = Matron::shared();
    let mut stranger = Agent::new(matron, crate::support::Reader::Empty);
    let url = |typed: &str| format!("{}/find-your-ra?q={typed}", matron.issuer());
    let page = stranger.get(&url("applegate")).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "DEMO Applegate Pharmacy",
        "Looked after by DEMO Northmoor General Hospital",
        "01632 960 214",
        "Monday to Friday",
    ] {
        assert!(has(&page.body, text), "{text}: {}", page.body);
    }
    let ruth = matron.text("/people/ruth/name");
    let all = stranger.get(&url("demo")).await;
    assert!(!has(&all.body, &ruth), "no people");
    assert!(all.body.matches("data-organisation=").count() <= 20);
    assert!(
        stranger
            .get(&url("dem40"))
            .await
            .body
            .contains("data-organisation=\"DEM40\"")
    );
    assert!(has(
        &stranger.get(&url("%25%25%25")).await.body,
        "No organisation matches"
    ));
    assert!(has(
        &stranger.get(&url("de")).await.body,
        "There is a problem"
    ));
}
