//! Another site's page asks for an answer (attack A31): suffixes, ports, schemes, other spellings.

use super::super::*;
use super::soft::{ISSUER, Soft, challenge, newcomer, site};
use super::vectors::IN_2023 as NOW;

/// What people tried.
const TRIED: &[&str] = &[
    "",
    "null",
    "id.example",
    "//id.example",
    "https://",
    "https:///",
    "https:id.example",
    "http://id.example",
    "HTTPS://id.example",
    "https://ID.example",
    "https://id.example/",
    "https://id.example:443",
    "https://id.example:8443",
    "https://id.example.",
    "https://id.example..",
    "https://.id.example",
    "https://badid.example",
    "https://bad-id.example",
    "https://xid.example",
    "https://id.example.evil.example",
    "https://id.examples",
    "https://id.example.com",
    "https://example",
    "https://www.id.example",
    "https://a.id.example",
    "https://a.b.id.example",
    "https://id.example@evil.example",
    "https://evil.example@id.example",
    "https://:@id.example",
    "https://user:pw@id.example",
    "https://id.example#",
    "https://id.example?",
    "https://id.example/#a",
    "https://id.example/?a",
    "https://id.example/login",
    "https://id.example\\",
    "https://id.example%2f",
    "https://id%2eexample",
    "https://id.example%00",
    "https://id.example\u{0}",
    "https://id\u{3002}example",
    "https://id\u{ff0e}example",
    "https://\u{456}d.example",
    "https://xn--d-ztb.example",
    "https://id.exampl\u{435}",
    "https://\u{200b}id.example",
    "https://id.example\u{200b}",
    "\u{feff}https://id.example",
    " https://id.example",
    "https://id.example ",
    "https://id.example\n",
    "\thttps://id.example",
    "wss://id.example",
    "ftp://id.example",
    "file://id.example",
    "android:apk-key-hash:id.example",
    "ios:bundle-id:id.example",
    "chrome-extension://id.example",
    "data:text/html,https://id.example",
    "javascript:https://id.example",
    "blob:https://id.example/1",
    "about:blank",
    "https://id.example,https://id.example",
    "https://[::1]",
    "https://127.0.0.1",
    "https://localhost",
    "https://id.example:0443",
    "https://id.example:+443",
];

/// Those, and neighbours of the right one.
fn mutations() -> Vec<String> {
    let mut all: Vec<String> = TRIED.iter().map(|&origin| origin.to_owned()).collect();
    for port in 1..=80 {
        all.push(format!("{ISSUER}:{}", port * 111));
    }
    let letters: Vec<char> = ISSUER.chars().collect();
    for at in 0..=letters.len() {
        let joined = |middle: &str, skip: usize| -> String {
            let before: String = letters[..at].iter().collect();
            let after: String = letters[(at + skip).min(letters.len())..].iter().collect();
            format!("{before}{middle}{after}")
        };
        for inserted in ["a", ".", "-", "/", ":", "@", "%", "\u{301}"] {
            all.push(joined(inserted, 0));
        }
        if at < letters.len() {
            all.push(joined("", 1));
            all.push(joined("x", 1));
            all.push(joined(&letters[at].to_uppercase().to_string(), 1));
        }
    }
    all.retain(|origin| origin != ISSUER);
    all.sort();
    all.dedup();
    all
}

#[test]
fn three_hundred_other_origins_get_nothing() {
    let site = site(Models::none());
    let mut soft = Soft::new();
    let key = soft.at(&site);
    let all = mutations();
    assert!(all.len() >= 300, "only {}", all.len());
    for origin in all {
        soft.origin.clone_from(&origin);
        let (_, state) = site.start_registration(&newcomer(), challenge(2));
        let made = site.finish_registration(&state, &soft.register(&challenge(2), None), NOW);
        assert_eq!(made.unwrap_err().code(), "other_origin", "{origin:?}");
        let (_, state) = site.start_authentication(&[(&key).into()], challenge(2));
        let used = site.finish_authentication(&state, &soft.authenticate(&challenge(2)), &key);
        assert_eq!(used.unwrap_err().code(), "other_origin", "{origin:?}");
    }
}

#[test]
fn a_credential_of_another_relying_party_gets_nothing() {
    let site = site(Models::none());
    let mut soft = Soft::new();
    let key = soft.at(&site);
    for rp_id in [
        "example",
        "evil.example",
        "a.id.example",
        "ID.example",
        "id.example.",
        "",
    ] {
        rp_id.clone_into(&mut soft.rp_id);
        let (_, state) = site.start_authentication(&[(&key).into()], challenge(2));
        let used = site.finish_authentication(&state, &soft.authenticate(&challenge(2)), &key);
        assert_eq!(used.unwrap_err().code(), "other_site", "{rp_id}");
        let (_, state) = site.start_registration(&newcomer(), challenge(2));
        let made = site.finish_registration(&state, &soft.register(&challenge(2), None), NOW);
        assert_eq!(made.unwrap_err().code(), "other_site", "{rp_id}");
    }
}
