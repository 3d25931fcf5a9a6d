//! What people do without a desk and without being signed in, through the front door: a new passcode, a lost card, a
//! changed address. Codes are read from dev's outbox, as a person reads her mail.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::agent::Reader;
use crate::support::desk::{
    confirm_unlock, finish_unlock as finish, number, open, start_unlock, stranger as post,
    transport,
};
use crate::support::letters::{address, code_to, letters};
use crate::support::pages::link;
use crate::support::soft::Api;
use crate::support::{Agent, Matron, Options, http};

#[tokio::test]
async fn luca_unlocks_his_card_and_signs_in_again() {
    let matron = Matron::start(Options::default());
    let card = number(&matron, "luca");
    let id = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &address(&matron, "luca"));
    let wrong = finish(&matron, &id, "0000 0000").await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "code_wrong".to_owned())
    );
    let released = finish(&matron, &id, &code).await.good();
    assert_eq!(released.text("card_number"), card);
    let secrets = open(&transport().0, &released.body["sealed_secrets"], &card);
    assert!(secrets.get("unblock_key").is_none(), "fresh from its maker");
    let next = secrets["next_unblock_key"]
        .as_str()
        .expect("a key")
        .to_owned();
    assert_eq!(next.len(), 16);
    let again = finish(&matron, &id, &code).await;
    assert_eq!(again.code(), "code_wrong");
    let done = confirm_unlock(&matron, &id).await.good();
    assert_eq!(done.text("state"), "active");
    Api::of(&matron, "luca").await;
    // He was told, and neither key nor code is in the trail.
    let told = letters(&matron, "cancel/link?t=");
    assert!(!told.is_empty(), "a notice with a link");
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    for secret in [next.as_str(), digits.as_str()] {
        assert_eq!(matron.audit_lines("", secret), 0);
        assert!(letters(&matron, secret).is_empty());
    }
}

#[tokio::test]
async fn a_code_is_dead_after_fifteen_minutes_and_one_second_and_after_five_tries() {
    let matron = Matron::start(Options {
        clock: Some("2028-03-01T09:00:00Z".into()),
        ..Options::default()
    });
    let (card, mail) = (number(&matron, "noah"), address(&matron, "noah"));
    let first = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &mail);
    matron.set_clock("2028-03-01T09:15:01Z");
    assert_eq!(finish(&matron, &first, &code).await.code(), "code_expired");
    matron.set_clock("2028-03-01T09:15:00Z");
    finish(&matron, &first, &code).await.good();
    let second = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &mail);
    for _ in 0..5 {
        assert_eq!(finish(&matron, &second, "12").await.code(), "code_wrong");
    }
    assert_eq!(finish(&matron, &second, &code).await.code(), "code_wrong");
    for _ in 0..3 {
        start_unlock(&matron, &card).await.good();
    }
    let sixth = start_unlock(&matron, &card).await;
    assert_eq!(
        (sixth.status, sixth.code()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_codes".to_owned())
    );
}

#[tokio::test]
async fn nobody_learns_who_exists_and_no_code_makes_a_session() {
    let matron = Matron::start(Options {
        clock: Some("2028-03-01T09:00:00Z".into()),
        ..Options::default()
    });
    let (known, unknown) = (number(&matron, "noah"), "9999999999999999".to_owned());
    let client = http(&matron).build().expect("a client");
    let mut said = Vec::new();
    for card in [&known, &unknown] {
        let (_, key) = transport();
        let mut seen = Vec::new();
        let start = json!({ "card_number": card, "transport_key": key });
        let started = post(&matron, "/unlocks", &start).await.good();
        let id = started.text("unlock_id");
        assert_eq!(id.len(), 32);
        seen.push(started.body.to_string().replace(&id, "ID"));
        let wrong = finish(&matron, &id, "12345678").await;
        let correlation = wrong.text("correlation_id");
        seen.push(wrong.body.to_string().replace(&correlation, "C"));
        for path in ["/unlock", "/cancel"] {
            let url = format!("{}{path}", matron.issuer());
            let answer = client
                .post(url)
                .form(&[("number", card)])
                .send()
                .await
                .expect("an answer");
            assert!(answer.headers().get("set-cookie").is_none(), "{path}");
            seen.push(answer.status().to_string());
            let page = answer.text().await.expect("a page");
            let id = page
                .split("name=\"request\" value=\"")
                .nth(1)
                .expect("a request");
            let id = id.split('"').next().expect("an id").to_owned();
            seen.push(page.replace(&id, "ID"));
        }
        said.push(seen);
    }
    assert_eq!(said[0], said[1]);
}

