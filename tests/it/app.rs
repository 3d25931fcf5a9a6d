//! Password and authenticator app through the front door: level and method in the tokens, each code
//! once, one answer for known and unknown names, and an end to everything it opened.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use serde_json::json;

use crate::support::app::CALLBACK;
use crate::support::pages::Form;
use crate::support::phone::{ACR, code, form, secret, send, set_up};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options, Reader, pages};

/// A Matron whose clock stands.
pub(crate) fn standing() -> Matron {
    Matron::start(Options {
        clock: Some("2026-11-25T09:00:00Z".into()),
        ..Options::default()
    })
}

/// Somebody who has none is led to no page about one.
async fn assert_speaks_of_no_card(agent: &mut Agent, matron: &Matron, list: &str) {
    assert!(!list.contains("href=\"/my/renew\""), "{list}");
    let own = agent.get(&format!("{}/my", matron.issuer())).await;
    assert!(own.body.contains("<h1>My profile</h1>"), "{}", own.body);
    assert!(!own.body.contains("My card"), "{}", own.body);
    let start = agent.get(&matron.issuer()).await;
    let ways = pages::link(&start.body, "ways");
    assert_eq!(ways.as_deref(), Some("/my/authenticators"));
    assert!(!start.body.contains("My card"), "{}", start.body);
}

#[tokio::test]
async fn kofi_signs_in_at_aal2_and_his_tokens_say_how() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let kofi = secret(&matron.text("/people/kofi/totp_secret"));
    let password = matron.text("/people/kofi/password");
    for (number, name) in ["/people/kofi/user_id", "/people/kofi/email"]
        .iter()
        .enumerate()
    {
        matron.set_clock(&format!("2026-11-25T09:0{number}:00Z"));
        let mut agent = Agent::new(&matron, Reader::Empty);
        let (_, form) = form(&mut agent, &app.url(&[ACR])).await;
        let digits = code(&matron, &kofi);
        let name = matron.text(name);
        let page = send(&mut agent, &form, &name, &password, &digits).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let page = agent.follow(page, CALLBACK).await;
        let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
        let claims = tokens.claims();
        assert_eq!(claims["amr"], json!(["TOTP"]));
        assert_eq!(claims["acr"], json!("AAL2_ANY"));
        assert_eq!(claims["sub"], json!(matron.text("/people/kofi/user_id")));
        let list = agent
            .get(&format!("{}/my/authenticators", matron.issuer()))
            .await;
        assert!(list.body.contains("Demo phone"), "{}", list.body);
        assert_speaks_of_no_card(&mut agent, &matron, &list.body).await;
        let remove = pages::form_with(&list.body, "data-choice=\"remove\"");
        let asked = agent.submit(&remove, &[]).await;
        for says in ["Demo phone", "data-signs-out"] {
            assert!(asked.body.contains(says), "{says}: {}", asked.body);
        }
        // The same code opens nothing a second time, elsewhere or here.
        let mut other = Agent::new(&matron, Reader::Empty);
        let (_, second) = self::form(&mut other, &app.url(&[ACR])).await;
        let again = send(&mut other, &second, &name, &password, &digits).await;
        assert_eq!(again.refusal().as_deref(), Some("credentials_wrong"));
    }
    // What asks for AAL3 does not offer it, and takes it from nobody.
    let mut agent = Agent::new(&matron, Reader::Empty);
    let first = agent.get(&app.url(&[("acr_values", "AAL3_ANY")])).await;
    let methods = agent.follow(first, CALLBACK).await;
    let off = "data-method=\"authenticator-app\" data-unavailable=\"acr\"";
    assert!(methods.body.contains(off), "{}", methods.body);
}

#[tokio::test]
async fn sixty_four_at_once_with_one_code_open_one_session() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let kofi = secret(&matron.text("/people/kofi/totp_secret"));
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (page, form) = form(&mut agent, &app.url(&[ACR])).await;
    let mut fields = form.hidden.clone();
    for (name, value) in [
        ("username", matron.text("/people/kofi/user_id")),
        ("password", matron.text("/people/kofi/password")),
        ("code", code(&matron, &kofi)),
    ] {
        fields.push((name.to_owned(), value));
    }
    let url = page.url.join(&form.action).expect("a URL");
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&fields);
    let body = body.finish();
    let tries = (0..64).map(|_| {
        let request = agent.client().post(url.clone());
        request
            .header(ORIGIN, matron.issuer())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.clone())
            .send()
    });
    let answers = crate::support::all(tries.collect()).await;
    let opened = answers
        .into_iter()
        .filter(|answer| answer.as_ref().expect("an answer").status() == StatusCode::SEE_OTHER);
    assert_eq!(opened.count(), 1);
    assert_eq!(matron.audit_lines("\"signed_in\"", "TOTP"), 1);
}

