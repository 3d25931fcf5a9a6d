//! What a desk does to other people's ways to sign in, by page and API, and its list of those that
//! nobody uses.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{invite, ways};
use crate::app::standing;
use crate::support::app::CALLBACK;
use crate::support::desk::user_id;
use crate::support::letters::{address, letters, plain};
use crate::support::phone::{self as app, ACR, code, secret};
use crate::support::soft::{Api, Said};
use crate::support::{Agent, App, Matron, Reader, pages};

async fn change(api: &Api<'_>, person: &str, id: &Value, more: Value) -> Said {
    let mut body = json!({ "user_id": person, "authenticator_id": id });
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    api.post("/api/v1/desk/people/authenticators/change", &body)
        .await
}

/// Kofi signed in with his own app.
async fn kofi_inside(matron: &Matron) -> Agent {
    let ward = App::new(matron, "ward7");
    let mut agent = Agent::new(matron, Reader::Empty);
    let (_, form) = app::form(&mut agent, &ward.url(&[ACR])).await;
    let app = secret(&matron.text("/people/kofi/totp_secret"));
    let (name, password) = (
        user_id(matron, "kofi"),
        matron.text("/people/kofi/password"),
    );
    let page = app::send(&mut agent, &form, &name, &password, &code(matron, &app)).await;
    agent.follow(page, CALLBACK).await;
    agent
}

#[tokio::test]
async fn a_desk_stops_and_takes_away_with_a_reason_and_ends_what_it_opened() {
    let matron = standing();
    let kofi = user_id(&matron, "kofi");
    let (ruth, sam, theo) = (
        Api::of(&matron, "ruth").await,
        Api::of(&matron, "sam").await,
        Api::of(&matron, "theo").await,
    );
    let mut agent = kofi_inside(&matron).await;
    let mine = format!("{}/my", matron.issuer());
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    let one = ways(&ruth, &kofi).await[0]["authenticator_id"].clone();
    let suspend = json!({ "state": "suspended", "reason": "lost" });
    let without = change(&theo, &kofi, &one, json!({ "state": "suspended" })).await;
    assert_eq!(without.code(), "reason_missing");
    // It is not noah's, whoever asks.
    let noah = user_id(&matron, "noah");
    let wrong = change(&theo, &noah, &one, suspend.clone()).await;
    assert_eq!(wrong.code(), "not_found");
    change(&theo, &kofi, &one, suspend).await.good();
    assert_eq!(agent.get(&mine).await.status, StatusCode::SEE_OTHER);
    let told = letters(&matron, &address(&matron, "kofi"));
    assert!(told.iter().any(|l| plain(l).contains("reported lost")));
    let raise = json!({ "user_id": kofi, "authenticator_id": one,
                        "holder_present": true, "photo_compared": true });
    let path = "/api/v1/desk/people/authenticators/raise";
    assert_eq!(
        ruth.post(path, &raise).await.code(),
        "authenticator_suspended"
    );
    // Taking away is for those who manage, and the last one goes only knowingly.
    let remove = json!({ "state": "removed", "reason": "misused" });
    assert_eq!(
        change(&sam, &kofi, &one, remove.clone()).await.code(),
        "actor_role_missing"
    );
    assert_eq!(
        change(&ruth, &kofi, &one, remove).await.code(),
        "last_authenticator"
    );
    let last = json!({ "state": "removed", "reason": "misused", "last_too": true });
    let said = change(&ruth, &kofi, &one, last.clone()).await.good();
    assert_eq!(said.text("state"), "removed");
    assert_eq!(
        change(&ruth, &kofi, &one, last).await.code(),
        "authenticator_removed"
    );
    assert_eq!(matron.audit_lines("authenticator_changed", "misused"), 1);
    assert_eq!(
        matron.audit_lines("authenticator_changed", "\"reason\":\"lost\""),
        1
    );
}

#[tokio::test]
async fn what_a_desk_did_stands_in_the_activity_of_whom_it_is_about() {
    let matron = standing();
    let ruth = Api::of(&matron, "ruth").await;
    let kofi = user_id(&matron, "kofi");
    invite(&ruth, &kofi, "lasting").await.good();
    let mut kofi = kofi_inside(&matron).await;
    let page = kofi.get(&format!("{}/my/activity", matron.issuer())).await;
    let told = "A desk gave you a link to add a way to sign in.";
    assert!(page.body.contains(told), "{}", page.body);
    let hers = ruth.get("/api/v1/my/activity").await.good();
    let hers = hers.body.to_string();
    assert!(!hers.contains("authenticator_invited"), "{hers}");
}

#[tokio::test]
async fn an_app_is_never_raised() {
    let matron = standing();
    let (kofi, ruth) = (user_id(&matron, "kofi"), Api::of(&matron, "ruth").await);
    let one = ways(&ruth, &kofi).await[0]["authenticator_id"].clone();
    let path = "/api/v1/desk/people/authenticators/raise";
    let body = json!({ "user_id": kofi, "authenticator_id": one });
    assert_eq!(ruth.post(path, &body).await.code(), "holder_not_present");
    let body = json!({ "user_id": kofi, "authenticator_id": one,
                       "holder_present": true, "photo_compared": true });
    let weak = ruth.post(path, &body).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(weak.code(), "evidence_too_weak");
}

