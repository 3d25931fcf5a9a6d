//! Time moves: sessions, certificates at their last second, roles that begin and end (contract 3 and 7).
//! Each test has a Matron of its own, whose clock file it moves.

use crate::support::app::CALLBACK;
use crate::support::{Agent, App, Matron, Options, Reader, phone};

fn at(clock: &str) -> Matron {
    Matron::start(Options {
        clock: Some(clock.into()),
        ..Options::default()
    })
}

async fn silent(app: &App<'_>, agent: &mut Agent) -> String {
    let page = agent.get(&app.url(&[phone::ACR, ("prompt", "none")])).await;
    page.parameter("error")
        .unwrap_or_else(|| "signed in".into())
}

#[tokio::test]
async fn an_idle_session_ends_after_15_minutes_and_activity_keeps_it() {
    let matron = at("2028-03-01T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    let code = app.code_with(&mut agent, &[]).await;
    let token = app.exchange(&code).await.text("access_token");
    matron.set_clock("2028-03-01T09:14:59Z");
    assert_eq!(
        app.userinfo(&token).await.status,
        200,
        "userinfo is activity"
    );
    matron.set_clock("2028-03-01T09:29:58Z");
    assert_eq!(silent(&app, &mut agent).await, "signed in");
    matron.set_clock("2028-03-01T09:44:59Z");
    assert_eq!(
        silent(&app, &mut agent).await,
        "login_required",
        "15 min 1 s idle"
    );
    assert_eq!(
        app.userinfo(&token).await.status,
        401,
        "its tokens ended with it"
    );
}

#[tokio::test]
async fn a_session_ends_after_12_hours_however_busy() {
    let matron = at("2028-03-01T06:00:00Z");
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    app.code_with(&mut agent, &[]).await;
    for minutes in (10..=710).step_by(10) {
        matron.set_clock(&format!(
            "2028-03-01T{:02}:{:02}:00Z",
            6 + minutes / 60,
            minutes % 60
        ));
        assert_eq!(
            silent(&app, &mut agent).await,
            "signed in",
            "{minutes} minutes"
        );
    }
    matron.set_clock("2028-03-01T18:00:01Z");
    assert_eq!(silent(&app, &mut agent).await, "login_required");
}

/// A browser in which kofi has just signed in with password and app.
async fn kofi_by_app(matron: &Matron, app: &App<'_>) -> Agent {
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let mut agent = Agent::new(matron, Reader::Empty);
    let (_, form) = phone::form(&mut agent, &app.url(&[phone::ACR])).await;
    let (name, password) = (
        matron.text("/people/kofi/email"),
        matron.text("/people/kofi/password"),
    );
    let digits = phone::code(matron, &secret);
    let page = phone::send(&mut agent, &form, &name, &password, &digits).await;
    let page = agent.follow(page, CALLBACK).await;
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(tokens.claims()["acr"], "AAL2_ANY");
    agent
}

#[tokio::test]
async fn an_idle_session_of_aal2_ends_after_30_minutes_and_activity_keeps_it() {
    let matron = at("2028-03-01T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let mut agent = kofi_by_app(&matron, &app).await;
    for (time, said) in [
        ("09:29:59", "signed in"),
        ("09:59:58", "signed in"),
        ("10:29:58", "login_required"),
    ] {
        matron.set_clock(&format!("2028-03-01T{time}Z"));
        assert_eq!(silent(&app, &mut agent).await, said, "{time}");
    }
}

#[tokio::test]
async fn a_session_of_aal2_ends_after_12_hours_however_busy() {
    let matron = at("2028-03-01T06:00:00Z");
    let app = App::new(&matron, "ward7");
    let mut agent = kofi_by_app(&matron, &app).await;
    for minutes in (29..720).step_by(29) {
        let (hour, minute) = (6 + minutes / 60, minutes % 60);
        matron.set_clock(&format!("2028-03-01T{hour:02}:{minute:02}:00Z"));
        assert_eq!(silent(&app, &mut agent).await, "signed in", "{minutes}");
    }
    matron.set_clock("2028-03-01T17:59:59Z");
    assert_eq!(silent(&app, &mut agent).await, "signed in");
    matron.set_clock("2028-03-01T18:00:00Z");
    assert_eq!(silent(&app, &mut agent).await, "login_required");
}

#[tokio::test]
async fn max_age_and_prompt_login_ask_for_the_card_again() {
    let matron = at("2028-03-01T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    let first = app
        .exchange(&app.code_with(&mut agent, &[]).await)
        .await
        .claims();
    matron.set_clock("2028-03-01T09:05:00Z");
    let kept = app
        .exchange(&app.code_with(&mut agent, &[("max_age", "10000")]).await)
        .await
        .claims();
    assert_eq!(kept["auth_time"], first["auth_time"]);
    let page = agent
        .get(&app.url(&[("prompt", "none"), ("max_age", "1")]))
        .await;
    assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
    let again = app
        .exchange(&app.code_with(&mut agent, &[("max_age", "1")]).await)
        .await
        .claims();
    assert_eq!(
        again["auth_time"].as_i64(),
        first["auth_time"].as_i64().map(|t| t + 300)
    );
    matron.set_clock("2028-03-01T09:06:00Z");
    let forced = app
        .exchange(&app.code_with(&mut agent, &[("prompt", "login")]).await)
        .await
        .claims();
    assert_eq!(
        forced["auth_time"].as_i64(),
        first["auth_time"].as_i64().map(|t| t + 360)
    );
}

/// The last valid second of a person's authentication certificate, Unix seconds.
pub(crate) fn not_after(matron: &Matron, alias: &str) -> i64 {
    let pem = matron.file(&format!("/people/{alias}/card/authentication/certificate"));
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).expect("PEM");
    pem.parse_x509()
        .expect("a certificate")
        .validity()
        .not_after
        .timestamp()
}

fn instant(seconds: i64) -> String {
    policies::time::Time::from_unix(seconds).to_string()
}

#[tokio::test]
async fn a_certificate_works_in_its_last_second_and_not_one_later_but_the_session_goes_on() {
    let matron = at("2028-03-01T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let end = not_after(&matron, "hana");
    matron.set_clock(&instant(end));
    let mut agent = Agent::with_card(&matron, "hana");
    let code = app.code_with(&mut agent, &[]).await;
    assert!(!code.is_empty(), "notAfter is inclusive (RFC 5280 4.1.2.5)");
    matron.set_clock(&instant(end + 1));
    let mut late = Agent::with_card(&matron, "hana");
    let page = late.present_card(&app.url(&[])).await;
    assert_eq!(page.refusal().as_deref(), Some("certificate_expired"));
    assert_eq!(
        silent(&app, &mut agent).await,
        "signed in",
        "an expiring certificate does not end a running session"
    );
}

#[tokio::test]
async fn a_card_that_ends_within_a_day_is_announced_at_sign_in() {
    let matron = at("2028-03-01T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let end = not_after(&matron, "hana");
    matron.set_clock(&instant(end - 3600));
    let mut agent = Agent::with_card(&matron, "hana");
    let page = agent.present_card(&app.url(&[])).await;
    let page = agent.follow(page, CALLBACK).await;
    assert!(
        page.body.contains("data-notice=\"renewal\""),
        "{} {}",
        page.url,
        page.body
    );
}

#[tokio::test]
async fn after_three_years_every_card_has_expired_and_says_so() {
    let matron = at("2028-03-01T09:00:00Z");
    matron.set_clock("+3y");
    let app = App::new(&matron, "ward7");
    for person in ["amara", "noah", "ruth"] {
        let page = Agent::with_card(&matron, person)
            .present_card(&app.url(&[]))
            .await;
        assert_eq!(
            page.refusal().as_deref(),
            Some("certificate_expired"),
            "{person}"
        );
    }
}

#[tokio::test]
async fn a_pending_set_is_confirmed_by_its_first_use_and_the_old_one_is_superseded() {
    let matron = at("2028-03-01T09:00:00Z");
    let app = App::new(&matron, "ward7");
    let old = Agent::with_card(&matron, "iris")
        .present_card(&app.url(&[]))
        .await;
    assert!(
        old.location.is_some(),
        "the current set works until the new one is confirmed: {}",
        old.body
    );
    let mut agent = Agent::new(&matron, Reader::Card("iris", "pending"));
    let code = app.code_with(&mut agent, &[]).await;
    assert!(!code.is_empty());
    let old = Agent::with_card(&matron, "iris")
        .present_card(&app.url(&[]))
        .await;
    let code = old.refusal().unwrap_or_default();
    assert!(
        ["certificate_superseded", "certificate_revoked"].contains(&code.as_str()),
        "{code}"
    );
}

#[tokio::test]
async fn a_second_start_continues_with_the_same_data_and_another_port_is_refused() {
    let matron = at("2028-03-01T09:00:00Z");
    let before = matron.dev.clone();
    let (folder, port) = (matron.folder().to_path_buf(), matron.port);
    let options = Options {
        database: matron.database.clone(),
        ..Options::default()
    };
    let home = matron.kill();
    let again = Matron::start_in(&folder, port, options).expect("it starts again");
    assert_eq!(again.dev["people"], before["people"]);
    let app = App::new(&again, "ward7");
    assert_eq!(app.tokens("noah").await.status, 200);
    drop(again);
    let other = Matron::start_in(
        &folder,
        crate::support::matron::free_ports(),
        Options::default(),
    );
    let Err(said) = other else {
        panic!("another port was taken")
    };
    assert!(said.contains("--reset"), "names the way out: {said}");
    drop(home);
}

#[test]
fn dev_ends_cleanly_when_asked() {
    let status = Matron::start(Options::default()).terminate();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_reset_starts_afresh_on_postgresql_too() {
    let Some(database) = crate::support::postgres().await else {
        return;
    };
    let options = Options {
        database: Some(database),
        ..Options::default()
    };
    let matron = Matron::start(options.clone());
    let before = matron.text("/people/noah/card/passcode");
    let (folder, port) = (matron.folder().to_path_buf(), matron.port);
    let home = matron.kill();
    let reset = Options {
        arguments: vec!["--reset".into()],
        ..options
    };
    let again = Matron::start_in(&folder, port, reset).expect("it starts afresh");
    assert_ne!(
        again.text("/people/noah/card/passcode"),
        before,
        "new people's secrets"
    );
    assert_eq!(App::new(&again, "ward7").tokens("noah").await.status, 200);
    drop(home);
}
