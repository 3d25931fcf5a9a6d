//! What may be registered, and what is told to whoever writes the file.

use policies::role::JobRolesError;
use ring::rand::SystemRandom;

use super::{Checked, Registration, RegistrationProblem};
use crate::claims::scope::Scope;
use crate::oidc::client::Settings;
use crate::tokens::Algorithm;

fn written(toml: &str) -> Registration {
    toml::from_str(toml).unwrap()
}

fn checked(toml: &str) -> Result<Checked, Vec<RegistrationProblem>> {
    written(toml).check(&SystemRandom::new())
}

#[test]
fn what_is_left_out_takes_the_stricter_value() {
    let client = checked("name = 'Ward 7'\nredirect_uris = ['https://app.example/cb']")
        .unwrap()
        .client;
    assert_eq!(client.id.as_str().len(), 22);
    assert_eq!(client.id_token_alg, Algorithm::Es256);
    assert!(client.settings.require_pkce && client.settings.limit_roles);
    assert!(!client.scopes.contains(&Scope::Desk));
}

#[test]
fn a_client_of_the_national_service_takes_its_values() {
    let toml =
        "name = 'A'\nredirect_uris = ['http://127.0.0.1:9999/callback']\ncis2_compatible = true";
    let client = checked(toml).unwrap().client;
    assert_eq!(client.id_token_alg, Algorithm::Rs256);
    assert!(!client.settings.require_pkce && !client.settings.limit_roles);
}

#[test]
fn every_problem_is_told_at_once() {
    let toml = "client_id = '910000000001'\nname = ''\nauth_method = 'tls'\nid_token_alg = 'none'\n\
                scopes = ['profile', 'desk', 'address']\norigins = ['https://app.example/']";
    let problems = checked(toml).unwrap_err();
    assert_eq!(
        problems,
        [
            RegistrationProblem::ClientIdLooksLikeAPerson,
            RegistrationProblem::Name,
            RegistrationProblem::AuthMethod,
            RegistrationProblem::NoRedirectUri,
            RegistrationProblem::Origin("https://app.example/".to_owned()),
            RegistrationProblem::IdTokenAlg,
            RegistrationProblem::ScopeFirstPartyOnly,
            RegistrationProblem::Scope("address".to_owned()),
            RegistrationProblem::ScopeWithoutOpenid,
        ]
    );
}

#[test]
fn addresses_are_safe_and_written_as_browsers_write_them() {
    let good = [
        "https://app.example/cb",
        "https://app.example/",
        "http://127.0.0.1:8445/callback",
        "http://localhost:1/cb?x=1",
        "http://[::1]:9/cb",
    ];
    for uri in good {
        let toml = format!("name = 'A'\nredirect_uris = ['{uri}']");
        assert!(checked(&toml).is_ok(), "{uri}");
    }
    let bad = [
        "https://app.example",
        "http://app.example/cb",
        "https://App.example/cb",
        "https://app.example/a/../cb",
        "https://app.example/cb#x",
        "https://user@app.example/cb",
        "https://app.example:443/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/cb",
        "/cb",
        "*",
        "https://*.app.example/cb ",
        "https://app.example/c b",
        "https://аpp.example/cb",
        "http://127.0.0.1.evil.test/cb",
    ];
    for uri in bad {
        let toml = format!("name = 'A'\nredirect_uris = ['{uri}']");
        assert!(checked(&toml).is_err(), "{uri}");
    }
}

#[test]
fn the_lists_that_a_client_is_held_to_are_checked() {
    let with = |lists: &str| {
        checked(&format!(
            "name = 'A'\nredirect_uris = ['https://a.example/']\n{lists}"
        ))
    };
    let free = with("").unwrap().client.settings;
    assert!(free.acr_values.is_empty() && free.roles.is_everything());
    let written = serde_json::to_string(&free).unwrap();
    assert!(
        !written.contains("acr_values") && !written.contains("roles\":["),
        "an older program reads it: {written}"
    );
    let held = with("acr_values = ['AAL3_ANY', 'AAL2_TOTP']\nroles = ['S8000:G8000', 'S8001']");
    let held = held.unwrap().client.settings;
    assert_eq!(held.acr_values.to_string(), "AAL3_ANY AAL2_TOTP");
    let parts: Vec<_> = held.roles.parts().map(ToString::to_string).collect();
    assert_eq!(parts, ["S8000:G8000", "S8001"]);
    let kept = serde_json::to_string(&held).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&kept).unwrap(), held);
    for (lists, problem) in [
        (
            "acr_values = ['AAL3_ANY', 'GOLD']",
            RegistrationProblem::AcrValue("GOLD".to_owned()),
        ),
        (
            "acr_values = ['AAL1_USERPASS', 'AAL3_IOS']",
            RegistrationProblem::AcrOfNobody,
        ),
        (
            "first_party = true\nroles = ['S8000']",
            RegistrationProblem::RolesWithSelf,
        ),
        ("acr_values = []", RegistrationProblem::AcrOfNobody),
        ("roles = []", RegistrationProblem::NoRole),
        (
            "roles = ['S8000', 'nurses']",
            RegistrationProblem::Role("nurses".to_owned(), JobRolesError),
        ),
    ] {
        assert_eq!(with(lists).unwrap_err(), [problem], "{lists}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    assert!(toml::from_str::<Registration>("name = 'A'\nredirect_uri = 'x'").is_err());
}

#[test]
fn a_public_client_always_uses_pkce() {
    let toml = "name = 'A'\nauth_method = 'none'\nrequire_pkce = false\nredirect_uris = ['https://a.example/']";
    assert_eq!(
        checked(toml).unwrap_err(),
        [RegistrationProblem::PublicWithoutPkce]
    );
}
