//! Class 51 of what OpenID providers got wrong: who is known here must not be heard from how long the answer takes. CPU
//! time of the house is compared, which a busy machine does not stretch as it does the time that passes.

use reqwest::StatusCode;

use crate::app::standing;
use crate::support::phone::{ACR, form, send};
use crate::support::{Agent, App, Matron, Reader, http};

/// How much more, in tenths, one of two may cost than the other.
const BAND: u64 = 14;

#[track_caller]
fn alike(known: u64, unknown: u64) {
    let band = known * 10 <= unknown * BAND && unknown * 10 <= known * BAND;
    assert!(
        band,
        "{known} ms for what is known here, {unknown} ms for what is not"
    );
}

#[tokio::test]
async fn a_known_and_an_unknown_name_cost_the_house_the_same() {
    let matron = standing();
    let kofi = matron.text("/people/kofi/user_id");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let known = wrong_passwords(&matron, &mut agent, 0, |_| kofi.clone()).await;
    let nobody = |number| format!("5550999999{number:02}");
    let unknown = wrong_passwords(&matron, &mut agent, 27, nobody).await;
    alike(known, unknown);
}

/// CPU ms of eight tries, after one to warm up: some minutes apart, so that none waits for the one before.
async fn wrong_passwords(
    matron: &Matron,
    agent: &mut Agent,
    from_minute: u32,
    name: impl Fn(u32) -> String,
) -> u64 {
    let app = App::new(matron, "ward7");
    let mut before = 0;
    for number in 1..=9 {
        let minute = from_minute + number * 3;
        matron.set_clock(&format!("2026-11-25T09:{minute:02}:30Z"));
        let (_, form) = form(agent, &app.url(&[ACR])).await;
        let page = send(agent, &form, &name(number), "wrong", "123456").await;
        assert_eq!(page.refusal().as_deref(), Some("credentials_wrong"));
        if number == 1 {
            before = matron.cpu_ms();
        }
    }
    matron.cpu_ms() - before
}

#[tokio::test]
async fn a_known_and_an_unknown_application_cost_the_house_the_same() {
    let matron = standing();
    let http = http(&matron).build().expect("a client");
    wrong_secrets(&matron, &http, "ward7").await;
    // In turns: what the machine and the house's own errands cost besides falls on both.
    let (mut known, mut unknown) = (0, 0);
    for _ in 0..10 {
        known += wrong_secrets(&matron, &http, "ward7").await;
        unknown += wrong_secrets(&matron, &http, "ward8").await;
    }
    alike(known, unknown);
}

/// CPU ms of fifty tries.
async fn wrong_secrets(matron: &Matron, http: &reqwest::Client, client: &str) -> u64 {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "made-up"),
        ("redirect_uri", "https://app.example/cb"),
        ("client_id", client),
        ("client_secret", "a secret of 32 characters or more"),
    ];
    let url = format!("{}/oauth2/token", matron.issuer());
    let before = matron.cpu_ms();
    for _ in 0..50 {
        let answer = http.post(&url).form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        answer.bytes().await.expect("its body");
    }
    matron.cpu_ms() - before
}
