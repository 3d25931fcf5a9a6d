//! Forged headers, each refused for its own reason (attack class 32), and genuine hints accepted.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

use super::{NotOurs, hint};
use crate::tokens::trial::{ISSUER, keys};
use crate::tokens::{Algorithm, TokenKey};

fn claims() -> Value {
    json!({ "iss": ISSUER, "sub": "910000000001", "aud": "ward7", "sid": "abc", "exp": 1, "iat": 0 })
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(header: &Value, claims: &Value, key: &TokenKey) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header(key: &TokenKey) -> Value {
    json!({ "alg": key.algorithm().as_str(), "kid": key.kid(), "typ": "JWT" })
}

#[test]
fn an_expired_but_genuine_token_is_a_hint_under_both_algorithms() {
    for algorithm in Algorithm::ALL {
        let key = keys().signing(algorithm);
        let read = hint(&signed(&header(key), &claims(), key), None, keys()).unwrap();
        assert_eq!(read.subject().as_str(), "910000000001");
        assert_eq!(read.session().as_str(), "abc");
        assert_eq!(read.audience().as_str(), "ward7");
    }
}

#[test]
fn a_hint_of_another_client_or_issuer_is_refused() {
    let key = keys().signing(Algorithm::Es256);
    let token = signed(&header(key), &claims(), key);
    assert!(hint(&token, Some(&"ward7".parse().unwrap()), keys()).is_ok());
    assert_eq!(
        hint(&token, Some(&"spa".parse().unwrap()), keys()),
        Err(NotOurs)
    );
    let mut foreign = claims();
    foreign["iss"] = json!("https://evil.example");
    assert_eq!(
        hint(&signed(&header(key), &foreign, key), None, keys()),
        Err(NotOurs)
    );
}

#[test]
fn a_missing_claim_is_refused_each_in_turn() {
    let key = keys().signing(Algorithm::Es256);
    for name in ["iss", "sub", "aud", "sid", "exp"] {
        let mut less = claims();
        less.as_object_mut().unwrap().remove(name);
        assert_eq!(
            hint(&signed(&header(key), &less, key), None, keys()),
            Err(NotOurs),
            "{name}"
        );
    }
}

#[test]
fn no_algorithm_is_no_signature() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let key = keys().signing(Algorithm::Es256);
        let message = format!(
            "{}.{}",
            encode(&json!({ "alg": alg, "kid": key.kid() })),
            encode(&claims())
        );
        for token in [
            format!("{message}."),
            message.clone(),
            format!("{message}.AAAA"),
        ] {
            assert_eq!(hint(&token, None, keys()), Err(NotOurs), "{alg}");
        }
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    for algorithm in Algorithm::ALL {
        let key = keys().signing(algorithm);
        let jwk = serde_json::to_value(key.jwk()).unwrap();
        let public = jwk.get("n").or(jwk.get("x")).unwrap().as_str().unwrap();
        for secret in [
            public.as_bytes().to_vec(),
            URL_SAFE_NO_PAD.decode(public).unwrap(),
            jwk.to_string().into(),
        ] {
            let header = json!({ "alg": "HS256", "kid": key.kid() });
            let message = format!("{}.{}", encode(&header), encode(&claims()));
            let tag = hmac::sign(
                &hmac::Key::new(hmac::HMAC_SHA256, &secret),
                message.as_bytes(),
            );
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
            assert_eq!(hint(&token, None, keys()), Err(NotOurs));
        }
    }
}

#[test]
fn a_key_from_the_header_is_never_used() {
    let chance = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
    let foreign = TokenKey::from_pkcs8(Algorithm::Es256, pkcs8.as_ref()).unwrap();
    let ours = keys().signing(Algorithm::Es256).kid();
    let jwk = serde_json::to_value(foreign.jwk()).unwrap();
    for header in [
        json!({ "alg": "ES256", "kid": ours, "jwk": jwk }),
        json!({ "alg": "ES256", "jwk": jwk }),
        json!({ "alg": "ES256", "kid": foreign.kid() }),
        json!({ "alg": "ES256", "kid": ours, "jku": "https://evil.example/jwks" }),
        json!({ "alg": "ES256", "kid": ours, "x5u": "https://evil.example/cert" }),
        json!({ "alg": "ES256", "kid": "../../../../dev/null" }),
        json!({ "alg": "ES256", "kid": "' OR '1'='1" }),
        json!({ "alg": "ES256", "kid": ["a"] }),
        json!({ "alg": "ES256" }),
    ] {
        assert_eq!(
            hint(&signed(&header, &claims(), &foreign), None, keys()),
            Err(NotOurs),
            "{header}"
        );
    }
}

#[test]
fn what_must_be_understood_and_is_not_is_refused() {
    let key = keys().signing(Algorithm::Es256);
    let header = json!({ "alg": "ES256", "kid": key.kid(), "crit": ["b64"], "b64": false });
    assert_eq!(
        hint(&signed(&header, &claims(), key), None, keys()),
        Err(NotOurs)
    );
}

#[test]
fn the_algorithm_is_the_keys_not_the_headers() {
    let (rsa, ec) = (
        keys().signing(Algorithm::Rs256),
        keys().signing(Algorithm::Es256),
    );
    for (alg, named, signer) in [
        ("RS256", ec, ec),
        ("ES256", rsa, rsa),
        ("PS256", rsa, rsa),
        ("RS512", rsa, rsa),
        ("ES256", ec, rsa),
    ] {
        let header = json!({ "alg": alg, "kid": named.kid() });
        assert_eq!(
            hint(&signed(&header, &claims(), signer), None, keys()),
            Err(NotOurs),
            "{alg}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        prop_assert_eq!(hint(&text, None, keys()), Err(NotOurs));
    }

    #[test]
    fn a_changed_octet_anywhere_is_noticed(place in 0_usize..400, flip in 1_u8..=127) {
        let key = keys().signing(Algorithm::Es256);
        let mut octets = signed(&header(key), &claims(), key).into_bytes();
        let place = place % octets.len();
        octets[place] ^= flip;
        let genuine = signed(&header(key), &claims(), key);
        if let Ok(text) = String::from_utf8(octets)
            && text != genuine
        {
            // ECDSA is randomised, so only the signature part of another signing may differ.
            prop_assert_eq!(hint(&text, None, keys()), Err(NotOurs));
        }
    }
}
