//! The whole door around small handlers, in a real house.

use axum::body::Body;
use enrolment::audit;
use http::{StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::house::trial;
use crate::router::{self, Access};

fn asked(method: Method, path: &str, host: &str, body: Vec<u8>) -> Request {
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, host)
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(Connection {
        peer: "127.0.0.1:50000".parse().unwrap(),
        sni: Some("localhost".into()),
        presented: None,
        handshake_at: "2029-01-15T09:00:00Z".parse().unwrap(),
    });
    request
}

async fn fall() -> StatusCode {
    panic!("a planted panic")
}

async fn read(body: bytes::Bytes) -> String {
    body.len().to_string()
}

fn routes() -> Routes {
    Routes::new()
        .at(Method::GET, "/fall", Access::Anyone, fall)
        .at(Method::POST, "/read", Access::Browser, read)
}

async fn text_of(response: Response) -> String {
    String::from_utf8(
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test]
async fn a_request_under_another_listeners_name_is_421_and_leaves_a_line() {
    let (house, _folder) = trial::house().await;
    let before = audit::verify(&house.store, None).await.unwrap().lines;
    let card = build(router::card(), &house, Side::Card);
    let answer = card
        .oneshot(asked(Method::GET, "/login", "localhost:8443", vec![]))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(answer.headers()[CONNECTION], "close");
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
    assert!(text_of(answer).await.contains("host_mismatch"));
    let after = audit::verify(&house.store, None).await.unwrap();
    assert_eq!(after.lines, before + 1);
    assert!(after.is_whole());
}

#[tokio::test]
async fn a_panic_is_a_page_with_a_reference_and_the_next_request_is_answered() {
    let (house, _folder) = trial::house().await;
    let app = build(routes(), &house, Side::Gateway);
    let fell = app
        .clone()
        .oneshot(asked(Method::GET, "/fall", "localhost:8443", vec![]))
        .await
        .unwrap();
    assert_eq!(fell.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let page = text_of(fell).await;
    assert!(
        page.contains("internal") && !page.contains("planted"),
        "{page}"
    );
    let next = asked(Method::POST, "/read", "localhost:8443", b"four".to_vec());
    assert_eq!(text_of(app.oneshot(next).await.unwrap()).await, "4");
}

#[tokio::test]
async fn large_bodies_strangers_forms_and_unknown_paths_are_refused_with_a_page() {
    let (house, _folder) = trial::house().await;
    let app = build(routes(), &house, Side::Gateway);
    let large = asked(Method::POST, "/read", "localhost:8443", vec![b'a'; 65_537]);
    let mut strangers = asked(Method::POST, "/read", "localhost:8443", vec![]);
    strangers.headers_mut().insert(
        header::ORIGIN,
        HeaderValue::from_static("https://evil.example"),
    );
    let cases = [
        (large, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        (strangers, StatusCode::FORBIDDEN, "cross_site"),
        (
            asked(Method::GET, "/nowhere", "localhost:8443", vec![]),
            StatusCode::NOT_FOUND,
            "not_found",
        ),
        (
            asked(Method::DELETE, "/read", "localhost:8443", vec![]),
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
        ),
    ];
    for (request, status, code) in cases {
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{code}");
        let headers = answer.headers();
        assert!(
            headers.contains_key(header::CONTENT_SECURITY_POLICY),
            "{code}"
        );
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{code}");
        assert!(
            !headers.contains_key(header::STRICT_TRANSPORT_SECURITY),
            "{code}"
        );
        assert!(text_of(answer).await.contains(code), "{code}");
    }
}

#[tokio::test]
async fn health_says_ok_only_once_everything_listens() {
    let (house, _folder) = trial::house().await;
    let app = build(router::gateway(), &house, Side::Gateway);
    for (path, listening, status) in [
        ("/healthz", false, StatusCode::SERVICE_UNAVAILABLE),
        ("/readyz", false, StatusCode::SERVICE_UNAVAILABLE),
        ("/healthz", true, StatusCode::OK),
        ("/readyz", true, StatusCode::OK),
    ] {
        if listening {
            house.health.all_listen();
        }
        let asked = asked(Method::GET, path, "localhost:8443", vec![]);
        assert_eq!(
            app.clone().oneshot(asked).await.unwrap().status(),
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn certificates_and_lists_are_published_in_plain() {
    let (house, _folder) = trial::house().await;
    let app = build(router::publishing(), &house, Side::Publishing);
    for (path, kind) in [
        ("/root.crt", "application/pkix-cert"),
        ("/issuing.crt", "application/pkix-cert"),
        ("/crl/full.crl", "application/pkix-crl"),
        ("/crl/127.crl", "application/pkix-crl"),
    ] {
        let answer = app
            .clone()
            .oneshot(asked(Method::GET, path, "any", vec![]))
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], kind, "{path}");
    }
    // No operator has named the root's own list here.
    for absent in ["/crl/128.crl", "/crl/root.crl"] {
        let asked = asked(Method::GET, absent, "any", vec![]);
        let answer = app.clone().oneshot(asked).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{absent}");
    }
}
