//! Configurations with mistakes: all of them are named at once, each on its line.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ca::ceremony::{make_issuing, make_root};
use ca::keys::{Algorithm, FileKey};
use ca::publishing::{Assurance, PublishingFacts};
use policies::permit::Validity;
use policies::time::Time;
use tempfile::TempDir;

use super::*;

pub(crate) const ARC: &str = "1.3.6.1.4.1.99999";

/// A folder with everything a configuration names.
pub(crate) fn folder(arc: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for (name, host) in [("id", "id.example"), ("card", "card.id.example")] {
        let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).unwrap();
        write(&format!("{name}.pem"), &made.cert.pem());
        write(&format!("{name}.key"), &made.signing_key.serialize_pem());
    }
    let key = || Arc::new(FileKey::generate(Algorithm::P384).unwrap());
    let (root_key, issuing_key) = (key(), key());
    let at = |seconds| Time::from_unix(seconds);
    let years = |from: i64, to: i64| Validity {
        not_before: at(from * 31_536_000),
        not_after: at(to * 31_536_000),
    };
    let publishing = Publishing::new(PublishingFacts {
        pki_url: "http://pki.example".into(),
        country: "GB".into(),
        organisation: "Example Trust".into(),
        upn_realm: "ad.example".into(),
        policy_arc: arc.into(),
        assurance: Assurance::CardFaceToFace,
    })
    .unwrap();
    let root = make_root(&publishing, "Example Root", root_key, years(50, 110)).unwrap();
    let issuing = make_issuing(
        &root,
        &publishing,
        "Example Issuing",
        issuing_key.clone(),
        years(50, 95),
    )
    .unwrap();
    write("root.pem", &pem(root.der()));
    write("issuing.pem", &pem(issuing.der()));
    write("issuing.key", &issuing_key.to_pem().unwrap());
    let checkpoint = rcgen::KeyPair::generate().unwrap();
    write("checkpoint.key", &checkpoint.serialize_pem());
    write("ward7.secret", "0123456789abcdef0123456789abcdef\n");
    folder
}

fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

pub(crate) const GOOD: &str = r#"[gateway]
url = "https://id.example"
listen = "127.0.0.1:443"
certificate = "id.pem"
key = "id.key"

[card]
url = "https://card.id.example"
listen = "127.0.0.1:443"
certificate = "card.pem"
key = "card.key"

[publishing]
url = "http://pki.example"
listen = "127.0.0.1:80"

[database]
url = "sqlite:matron.db"

[authority]
root = "root.pem"
country = "GB"
organisation = "Example Trust"
upn_realm = "ad.example"
policy_arc = "1.3.6.1.4.1.99999"

[[authority.issuer]]
certificate = "issuing.pem"
key = "issuing.key"

[audit]
checkpoint_key = "checkpoint.key"

[limits]
connections = 500

[[client]]
client_id = "ward7"
name = "Ward 7"
redirect_uris = ["https://ward7.example/callback"]
secret_file = "ward7.secret"
"#;

fn problems(text: &str, folder: &Path) -> Vec<String> {
    let problems = Config::parse(text, folder).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_configuration_has_no_problems() {
    let folder = folder(ARC);
    let config = Config::parse(GOOD, folder.path()).unwrap();
    assert_eq!(config.gateway.url, "https://id.example");
    assert_eq!(config.limits.connections, 500);
    assert_eq!(config.limits.per_address, Limits::default().per_address);
    assert_eq!(config.clients.len(), 1);
}

#[test]
fn every_problem_is_named_at_once_with_its_line_and_the_nearest_key() {
    let folder = folder(ARC);
    let text = GOOD
        .replace("certificate = \"id.pem\"", "certifcate = \"id.pem\"")
        .replace(
            "\"https://card.id.example\"",
            "\"https://card.id.example/\"",
        )
        .replace("\"http://pki.example\"", "\"https://pki.example\"")
        .replace("connections = 500", "connections = \"many\"")
        .replace("[audit]", "[audits]")
        .replace("\"card.key\"", "\"nowhere.key\"");
    let found = problems(&text, folder.path());
    let expected = [
        ("line 1:", "`certificate` is missing"),
        (
            "line 4:",
            "unknown key `certifcate`; did you mean `certificate`?",
        ),
        ("line 8:", "`url` cannot be used"),
        ("line 11:", "nowhere.key"),
        ("line 14:", "RFC 5280 wants plain http"),
        ("line 31:", "unknown key `audits`; did you mean `audit`?"),
        ("line 35:", "`connections` holds string"),
    ];
    for (line, words) in expected {
        assert!(
            found
                .iter()
                .any(|it| it.starts_with(line) && it.contains(words)),
            "{words}: {found:#?}"
        );
    }
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let folder = folder(ARC);
    let found = problems(
        &GOOD.replace("listen = \"127.0.0.1:80\"", "listen = 127.0.0.1"),
        folder.path(),
    );
    assert!(
        found.iter().any(|it| it.starts_with("line 15: not TOML")),
        "{found:#?}"
    );
}

#[test]
fn serve_refuses_what_belongs_to_dev() {
    let folder = folder("1.3.6.1.4.1.32473");
    fs::write(folder.path().join("clock"), "+90d").unwrap();
    fs::write(folder.path().join("dev.json"), "{}").unwrap();
    let text = GOOD.replace(ARC, "1.3.6.1.4.1.32473.1");
    let found = problems(&text, folder.path());
    let named = |words: &str| found.iter().any(|it| it.contains(words));
    assert!(named("clock file"), "{found:#?}");
    assert!(
        named("issuing.key lies in a folder of `matron dev`"),
        "{found:#?}"
    );
    assert!(named("issuing.pem belongs to a dev PKI"), "{found:#?}");
    assert!(named("1.3.6.1.4.1.32473"), "{found:#?}");
}

#[test]
fn a_dev_root_is_known_by_its_policies_wherever_it_lies() {
    let folder = folder("1.3.6.1.4.1.32473");
    let found = problems(GOOD, folder.path());
    assert!(
        found
            .iter()
            .any(|it| it.contains("root.pem belongs to a dev PKI")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|it| it.contains("issuing.pem belongs to a dev PKI")),
        "{found:#?}"
    );
}

#[test]
fn the_roots_own_list_may_be_named_and_must_be_one() {
    let folder = folder(ARC);
    let text = GOOD.replace(
        "root = \"root.pem\"",
        "root = \"root.pem\"\nroot_list = \"root.pem\"",
    );
    let found = problems(&text, folder.path());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("a PEM revocation list"), "{found:#?}");
}

