//! Links that a desk gives in a meeting, through the front door: what one adds, in which browser, how
//! often and until when; temporary access; and what a desk does to other people's ways to sign in.

mod desk;
mod keys;
mod races;
mod temporary;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::standing;
use crate::support::agent::Page;
use crate::support::app::CALLBACK;
use crate::support::desk::{seen, user_id};
use crate::support::letters::{letters, plain};
use crate::support::phone::{self as app, ACR, code, secret};
use crate::support::soft::{Api, Said};
use crate::support::{Agent, App, Matron, Reader, pages};

const PASSWORD: &str = "tea at the window";

/// Gives somebody a link over the API.
pub(crate) async fn invite(api: &Api<'_>, person: &str, kind: &str) -> Said {
    let mut body = seen();
    body["user_id"] = json!(person);
    body["kind"] = json!(kind);
    api.post("/api/v1/desk/people/authenticators/invite", &body)
        .await
}

/// Opens a link as far as its visit.
pub(crate) async fn open(agent: &mut Agent, link: &str) -> Page {
    let page = agent.get(link).await;
    if page.status != StatusCode::OK {
        return page;
    }
    let form = pages::form_with(&page.body, "data-choice=\"open\"");
    let page = agent.submit(&form, &[]).await;
    agent.follow(page, "none").await
}

/// What the app is to know, of the page that shows it.
fn shown(page: &Page) -> enrolment::totp::AppSecret {
    let (_, letters) = page.body.split_once("data-secret>").expect("the secret");
    let letters = letters.split('<').next().expect("letters").replace(' ', "");
    secret(&letters)
}

/// From the visit to the end of setting an app up.
pub(crate) async fn set_up(
    matron: &Matron,
    agent: &mut Agent,
    visit: &Page,
    name: &str,
) -> (enrolment::totp::AppSecret, Page) {
    set_up_with(matron, agent, visit, (name, PASSWORD)).await
}

/// The same with another password.
pub(crate) async fn set_up_with(
    matron: &Matron,
    agent: &mut Agent,
    visit: &Page,
    (name, password): (&str, &str),
) -> (enrolment::totp::AppSecret, Page) {
    let begin = pages::form_with(&visit.body, "data-choice=\"begin\"");
    let page = agent.submit(&begin, &[]).await;
    let known = shown(&page);
    let digits = code(matron, &known);
    let words = [("name", name), ("password", password), ("code", &digits)];
    let finish = pages::form_with(&page.body, "data-choice=\"finish\"");
    let done = agent.submit(&finish, &words).await;
    (known, done)
}

/// Signs in by password and app; the answer to the form.
pub(crate) async fn sign_in(
    matron: &Matron,
    agent: &mut Agent,
    name: &str,
    app: &enrolment::totp::AppSecret,
) -> Page {
    let ward = App::new(matron, "ward7");
    let (_, form) = app::form(agent, &ward.url(&[ACR])).await;
    let digits = code(matron, app);
    app::send(agent, &form, name, PASSWORD, &digits).await
}

/// A letter with these words has arrived at each of somebody's addresses.
pub(crate) fn told_everywhere(matron: &Matron, alias: &str, words: &str) {
    for kind in ["email", "mobile"] {
        let address = matron.text(&format!("/people/{alias}/{kind}"));
        let mut letters = letters(matron, &address).into_iter();
        assert!(
            letters.any(|letter| plain(&letter).contains(words)),
            "{kind}: {words}"
        );
    }
}

async fn ways(api: &Api<'_>, person: &str) -> Vec<Value> {
    let path = format!("/api/v1/desk/people/authenticators?user_id={person}");
    let said = api.get(&path).await.good();
    said.body["authenticators"]
        .as_array()
        .expect("a list")
        .clone()
}

