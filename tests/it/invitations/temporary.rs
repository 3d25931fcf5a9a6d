//! Access for a card left at home: AAL2, twelve hours, once in seven days without the registration
//! authority, and nothing that lasts comes of it.

use reqwest::StatusCode;

use super::{invite, open, set_up, set_up_with, sign_in, ways};
use crate::app::standing;
use crate::support::app::CALLBACK;
use crate::support::desk::user_id;
use crate::support::letters::{address, letters, plain};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Reader, pages};

#[tokio::test]
async fn temporary_access_ends_by_itself_and_nothing_that_lasts_comes_of_it() {
    let matron = standing();
    let (noah, ivan) = (user_id(&matron, "noah"), Api::of(&matron, "ivan").await);
    let given = invite(&ivan, &noah, "temporary").await.good();
    assert_eq!(given.text("ends_at"), "2026-11-25T21:00:00Z");
    let told = letters(&matron, &address(&matron, "noah"));
    assert!(
        told.iter().any(|l| plain(l).contains("25 November 2026")),
        "{told:?}"
    );
    let mut agent = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut agent, &given.text("link")).await;
    assert!(visit.body.contains("data-until"), "{}", visit.body);
    assert!(!visit.body.contains("It has no end date"), "{}", visit.body);
    let page = agent.get(&format!("{}/enrol/key", matron.issuer())).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(!page.body.contains("no end date"), "{}", page.body);
    let (known, done) = set_up(&matron, &mut agent, &visit, "Borrowed").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let all = ways(&ivan, &noah).await;
    assert_eq!(all[0]["bound_at_level"], 2);
    assert_eq!(all[0]["ends_at"], "2026-11-25T21:00:00Z");

    matron.set_clock("2026-11-25T20:50:00Z");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&matron, &mut agent, &noah, &known).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    agent.follow(page, CALLBACK).await;
    let mine = format!("{}/my/authenticators", matron.issuer());
    let list = agent.get(&mine).await;
    assert!(
        list.body.contains("Temporary, until 9:00pm today"),
        "{}",
        list.body
    );
    // He adds nothing with it, and takes nothing away.
    let needed = Some("session_level_too_low");
    for kind in ["app", "key"] {
        let page = agent.get(&format!("{mine}/{kind}")).await;
        assert_eq!(page.refusal().as_deref(), needed, "{}", page.body);
        assert!(page.body.contains("data-choice=\"other-way\""), "{kind}");
    }
    pages::assert_offers_only_to_sign_in_again(&list.body, "session_level_too_low");
    let form = pages::form_with(&list.body, "data-choice=\"lost\"");
    let remove = form.forged("change", "remove");
    let refused = agent.submit(&remove, &[("confirmed", "yes")]).await;
    assert_eq!(refused.refusal().as_deref(), needed);
    // To its last second, and no longer; with it goes the session.
    matron.set_clock("2026-11-25T21:00:00Z");
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    matron.set_clock("2026-11-25T21:00:01Z");
    assert_eq!(agent.get(&mine).await.status, StatusCode::SEE_OTHER);
    let page = sign_in(&matron, &mut agent, &noah, &known).await;
    assert_eq!(page.refusal().as_deref(), Some("authenticator_ended"));
    reads_ended(&matron).await;
}

/// In the list of whoever had it, signed in with the card again.
async fn reads_ended(matron: &Matron) {
    let mut agent = Agent::with_card(matron, "noah");
    App::new(matron, "ward7").code_with(&mut agent, &[]).await;
    let mine = format!("{}/my/authenticators", matron.issuer());
    let list = pages::text(&agent.get(&mine).await.body);
    assert!(list.contains("State Ended Temporary, ended"), "{list}");
}

#[tokio::test]
async fn temporary_access_is_given_again_after_seven_days_or_by_the_registration_authority() {
    let matron = standing();
    let noah = user_id(&matron, "noah");
    let ivan = Api::of(&matron, "ivan").await;
    let given = invite(&ivan, &noah, "temporary").await.good();
    // One link at a time: a lost one may be given again when it has run out.
    let again = invite(&ivan, &noah, "temporary").await;
    assert_eq!(again.code(), "temporary_access_used");
    assert_eq!(again.text("opens_at"), "2026-11-25T09:15:01Z");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut agent, &given.text("link")).await;
    let (_, done) = set_up(&matron, &mut agent, &visit, "Borrowed").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

    matron.set_clock("2026-12-02T08:59:59Z");
    let ivan = Api::of(&matron, "ivan").await;
    let refused = invite(&ivan, &noah, "temporary").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.code(), "temporary_access_used");
    assert_eq!(refused.text("opens_at"), "2026-12-02T09:00:00Z");
    let roles = refused.body["helper_roles"].as_array().expect("roles");
    assert_eq!(roles.len(), 3, "{roles:?}");
    let sam = Api::of(&matron, "sam").await;
    invite(&sam, &noah, "temporary").await.good();
    // What sam gave was not used, and a lasting link takes its place.
    let ruth = Api::of(&matron, "ruth").await;
    invite(&ruth, &noah, "lasting").await.good();
    matron.set_clock("2026-12-02T09:00:00Z");
    let ivan = Api::of(&matron, "ivan").await;
    invite(&ivan, &noah, "temporary").await.good();
}

#[tokio::test]
async fn temporary_access_is_no_other_way_left() {
    let matron = standing();
    let kofi = user_id(&matron, "kofi");
    let ivan = Api::of(&matron, "ivan").await;
    let given = invite(&ivan, &kofi, "temporary").await.good();
    let mut agent = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut agent, &given.text("link")).await;
    // He has a password, and types it.
    let words = ("Borrowed", matron.text("/people/kofi/password"));
    let (_, done) = set_up_with(&matron, &mut agent, &visit, (words.0, &words.1)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let own = ways(&ivan, &kofi).await;
    let own = own
        .iter()
        .find(|one| one["ends_at"].is_null())
        .expect("his own");
    let body = serde_json::json!({ "user_id": kofi, "reason": "lost", "state": "removed",
                                   "authenticator_id": own["authenticator_id"] });
    let ruth = Api::of(&matron, "ruth").await;
    let path = "/api/v1/desk/people/authenticators/change";
    let refused = ruth.post(path, &body).await;
    assert_eq!(refused.code(), "last_authenticator");
}
