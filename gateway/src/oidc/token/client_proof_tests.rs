//! How a client may and may not show its secret.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use proptest::prelude::*;

use super::{Proof, TokenError, judge};
use crate::oidc::client::{AuthenticationMethod, Client, Settings};
use crate::oidc::parameters::Parameters;
use crate::oidc::secret::{Purpose, Secret};
use crate::tokens::Algorithm;

fn header(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
}

fn basic(joined: &str) -> HeaderMap {
    header(&format!("Basic {}", STANDARD.encode(joined)))
}

fn form(text: &str) -> Parameters {
    Parameters::parse(text.as_bytes()).unwrap()
}

fn client(method: AuthenticationMethod, secret: Option<&str>) -> Client {
    Client {
        id: "ward7".parse().unwrap(),
        name: "Ward 7".to_owned(),
        method,
        secret: secret.map(|secret| Secret::presented(secret).hash(Purpose::ClientSecret)),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        id_token_alg: Algorithm::Es256,
        scopes: Vec::new(),
        settings: Settings::default(),
    }
}

#[test]
fn both_halves_of_basic_are_form_decoded() {
    let proof = Proof::read(&basic("a%3Ab:s%2Bc+d%25"), &form("grant_type=x")).unwrap();
    assert_eq!(proof.client_id, "a:b");
    assert_eq!(proof.method, AuthenticationMethod::ClientSecretBasic);
    assert_eq!(proof.secret.unwrap().reveal(), "s+c d%");
}

#[test]
fn the_scheme_may_be_written_in_any_case() {
    let headers = header(&format!("bAsIc {}", STANDARD.encode("ward7:secret")));
    assert_eq!(Proof::read(&headers, &form("")).unwrap().client_id, "ward7");
}

#[test]
fn two_proofs_or_two_names_are_refused() {
    let headers = basic("ward7:secret");
    let both = Proof::read(&headers, &form("client_id=ward7&client_secret=secret"));
    assert_eq!(both.unwrap_err(), TokenError::TwoProofs);
    let empty = Proof::read(&headers, &form("client_secret="));
    assert_eq!(empty.unwrap_err(), TokenError::TwoProofs);
    let other = Proof::read(&headers, &form("client_id=spa"));
    assert_eq!(other.unwrap_err(), TokenError::TwoClients);
    assert!(Proof::read(&headers, &form("client_id=ward7")).is_ok());
    let mut twice = basic("ward7:secret");
    twice.append(AUTHORIZATION, HeaderValue::from_static("Basic AAAA"));
    assert_eq!(
        Proof::read(&twice, &form("")).unwrap_err(),
        TokenError::TwoProofs
    );
}

#[test]
fn a_header_that_cannot_be_read_is_no_proof() {
    for value in [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Bearer abc",
        "Basic d2FyZDc=",
        "Basic Og==",
        "Digest x",
    ] {
        let refused = Proof::read(&header(value), &form("client_id=ward7"));
        assert_eq!(refused.unwrap_err(), TokenError::ClientRefused, "{value}");
    }
}

#[test]
fn only_the_registered_way_counts() {
    use AuthenticationMethod::{ClientSecretBasic, ClientSecretPost, None as Public};
    let shown = |headers: &HeaderMap, body: &str| Proof::read(headers, &form(body)).unwrap();
    let by_header = shown(&basic("ward7:right"), "");
    let by_form = shown(&HeaderMap::new(), "client_id=ward7&client_secret=right");
    let by_name = shown(&HeaderMap::new(), "client_id=ward7");
    let wrong = shown(&basic("ward7:wrong"), "");
    for (registered, secret, right) in [
        (ClientSecretBasic, Some("right"), &by_header),
        (ClientSecretPost, Some("right"), &by_form),
        (Public, None, &by_name),
    ] {
        for proof in [&by_header, &by_form, &by_name, &wrong] {
            let accepted = judge(Some(client(registered, secret)), proof).is_ok();
            assert_eq!(
                accepted,
                std::ptr::eq(proof, right),
                "{registered:?} {proof:?}"
            );
        }
    }
    assert_eq!(judge(None, &by_header).unwrap_err(), (None, "unknown"));
}

proptest! {
    #[test]
    fn any_header_is_read_or_refused(octets in proptest::collection::vec(32_u8..=255, 0..80)) {
        if let Ok(value) = HeaderValue::from_bytes(&octets) {
            let _ = Proof::read(&HeaderMap::from_iter([(AUTHORIZATION, value)]), &form("client_id=a"));
        }
    }
}
