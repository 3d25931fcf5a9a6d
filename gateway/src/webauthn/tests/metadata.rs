//! The FIDO Alliance's metadata: the real one, and what forgers would try (attack A33).

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use policies::time::Span;

use super::super::models::record::{self, InstallError};
use super::super::models::{Metadata, MetadataError, ModelList};
use super::super::stored::{decode, encode};
use super::super::*;
use super::alliance::{AAGUID, Alliance, edition};
use super::vectors::{self, CERTIFIED, IN_2023 as NOW};

fn standing(statuses: &[&str], list: &str) -> Standing {
    let alliance = Alliance::new();
    let blob = alliance.sign(&edition(1, statuses));
    let metadata = Metadata::verify(blob.as_bytes(), &alliance.root, NOW).unwrap();
    let list = ModelList::parse(list, Path::new(".")).unwrap();
    Models::new(&list, Some(&metadata)).standing(Some(AAGUID))
}

#[test]
fn the_alliances_own_metadata_verifies_and_drives_the_list() {
    let Some((blob, root)) = vectors::blob() else {
        return;
    };
    let metadata = Metadata::verify(&blob, &root, NOW).unwrap();
    assert_eq!(metadata.number(), 23);
    assert_eq!(metadata.next_update().to_string(), "2023-02-01");
    assert!(!metadata.is_late(NOW));
    assert!(metadata.is_late(NOW.plus(Span::days(18))));
    let allowed = |rule: &str| {
        let list = ModelList::parse(rule, Path::new(".")).unwrap();
        Models::new(&list, Some(&metadata)).counts()
    };
    let (known, none, denied) = allowed("");
    assert!(known > 90 && none == 0 && denied == 0, "{known} {none}");
    let (_, l1, _) = allowed(CERTIFIED);
    let (_, l2, _) = allowed("allow = \"FIDO_CERTIFIED_L2\"");
    let (_, l3, _) = allowed("allow = \"FIDO_CERTIFIED_L3\"");
    assert!(l1 > l2 && l2 > l3 && l3 == 0, "{l1} {l2} {l3}");
    // certified, and a program all the same
    let software = models::parse_aaguid("6028b017-b1d4-4c02-b4b3-afcdafc96bb2");
    let list = ModelList::parse(CERTIFIED, Path::new(".")).unwrap();
    let models = Models::new(&list, Some(&metadata));
    assert_eq!(models.standing(software), Standing::Known);
}

#[test]
fn metadata_whose_signer_has_ended_or_not_begun_is_refused() {
    let Some((blob, root)) = vectors::blob() else {
        return;
    };
    for days in [-365, 180] {
        let refused = Metadata::verify(&blob, &root, NOW.plus(Span::days(days))).unwrap_err();
        assert!(matches!(refused, MetadataError::Chain(_)), "{refused}");
    }
}