#[tokio::test]
async fn known_and_unknown_names_get_the_same_page_and_too_many_tries_wait() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (_, form) = form(&mut agent, &app.url(&[ACR])).await;
    let password = matron.text("/people/kofi/password");
    let kofi = matron.text("/people/kofi/user_id");
    let tries = [
        (kofi.as_str(), "wrong", "123456"),
        ("555099999999", "wrong", "123456"),
        ("nobody@demo.example", password.as_str(), ""),
        // Right so far, and no code at all.
        (kofi.as_str(), password.as_str(), ""),
    ];
    let mut bodies = Vec::new();
    for (name, password, code) in tries {
        let page = send(&mut agent, &form, name, password, code).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        assert_eq!(page.refusal().as_deref(), Some("credentials_wrong"));
        let (before, reference) = page
            .body
            .split_once("data-reference>")
            .expect("a reference");
        let (_, after) = reference.split_once('<').expect("its end");
        bodies.push(format!("{before}{after}"));
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    let third = send(&mut agent, &form, &kofi, &password, "123456").await;
    assert_eq!(third.refusal().as_deref(), Some("too_many_tries"));
    assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(third.headers["retry-after"], "2");
    assert!(
        third.body.contains("#ways\">There were too many"),
        "{}",
        third.body
    );
    assert_eq!(matron.audit_lines("sign_in_refused", &kofi), 2);
}

#[tokio::test]
async fn an_empty_field_is_named_to_everybody_alike_and_is_no_try() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (_, form) = form(&mut agent, &app.url(&[ACR])).await;
    let (kofi, password) = (
        matron.text("/people/kofi/user_id"),
        matron.text("/people/kofi/password"),
    );
    let empty = send(&mut agent, &form, " ", "", "").await;
    assert_eq!(empty.status, StatusCode::FORBIDDEN);
    assert_eq!(empty.refusal().as_deref(), Some("credentials_wrong"));
    for says in ["Type your user name", "Type your password", "Type the code"] {
        assert!(empty.body.contains(says), "{says}: {}", empty.body);
    }
    let mut said = Vec::new();
    for name in [kofi.as_str(), "555099999999"] {
        for code in ["", "123456"].repeat(4) {
            let page = send(&mut agent, &form, name, "", code).await;
            assert!(page.body.contains(name), "what was typed stays");
            assert!(!page.body.contains("Type your user name"), "{}", page.body);
            said.push(page.body.contains("Type the code"));
        }
    }
    assert_eq!(said, [true, false].repeat(8));
    assert_eq!(matron.audit_lines("sign_in_refused", ""), 0);
    let digits = code(&matron, &secret(&matron.text("/people/kofi/totp_secret")));
    let page = send(&mut agent, &form, &kofi, &password, &digits).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

#[tokio::test]
async fn an_app_is_added_by_page_and_api_and_taking_it_away_ends_what_it_opened() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    // By the pages: what it opens, the picture, a weak password, then the right words.
    let mut amara = Agent::with_card(&matron, "amara");
    app.code_with(&mut amara, &[]).await;
    let page = amara
        .get(&format!("{}/my/authenticators/app", matron.issuer()))
        .await;
    assert!(page.body.contains("does not open those that ask for AAL3"));
    let page = amara
        .submit(&pages::form_with(&page.body, "data-choice=\"begin\""), &[])
        .await;
    assert!(page.body.contains("<svg role=\"img\""), "{}", page.body);
    let (_, letters) = page.body.split_once("data-secret>").expect("the secret");
    let letters = letters.split('<').next().expect("letters").replace(' ', "");
    let by_page = secret(&letters);
    let words = [("name", "Tablet"), ("password", "hospital1")];
    let digits = code(&matron, &by_page);
    let finish = pages::form_with(&page.body, "data-choice=\"finish\"");
    let weak = amara
        .submit(&finish, &[words[0], words[1], ("code", &digits)])
        .await;
    assert_eq!(
        weak.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        weak.body
    );
    assert!(weak.body.contains(&letters[..4]), "the same secret again");
    assert!(weak.body.contains("value=\"Tablet\""), "the name as typed");
    let words = [
        words[0],
        ("password", "tea at the window"),
        ("code", &digits),
    ];
    let done = amara.submit(&finish, &words).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

    let api = Api::of(&matron, "amara").await;
    let (by_api, id) = set_up(&matron, &api).await;
    let listed = api.get("/api/v1/my/authenticators").await.good();
    let all = listed.body["authenticators"].as_array().map(Vec::len);
    assert_eq!(all, Some(2), "{}", listed.body);

    // It opens a session, until it is taken away.
    matron.set_clock("2026-11-25T09:02:00Z");
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (_, form) = form(&mut agent, &app.url(&[ACR])).await;
    let name = matron.text("/people/amara/email");
    let digits = code(&matron, &by_api);
    let page = send(&mut agent, &form, &name, "tea at the window", &digits).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let mine = format!("{}/my/sessions", matron.issuer());
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    let this = json!({ "authenticator_id": id });
    api.post("/api/v1/my/authenticators/remove", &this)
        .await
        .good();
    assert_eq!(agent.get(&mine).await.status, StatusCode::SEE_OTHER);
    assert_eq!(matron.audit_lines("authenticator_changed", "removed"), 1);
}