#[tokio::test]
async fn a_lost_card_is_cancelled_at_night_without_a_desk() {
    let matron = Matron::start(Options::default());
    let card = number(&matron, "noah");
    let user_id = matron.text("/people/noah/user_id");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let url = |path: &str| format!("{}{path}", matron.issuer());
    // From where she stands without being signed in, it is one link.
    let start = agent.get(&url("/")).await;
    assert!(start.body.contains("href=\"/cancel\""), "{}", start.body);
    let page = agent.get(&url("/cancel")).await;
    assert!(page.body.contains("data-page=\"cancel\""));
    let fields = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let page = agent
        .post(&url("/cancel"), &fields(&[("number", &user_id)]))
        .await;
    let id = page
        .body
        .split("name=\"request\" value=\"")
        .nth(1)
        .expect("a request");
    let id = id.split('"').next().expect("an id").to_owned();
    let code = code_to(&matron, &address(&matron, "noah"));
    let typed = [("request", id.as_str()), ("code", code.as_str())];
    let unsaid = agent.post(&url("/cancel/code"), &fields(&typed)).await;
    assert!(unsaid.body.contains("reason-wrong"));
    let kept = format!("value=\"{code}\"");
    assert!(unsaid.body.contains(&kept), "nobody types it twice");
    assert_eq!(link(&unsaid.body, "anew").as_deref(), Some("/cancel"));
    let lost = fields(&[typed[0], typed[1], ("reason", "lost")]);
    let sure = agent.post(&url("/cancel/code"), &lost).await;
    assert!(sure.body.contains("data-page=\"cancel-sure\""));
    assert_eq!(
        matron.audit_lines("card_cancelled", &card),
        0,
        "asked, not done"
    );
    let done = agent.post(&url("/cancel/confirm"), &lost).await;
    assert!(
        done.body.contains("data-page=\"cancel-done\""),
        "{}",
        done.body
    );
    assert_eq!(matron.audit_lines("card_cancelled", &card), 1);
}

#[tokio::test]
async fn a_link_in_a_notice_asks_first_and_works_once() {
    let matron = Matron::start(Options::default());
    let card = number(&matron, "noah");
    let id = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &address(&matron, "noah"));
    finish(&matron, &id, &code).await.good();
    let notice = letters(&matron, "cancel/link?t=").pop().expect("a notice");
    let token = notice.replace("=\r\n", "").replace("=3D", "=");
    let token = token.split("cancel/link?t=").nth(1).expect("a link");
    let token: String = token
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let mut agent = Agent::new(&matron, Reader::Empty);
    let url = format!("{}/cancel/link", matron.issuer());
    for _ in 0..2 {
        let page = agent.get(&format!("{url}?t={token}")).await;
        assert!(
            page.body.contains("data-page=\"cancel-link\""),
            "{}",
            page.body
        );
    }
    assert_eq!(matron.audit_lines("card_cancelled", &card), 0);
    let fields = [("t".to_owned(), token)];
    let done = agent.post(&url, &fields).await;
    assert!(
        done.body.contains("data-page=\"cancel-done\""),
        "{}",
        done.body
    );
    let again = agent.post(&url, &fields).await;
    assert!(again.body.contains("data-page=\"link-over\""));
    assert_eq!(matron.audit_lines("card_cancelled", &card), 1);
}

#[tokio::test]
async fn a_changed_address_gets_no_code_for_three_days() {
    let matron = Matron::start(Options {
        clock: Some("2028-03-01T09:00:00Z".into()),
        ..Options::default()
    });
    let (card, old) = (number(&matron, "sam"), address(&matron, "sam"));
    let api = Api::of(&matron, "sam").await;
    let new = "sam.new@elsewhere.example";
    let body = json!({ "channel": "mail", "address": new });
    let id = api
        .post("/api/v1/my/contacts", &body)
        .await
        .good()
        .text("change_id");
    let body = json!({ "change_id": id, "code": code_to(&matron, new) });
    api.post("/api/v1/my/contacts/confirm", &body).await.good();
    let to = |address: &str| letters(&matron, &format!("To: {address}")).len();
    let (at_new, at_old) = (to(new), to(&old));
    assert!(at_old >= 1, "the old address was told");
    matron.set_clock("2028-03-01T10:00:00Z");
    start_unlock(&matron, &card).await.good();
    assert_eq!((to(new), to(&old)), (at_new, at_old), "one hour old");
    matron.set_clock("2028-03-04T10:00:00Z");
    start_unlock(&matron, &card).await.good();
    assert_eq!((to(new), to(&old)), (at_new + 1, at_old), "73 hours old");
}

#[tokio::test]
async fn a_report_of_misuse_signs_out_everywhere_and_cancels_nothing() {
    let matron = Matron::start(Options::default());
    let api = Api::of(&matron, "noah").await;
    let body = json!({ "confirmed": true });
    api.post("/api/v1/my/misuse", &body).await.good();
    let out = api.get("/api/v1/my/card").await;
    assert_eq!(out.status, StatusCode::UNAUTHORIZED);
    assert_eq!(matron.audit_lines("\"kind\":\"misuse_reported\"", ""), 1);
    assert_eq!(matron.audit_lines("session_ended", "misuse_reported"), 1);
    assert!(
        !letters(&matron, "/unlock").is_empty(),
        "he was told what is next"
    );
}
