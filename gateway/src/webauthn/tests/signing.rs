//! Signing in, and what a maker's word is worth, with an authenticator in software.

use ciborium::value::Value as Cbor;
use policies::authenticator::Attestation;
use policies::signin::{Aal, Method};

use super::super::models::ModelList;
use super::super::*;
use super::soft::{BE, BS, MODEL, Maker, Soft, UP, UV, challenge, client_data, newcomer, site};
use super::vectors::IN_2023 as NOW;

fn allowing(maker: &Maker, standing: Standing) -> Models {
    let list = ModelList::for_tests(MODEL, "Soft Key", &maker.root, standing);
    Models::new(&list, None)
}

fn register(
    site: &RelyingParty,
    soft: &Soft,
    maker: Option<&Maker>,
) -> Result<Registered, CeremonyError> {
    let (_, state) = site.start_registration(&newcomer(), challenge(1));
    site.finish_registration(&state, &soft.register(&challenge(1), maker), NOW)
}

fn sign_in(site: &RelyingParty, soft: &Soft, key: &StoredKey) -> Result<Used, CeremonyError> {
    let (_, state) = site.start_authentication(&[key.into()], challenge(2));
    site.finish_authentication(&state, &soft.authenticate(&challenge(2)), key)
}

#[test]
fn a_level_comes_from_the_makers_word_and_the_flags_not_from_a_label() {
    let maker = Maker::new();
    let soft = Soft::new();
    let with = |standing| register(&site(allowing(&maker, standing)), &soft, Some(&maker)).unwrap();
    let allowed = with(Standing::Allowed);
    assert_eq!(allowed.evidence.method(), Method::Fido2);
    assert_eq!(allowed.evidence.level(), Aal::Aal3);
    assert_eq!(allowed.model.as_deref(), Some("Soft Key"));
    assert_eq!(
        (allowed.resident, allowed.aaguid),
        (Some(true), Some(MODEL))
    );
    assert_eq!(with(Standing::Known).evidence.level(), Aal::Aal2);
    assert!(with(Standing::Denied).denied);
    // nobody's word, and a maker that nobody knows
    let none = register(&site(allowing(&maker, Standing::Allowed)), &soft, None).unwrap();
    assert_eq!(none.evidence.level(), Aal::Aal2);
    let unknown = register(&site(Models::none()), &soft, Some(&maker)).unwrap();
    assert_eq!(unknown.evidence.attestation, Attestation::None);
    assert_eq!(unknown.evidence.level(), Aal::Aal2);
}

#[test]
fn a_key_that_can_be_copied_is_aal2_whoever_made_it() {
    let maker = Maker::new();
    let site = site(allowing(&maker, Standing::Allowed));
    for flags in [BE, BE | BS] {
        let soft = Soft {
            flags: UP | UV | flags,
            ..Soft::new()
        };
        let made = register(&site, &soft, Some(&maker)).unwrap();
        assert!(made.backup_eligible);
        assert_eq!(made.evidence.method(), Method::Passkey);
        assert_eq!(made.evidence.level(), Aal::Aal2);
    }
}

/// Class 47 of what OpenID providers got wrong: a way around the maker's word.
#[test]
fn statements_of_kinds_that_nobody_verifies_are_refused() {
    let maker = Maker::new();
    let site = site(allowing(&maker, Standing::Allowed));
    let soft = Soft::new();
    let (data, asked) = (soft.auth_data(true), challenge(1));
    let client_data = client_data("webauthn.create", &asked, &soft.origin);
    let nothing = || Cbor::Map(Vec::new());
    let inner = Cbor::Map(vec![
        ("fmt".into(), "none".into()),
        ("attStmt".into(), nothing()),
    ]);
    let several = Cbor::Array(vec![inner.clone(), inner]);
    let kinds = [
        ("compound", several),
        ("compound", nothing()),
        ("android-safetynet", nothing()),
        ("Packed", nothing()),
        ("", nothing()),
    ];
    let (_, state) = site.start_registration(&newcomer(), challenge(1));
    for (kind, statement) in kinds {
        let answer = soft.made(kind, statement, &data, &client_data);
        let refused = site.finish_registration(&state, &answer, NOW);
        assert!(refused.is_err(), "{kind}");
    }
    // The same words with an empty statement and no claim are a key that nobody vouches for.
    let answer = soft.made("none", nothing(), &data, &client_data);
    let made = site.finish_registration(&state, &answer, NOW).unwrap();
    assert_eq!(made.evidence.level(), Aal::Aal2);
}

