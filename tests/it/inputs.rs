//! Bad input before authentication: refused with a clear error, in bounded time and memory, nothing lost.

use rustls::version::TLS13;

use serde_json::{Value, json};

use crate::support::soft::{Api, Card, Said};
use crate::support::tls::{config, speak};
use crate::support::{Agent, App, Matron, Options, Reader};

fn post(port: u16, path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn a_body_over_64_kib_is_refused_everywhere() {
    let matron = Matron::shared();
    let client = config(matron, None, &[&TLS13]);
    for path in [
        "/oauth2/token",
        "/oauth2/authorize",
        "/oauth2/userinfo",
        "/oauth2/end_session",
        "/signin/role",
        "/signin/continue",
    ] {
        // The length alone decides; a client that goes on sending would only see its connection end.
        let request = post(matron.port, path, "application/x-www-form-urlencoded", &[]);
        let request =
            String::from_utf8_lossy(&request).replace("Content-Length: 0", "Content-Length: 71680");
        let (answer, _) = speak(&client, matron.port, request.as_bytes()).expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 413"),
            "{path}: {}",
            &answer[..answer.len().min(60)]
        );
    }
}

#[test]
fn hostile_forms_get_a_clear_error() {
    let matron = Matron::shared();
    let client = config(matron, None, &[&TLS13]);
    let form = "application/x-www-form-urlencoded";
    let many = (0..5_000)
        .map(|n| format!("p{n}=x"))
        .collect::<Vec<_>>()
        .join("&");
    let bodies: [(&str, &[u8]); 7] = [
        (
            form,
            b"grant_type=authorization_code&grant_type=authorization_code&code=x",
        ),
        (form, b"grant_type=%ff%fe&code=%C3%28"),
        (form, b"grant_type=authorization_code&code=\x00\x01\x02"),
        (form, b"grant_type=password&username=a&password=b"),
        (
            "application/json",
            b"{\"grant_type\":\"authorization_code\"}",
        ),
        ("text/plain", b"grant_type=authorization_code"),
        (form, many.as_bytes()),
    ];
    for (kind, body) in bodies {
        let (answer, _) = speak(
            &client,
            matron.port,
            &post(matron.port, "/oauth2/token", kind, body),
        )
        .expect("an answer");
        let status = answer.get(9..12).unwrap_or("");
        assert!(
            ["400", "401", "413", "415"].contains(&status),
            "{kind}: {}",
            &answer[..answer.len().min(200)]
        );
        assert!(
            !answer.contains("panicked") && !answer.contains("src/"),
            "no inner detail: {answer}"
        );
    }
}

#[tokio::test]
async fn control_characters_and_markup_in_parameters_never_reach_a_page_as_they_are() {
    let app = App::new(Matron::shared(), "ward7");
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\u{202e}gnp",
        "a\r\nSet-Cookie: x=y",
        "\u{0}",
    ] {
        for name in [
            "client_id",
            "login_hint",
            "state",
            "scope",
            "redirect_uri",
            "acr_values",
            "ui_locales",
        ] {
            let page = Agent::new(app.matron, Reader::Empty)
                .get(&app.url(&[(name, hostile)]))
                .await;
            assert!(
                !page.body.contains("<script>alert") && !page.body.contains("<img src=x"),
                "{name}"
            );
            assert!(
                page.headers
                    .get("set-cookie")
                    .is_none_or(|c| !c.to_str().unwrap_or("").starts_with("x=")),
                "{name}"
            );
            assert!(
                page.status.as_u16() < 500,
                "{name} {hostile:?}: {}",
                page.status
            );
        }
    }
}

#[tokio::test]
async fn every_page_carries_its_armour() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::new(app.matron, Reader::Empty);
    let first = agent.get(&app.url(&[])).await;
    let methods = agent.follow(first, "none").await;
    let bad = agent.get(&app.url(&[("client_id", "nobody")])).await;
    let start = agent.get(&format!("{}/", app.matron.issuer())).await;
    let missing = agent.get(&format!("{}/nowhere", app.matron.issuer())).await;
    assert_eq!(missing.status, 404);
    for page in [methods, bad, start, missing] {
        let header = |name: &str| {
            page.headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or("")
                .to_owned()
        };
        let csp = header("content-security-policy");
        assert!(
            csp.contains("default-src 'none'")
                && csp.contains("frame-ancestors 'none'")
                && !csp.contains("unsafe"),
            "{}: {csp}",
            page.url
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{}", page.url);
        assert!(!header("referrer-policy").is_empty(), "{}", page.url);
        assert!(header("cache-control").contains("no-store"), "{}", page.url);
        assert!(
            page.headers.get("strict-transport-security").is_none(),
            "dev sends none"
        );
        for cookie in page.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            for part in ["__Host-", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(cookie.contains(part), "{cookie}");
            }
        }
    }
}

#[tokio::test]
async fn a_form_from_another_origin_changes_nothing() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    app.code_with(&mut agent, &[]).await;
    for path in ["/signout", "/signin/role", "/signin/continue"] {
        let url = format!("{}{path}", app.matron.issuer());
        let sent = agent
            .client()
            .post(&url)
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site");
        let answer = sent
            .form(&[("confirm", "yes")])
            .send()
            .await
            .expect("an answer");
        assert!(
            answer.status().is_client_error(),
            "{path}: {}",
            answer.status()
        );
    }
    let still = agent.get(&app.url(&[("prompt", "none")])).await;
    assert!(
        still.parameter("code").is_some(),
        "still signed in: {:?}",
        still.location
    );
}

