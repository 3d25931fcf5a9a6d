//! The hand-over ticket: for one transaction, in the browser that began it, once, within 60 seconds
//! (decision 5; contract 4.2).

use crate::support::app::CALLBACK;
use crate::support::{Agent, App, Matron, Options, Reader};

/// Whether a page signed anybody in: an app redirect, a picker, or a session cookie.
fn signed_in(page: &crate::support::agent::Page) -> bool {
    let cookie = page
        .headers
        .get_all("set-cookie")
        .iter()
        .any(|c| c.to_str().is_ok_and(|c| c.contains("matron-session")));
    cookie
        || page
            .location
            .as_ref()
            .is_some_and(|l| l.as_str().starts_with(CALLBACK))
        || page.body.contains("name=\"role_id\"")
}

/// Presents a card and stops before the gateway sees the ticket.
async fn ticket(app: &App<'_>, agent: &mut Agent) -> String {
    let page = agent.present_card(&app.url(&[])).await;
    page.location
        .unwrap_or_else(|| panic!("no ticket: {}", page.body))
        .into()
}

#[tokio::test]
async fn a_ticket_in_another_browser_signs_nobody_in() {
    let app = App::new(Matron::shared(), "ward7");
    let mut hers = Agent::with_card(app.matron, "noah");
    let url = ticket(&app, &mut hers).await;
    let mut stranger = Agent::new(app.matron, Reader::Empty);
    let page = stranger.get(&url).await;
    assert!(!signed_in(&page), "no pre-login cookie at all");
    stranger.get(&app.url(&[])).await;
    let page = stranger.get(&url).await;
    assert!(
        !signed_in(&page),
        "the pre-login cookie of another transaction"
    );
    assert!(page.status.is_client_error(), "{}", page.status);
    assert!(app.matron.audit_lines("ticket_refused", "") >= 2);
}

#[tokio::test]
async fn a_sign_in_begun_by_one_browser_and_completed_by_anothers_card_signs_nobody_in() {
    let app = App::new(Matron::shared(), "ward7");
    let mut attacker = Agent::new(app.matron, Reader::Empty);
    let first = attacker.get(&app.url(&[])).await;
    let methods = attacker.follow(first, "none").await;
    let link = crate::support::agent::smartcard_link(&methods.body).expect("a link");
    let link = methods.url.join(&link).expect("a URL");
    let mut victim = Agent::with_card(app.matron, "noah");
    let handed = victim.get(link.as_str()).await;
    let url = handed
        .location
        .expect("the card listener hands over")
        .to_string();
    assert!(
        !signed_in(&victim.get(&url).await),
        "the victim's browser did not begin this"
    );
}

#[tokio::test]
async fn a_ticket_works_once() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    let url = ticket(&app, &mut agent).await;
    let first = agent.get(&url).await;
    assert!(
        first.status.is_redirection(),
        "{} {}",
        first.status,
        first.body
    );
    let second = agent.get(&url).await;
    assert!(
        second.status.is_client_error() && !signed_in(&second),
        "{} {:?}",
        second.status,
        second.location
    );
}

#[tokio::test]
async fn of_64_redemptions_at_once_one_wins() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    let url = ticket(&app, &mut agent).await;
    let client = agent.client();
    let answers = (0..64).map(|_| client.get(&url).send()).collect::<Vec<_>>();
    let won = crate::support::all(answers)
        .await
        .into_iter()
        .filter(|a| a.as_ref().is_ok_and(|a| a.status().is_redirection()))
        .count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_ticket_for_one_transaction_does_not_serve_another_of_the_same_browser() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    let first = ticket(&app, &mut agent).await;
    let other = ticket(&app, &mut agent).await;
    let (first, other) = (
        reqwest::Url::parse(&first).expect("a URL"),
        reqwest::Url::parse(&other).expect("a URL"),
    );
    let value = |url: &reqwest::Url, name: &str| {
        url.query_pairs()
            .find(|(n, _)| n == name)
            .expect("a parameter")
            .1
            .into_owned()
    };
    let mut mixed = first.clone();
    mixed
        .query_pairs_mut()
        .clear()
        .append_pair("t", &value(&other, "t"))
        .append_pair("ticket", &value(&first, "ticket"));
    assert!(!signed_in(&agent.get(mixed.as_str()).await));
}

#[tokio::test]
async fn a_ticket_dies_after_60_seconds() {
    let matron = Matron::start(Options {
        clock: Some("2028-03-01T09:00:00Z".into()),
        ..Options::default()
    });
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    let late = ticket(&app, &mut agent).await;
    matron.set_clock("2028-03-01T09:01:01Z");
    let page = agent.get(&late).await;
    assert!(
        page.status.is_client_error() && !signed_in(&page),
        "61 s: {}",
        page.status
    );

    let in_time = ticket(&app, &mut agent).await;
    matron.set_clock("2028-03-01T09:02:01Z");
    let page = agent.get(&in_time).await;
    assert!(
        page.status.is_redirection(),
        "60 s exactly: {} {}",
        page.status,
        page.body
    );
}

#[tokio::test]
async fn the_session_id_changes_at_each_authentication_and_a_planted_one_is_refused() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    let cookie = |page: &crate::support::agent::Page| {
        let all = page.headers.get_all("set-cookie");
        all.iter()
            .filter_map(|c| c.to_str().ok())
            .find(|c| c.contains("matron-session"))
            .map(|c| c.split(';').next().unwrap_or("").to_owned())
    };
    let mut seen = Vec::new();
    for _ in 0..2 {
        let url = app.url(&[("prompt", "login")]);
        let page = agent.present_card(&url).await;
        let redeemed = agent.get(page.location.expect("a ticket").as_str()).await;
        let cookie = cookie(&redeemed).expect("a session cookie");
        assert!(cookie.starts_with("__Host-matron-session-"), "{cookie}");
        assert!(!seen.contains(&cookie), "a new id at each authentication");
        seen.push(cookie);
    }
    let dead = seen.into_iter().next().expect("one");
    let planted = Agent::new(app.matron, Reader::Empty)
        .client()
        .get(app.url(&[("prompt", "none")]))
        .header("cookie", dead);
    let answer = planted.send().await.expect("an answer");
    let location = answer
        .headers()
        .get("location")
        .and_then(|l| l.to_str().ok())
        .unwrap_or_default();
    assert!(
        location.contains("error=login_required"),
        "the session id before the last opens nothing: {location}"
    );
}
