//! A person with a card, a role and a live session, an app with a secret, and the gateway's router.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use enrolment::audit::{self, Actor};
use enrolment::params;
use enrolment::store::{Key, StoreError};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use policies::time::{Span, Time};
use policies::values::Policy;
use ring::digest::{SHA256, digest};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::door::enter;
use crate::door::sites::{Connection, Side};
use crate::house::{Shared, trial};
use crate::oidc::registration::Registration;
use crate::oidc::secret::Secret;
use crate::post::Post;
use crate::router;

pub(super) const CALLBACK: &str = "https://app.example/cb";
pub(super) const AFTER: &str = "https://app.example/bye";
const SECRET: &str = "an app's secret of 32 characters or more";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PERSON: &str = "555000000001";
const KEY: [u8; 32] = [9; 32];
const TICKET: [u8; 32] = [5; 32];

/// The card is reported lost.
pub(super) const CANCELLED: &str =
    "UPDATE card SET state = 'cancelled', cancelled_at = activated_at, cancel_reason = 'lost'";

const MINUTE: Span = Span::seconds(60);

pub(super) struct Scene {
    pub(super) house: Shared,
    app: Router,
    _folder: TempDir,
}

impl Scene {
    pub(super) async fn set() -> Self {
        Self::under(Policy::default_file()).await
    }

    /// The same under another policy.
    pub(super) async fn under(policy: Policy) -> Self {
        Self::in_house(trial::house_under(policy).await).await
    }

    /// The same where letters go out by a job of their own, as `matron serve` sends them.
    pub(super) async fn served() -> Self {
        let (mut house, folder) = trial::house().await;
        let servers = Post::Servers {
            mail: None,
            sms: None,
        };
        Arc::get_mut(&mut house).unwrap().post = servers;
        Self::in_house((house, folder)).await
    }

    async fn in_house((house, folder): (Shared, TempDir)) -> Self {
        let now = house.now();
        let registration = Registration {
            client_id: "app".to_owned(),
            name: "App".to_owned(),
            redirect_uris: vec![CALLBACK.to_owned()],
            post_logout_redirect_uris: vec![AFTER.to_owned()],
            ..Registration::default()
        };
        let secret = Some(Secret::presented(SECRET));
        let client = registration.check(&house.chance).unwrap();
        client
            .register(&house.store, &house.chance, (now, Actor::System), secret)
            .await
            .unwrap();
        let app = enter::build(router::gateway(), &house, Side::Gateway);
        let scene = Self {
            house,
            app,
            _folder: folder,
        };
        scene.furnish(now).await;
        scene
    }

    async fn furnish(&self, now: Time) {
        let key_hash = digest(&SHA256, &KEY).as_ref().to_vec();
        let write =
            self.house
                .store
                .write::<_, StoreError, _>("test.furnish", Key::none(), move |tx| {
                    let key_hash = key_hash.clone();
                    Box::pin(async move {
                        for sql in PEOPLE {
                            tx.execute(sql, params![now]).await?;
                        }
                        tx.execute(SESSION, params![key_hash, now]).await?;
                        Ok(())
                    })
                });
        write.await.unwrap();
    }

    /// Changes the books, as somebody else would at the same time.
    pub(super) async fn meanwhile(&self, sql: &'static str) {
        let write =
            self.house
                .store
                .write::<_, StoreError, _>("test.meanwhile", Key::none(), move |tx| {
                    Box::pin(async move { tx.execute(sql, params![]).await })
                });
        assert!(write.await.unwrap() > 0, "{sql}");
    }

    pub(super) async fn cancel_card(&self) {
        self.meanwhile(CANCELLED).await;
    }

    /// What the card listener would hand over for this sign-in: a ticket of the person's card.
    pub(super) async fn ticket(&self, handle: &str) -> String {
        let (now, handle) = (self.house.now(), handle.to_owned());
        let hash = digest(&SHA256, &TICKET).as_ref().to_vec();
        let write =
            self.house
                .store
                .write::<_, StoreError, _>("test.ticket", Key::none(), move |tx| {
                    let (handle, hash) = (handle.clone(), hash.clone());
                    Box::pin(async move {
                        for sql in CERTIFICATE {
                            tx.execute(sql, params![now]).await?;
                        }
                        tx.execute(HANDED_OVER, params![hash, handle, now, now.plus(MINUTE)])
                            .await
                    })
                });
        write.await.unwrap();
        URL_SAFE_NO_PAD.encode(TICKET)
    }

    /// Lines of the audit trail.
    pub(super) async fn lines(&self) -> u64 {
        audit::verify(&self.house.store, None).await.unwrap().lines
    }

