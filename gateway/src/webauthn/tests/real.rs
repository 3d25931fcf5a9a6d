//! Real statements, and the level that the law gives them (law G1, G5).

use policies::authenticator::Attestation;
use policies::signin::{Aal, Method};

use super::super::*;
use super::vectors::{CERTIFIED, IN_2023, Recorded, entry, models_of_2023};

fn judged(name: &str, list: &str) -> Option<Registered> {
    let recorded = Recorded::read(name)?;
    let judged = recorded.judge(models_of_2023(list)?, IN_2023);
    Some(judged.unwrap_or_else(|error| panic!("{name}: {error:?}")))
}

#[test]
fn windows_hello_with_a_tpm_of_an_allowed_maker_is_aal3() {
    let Some(hello) = judged("tpm-rs1-01", CERTIFIED) else {
        return;
    };
    assert_eq!(hello.evidence.attestation, Attestation::Allowed);
    assert!(hello.evidence.tpm && hello.evidence.platform && !hello.backup_eligible);
    assert_eq!(hello.evidence.method(), Method::WindowsHello);
    assert_eq!(hello.evidence.level(), Aal::Aal3);
    assert_eq!(
        hello.model.as_deref(),
        Some("Windows Hello Hardware Authenticator")
    );
}

#[test]
fn windows_hello_with_a_tpm_whose_maker_is_not_on_the_list_is_aal2() {
    let Some(recorded) = Recorded::read("tpm-rs1-01") else {
        return;
    };
    let unknown = recorded.judge(Models::none(), IN_2023).unwrap();
    assert_eq!(unknown.evidence.attestation, Attestation::None);
    assert!(!unknown.evidence.tpm, "nobody vouches for a TPM");
    assert_eq!(unknown.evidence.level(), Aal::Aal2);
    // known, and not allowed: no rule
    let known = judged("tpm-rs1-01", "").unwrap();
    assert_eq!(known.evidence.attestation, Attestation::Known);
    assert_eq!(known.evidence.level(), Aal::Aal2);
}

#[test]
fn a_security_key_of_an_allowed_model_is_aal3() {
    let Some(key) = judged("packed-02", CERTIFIED) else {
        return;
    };
    assert_eq!(key.evidence.attestation, Attestation::Allowed);
    assert_eq!(key.evidence.method(), Method::Fido2);
    assert_eq!(key.evidence.level(), Aal::Aal3);
}

#[test]
fn a_model_that_the_house_denies_is_denied_and_one_it_only_knows_is_aal2() {
    let Some(key) = judged("packed-02", CERTIFIED) else {
        return;
    };
    let aaguid = models::write_aaguid(&key.aaguid.unwrap());
    let list = |standing| {
        format!("{CERTIFIED}\n[[model]]\naaguid = \"{aaguid}\"\nstanding = \"{standing}\"\n")
    };
    let denied = judged("packed-02", &list("denied")).unwrap();
    assert!(denied.denied);
    let known = judged("packed-02", &list("known")).unwrap();
    assert!(!known.denied);
    assert_eq!(known.evidence.level(), Aal::Aal2);
}

#[test]
fn a_newer_key_that_says_how_it_is_reached_is_aal3_too() {
    let Some(key) = judged("with-transports", CERTIFIED) else {
        return;
    };
    assert_eq!(key.model.as_deref(), Some("YubiKey 5 Series with NFC"));
    assert_eq!(key.transports, ["nfc", "usb"]);
    assert_eq!(key.evidence.level(), Aal::Aal3);
}

#[test]
fn apple_self_none_and_makers_that_nobody_knows_are_aal2() {
    for (name, method) in [
        ("apple-01", Method::Passkey),
        ("regression-150", Method::Passkey),
        ("01-none", Method::Fido2),
        ("with-credprops", Method::Fido2),
        ("packed-01", Method::Fido2),
        ("without-aaguid", Method::Fido2),
    ] {
        let Some(made) = judged(name, CERTIFIED) else {
            return;
        };
        assert_eq!(made.evidence.attestation, Attestation::None, "{name}");
        assert_eq!(made.evidence.method(), method, "{name}");
        assert_eq!(made.evidence.level(), Aal::Aal2, "{name}");
        let says_so = (name == "with-credprops").then_some(true);
        assert_eq!(made.resident, says_so, "{name}");
    }
}

#[test]
fn a_maker_of_devices_without_a_model_makes_them_known_and_no_more() {
    let Some(recorded) = Recorded::read("apple-01") else {
        return;
    };
    let chain = entry(&entry(&recorded.object(), "attStmt"), "x5c");
    let above = chain.as_array().unwrap()[1].as_bytes().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("apple.der"), above).unwrap();
    let list = "[[maker]]\nroot = \"apple.der\"";
    let list = models::ModelList::parse(list, folder.path()).unwrap();
    let at = |seconds| {
        recorded
            .judge(Models::new(&list, None), Time::from_unix(seconds))
            .unwrap()
    };
    let known = at(1_602_115_200);
    assert_eq!(known.evidence.attestation, Attestation::Known);
    assert_eq!(known.evidence.level(), Aal::Aal2);
    let late = at(1_702_115_200);
    assert_eq!(
        late.evidence.attestation,
        Attestation::None,
        "Apple's last a day"
    );
}

#[test]
fn a_u2f_key_did_not_check_the_person_and_is_too_little() {
    for name in ["u2f-01", "u2f-02", "u2f-03", "u2f-04"] {
        let Some(made) = judged(name, CERTIFIED) else {
            return;
        };
        assert!(
            !made.evidence.user_verified && made.aaguid.is_none(),
            "{name}"
        );
        assert_eq!(made.evidence.level(), Aal::Aal1, "{name}");
    }
}

#[test]
fn an_android_key_counts_by_whether_it_checked_the_person() {
    for name in ["android-key-01", "android-key-02"] {
        let Some(made) = judged(name, CERTIFIED) else {
            return;
        };
        // both recordings were made without asking
        assert!(
            made.evidence.platform && !made.evidence.user_verified,
            "{name}"
        );
        assert_eq!(made.evidence.level(), Aal::Aal1, "{name}");
        let asked = KeyEvidence {
            user_verified: true,
            ..made.evidence
        };
        assert_eq!(asked.level(), Aal::Aal2, "{name}");
    }
}

#[test]
fn a_credential_that_was_made_without_anybody_is_refused() {
    for (name, code) in [
        ("conditional-create", "user_not_present"),
        ("android-safetynet-01", "unknown_statement"),
    ] {
        let Some(recorded) = Recorded::read(name) else {
            return;
        };
        let refused = recorded.judge(Models::none(), IN_2023).unwrap_err();
        assert_eq!(refused.code(), code, "{name}");
    }
}

#[test]
fn a_chain_counts_while_it_lasts() {
    let Some(recorded) = Recorded::read("tpm-rs1-01") else {
        return;
    };
    for (year, good) in [(2020, false), (2022, true), (2024, true), (2026, false)] {
        let at = Time::from_unix((year - 1970) * 31_556_952);
        let judged = recorded.judge(models_of_2023(CERTIFIED).unwrap(), at);
        assert_eq!(judged.is_ok(), good, "{year}");
    }
}
