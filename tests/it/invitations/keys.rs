//! A security key added in a visit: by the desk's word at AAL3, for one shift at AAL2.

use reqwest::StatusCode;
use serde_json::json;

use super::{invite, open, ways};
use crate::keys::{AAL2, AAL3, allowing};
use crate::support::app::CALLBACK;
use crate::support::ceremony::{asked, form, send, sign_in};
use crate::support::desk::user_id;
use crate::support::key::{Batch, Make, SoftKey};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Reader};

/// From a link to the answer of the form that adds a key.
async fn add(matron: &Matron, agent: &mut Agent, link: &str, key: &mut SoftKey) -> StatusCode {
    let visit = open(agent, link).await;
    assert!(visit.body.contains("data-choice=\"key\""), "{}", visit.body);
    let page = agent.get(&format!("{}/enrol/key", matron.issuer())).await;
    let form = form(&page);
    let words = [("name", "Blue key"), ("kind", "roaming")];
    let asked = asked(agent, &form, &words).await;
    let answer = key.create(&asked.options).to_string();
    let page = send(agent, &form, (&asked.ceremony, &answer), &words[..1]).await;
    // The same once more: the link has done its work.
    let again = send(agent, &form, (&asked.ceremony, &answer), &words[..1]).await;
    assert_ne!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    page.status
}

#[tokio::test]
async fn a_link_adds_a_key_that_counts_fully_and_temporary_access_one_for_a_shift() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let ruth = Api::of(&matron, "ruth").await;
    for (kind, who, level) in [("lasting", "noah", 3), ("temporary", "tomasz", 2)] {
        let person = user_id(&matron, who);
        let link = invite(&ruth, &person, kind).await.good().text("link");
        let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
        let mut visitor = Agent::new(&matron, Reader::Empty);
        let added = add(&matron, &mut visitor, &link, &mut key).await;
        assert_eq!(added, StatusCode::SEE_OTHER);
        let all = ways(&ruth, &person).await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0]["method"], json!("security-key"));
        assert_eq!(all[0]["level"], json!(level), "{who}");
        let mut agent = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut agent, &app.url(&[AAL3]), "security-key", &mut key).await;
        if level == 2 {
            assert_eq!(page.refusal().as_deref(), Some("authenticator_too_weak"));
            let page = sign_in(&mut agent, &app.url(&[AAL2]), "security-key", &mut key).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
            // After the shift it opens nothing.
            matron.set_clock("2026-11-25T21:00:01Z");
            let mut late = Agent::new(&matron, Reader::Empty);
            let page = sign_in(&mut late, &app.url(&[AAL2]), "security-key", &mut key).await;
            assert_eq!(page.refusal().as_deref(), Some("authenticator_ended"));
        } else {
            let page = agent.follow(page, CALLBACK).await;
            assert_ne!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        }
    }
}