    pub(super) async fn get(&self, path: &str, cookie: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// An exchange at the token endpoint with this secret.
    pub(super) async fn exchange(&self, code: &str, secret: &str) -> Response {
        let form = format!(
            "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri={CALLBACK}"
        );
        let proof = STANDARD.encode(format!("app:{}", secret.replace(' ', "+")));
        let request = Request::post("/oauth2/token")
            .header(header::AUTHORIZATION, format!("Basic {proof}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form));
        self.send(request.unwrap()).await
    }

    /// As [`Self::exchange`] with the app's own secret: status and OAuth error or access token.
    pub(super) async fn tokens(&self, code: &str) -> (StatusCode, String) {
        let answer = self.exchange(code, SECRET).await;
        let status = answer.status();
        let body: serde_json::Value = serde_json::from_str(&text(answer).await).unwrap();
        let word = body.get("error").or(body.get("access_token")).unwrap();
        (status, word.as_str().unwrap().to_owned())
    }

    /// The claims of the ID token that this code gives.
    pub(super) async fn claims(&self, code: &str) -> serde_json::Value {
        let answer = text(self.exchange(code, SECRET).await).await;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let token = answer["id_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"));
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response {
        self.send_from(request, "192.0.2.7:50000").await
    }

    pub(super) async fn send_from(&self, mut request: Request<Body>, peer: &str) -> Response {
        request
            .headers_mut()
            .insert(header::HOST, "localhost:8443".parse().unwrap());
        request.extensions_mut().insert(Connection {
            peer: peer.parse().unwrap(),
            sni: Some("localhost".into()),
            presented: None,
            handshake_at: self.house.now(),
        });
        self.app.clone().oneshot(request).await.unwrap()
    }

    /// A code of the live session, without a page.
    pub(super) async fn code(&self, scope: &str) -> String {
        let answer = self.get(&silent(scope), Some(&session_cookie())).await;
        parameter(&answer, "code").unwrap_or_else(|| panic!("{:?}", location(&answer)))
    }
}

/// An authorization request with `prompt=none`.
pub(super) fn silent(scope: &str) -> String {
    format!("{}&prompt=none", authorize(scope))
}

pub(super) fn authorize(scope: &str) -> String {
    let scope = scope.replace(' ', "+");
    format!(
        "/oauth2/authorize?response_type=code&client_id=app&redirect_uri={CALLBACK}&scope={scope}\
         &state=xyz&code_challenge={CHALLENGE}&code_challenge_method=S256"
    )
}

/// The cookie of the live session.
pub(super) fn session_cookie() -> String {
    format!("__Host-matron-session-8443={}", URL_SAFE_NO_PAD.encode(KEY))
}

pub(super) fn location(answer: &Response) -> Option<String> {
    let location = answer.headers().get(header::LOCATION)?;
    Some(location.to_str().unwrap().to_owned())
}

pub(super) fn parameter(answer: &Response, name: &str) -> Option<String> {
    let location = url::Url::parse(&location(answer)?).ok()?;
    let mut pairs = location.query_pairs();
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

/// What the browser keeps of this cookie: of two lines, the last.
pub(super) fn set_cookie(answer: &Response, name: &str) -> Option<String> {
    let lines = answer.headers().get_all(header::SET_COOKIE);
    let mut lines = lines.iter().map(|line| line.to_str().unwrap()).rev();
    let line = lines.find(|line| line.starts_with(name))?;
    Some(line.split(';').next().unwrap().to_owned())
}

pub(super) async fn text(answer: Response) -> String {
    let body = answer.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

const PEOPLE: [&str; 6] = [
    "INSERT INTO person (user_id, version, state, title, given_name, middle_names, family_name,
                         initials, display_name, id_assurance_level, photo_svg, registered_at,
                         request_hash)
     VALUES ('555000000001', 1, 'open', 'Dr', 'Amara', '', 'Demo', '', 'Amara Demo', 3,
             '<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>', $1, '')",
    "INSERT INTO card (card_number, user_id, version, state, epoch, self_renewals, requested_at,
                       activated_at)
     VALUES ('9000000000000001', '555000000001', 1, 'active', 1, 0, $1, $1)",
    "INSERT INTO organisation (org_code, name, registered_at) VALUES ('A81001', 'Surgery', $1)",
    "INSERT INTO membership (person_orgid, user_id, org_code)
     SELECT '666000000001', '555000000001', 'A81001' WHERE $1 > 0",
    "INSERT INTO role (role_id, user_id, person_orgid, job_role, role_name, starts_at, ends_at,
                       suspended, granted_at, request_hash)
     VALUES ('777000000001', '555000000001', '666000000001', 'S8000:G8000:R8000', 'Doctor', $1 - 9,
             NULL, 0, $1 - 9, '')",
    "INSERT INTO role (role_id, user_id, person_orgid, job_role, role_name, starts_at, ends_at,
                       suspended, granted_at, request_hash)
     VALUES ('777000000002', '555000000001', '666000000001', 'S8000:G8000:R8000', 'Locum', $1 - 9,
             NULL, 1, $1 - 9, '')",
];

const SESSION: &str =
    "INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                          last_active_at, role_id, role_chosen, card_number, serial, version,
                          ended_at, end_reason)
     VALUES ('one', 'one', $1, '555000000001', 3, 'smartcard', $2, $2, NULL, 0, '9000000000000001',
             '01ab', 1, NULL, NULL)";

const CERTIFICATE: [&str; 2] = [
    "INSERT INTO intent (intent_id, card_number, user_id, idempotency_key, request_hash, kind, state,
                         epoch, person_version, card_version, decided_at, not_before, not_after)
     VALUES ('i', '9000000000000001', '555000000001', 'k', '', 'first', 'active', 1, 1, 1, $1, $1,
             $1 + 9)",
    "INSERT INTO certificate (serial, intent_id, issuer, card_number, user_id, key_role, state, shard,
                              spki_sha256, tbs, tbs_sha256, der, not_before, not_after)
     VALUES ('01ab', 'i', 'ab', '9000000000000001', '555000000001', 'authentication', 'active', 1,
             printf('%064d', 1), x'00', printf('%064d', 1), x'00', $1, $1 + 40000000)",
];

const HANDED_OVER: &str =
    "INSERT INTO sign_in_ticket (ticket_hash, handle, issuer, serial, handshake_at, made_at, ends_at,
                                 redeemed_at)
     VALUES ($1, $2, 'ab', '01ab', $3, $3, $4, NULL)";

/// The person of every scene.
pub(super) const fn person() -> &'static str {
    PERSON
}