#[tokio::test]
async fn a_link_adds_one_way_to_sign_in_and_opens_nothing_else() {
    let matron = standing();
    let (noah, ruth) = (user_id(&matron, "noah"), Api::of(&matron, "ruth").await);
    let given = invite(&ruth, &noah, "lasting").await.good();
    let link = given.text("link");
    assert_eq!(given.text("expires_at"), "2026-11-25T09:15:00Z");
    assert!(given.body["ends_at"].is_null());
    told_everywhere(&matron, "noah", "gave you a link");

    let mut agent = Agent::new(&matron, Reader::Empty);
    // Looking at it does not open it.
    agent.get(&link).await;
    assert_eq!(matron.audit_lines("invitation_opened", &noah), 0);
    let visit = open(&mut agent, &link).await;
    assert!(
        visit.body.contains("data-page=\"enrol-visit\""),
        "{}",
        visit.body
    );
    // A visit is no session, neither for pages nor for what belongs to a session.
    for path in ["/my", "/my/authenticators", "/desk", "/my/sessions"] {
        let page = agent.get(&format!("{}{path}", matron.issuer())).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
    }
    // In the same browser it is opened again.
    let visit = open(&mut agent, &link).await;
    let (known, done) = set_up(&matron, &mut agent, &visit, "Noah's phone").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let done = agent.follow(done, "none").await;
    assert!(
        done.body.contains("data-page=\"enrol-done\""),
        "{}",
        done.body
    );
    for kind in [
        "authenticator_invited",
        "invitation_opened",
        "invitation_spent",
    ] {
        assert_eq!(matron.audit_lines(kind, &noah), 1, "{kind}");
    }
    told_everywhere(&matron, "noah", "was added to your ways");
    // It counts for what its evidence proves, bound at the desk's own level.
    let all = ways(&ruth, &noah).await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["bound_at_level"], &all[0]["level"]),
        (&json!(3), &json!(2))
    );
    // Used is used.
    for browser in [&mut agent, &mut Agent::new(&matron, Reader::Empty)] {
        let again = browser.get(&link).await;
        assert_eq!(again.refusal().as_deref(), Some("invitation_used"));
        assert!(pages::link(&again.body, "again").is_some());
    }
    // It signs him in at AAL2, and his page shows the name as it was typed.
    matron.set_clock("2026-11-25T09:01:00Z");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&matron, &mut agent, &noah, &known).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    agent.follow(page, CALLBACK).await;
    let list = agent
        .get(&format!("{}/my/authenticators", matron.issuer()))
        .await;
    assert!(list.body.contains("Noah&#39;s phone"), "{}", list.body);
}

#[tokio::test]
async fn a_forgotten_password_and_a_lost_phone_are_mended_in_person() {
    let matron = standing();
    let (kofi, rae) = (user_id(&matron, "kofi"), Api::of(&matron, "rae").await);
    let given = invite(&rae, &kofi, "lasting").await.good();
    let mut agent = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut agent, &given.text("link")).await;
    let (new, done) = set_up(&matron, &mut agent, &visit, "New phone").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    // The password of before is over; the new one opens.
    matron.set_clock("2026-11-25T09:01:00Z");
    let ward = App::new(&matron, "ward7");
    let (_, form) = app::form(&mut agent, &ward.url(&[ACR])).await;
    let old = matron.text("/people/kofi/password");
    let page = app::send(&mut agent, &form, &kofi, &old, &code(&matron, &new)).await;
    assert_eq!(page.refusal().as_deref(), Some("credentials_wrong"));
    let page = sign_in(&matron, &mut agent, &kofi, &new).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

