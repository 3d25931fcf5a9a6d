//! One password tried with many names from one address (G30), through the front door.

use reqwest::StatusCode;

use crate::app::standing;
use crate::support::app::CALLBACK;
use crate::support::phone::{ACR, code, form, secret, send};
use crate::support::{Agent, App, Matron, Reader, http};

/// A browser that nobody signed in from, on another machine.
fn elsewhere(matron: &Matron) -> Agent {
    let client = http(matron).cookie_store(true);
    let client = client.local_address(std::net::IpAddr::from([127, 2, 0, 1]));
    Agent::of(client.build().expect("a client"))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_try_a_password_with_every_name() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let url = app.url(&[ACR]);
    let password = matron.text("/people/kofi/password");
    let kofi = matron.text("/people/kofi/user_id");
    let app_secret = secret(&matron.text("/people/kofi/totp_secret"));

    // She signs in once before, in a browser of hers.
    let mut hers = Agent::new(&matron, Reader::Empty);
    let (_, before) = form(&mut hers, &url).await;
    let digits = code(&matron, &app_secret);
    let page = send(&mut hers, &before, &kofi, &password, &digits).await;
    hers.follow(page, CALLBACK).await;

    let tries = (0..24).map(async |browser| {
        let mut agent = Agent::new(&matron, Reader::Empty);
        let (_, form) = form(&mut agent, &url).await;
        for number in 0..25 {
            let name = format!("nobody{browser}-{number}@demo.example");
            let page = send(&mut agent, &form, &name, &password, "123456").await;
            assert_eq!(page.refusal().as_deref(), Some("credentials_wrong"));
        }
    });
    crate::support::all(tries.collect()).await;

    matron.set_clock("2026-11-25T09:02:00Z");
    let digits = code(&matron, &app_secret);
    let mut stranger = Agent::new(&matron, Reader::Empty);
    let (_, again) = form(&mut stranger, &url).await;
    let full = send(&mut stranger, &again, &kofi, &password, &digits).await;
    assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS, "{}", full.body);
    assert_eq!(full.refusal().as_deref(), Some("too_many_tries"));
    assert_eq!(full.headers["retry-after"], "3480");
    assert!(full.body.contains("#ways\">"), "a way on: {}", full.body);

    // Her own browser at that address, and a strange one elsewhere, go on as always.
    let (_, known) = form(&mut hers, &app.url(&[ACR, ("prompt", "login")])).await;
    let page = send(&mut hers, &known, &kofi, &password, &digits).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    matron.set_clock("2026-11-25T09:03:00Z");
    let mut far = elsewhere(&matron);
    let (_, form) = form(&mut far, &url).await;
    let digits = code(&matron, &app_secret);
    let page = send(&mut far, &form, &kofi, &password, &digits).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}
