//! The desk asks programs for AAL3 as it asks browsers (contract 5): scope and role are not enough.

use gateway::router::{self, Access};
use reqwest::StatusCode;
use serde_json::json;

use crate::access::{Subject, ask};
use crate::app::standing;
use crate::support::app::CALLBACK;
use crate::support::phone::{self, ACR};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Reader};

/// An access token for the desk, of a session that sam opens with his app.
async fn by_app(matron: &Matron, secret: &enrolment::totp::AppSecret) -> String {
    let console = App::new(matron, "console");
    let mut agent = Agent::new(matron, Reader::Empty);
    let url = console.url(&[ACR, ("scope", "openid self desk selectedrole")]);
    let (_, form) = phone::form(&mut agent, &url).await;
    let (name, digits) = (
        matron.text("/people/sam/email"),
        phone::code(matron, secret),
    );
    let page = phone::send(&mut agent, &form, &name, "tea at the window", &digits).await;
    let page = agent.follow(page, CALLBACK).await;
    let page = match page.parameter("code") {
        Some(_) => page,
        None => agent.sign_in(page.url.as_str(), CALLBACK, 0).await,
    };
    let code = page
        .parameter("code")
        .unwrap_or_else(|| panic!("no code: {}", page.body));
    let tokens = console.exchange(&code).await;
    assert_eq!(tokens.claims()["acr"], json!("AAL2_ANY"));
    tokens.text("access_token")
}

#[tokio::test]
async fn a_token_of_an_aal2_session_does_nothing_at_the_desk() {
    let matron = standing();
    let (secret, _) = phone::set_up(&matron, &Api::of(&matron, "sam").await).await;
    // The app is no longer new: nothing but the level is in the way.
    matron.set_clock("2026-11-27T09:00:00Z");
    let weak = Api::with_token(&matron, by_app(&matron, &secret).await);
    weak.get("/api/v1/my/sessions").await.good();
    let noah = Subject::of(&matron, "noah");
    let gateway = router::gateway();
    let desk = gateway.operations().iter();
    let desk = desk.filter(|operation| operation.access == Access::DeskToken);
    let mut asked = 0;
    for operation in desk {
        let said = ask(&weak, operation.id, &noah).await;
        assert_eq!(said.status, StatusCode::FORBIDDEN, "{}", operation.id);
        assert_eq!(said.code(), "session_level_too_low", "{}", operation.id);
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
    // The same person, in the same role, by card.
    let strong = Api::of(&matron, "sam").await;
    let found = ask(&strong, "findPeople", &noah).await.good();
    assert_eq!(found.body["people"].as_array().map(Vec::len), Some(1));
}
