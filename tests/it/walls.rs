//! The walls of the house (docs/decisions/0001): a broken one fails with its sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room, the rooms it may import, and the outside crates that only some rooms may name.
const CORRIDOR: [(&str, &[&str]); 8] = [
    ("policies", &[]),
    ("enrolment/card-client/wire", &["policies"]),
    // A card's client must not be able to do what the CA does.
    ("enrolment/card-client", &["policies", "wire"]),
    ("ca", &["policies"]),
    ("enrolment", &["policies", "ca"]),
    ("certs-dev", &["policies", "ca", "enrolment"]),
    (
        "gateway",
        &["policies", "ca", "enrolment", "certs-dev", "wire"],
    ),
    (
        "tests",
        &["policies", "ca", "enrolment", "certs-dev", "gateway"],
    ),
];

/// Outside crate, who may name it, and the sentence of the wall.
const OUTSIDE: [(&str, &[&str], &str); 11] = [
    (
        "axum",
        &["gateway", "certs-dev"],
        "only gateway speaks HTTP (Ward 7 in certs-dev is an app)",
    ),
    (
        "hyper",
        &["gateway", "certs-dev", "enrolment/card-client"],
        "only gateway speaks HTTP (Ward 7 in certs-dev is an app, the card's client a guest of one browser)",
    ),
    (
        "askama",
        &["gateway", "certs-dev"],
        "only gateway writes HTML (Ward 7 in certs-dev is an app)",
    ),
    ("jsonwebtoken", &["gateway"], "only gateway knows tokens"),
    (
        "rusqlite",
        &["enrolment", "tests"],
        "only enrolment's store names an engine",
    ),
    (
        "sqlx",
        &["enrolment", "tests"],
        "only enrolment's store names an engine",
    ),
    (
        "x509-cert",
        &["ca", "enrolment/card-client", "gateway"],
        "only ca builds what is signed; the card's client asks for it (PKCS#10), the gateway reads what makers of devices signed",
    ),
    (
        "pcsc",
        &["enrolment/card-client"],
        "only the card's client speaks to a reader",
    ),
    (
        "hpke",
        &["gateway", "enrolment/card-client"],
        "a card's secrets are sealed at the door and opened at the card",
    ),
    (
        "openidconnect",
        &["gateway", "certs-dev"],
        "the gateway relies on other organisations' providers, and Ward 7 on ours",
    ),
    (
        "rcgen",
        &["ca", "enrolment", "gateway", "certs-dev", "tests"],
        "rcgen is for dev and tests; the CA signs with x509-cert",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

/// The names in a `[section]` of a manifest, as written before `=` or `.workspace`.
fn names_in(manifest: &str, section: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == format!("[{section}]");
        } else if inside && let Some((name, _)) = line.split_once(['.', '=']) {
            names.insert(name.trim().to_owned());
        }
    }
    names
}

#[test]
fn a_room_imports_only_rooms_further_in() {
    let rooms: BTreeSet<&str> = CORRIDOR.iter().map(|(room, _)| *room).collect();
    for (room, inner) in CORRIDOR {
        let manifest = fs::read_to_string(root().join(room).join("Cargo.toml")).expect(room);
        for name in names_in(&manifest, "dependencies") {
            assert!(
                !rooms.contains(name.as_str()) || inner.contains(&name.as_str()),
                "{room} imports {name}: a room imports only rooms further in (gateway -> enrolment -> ca -> policies)"
            );
        }
    }
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    for (room, _) in CORRIDOR {
        let manifest = fs::read_to_string(root().join(room).join("Cargo.toml")).expect(room);
        let named = names_in(&manifest, "dependencies");
        for (name, allowed, sentence) in OUTSIDE {
            assert!(
                !named.contains(name) || allowed.contains(&room),
                "{room} names {name}: {sentence}"
            );
        }
    }
    let ca = fs::read_to_string(root().join("ca/Cargo.toml")).expect("ca");
    assert!(
        !names_in(&ca, "dependencies").contains("rcgen"),
        "the CA signs with x509-cert, never with rcgen"
    );
}

/// Every Rust file below a folder of the workspace, with its text.
fn sources(folder: &str) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).expect("a folder of the workspace") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                found.insert(path, text);
            }
        }
    }
    found
}

#[test]
fn sql_lives_in_the_store_folders() {
    for folder in [
        "policies/src",
        "ca/src",
        "enrolment/src",
        "gateway/src",
        "certs-dev/src",
    ] {
        for (path, text) in sources(folder) {
            let shown = path.display().to_string();
            if shown.contains("/store/") || shown.ends_with("/store.rs") {
                continue;
            }
            for word in ["INSERT INTO ", "DELETE FROM ", " SET version", "SELECT "] {
                // The audit walks its own chain and owns its tables (enrolment/src/audit/).
                // Tests, and the attack suite, also speak to the database past every rule.
                let tests = shown.contains("tests") || shown.contains("/attacks/");
                let own = shown.contains("/audit") || shown.contains("/outbox") || tests;
                assert!(
                    own || !text.contains(word),
                    "{shown} holds SQL ({word}): it lives in store/, nowhere else"
                );
            }
        }
    }
}

#[test]
fn policies_is_pure() {
    for (path, text) in sources("policies/src") {
        for word in [
            "async fn",
            "std::fs",
            "std::net",
            "SystemTime",
            "Instant::now",
            "thread::",
            "rand::",
        ] {
            assert!(
                !text.contains(word),
                "{}: policies is pure, but names {word}",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_dev_corner_of_gateway_imports_certs_dev() {
    for (path, text) in sources("gateway/src") {
        let shown = path.display().to_string();
        let dev = shown.contains("/dev/") || shown.ends_with("/dev.rs");
        assert!(
            dev || !text.contains("certs_dev::"),
            "{shown} imports certs_dev: dev is a guest, only gateway/src/dev/ may"
        );
        for word in ["crate::dev::", "crate::dev;", "crate::{dev"] {
            assert!(
                dev || !text.contains(word),
                "{shown} names dev: only its own command may, and serve knows nothing of it"
            );
        }
    }
}

#[test]
fn every_redirect_is_a_303() {
    for folder in ["gateway/src", "certs-dev/src"] {
        for (path, text) in sources(folder) {
            for word in [
                "StatusCode::FOUND",
                "MOVED_PERMANENTLY",
                "TEMPORARY_REDIRECT",
                "PERMANENT_REDIRECT",
                "Redirect::",
            ] {
                assert!(
                    !text.contains(word),
                    "{}: {word} has a browser send a form on, passcode and all; a redirect is a 303",
                    path.display()
                );
            }
        }
    }
}

/// README's first command names no program: `cargo run -- dev`.
#[test]
fn cargo_run_at_the_root_means_matron() {
    let manifests = ["gateway", "enrolment/card-client", "certs-dev"]
        .map(|room| fs::read_to_string(root().join(room).join("Cargo.toml")).expect(room));
    let [gateway, others @ ..] = &manifests;
    assert!(gateway.contains("\ndefault-run = \"matron\"\n"));
    assert!(
        others
            .iter()
            .all(|manifest| !manifest.contains("\ndefault-run"))
    );
}