/// Clients from addresses of their own, 127.0.x.y, each with a sign-in under way.
async fn clients(matron: &Matron, app: &App<'_>, number: u32) -> Vec<(Agent, Form)> {
    let mut clients = Vec::new();
    for one in 1..=number {
        let [_, _, high, low] = one.to_be_bytes();
        let client = crate::support::http(matron)
            .cookie_store(true)
            .local_address(std::net::IpAddr::from([127, 1, high, low]))
            // Whoever waits for its turn holds no connection that the other end closes meanwhile.
            .pool_idle_timeout(std::time::Duration::from_secs(2))
            .build()
            .expect("a client");
        let mut agent = Agent::of(client);
        let (_, form) = form(&mut agent, &app.url(&[ACR])).await;
        clients.push((agent, form));
    }
    clients
}

#[expect(
    clippy::disallowed_methods,
    reason = "the long version is asked for by its environment"
)]
fn guesses() -> u32 {
    let asked = std::env::var("MATRON_GUESSES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

/// `MATRON_GUESSES=1000000` asks for a million from 1,000 addresses (docs/proofs.md).
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_guesses_from_many_addresses_is_looked_at_ten_times() {
    let guesses = guesses();
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let names = [
        matron.text("/people/kofi/user_id"),
        matron.text("/people/kofi/email"),
    ];
    let mut clients = clients(&matron, &app, guesses.div_ceil(20).clamp(100, 1_000)).await;
    // All of it within one hour: so many a client in each minute, one after the other on one connection.
    let each = guesses.div_ceil(u32::try_from(clients.len()).expect("few") * 60);
    let (mut sent, mut looked_at) = (0, 0);
    while sent < guesses {
        let minute = u64::from(sent) * 59 / u64::from(guesses);
        matron.set_clock(&format!("2026-11-25T09:{minute:02}:30Z"));
        for wave in clients.chunks_mut(25) {
            let tries = wave.iter_mut().enumerate().map(|(place, client)| {
                let name = match place % 3 {
                    0 => names[0].clone(),
                    1 => names[1].to_uppercase(),
                    _ => format!(" {} {} ", &names[0][..6], &names[0][6..]),
                };
                guess(client, name, app.url(&[ACR]), each)
            });
            for code in crate::support::all(tries.collect()).await.concat() {
                sent += 1;
                match code.as_str() {
                    "too_many_tries" => {}
                    "credentials_wrong" => looked_at += 1,
                    other => panic!("{other}"),
                }
            }
        }
    }
    assert!(
        (5..=10).contains(&looked_at),
        "{looked_at} of {sent} were looked at"
    );
    println!(
        "{sent} guesses from {} addresses: {looked_at} looked at",
        clients.len()
    );
}

/// What so many guesses come to; the client begins anew where its sign-in is over.
async fn guess(
    (agent, form): &mut (Agent, Form),
    name: String,
    url: String,
    many: u32,
) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..many {
        let page = send(agent, form, &name, "wrong", "123456").await;
        match page.refusal().filter(|code| code != "sign_in_over") {
            Some(code) => codes.push(code),
            None => *form = self::form(agent, &url).await.1,
        }
    }
    codes
}
