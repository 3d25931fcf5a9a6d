//! Sixty-four at once: one opening, one authenticator, one temporary access.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, ORIGIN};

use super::{PASSWORD, invite, open, shown};
use crate::app::standing;
use crate::support::agent::Page;
use crate::support::desk::user_id;
use crate::support::pages::Form;
use crate::support::phone::code;
use crate::support::soft::Api;
use crate::support::{Agent, Matron, Reader, all, http, pages};

const MANY: usize = 64;

fn encoded(form: &Form, added: &[(&str, &str)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&form.hidden);
    body.extend_pairs(added);
    body.finish()
}

/// So many posts of one body at once; how many were answered by a redirect to `end`.
async fn at_once(
    matron: &Matron,
    clients: Vec<reqwest::Client>,
    path: &str,
    body: &str,
    end: &str,
) -> usize {
    let url = format!("{}{path}", matron.issuer());
    let sent = clients.into_iter().map(|client| {
        let request = client.post(&url).header(ORIGIN, matron.issuer());
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(body.to_owned()).send()
    });
    let answers = all(sent.collect()).await;
    let good = answers.into_iter().filter(|answer| {
        let answer = answer.as_ref().expect("an answer");
        let to = answer
            .headers()
            .get("location")
            .map(|to| to.as_bytes().to_vec());
        answer.status() == StatusCode::SEE_OTHER && to.as_deref() == Some(end.as_bytes())
    });
    good.count()
}

#[tokio::test]
async fn sixty_four_openings_of_one_link_open_it_once() {
    let matron = standing();
    let (noah, ruth) = (user_id(&matron, "noah"), Api::of(&matron, "ruth").await);
    let link = invite(&ruth, &noah, "lasting").await.good().text("link");
    let body = format!("link={}", link.rsplit('/').next().expect("a secret"));
    let client = || http(&matron).cookie_store(true).build().expect("a client");
    let clients = (0..MANY).map(|_| client()).collect();
    assert_eq!(
        at_once(&matron, clients, "/enrol", &body, "/enrol").await,
        1
    );
    assert_eq!(matron.audit_lines("invitation_opened", &noah), 1);
}

#[tokio::test]
async fn sixty_four_ends_of_one_visit_add_one_way_to_sign_in() {
    let matron = standing();
    let (noah, ruth) = (user_id(&matron, "noah"), Api::of(&matron, "ruth").await);
    let link = invite(&ruth, &noah, "lasting").await.good().text("link");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut agent, &link).await;
    let begin = pages::form_with(&visit.body, "data-choice=\"begin\"");
    let page: Page = agent.submit(&begin, &[]).await;
    let digits = code(&matron, &shown(&page));
    let finish = pages::form_with(&page.body, "data-choice=\"finish\"");
    let words = [
        ("name", "Phone"),
        ("password", PASSWORD),
        ("code", digits.as_str()),
    ];
    let body = encoded(&finish, &words);
    let clients = (0..MANY).map(|_| agent.client()).collect();
    let path = "/enrol/app/finish";
    assert_eq!(
        at_once(&matron, clients, path, &body, "/enrol/done").await,
        1
    );
    assert_eq!(matron.audit_lines("invitation_spent", &noah), 1);
    assert_eq!(matron.audit_lines("authenticator_added", &noah), 1);
}

#[tokio::test]
async fn sixty_four_desks_at_once_give_temporary_access_once() {
    let matron = standing();
    let (noah, ivan) = (user_id(&matron, "noah"), Api::of(&matron, "ivan").await);
    let asked = (0..MANY).map(|_| invite(&ivan, &noah, "temporary"));
    let answers = all(asked.collect()).await;
    let given = answers.iter().filter(|said| said.status.is_success());
    assert_eq!(given.count(), 1);
    let refused = answers.iter().filter(|said| !said.status.is_success());
    for said in refused {
        assert_eq!(said.code(), "temporary_access_used");
    }
    assert_eq!(matron.audit_lines("authenticator_invited", &noah), 1);
}