#[test]
fn a_chain_of_another_maker_under_a_known_models_name_is_refused() {
    let (maker, other) = (Maker::new(), Maker::new());
    let site = site(allowing(&maker, Standing::Allowed));
    let refused = register(&site, &Soft::new(), Some(&other)).unwrap_err();
    assert!(
        matches!(refused, CeremonyError::NotItsMaker(_)),
        "{refused:?}"
    );
}

#[test]
fn a_device_that_did_not_check_the_person_is_refused() {
    let site = site(Models::none());
    let mut soft = Soft::new();
    let key = soft.at(&site);
    assert!(sign_in(&site, &soft, &key).unwrap().user_verified);
    soft.flags = UP;
    let refused = sign_in(&site, &soft, &key).unwrap_err();
    assert!(
        matches!(refused, CeremonyError::UserNotVerified),
        "{refused:?}"
    );
    soft.flags = UV;
    let refused = sign_in(&site, &soft, &key).unwrap_err();
    assert!(
        matches!(refused, CeremonyError::UserNotPresent),
        "{refused:?}"
    );
    // when it is made, the evidence says so and the law refuses it
    soft.flags = UP;
    let made = register(&site, &soft, None).unwrap();
    assert!(!made.evidence.user_verified);
    assert_eq!(made.evidence.level(), Aal::Aal1);
}

#[test]
fn a_counter_that_does_not_rise_is_reported() {
    let site = site(Models::none());
    let mut soft = Soft {
        counter: 7,
        ..Soft::new()
    };
    let key = soft.at(&site);
    for (counter, regressed) in [(8, false), (1000, false), (7, true), (6, true), (0, true)] {
        soft.counter = counter;
        let used = sign_in(&site, &soft, &key).unwrap();
        assert_eq!((used.counter, used.counter_regressed), (counter, regressed));
    }
    soft.counter = 9;
    let key = key.used(&sign_in(&site, &soft, &key).unwrap());
    assert_eq!(key.counter(), 9);
    assert!(sign_in(&site, &soft, &key).unwrap().counter_regressed);
    // a device that does not count says 0 for ever
    soft.counter = 0;
    let key = soft.at(&site);
    assert!(!sign_in(&site, &soft, &key).unwrap().counter_regressed);
}

#[test]
fn flags_about_copies_that_change_are_reported() {
    let site = site(Models::none());
    let mut soft = Soft::new();
    let bound = soft.at(&site);
    soft.flags = UP | UV | BE;
    let synced = soft.at(&site);
    let mut seen = |key: &StoredKey, flags| {
        soft.flags = UP | UV | flags;
        sign_in(&site, &soft, key).map(|used| (used.eligibility_changed, used.backed_up))
    };
    assert_eq!(seen(&bound, 0).unwrap(), (false, false));
    assert_eq!(seen(&bound, BE).unwrap(), (true, false));
    assert_eq!(seen(&bound, BE | BS).unwrap(), (true, true));
    assert_eq!(seen(&synced, BE).unwrap(), (false, false));
    assert_eq!(seen(&synced, BE | BS).unwrap(), (false, true));
    assert_eq!(seen(&synced, 0).unwrap(), (true, false));
    let contradiction = seen(&synced, BS).unwrap_err();
    assert!(matches!(contradiction, CeremonyError::Contradiction));
}