#[tokio::test]
async fn a_token_is_not_taken_from_the_query_and_the_token_endpoint_has_no_get() {
    let app = App::new(Matron::shared(), "ward7");
    let token = app.tokens("noah").await.text("access_token");
    let mut agent = Agent::new(app.matron, Reader::Empty);
    let page = agent
        .get(&format!(
            "{}/oauth2/userinfo?access_token={token}",
            app.matron.issuer()
        ))
        .await;
    assert_ne!(page.status, 200);
    let page = agent
        .get(&format!(
            "{}/oauth2/token?grant_type=authorization_code",
            app.matron.issuer()
        ))
        .await;
    assert_eq!(page.status, 405);
}

/// What nobody says of herself.
fn claims() -> Value {
    json!({
        "email_verified": true, "identity_verified": true, "idassurancelevel": "3",
        "role_id": "555000000001", "roles": ["R8000"], "user_id": "910000001001", "aal": 3,
    })
}

/// Who was checked, what is verified and which role somebody has is for others to say: a member of that
/// name in any body is no member of it, and nothing of hers changes.
#[tokio::test]
async fn nobody_says_of_herself_that_she_was_checked_or_has_a_role() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    let token = app.tokens("amara").await.text("access_token");
    let before = app.userinfo(&token).await.body;
    let api = Api::of(&matron, "amara").await;
    let described = api.get("/api/v1/openapi.json").await.good().body;
    let claims = claims();
    let (mut asked, mut by_body) = (0, 0);
    for (path, methods) in described["paths"].as_object().expect("paths") {
        if methods.get("post").is_none() {
            continue;
        }
        let said = api.post(path, &claims).await;
        assert!(said.status.is_client_error(), "{path}: {said:?}");
        asked += 1;
        by_body += u32::from(said.status == reqwest::StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(
        asked > 20 && by_body > 10,
        "{asked} asked, {by_body} refused for their body"
    );
    let after = app.userinfo(&token).await.body;
    assert_eq!(before, after);
}

/// The shape that a reference leads to, or the shape itself.
fn named<'a>(schema: &'a Value, described: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => described
            .pointer(name.trim_start_matches('#'))
            .expect("a schema"),
        None => schema,
    }
}

/// A body of that shape, with nothing in it that anybody could mean.
fn sample(schema: &Value, described: &Value) -> Value {
    let schema = named(schema, described);
    for one in [&schema["oneOf"][0], &schema["anyOf"][0]] {
        if !one.is_null() {
            return sample(one, described);
        }
    }
    for word in [&schema["const"], &schema["enum"][0]] {
        if !word.is_null() {
            return word.clone();
        }
    }
    match schema["type"].as_str().unwrap_or_default() {
        "object" => {
            let needed = schema["required"].as_array().into_iter().flatten();
            let names = needed.map(|name| name.as_str().expect("a name"));
            let members = names.map(|name| {
                let member = sample(&schema["properties"][name], described);
                (name.to_owned(), member)
            });
            Value::Object(members.collect())
        }
        "array" => json!([sample(&schema["items"], described)]),
        "boolean" => json!(false),
        "integer" => json!(1),
        "string" => json!("x"),
        _ => json!({}),
    }
}

fn is_unread(said: &Said) -> bool {
    said.status == reqwest::StatusCode::UNPROCESSABLE_ENTITY
        && said.text("code") == "body_malformed"
}

/// The same told one claim at a time, to whoever reads: a body that is good without it is not read with it.
#[tokio::test]
async fn a_good_body_with_one_claim_more_is_not_read() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "amara");
    let people = [
        Api::of(&matron, "amara").await,
        Api::of(&matron, "ruth").await,
    ];
    let described = people[0].get("/api/v1/openapi.json").await.good().body;
    let mut told = 0;
    for (path, methods) in described["paths"].as_object().expect("paths") {
        let shape = &methods["post"]["requestBody"]["content"]["application/json"]["schema"];
        if shape.is_null() {
            continue;
        }
        let shape = named(shape, &described);
        let good = sample(shape, &described);
        let mut bodies = vec![good.clone()];
        for (name, value) in claims().as_object().expect("claims") {
            if shape["properties"].get(name).is_some() {
                // A desk says for whom it acts, and a stranger whose card she means.
                let whose = name == "user_id" && !path.starts_with("/api/v1/my/");
                assert!(whose, "{path} takes {name}");
                continue;
            }
            let mut body = good.clone();
            body[name] = value.clone();
            bodies.push(body);
        }
        let mut reads = false;
        for who in 0..3 {
            let ask = async |body: &Value| match people.get(who) {
                Some(api) => api.post(path, body).await,
                None => card.post(path, body).await,
            };
            // The good one last: whoever may ask may be heard.
            let mut said = Vec::new();
            for body in bodies.iter().rev() {
                said.push(is_unread(&ask(body).await));
            }
            let heard = said.pop() == Some(false);
            assert!(
                said.windows(2).all(|two| two[0] == two[1]),
                "{path} {who}: {said:?}"
            );
            reads |= heard && said[0];
        }
        assert!(reads, "{path}: nobody of these is told why");
        told += 1;
    }
    assert!(told > 30, "{told} operations");
}
