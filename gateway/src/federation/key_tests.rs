//! What a published key verifies: exactly what the library would, by other arithmetic.

use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm as Algorithm};
use openidconnect::{JsonWebKey as _, SignatureVerificationError as Refused};
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use super::Key;
use crate::tokens::{self, Standing, TokenKey, generate};

const MESSAGE: &[u8] = b"header.claims";

fn signer(algorithm: tokens::Algorithm) -> TokenKey {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let wishes = vec![(algorithm, Standing::Current)];
    let made = runtime.block_on(generate::all(wishes, SystemRandom::new()));
    TokenKey::from_pkcs8(algorithm, &made.unwrap()[0].pkcs8).unwrap()
}

/// The published half, with these members changed; null takes one away.
fn published(key: &TokenKey, changed: &Value) -> (Key, CoreJsonWebKey) {
    let mut jwk = serde_json::to_value(key.jwk()).unwrap();
    for (name, value) in changed.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk.as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let ours = serde_json::from_value(jwk.clone()).unwrap();
    (ours, serde_json::from_value(jwk).unwrap())
}

#[test]
fn ring_and_the_library_agree_about_every_signature() {
    for (ours, theirs) in [
        (tokens::Algorithm::Es256, Algorithm::EcdsaP256Sha256),
        (tokens::Algorithm::Rs256, Algorithm::RsaSsaPkcs1V15Sha256),
    ] {
        let signer = signer(ours);
        let (key, library) = published(&signer, &json!({}));
        assert!(key.numbers.is_some(), "ring verifies");
        let good = signer.sign(MESSAGE).unwrap();
        assert!(key.verify_signature(&theirs, MESSAGE, &good).is_ok());
        let mut tried = vec![Vec::new(), vec![0; good.len()], good[1..].to_vec()];
        for place in (0..good.len()).step_by(7) {
            let mut turned = good.clone();
            turned[place] ^= 1;
            tried.push(turned);
        }
        for signature in &tried {
            assert!(
                library
                    .verify_signature(&theirs, MESSAGE, signature)
                    .is_err()
            );
            let refused = key.verify_signature(&theirs, MESSAGE, signature);
            assert!(matches!(refused, Err(Refused::CryptoError(_))));
        }
        let other = key.verify_signature(&theirs, b"header.others", &good);
        assert!(matches!(other, Err(Refused::CryptoError(_))));
    }
}

#[test]
fn a_key_verifies_nothing_that_it_is_not_for() {
    let signer = signer(tokens::Algorithm::Es256);
    let good = signer.sign(MESSAGE).unwrap();
    let refused = |changed: Value, algorithm: Algorithm| {
        let (key, _) = published(&signer, &changed);
        let verified = key.verify_signature(&algorithm, MESSAGE, &good);
        matches!(verified, Err(Refused::InvalidKey(_)))
    };
    let es256 = || Algorithm::EcdsaP256Sha256;
    assert!(refused(json!({ "use": "enc" }), es256()));
    assert!(refused(json!({ "alg": "ES384" }), es256()));
    assert!(refused(json!({ "crv": "P-384" }), es256()));
    assert!(refused(json!({}), Algorithm::RsaSsaPkcs1V15Sha256));
    assert!(refused(json!({}), Algorithm::EcdsaP384Sha384));
    assert!(refused(json!({}), Algorithm::HmacSha256));
    assert!(refused(json!({ "alg": null }), Algorithm::EdDsa));
    let (key, _) = published(&signer, &json!({ "use": null, "alg": null }));
    assert!(key.verify_signature(&es256(), MESSAGE, &good).is_ok());
}

#[test]
fn a_modulus_with_a_leading_zero_is_the_same_number() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let signer = signer(tokens::Algorithm::Rs256);
    let jwk = serde_json::to_value(signer.jwk()).unwrap();
    let n = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    let longer = URL_SAFE_NO_PAD.encode([&[0], n.as_slice()].concat());
    let (key, _) = published(&signer, &json!({ "n": longer }));
    let good = signer.sign(MESSAGE).unwrap();
    let rs256 = Algorithm::RsaSsaPkcs1V15Sha256;
    assert!(key.verify_signature(&rs256, MESSAGE, &good).is_ok());
}

#[test]
fn what_ring_cannot_take_is_left_to_the_library() {
    let signer = signer(tokens::Algorithm::Es256);
    for changed in [
        json!({ "x": "AAAA" }),
        json!({ "y": null }),
        json!({ "crv": "P-521" }),
    ] {
        let (key, _) = published(&signer, &changed);
        assert!(key.numbers.is_none(), "{changed}");
        let good = signer.sign(MESSAGE).unwrap();
        let es256 = Algorithm::EcdsaP256Sha256;
        assert!(key.verify_signature(&es256, MESSAGE, &good).is_err());
    }
    let secret = Key::new_symmetric(vec![1; 32]);
    assert!(secret.numbers.is_none());
}