#[tokio::test]
async fn a_link_ends_with_its_minutes_with_a_newer_one_and_with_its_browser() {
    let matron = standing();
    let (noah, ruth) = (user_id(&matron, "noah"), Api::of(&matron, "ruth").await);
    let code_of = |page: &Page| page.refusal().expect("a refusal");
    let mut agent = Agent::new(&matron, Reader::Empty);
    // Nobody gave this one.
    let unknown = format!("{}/enrol/{}", matron.issuer(), "A".repeat(43));
    assert_eq!(code_of(&agent.get(&unknown).await), "invitation_unknown");
    let visit = format!("{}/enrol", matron.issuer());
    assert_eq!(code_of(&agent.get(&visit).await), "invitation_unknown");
    // A newer one takes its place, even once it is opened.
    let first = invite(&ruth, &noah, "lasting").await.good().text("link");
    open(&mut agent, &first).await;
    let second = invite(&ruth, &noah, "lasting").await.good().text("link");
    assert_eq!(code_of(&agent.get(&visit).await), "invitation_expired");
    assert_eq!(code_of(&agent.get(&first).await), "invitation_expired");
    // Another browser gets nothing of what this one opened.
    let page = open(&mut agent, &second).await;
    assert!(
        page.body.contains("data-page=\"enrol-visit\""),
        "{}",
        page.body
    );
    let mut other = Agent::new(&matron, Reader::Empty);
    assert_eq!(
        code_of(&other.get(&second).await),
        "invitation_opened_elsewhere"
    );
    let link = second.rsplit('/').next().expect("a secret").to_owned();
    let stolen = other.post("/enrol", &[("link".to_owned(), link)]).await;
    assert_eq!(code_of(&stolen), "invitation_opened_elsewhere");
    assert_eq!(code_of(&other.get(&visit).await), "invitation_unknown");
    // Its last second counts; the next does not, and what was begun is not finished.
    matron.set_clock("2026-11-25T09:15:00Z");
    let page = agent.get(&visit).await;
    let begin = pages::form_with(&page.body, "data-choice=\"begin\"");
    let page = agent.submit(&begin, &[]).await;
    let known = shown(&page);
    matron.set_clock("2026-11-25T09:15:01Z");
    let finish = pages::form_with(&page.body, "data-choice=\"finish\"");
    let digits = code(&matron, &known);
    let words = [("name", "Late"), ("password", PASSWORD), ("code", &digits)];
    let late = agent.submit(&finish, &words).await;
    assert_eq!(code_of(&late), "invitation_expired");
    assert_eq!(code_of(&agent.get(&second).await), "invitation_expired");
    assert!(late.body.contains("Ask the person who gave you the link"));
    assert_eq!(matron.audit_lines("authenticator_added", &noah), 0);
}

#[tokio::test]
async fn a_visit_is_of_one_person_in_one_browser_and_no_other_site_acts_in_it() {
    let matron = standing();
    let ruth = Api::of(&matron, "ruth").await;
    let (noah, kofi) = (user_id(&matron, "noah"), user_id(&matron, "kofi"));
    let mut hers = Agent::new(&matron, Reader::Empty);
    let mut his = Agent::new(&matron, Reader::Empty);
    let link = invite(&ruth, &noah, "lasting").await.good().text("link");
    let first = open(&mut hers, &link).await;
    let link = invite(&ruth, &kofi, "lasting").await.good().text("link");
    let second = open(&mut his, &link).await;
    // Another site posts nothing here.
    let secret = link.rsplit('/').next().expect("a secret");
    for (path, body) in [
        ("/enrol", format!("link={secret}")),
        ("/enrol/app", String::new()),
    ] {
        let request = his.client().post(format!("{}{path}", matron.issuer()));
        let request = request.header("origin", "https://evil.example").body(body);
        let answer = request
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
    // The token of one visit is none in another.
    let begin = pages::form_with(&first.body, "data-choice=\"begin\"");
    let strange = his.submit(&begin, &[]).await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN, "{}", strange.body);
    // Nor is the ceremony of one finished in another, with its own token.
    let page = hers.submit(&begin, &[]).await;
    let known = shown(&page);
    let mut finish = pages::form_with(&page.body, "data-choice=\"finish\"");
    let own = pages::form_with(&second.body, "data-choice=\"begin\"");
    let token = own.hidden.iter().find(|(name, _)| name == "form_token");
    let token = token.expect("a token").clone();
    finish.hidden.retain(|(name, _)| name != "form_token");
    finish.hidden.push(token);
    let digits = code(&matron, &known);
    let words = [("name", "Hers"), ("password", PASSWORD), ("code", &digits)];
    let mixed = his.submit(&finish, &words).await;
    assert_eq!(mixed.refusal().as_deref(), Some("ceremony_failed"));
    assert_eq!(
        matron.audit_lines("authenticator_added", ""),
        1,
        "kofi's own of before"
    );
}