#[test]
fn an_answer_is_to_one_question_of_one_kind_by_one_credential() {
    let site = site(Models::none());
    let soft = Soft::new();
    let key = soft.at(&site);
    let (_, state) = site.start_authentication(&[(&key).into()], challenge(2));
    let judge = |state: &AuthenticationState, answer: &[u8], key: &StoredKey| {
        site.finish_authentication(state, answer, key)
            .unwrap_err()
            .code()
    };
    let other = soft.authenticate(&challenge(3));
    assert_eq!(judge(&state, &other, &key), "other_challenge");
    let registration = soft.register(&challenge(2), None);
    assert_eq!(judge(&state, &registration, &key), "malformed");
    // somebody else's credential, allowed or not
    let stranger = Soft {
        id: b"another".to_vec(),
        ..Soft::new()
    };
    let strange_key = stranger.at(&site);
    let answer = stranger.authenticate(&challenge(2));
    assert_eq!(judge(&state, &answer, &strange_key), "other_credential");
    assert_eq!(judge(&state, &answer, &key), "other_credential");
    let (_, anybody) = site.start_authentication(&[], challenge(2));
    assert!(
        site.finish_authentication(&anybody, &answer, &strange_key)
            .is_ok()
    );
    assert_eq!(judge(&anybody, &answer, &key), "other_credential");
    // the right name and another's key
    let thief = Soft::new();
    let stolen = thief.authenticate(&challenge(2));
    assert_eq!(judge(&state, &stolen, &key), "signature");
    // a sign-in's answer where a credential is to be made, and the other kind of client data
    let (_, making) = site.start_registration(&newcomer(), challenge(2));
    let wrong = site.finish_registration(&making, &soft.authenticate(&challenge(2)), NOW);
    assert_eq!(wrong.unwrap_err().code(), "malformed");
    let mut swapped: Value = serde_json::from_slice(&soft.register(&challenge(2), None)).unwrap();
    let get = client_data("webauthn.get", &challenge(2), &soft.origin);
    swapped["response"]["clientDataJSON"] = stored::encode(&get).into();
    let swapped = serde_json::to_vec(&swapped).unwrap();
    let wrong = site
        .finish_registration(&making, &swapped, NOW)
        .unwrap_err();
    assert_eq!(wrong.code(), "other_ceremony");
}

#[test]
fn a_device_that_she_has_already_is_refused() {
    let site = site(Models::none());
    let soft = Soft::new();
    let had = [CredentialId::from_bytes(soft.id.clone()).unwrap()];
    let new = Newcomer {
        exclude: &had,
        ..newcomer()
    };
    let (options, state) = site.start_registration(&new, challenge(1));
    assert_eq!(
        options["publicKey"]["excludeCredentials"][0]["id"],
        stored::encode(&soft.id)
    );
    let again = site.finish_registration(&state, &soft.register(&challenge(1), None), NOW);
    assert_eq!(again.unwrap_err().code(), "excluded");
}

#[test]
fn what_a_browser_is_asked_demands_verification_and_a_discoverable_key() {
    let site = site(Models::none());
    let new = Newcomer {
        attachment: Some(Attachment::Platform),
        ..newcomer()
    };
    let (options, state) = site.start_registration(&new, challenge(1));
    let asked = &options["publicKey"];
    assert_eq!(asked["rp"]["id"], "id.example");
    assert_eq!(asked["challenge"], stored::encode(&[1; 32]));
    assert_eq!(asked["attestation"], "direct");
    assert_eq!(asked["timeout"], 300_000);
    let selection = &asked["authenticatorSelection"];
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["authenticatorAttachment"], "platform");
    let algorithms: Vec<i64> = asked["pubKeyCredParams"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|parameters| parameters["alg"].as_i64())
        .collect();
    assert_eq!(algorithms, [-7, -35, -257]);
    let (options, other) = site.start_authentication(&[], challenge(1));
    let asked = &options["publicKey"];
    assert_eq!(asked["userVerification"], "required");
    assert_eq!(asked["rpId"], "id.example");
    assert_eq!(asked["allowCredentials"], json!([]));
    // what is remembered survives being written down
    let kept: RegistrationState =
        serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(kept, state);
    let kept: AuthenticationState =
        serde_json::from_str(&serde_json::to_string(&other).unwrap()).unwrap();
    assert_eq!(kept, other);
    let key = Soft::new().at(&site);
    let kept: StoredKey = serde_json::from_str(&serde_json::to_string(&key).unwrap()).unwrap();
    assert_eq!(kept, key);
}

#[test]
fn only_https_with_a_name_is_a_site() {
    for url in [
        "http://id.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
    ] {
        let url = Url::parse(url).unwrap();
        assert!(
            RelyingParty::new(&url, "Matron", Arc::new(Models::none())).is_err(),
            "{url}"
        );
    }
}