#[tokio::test]
async fn an_invitation_asks_for_role_area_another_person_and_a_meeting() {
    let matron = standing();
    let (noah, wren) = (user_id(&matron, "noah"), user_id(&matron, "wren"));
    let ruth = Api::of(&matron, "ruth").await;
    let herself = user_id(&matron, "ruth");
    for kind in ["lasting", "temporary"] {
        assert_eq!(
            invite(&ruth, &herself, kind).await.code(),
            "actor_is_subject"
        );
        assert_eq!(invite(&ruth, &wren, kind).await.code(), "not_found");
        let theo = Api::of(&matron, "theo").await;
        assert_eq!(
            invite(&theo, &noah, kind).await.code(),
            "actor_role_missing"
        );
        let body = json!({ "user_id": noah, "kind": kind, "holder_present": true });
        let path = "/api/v1/desk/people/authenticators/invite";
        assert_eq!(ruth.post(path, &body).await.code(), "holder_not_present");
    }
    let ivan = Api::of(&matron, "ivan").await;
    assert_eq!(
        invite(&ivan, &noah, "lasting").await.code(),
        "actor_role_missing"
    );
    let ben = user_id(&matron, "ben");
    assert_eq!(
        invite(&ruth, &ben, "lasting").await.code(),
        "identity_not_verified"
    );
    assert_eq!(matron.audit_lines("authenticator_invited", ""), 0);
}

#[tokio::test]
async fn the_desks_pages_give_a_link_once_and_change_ways_to_sign_in() {
    let matron = standing();
    let kofi = user_id(&matron, "kofi");
    let mut ruth = Agent::with_card(&matron, "ruth");
    let page = ruth
        .sign_in(&format!("{}/desk", matron.issuer()), "none", 0)
        .await;
    assert_eq!(page.url.path(), "/desk", "{}", page.body);
    let person = format!("{}/desk/people/{kofi}", matron.issuer());
    let page = ruth.get(&person).await;
    assert!(page.body.contains("Demo phone"), "{}", page.body);
    for act in ["invite", "temporary", "suspend", "remove"] {
        assert!(
            page.body.contains(&format!("data-act=\"{act}\"")),
            "{act} {}",
            page.body
        );
    }
    let href = |act: &str| {
        let tags = pages::tags(&page.body, "a").into_iter();
        let mut found =
            tags.filter(|tag| pages::attribute(tag, "data-act").as_deref() == Some(act));
        found
            .next()
            .and_then(|tag| pages::attribute(tag, "href"))
            .expect("a link")
    };
    // Without the two ticks there is no link.
    let ask = ruth.get(&href("invite")).await;
    let form = pages::form_with(&ask.body, "photo_compared");
    let refused = ruth.submit(&form, &[("holder_present", "yes")]).await;
    assert_eq!(refused.refusal().as_deref(), Some("holder_not_present"));
    let met = [("holder_present", "yes"), ("photo_compared", "yes")];
    let given = ruth.submit(&form, &met).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    assert!(given.body.contains("<svg role=\"img\""), "{}", given.body);
    let (_, link) = given.body.split_once("data-link>").expect("the link");
    let link = link.split('<').next().expect("its end").to_owned();
    assert!(
        link.starts_with(&format!("{}/enrol/", matron.issuer())),
        "{link}"
    );
    let again = ruth.get(&person).await;
    assert!(!again.body.contains(&link), "shown once");
    assert!(
        !matron
            .texts("SELECT event FROM audit")
            .join(" ")
            .contains(&link[link.len() - 43..])
    );
    // His last way goes only knowingly.
    let ask = ruth.get(&href("remove")).await;
    let form = pages::form_with(&ask.body, "last_too");
    let refused = ruth.submit(&form, &[("reason", "lost")]).await;
    assert_eq!(refused.refusal().as_deref(), Some("last_authenticator"));
    let done = ruth
        .submit(&form, &[("reason", "lost"), ("last_too", "yes")])
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = ruth.follow(done, "none").await;
    assert!(page.body.contains("taken away"), "{}", page.body);
    assert!(!page.body.contains("Demo phone"), "{}", page.body);
}

#[tokio::test]
async fn what_nobody_used_for_twelve_months_is_on_the_desks_list() {
    let matron = standing();
    let (kofi, ruth) = (user_id(&matron, "kofi"), Api::of(&matron, "ruth").await);
    let path = "/api/v1/desk/authenticators/unused";
    let none = ruth.get(path).await.good();
    assert_eq!(none.body["authenticators"], json!([]), "{}", none.body);
    kofi_inside(&matron).await;
    matron.set_clock("2027-11-25T08:59:59Z");
    let ruth = Api::of(&matron, "ruth").await;
    let none = ruth.get(path).await.good();
    assert_eq!(none.body["authenticators"], json!([]), "{}", none.body);
    matron.set_clock("2027-11-25T09:00:00Z");
    let found = ruth.get(path).await.good();
    assert_eq!(
        found.body["authenticators"][0]["user_id"],
        json!(kofi),
        "{}",
        found.body
    );
    assert_eq!(found.body["authenticators"][0]["name"], json!("Demo phone"));
    assert!(found.body["next"].is_null());
    assert_eq!(
        ruth.get(&format!("{path}?after=x")).await.code(),
        "malformed"
    );
    let theo = Api::of(&matron, "theo").await;
    assert_eq!(theo.get(path).await.code(), "actor_role_missing");
    let mut agent = Agent::with_card(&matron, "ruth");
    agent
        .sign_in(&format!("{}/desk", matron.issuer()), "none", 0)
        .await;
    let page = agent.get(&format!("{}/desk/unused", matron.issuer())).await;
    assert!(page.body.contains("Demo phone"), "{}", page.body);
}
