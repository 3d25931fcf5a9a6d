//! What `serve` refuses, each time with a plain sentence on stderr, exit code 3, and nothing changed.

use std::fs;

use super::folder::{ARC, DOCUMENTATION_ARC, Layout, Production};
use super::process::{Ended, matron};
use crate::support::Matron;

/// What `serve` says of a configuration; `check-config` says the same.
#[track_caller]
fn both_say(production: &Production) -> Ended {
    let config = production.config();
    let checked = matron(&["check-config", "--config", &config]);
    let served = matron(&["serve", "--config", &config]);
    assert_eq!((checked.code, &checked.err), (served.code, &served.err));
    assert!(!production.path("matron.db").exists(), "nothing was begun");
    served
}

/// The configuration with `old` replaced; on which line that stood.
fn changed(production: &Production, old: &str, new: &str) -> usize {
    let text = production.read("matron.toml");
    let at = text
        .find(old)
        .unwrap_or_else(|| panic!("{old} stands in the configuration"));
    production.write("matron.toml", text.replacen(old, new, 1));
    text[..at].matches('\n').count() + 1
}

#[test]
fn a_whole_configuration_has_no_problems() {
    let production = Production::new(Layout::OneAddress);
    let checked = matron(&["check-config", "--config", &production.config(), "--json"]).well();
    assert_eq!(checked.json(), serde_json::json!([]));
    assert!(checked.err.contains("no problems"), "{}", checked.err);
}

#[test]
fn the_documentation_arc() {
    let production = Production::new(Layout::OneAddress);
    changed(&production, ARC, DOCUMENTATION_ARC);
    both_say(&production).refused(
        3,
        &["`policy_arc` lies under 1.3.6.1.4.1.32473, which is for documentation; use your own"],
    );
}

#[test]
fn an_authority_made_under_the_documentation_arc() {
    let production = Production::under(DOCUMENTATION_ARC, Layout::OneAddress);
    changed(&production, DOCUMENTATION_ARC, ARC);
    both_say(&production).refused(
        3,
        &[
            "root.pem belongs to a dev PKI",
            "issuing.pem belongs to a dev PKI",
        ],
    );
}

#[test]
fn everything_that_matron_dev_has_made_even_as_a_copy() {
    let dev = Matron::shared().folder();
    let production = Production::new(Layout::OneAddress);
    for (ours, theirs) in [
        ("root.pem", "pki/card-root.pem"),
        ("issuing.pem", "pki/issuing.pem"),
        ("issuing.key", "keys/issuing.key"),
    ] {
        fs::copy(dev.join(theirs), production.path(ours)).expect("a copy");
    }
    both_say(&production).refused(
        3,
        &[
            "root.pem belongs to a dev PKI",
            "issuing.pem belongs to a dev PKI",
        ],
    );
}

#[test]
fn a_key_in_a_folder_of_matron_dev() {
    let dev = Matron::shared().folder();
    let production = Production::new(Layout::OneAddress);
    for (ours, theirs) in [
        ("issuing.key", "keys/issuing.key"),
        ("checkpoint.key", "keys/checkpoint.key"),
    ] {
        changed(
            &production,
            &format!("\"{ours}\""),
            &format!("\"{}\"", dev.join(theirs).display()),
        );
    }
    both_say(&production).refused(
        3,
        &[
            "keys/issuing.key lies in a folder of `matron dev`",
            "keys/checkpoint.key lies in a folder of `matron dev`",
        ],
    );
}

#[test]
fn a_clock_file_beside_the_configuration() {
    let production = Production::new(Layout::OneAddress);
    production.write("clock", "+90d");
    both_say(&production).refused(
        3,
        &["/clock stands beside the configuration; only `matron dev` follows a clock file"],
    );
}

#[test]
fn an_unknown_key_with_its_line_and_the_nearest_valid_one() {
    let production = Production::new(Layout::OneAddress);
    let line = changed(&production, "upn_realm", "upn_relam");
    both_say(&production).refused(
        3,
        &[&format!(
            "line {line}: unknown key `upn_relam`; did you mean `upn_realm`?"
        )],
    );
}

#[test]
fn a_missing_file_and_a_file_of_another_kind() {
    let production = Production::new(Layout::OneAddress);
    fs::remove_file(production.path("card.key")).expect("removed");
    production.write("root.pem", "not a certificate");
    both_say(&production).refused(
        3,
        &[
            "card.key, which cannot be read: No such file",
            "root.pem, which is not a PEM certificate",
        ],
    );
}

#[test]
fn a_configuration_that_is_not_there() {
    let production = Production::new(Layout::OneAddress);
    fs::remove_file(production.path("matron.toml")).expect("removed");
    both_say(&production).refused(3, &["the configuration cannot be read: No such file"]);
}

#[test]
fn keys_that_belong_to_other_certificates() {
    let production = Production::new(Layout::OneAddress);
    let other = Production::new(Layout::OneAddress);
    for name in ["id.key", "issuing.key"] {
        production.write(name, other.read(name));
    }
    both_say(&production).refused(
        3,
        &[
            "id.key, which is not the key of",
            "issuing.key, which is not the key of",
        ],
    );
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_their_lines() {
    let production = Production::new(Layout::OneAddress);
    let card_url = format!("\"{}\"", production.card_url());
    let mut lines = vec![
        changed(
            &production,
            "certificate = \"id.pem\"",
            "certifcate = \"id.pem\"",
        ),
        changed(&production, &card_url, "\"https://card.localhost/login\""),
        changed(&production, "\"GB\"", "44"),
        changed(&production, "[audit]", "[audits]"),
        changed(&production, "\"pharmacy.secret\"", "\"nowhere.secret\""),
    ];
    production.write("clock", "+90d");
    lines.insert(0, 1);
    let said = both_say(&production);
    said.refused(
        3,
        &[
            "did you mean `certificate`?",
            "did you mean `audit`?",
            "nowhere.secret",
            "clock file",
        ],
    );
    let told: Vec<usize> = said
        .err
        .lines()
        .filter_map(|line| line.strip_prefix("line ")?.split(':').next()?.parse().ok())
        .collect();
    assert!(told.is_sorted(), "{}", said.err);
    for line in lines {
        assert!(told.contains(&line), "line {line}: {}", said.err);
    }
}

#[test]
fn a_command_line_that_is_wrong() {
    matron(&["serve"]).refused(2, &["--config"]);
    matron(&["serve", "--config", "matron.toml", "--dir", "here"]).refused(2, &["--dir"]);
}