#[test]
fn a_confidential_client_needs_its_secret_and_all_its_faults_are_named() {
    let folder = folder(ARC);
    let text = GOOD
        .replace("secret_file = \"ward7.secret\"\n", "")
        .replace(
            "https://ward7.example/callback",
            "http://ward7.example/callback",
        )
        .replace("\"Ward 7\"", "\"\"");
    let found = problems(&text, folder.path());
    for words in ["secret_file", "redirect_uris", "name:"] {
        assert!(
            found.iter().any(|it| it.contains(words)),
            "{words}: {found:#?}"
        );
    }
}

const FEDERATION: &str = r#"
[[federation]]
id = "nhs-net"
name = "NHS.net Connect"
issuer = "https://login.example/tenant/v2.0"
client_id = "matron"
client_secret_file = "ward7.secret"
required_amr = ["mfa"]
tenant = "tenant"
"#;

#[test]
fn another_organisation_is_one_tenant_over_https_with_a_second_factor() {
    let folder = folder(ARC);
    let good = format!("{GOOD}{FEDERATION}");
    let config = Config::parse(&good, folder.path()).unwrap();
    let [setting] = config.federation.as_slice() else {
        panic!("one");
    };
    assert!(setting.enabled && !setting.on_loopback);
    assert_eq!(setting.terms.max_age.as_seconds(), 300);
    assert!(!format!("{setting:?}").contains("0123456789"), "no secret");
    for (from, to, words) in [
        ("https://login", "http://login", "`issuer` cannot be used"),
        ("login.example", "127.0.0.1", ""),
        (
            "https://login.example",
            "http://127.0.0.1",
            "`issuer` cannot be used",
        ),
        ("/tenant/v2.0", "/common/v2.0", "`issuer` cannot be used"),
        (
            "/tenant/v2.0",
            "/{tenantid}/v2.0",
            "`issuer` cannot be used",
        ),
        ("/tenant/v2.0", "/v2.0?tenant=a", "`issuer` cannot be used"),
        (
            "required_amr = [\"mfa\"]\n",
            "",
            "`required_acr` is missing",
        ),
        ("nhs-net", "NHS", "`id` cannot be used"),
        (
            "tenant = \"tenant\"",
            "prompt = \"consent\"",
            "`prompt` cannot be used",
        ),
        (
            "tenant = \"tenant\"",
            "tennant = \"a\"",
            "did you mean `tenant`?",
        ),
        ("ward7.secret\"\nrequired", "nowhere\"\nrequired", "nowhere"),
    ] {
        let changed = format!("{GOOD}{}", FEDERATION.replace(from, to));
        let found = problems(&changed, folder.path());
        if words.is_empty() {
            assert!(found.is_empty(), "{found:#?}");
        } else {
            let named = found.iter().any(|it| it.contains(words));
            assert!(named, "{words}: {found:#?}");
        }
    }
    let twice = format!("{good}{FEDERATION}");
    let found = problems(&twice, folder.path());
    assert!(found.iter().any(|it| it.contains("`id`")), "{found:#?}");
    assert!(found.iter().any(|it| it.contains("`issuer`")), "{found:#?}");
}
