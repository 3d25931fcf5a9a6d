//! What a stranger can make us keep has a bound (attack table 80 and 82). The allowances come back
//! with real time, so what was written is measured against the time that passed.

use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use enrolment::store::{Key, StoreError};
use futures_util::{FutureExt, stream};
use http::{HeaderMap, Request, header};
use tokio::sync::Notify;

use super::scene::text;
use super::{Scene, StatusCode};
use crate::door::cookies::Cookie;
use crate::door::limits::BODIES_PER_ADDRESS;
use crate::signin::browser::BrowserSecret;

/// A form whose body is announced and never comes.
fn silent() -> Request<Body> {
    let body = stream::pending::<Result<Bytes, std::io::Error>>();
    Request::post("/oauth2/token")
        .body(Body::from_stream(body))
        .unwrap()
}

/// The lines one address may have written since then: its burst, and two a second.
fn at_most(begun: Instant) -> u64 {
    1_001 + 2 * begun.elapsed().as_secs()
}

#[tokio::test]
async fn a_flood_of_wrong_secrets_does_not_fill_the_trail() {
    let scene = Scene::set().await;
    let (before, begun) = (scene.lines().await, Instant::now());
    for _ in 0..1_200 {
        let answer = scene.exchange("code", "wrong").await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let written = scene.lines().await - before;
    assert!(written >= 1_000 && written <= at_most(begun), "{written}");
}

#[tokio::test]
async fn a_flood_of_tickets_that_never_were_does_not_fill_the_trail() {
    let scene = Scene::set().await;
    let (before, begun) = (scene.lines().await, Instant::now());
    let path = format!(
        "/signin/card?t={}&ticket={}",
        "a".repeat(22),
        "b".repeat(43)
    );
    for _ in 0..1_200 {
        let answer = scene.get(&path, None).await;
        assert!(answer.status().is_client_error());
    }
    let written = scene.lines().await - before;
    assert!(written >= 1_000 && written <= at_most(begun), "{written}");
}

#[tokio::test]
async fn bodies_that_never_end_hold_up_nobody_else() {
    let scene = Scene::set().await;
    let mut held: Vec<Pin<Box<_>>> = Vec::new();
    for _ in 0..BODIES_PER_ADDRESS {
        let mut asked = Box::pin(scene.send(silent()));
        assert!((&mut asked).now_or_never().is_none(), "waits for its body");
        held.push(asked);
    }
    let refused = scene.send(silent()).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(scene.get("/", None).await.status(), StatusCode::OK);
    let form = || Request::post("/oauth2/token").body(Body::from("a=b"));
    let other = scene.send_from(form().unwrap(), "192.0.2.8:50000").await;
    assert_eq!(other.status(), StatusCode::BAD_REQUEST);
    drop(held);
    let again = scene.send(form().unwrap()).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}

/// A sign-in that never was, with a cookie and a form token that fit it.
fn made_up(scene: &Scene) -> Request<Body> {
    let (handle, secret) = ("a".repeat(22), "A".repeat(43));
    let cookie = format!("__Host-matron-prelogin-8443={secret}");
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, cookie.parse().unwrap());
    let browser = BrowserSecret::read(Cookie::PreLogin, &headers, &scene.house.names);
    let token = browser.unwrap().form_token(&format!("sign-in {handle}"));
    let form = format!("t={handle}&form_token={token}");
    let request = Request::post("/signin/key/start").header(header::COOKIE, cookie);
    request.body(Body::from(form)).unwrap()
}

#[tokio::test]
async fn strangers_do_not_stand_in_the_line_of_those_who_sign_in() {
    let scene = Scene::served().await;
    for _ in 0..100 {
        let answer = text(scene.send(made_up(&scene)).await).await;
        assert!(answer.contains("sign_in_over"), "{answer}");
    }
    let (let_go, gate) = mpsc::channel();
    let held = Arc::new(Held {
        taken: Notify::new(),
        gate: Mutex::new(gate),
    });
    let (inside, outside) = (held.clone(), scene.house.clone());
    let long_work = tokio::spawn(async move {
        let write =
            outside
                .store
                .write::<_, StoreError, _>("test.long_work", Key::none(), move |_| {
                    inside.hold();
                    Box::pin(async { Ok(()) })
                });
        write.await
    });
    held.taken.notified().await;
    let asked = tokio::time::timeout(Duration::from_secs(10), scene.send(made_up(&scene)));
    let answer = asked.await;
    drop(let_go);
    long_work.await.unwrap().unwrap();
    let answer = text(answer.expect("waited for the one who writes")).await;
    assert!(answer.contains("sign_in_over"), "{answer}");
}

/// The one who writes, at work until she is let go.
struct Held {
    taken: Notify,
    gate: Mutex<mpsc::Receiver<()>>,
}

impl Held {
    fn hold(&self) {
        self.taken.notify_one();
        let gate = self.gate.lock().unwrap();
        let _let_go = gate.recv_timeout(Duration::from_secs(30));
    }
}