#[test]
fn forged_metadata_is_refused() {
    let alliance = Alliance::new();
    let blob = alliance.sign(&edition(1, &["REVOKED"]));
    let verify = |blob: &str| Metadata::verify(blob.as_bytes(), &alliance.root, NOW);
    assert!(verify(&blob).is_ok());
    let parts: Vec<&str> = blob.split('.').collect();
    let better = encode(&serde_json::to_vec(&edition(1, &[])).unwrap());
    let header = |changed: Value| {
        let mut header: Value = serde_json::from_slice(&decode(parts[0]).unwrap()).unwrap();
        for (key, value) in changed.as_object().unwrap() {
            header[key] = value.clone();
        }
        encode(&serde_json::to_vec(&header).unwrap())
    };
    let unsigned = header(json!({"alg": "none"}));
    let shared = header(json!({"alg": "HS256"}));
    let rsa = header(json!({"alg": "RS256"}));
    let other = Alliance::new();
    let theirs = header(json!({"x5c": [STANDARD.encode(&other.leaf)]}));
    let nobody = header(json!({"x5c": []}));
    for (what, forged) in [
        ("contents", format!("{}.{better}.{}", parts[0], parts[2])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("alg none", format!("{unsigned}.{better}.")),
        (
            "alg none, signed",
            format!("{unsigned}.{better}.{}", parts[2]),
        ),
        (
            "HS256",
            format!(
                "{shared}.{better}.{}",
                hmac(&alliance.leaf, &shared, &better)
            ),
        ),
        ("RS256", format!("{rsa}.{}.{}", parts[1], parts[2])),
        (
            "another signer's certificate",
            format!("{theirs}.{}.{}", parts[1], parts[2]),
        ),
        (
            "no certificate",
            format!("{nobody}.{}.{}", parts[1], parts[2]),
        ),
        ("another signer", other.sign(&edition(1, &[]))),
        ("somebody else under the same root", same_root(&alliance)),
        ("nothing", String::new()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{blob}.AAAA")),
        ("no JSON", alliance.sign(&json!([]))),
        (
            "no date",
            alliance.sign(&json!({"no": 1, "nextUpdate": "soon", "entries": []})),
        ),
    ] {
        assert!(verify(&forged).is_err(), "{what}");
    }
}

#[test]
fn metadata_with_any_letter_changed_is_refused() {
    let alliance = Alliance::new();
    let blob = alliance.sign(&edition(1, &["REVOKED"]));
    let verify = |blob: &str| Metadata::verify(blob.as_bytes(), &alliance.root, NOW);
    for at in (0..blob.len()).step_by(7) {
        let mut flipped = blob.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        if flipped != blob.as_bytes() {
            let flipped = String::from_utf8(flipped).unwrap();
            assert!(verify(&flipped).is_err(), "character {at}");
        }
    }
}

fn hmac(key: &[u8], header: &str, payload: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    encode(ring::hmac::sign(&key, format!("{header}.{payload}").as_bytes()).as_ref())
}

/// The root vouches for many; only one of them is the Alliance.
fn same_root(alliance: &Alliance) -> String {
    let other = Alliance::named("shop.example", 2023);
    let refused = Metadata::verify(other.sign(&edition(1, &[])).as_bytes(), &other.root, NOW);
    assert_eq!(refused.unwrap_err(), MetadataError::Signer);
    assert_ne!(other.root, alliance.root);
    other.sign(&edition(1, &[]))
}

#[test]
fn somebody_elses_signed_metadata_is_refused() {
    let Some(folder) = vectors::folder() else {
        return;
    };
    let small = folder.join("metadata/small");
    let root = models::certificate(&fs::read(small.join("root.crt")).unwrap());
    let blob = fs::read(small.join("blob.jwt")).unwrap();
    let refused = Metadata::verify(&blob, &root, NOW).unwrap_err();
    assert_eq!(refused, MetadataError::Signer);
    let (big, _) = vectors::blob().unwrap();
    let foreign = Metadata::verify(&big, &root, NOW).unwrap_err();
    assert!(matches!(foreign, MetadataError::Chain(_)), "{foreign}");
}

#[test]
fn a_report_that_a_model_was_broken_goes_before_every_list() {
    let certified = "FIDO_CERTIFIED_L2";
    let own =
        "[[model]]\naaguid = \"abababab-abab-abab-abab-abababababab\"\nstanding = \"allowed\"\n";
    assert_eq!(standing(&[certified], CERTIFIED), Standing::Allowed);
    assert_eq!(
        standing(&["NOT_FIDO_CERTIFIED"], CERTIFIED),
        Standing::Known
    );
    assert_eq!(standing(&["NOT_FIDO_CERTIFIED"], own), Standing::Allowed);
    assert_eq!(standing(&[certified], ""), Standing::Known);
    for (status, worth) in [
        ("REVOKED", Standing::Denied),
        ("USER_VERIFICATION_BYPASS", Standing::Denied),
        ("ATTESTATION_KEY_COMPROMISE", Standing::Denied),
        ("USER_KEY_REMOTE_COMPROMISE", Standing::Denied),
        ("USER_KEY_PHYSICAL_COMPROMISE", Standing::Known),
        ("UPDATE_AVAILABLE", Standing::Allowed),
    ] {
        for list in [CERTIFIED, own] {
            assert_eq!(standing(&[certified, status], list), worth, "{status}");
            // a certification of later does not take it back
            assert_eq!(standing(&[status, certified], list), worth, "{status}");
        }
    }
    let denied = own.replace("allowed", "denied");
    assert_eq!(standing(&[certified], &denied), Standing::Denied);
}

#[test]
fn an_earlier_edition_never_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let alliance = Alliance::new();
    let write = |name: &str, number| {
        fs::write(at(name), alliance.sign(&edition(number, &[]))).unwrap();
        at(name)
    };
    let (five, six, seven) = (write("5", 5), write("6", 6), write("7", 7));
    let place = at("blob.jwt");
    let install = |new: &Path| record::install(new, &place, &alliance.root, NOW);
    assert_eq!(install(&six).unwrap().number(), 6);
    let back = install(&five).unwrap_err();
    assert!(
        back.to_string().contains("number 6 was accepted before"),
        "{back}"
    );
    assert_eq!(
        record::load(&place, &alliance.root, NOW).unwrap().number(),
        6
    );
    assert_eq!(install(&six).unwrap().number(), 6, "the same again");
    assert_eq!(install(&seven).unwrap().number(), 7);
    // by hand, behind the command's back
    fs::copy(&six, &place).unwrap();
    let back = record::load(&place, &alliance.root, NOW).unwrap_err();
    let rolled_back = MetadataError::RolledBack {
        offered: 6,
        accepted: 7,
    };
    assert!(matches!(back, InstallError::Metadata(error) if error == rolled_back));
    // what lies there by hand counts where nothing was recorded
    fs::remove_file(record::path_of(&place)).unwrap();
    assert!(install(&five).is_err());
}

#[test]
fn an_accepted_edition_stays_after_its_signer_ended_and_a_new_one_does_not_come() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let alliance = Alliance::new();
    fs::write(at("1"), alliance.sign(&edition(1, &[]))).unwrap();
    fs::write(at("2"), alliance.sign(&edition(2, &[]))).unwrap();
    let (root, place) = (alliance.root.as_slice(), at("blob.jwt"));
    let later = NOW.plus(Span::days(365));
    record::install(&at("1"), &place, root, NOW).unwrap();
    assert_eq!(record::load(&place, root, later).unwrap().number(), 1);
    assert!(record::install(&at("2"), &place, root, later).is_err());
    fs::copy(at("2"), &place).unwrap();
    assert!(
        record::load(&place, root, later).is_err(),
        "not the one that was accepted"
    );
    fs::write(record::path_of(&place), "{}").unwrap();
    let damaged = record::load(&place, root, NOW).unwrap_err();
    assert!(matches!(damaged, InstallError::Record(_)));
}

#[test]
fn a_model_whose_maker_is_not_known_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("maker.der"), Alliance::new().root).unwrap();
    let number = models::write_aaguid(&AAGUID);
    for (roots, allowed) in [("", 0), ("roots = [\"maker.der\"]\n", 1)] {
        let list = format!(
            "[[model]]\naaguid = \"{number}\"\nstanding = \"known\"\n{roots}\
             [[maker]]\nroot = \"maker.der\"\n\
             [[group]]\nroles = [\"S8000\"]\nallow = [\"{number}\"]\n"
        );
        let list = ModelList::parse(&list, folder.path()).unwrap();
        let models = Models::new(&list, None);
        assert_eq!(models.groups().allowed().count(), allowed, "{roots}");
        // The group is there all the same: no device of another maker opens its roles.
        assert_eq!(models.groups().len(), 1);
    }
}
