//! Each check asked for its exact refusal, and the order in which they stand.

use policies::signin::{Demand, Method};
use proptest::prelude::*;

use super::{ReturnAddress, redirect_uri, remaining};
use crate::claims::scope::Scope;
use crate::oidc::authorize::request::{AuthorizationRequest, Prompt};
use crate::oidc::client::{AuthenticationMethod, Client, Settings};
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;
use crate::tokens::Algorithm;
use crate::tokens::trial::keys;

const CALLBACK: &str = "https://app.example/callback?from=matron";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const GOOD: &str = "response_type=code&client_id=ward7&scope=openid+profile+selectedrole&state=xyz\
                    &nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                    &code_challenge_method=S256";

/// Every other way to write [`CALLBACK`], or a place that looks like it.
const SPELLINGS: [&str; 50] = [
    "",
    "https://app.example",
    "https://app.example/",
    "https://app.example/callback",
    "https://app.example/callback?",
    "https://app.example/callback?from=matron&",
    "https://app.example/callback?from=matron#",
    "https://app.example/callback?from=matron#x",
    "https://app.example/callback?from=matron&x=1",
    "https://app.example/callback?x=1&from=matron",
    "https://app.example/callback?from=matron%20",
    "https://app.example/callback?from=matron%00",
    "https://app.example/callback/?from=matron",
    "https://app.example//callback?from=matron",
    "https://app.example/./callback?from=matron",
    "https://app.example/x/../callback?from=matron",
    "https://app.example/x/..%2fcallback?from=matron",
    "https://app.example/x/%252e%252e/callback?from=matron",
    "https://app.example/..;/callback?from=matron",
    "https://app.example/callback;x?from=matron",
    "https://app.example/callback/../callback?from=matron",
    "https://app.example/Callback?from=matron",
    "https://APP.example/callback?from=matron",
    "HTTPS://app.example/callback?from=matron",
    "http://app.example/callback?from=matron",
    "https://app.example:443/callback?from=matron",
    "https://app.example:8443/callback?from=matron",
    "https://app.example./callback?from=matron",
    "https://app.example.evil.test/callback?from=matron",
    "https://evil.test/https://app.example/callback?from=matron",
    "https://app.example@evil.test/callback?from=matron",
    "https://user@app.example/callback?from=matron",
    "https://user:pw@app.example/callback?from=matron",
    "https://app.example\\@evil.test/callback?from=matron",
    "https:\\\\app.example\\callback?from=matron",
    "https:/app.example/callback?from=matron",
    "//app.example/callback?from=matron",
    "/callback?from=matron",
    "javascript:alert(1)//https://app.example/callback",
    "https://app.example/call%62ack?from=matron",
    "https://app.example/callback?from=m%61tron",
    "https://appXexample/callback?from=matron",
    " https://app.example/callback?from=matron",
    "https://app.example/callback?from=matron ",
    "https://app.example/callback?from=matron\t",
    "https://app.example/callback?from=matron\r\nSet-Cookie: a=b",
    "https://аpp.example/callback?from=matron",
    "https://xn--pp-7kc.example/callback?from=matron",
    "https://[::1]/callback?from=matron",
    "https://app.example/callback%3Ffrom=matron",
];

fn client() -> Client {
    Client {
        id: "ward7".parse().unwrap(),
        name: "Ward 7".to_owned(),
        method: AuthenticationMethod::ClientSecretBasic,
        secret: None,
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        id_token_alg: Algorithm::Es256,
        scopes: Scope::for_everyone(),
        settings: Settings::default(),
    }
}

fn ask_as(client: &Client, query: &str) -> Result<AuthorizationRequest, OAuthError> {
    let parameters = Parameters::parse(query.as_bytes()).unwrap();
    let state = parameters.clean("state").map(str::to_owned);
    remaining(
        &parameters,
        client,
        &ReturnAddress::proven(CALLBACK.to_owned(), state),
        (keys(), false),
    )
}

fn ask(query: &str) -> Result<AuthorizationRequest, OAuthError> {
    ask_as(&client(), query)
}

fn good_with(more: &str) -> Result<AuthorizationRequest, OAuthError> {
    ask(&format!("{GOOD}&{more}"))
}

fn good_without(name: &str) -> String {
    let named = format!("{name}=");
    GOOD.split('&')
        .filter(|pair| !pair.starts_with(&named))
        .collect::<Vec<_>>()
        .join("&")
}

#[test]
fn a_good_request_passes_whole() {
    let request =
        good_with("prompt=login+consent&max_age=300&login_hint=amara&ui_locales=cy&display=page")
            .unwrap();
    assert_eq!(
        request.scope,
        [Scope::OpenId, Scope::Profile, Scope::SelectedRole]
    );
    assert_eq!(request.state.as_deref(), Some("xyz"));
    assert_eq!(request.challenge.as_deref(), Some(CHALLENGE));
    assert_eq!(request.prompt, [Prompt::Login, Prompt::Consent]);
    assert_eq!(request.max_age, Some(300));
    assert!(request.wants_role() && !request.wants_new_role());
    let kept = serde_json::to_string(&request).unwrap();
    assert_eq!(
        serde_json::from_str::<AuthorizationRequest>(&kept).unwrap(),
        request
    );
}

#[test]
fn forty_other_spellings_of_the_redirect_uri_are_refused() {
    let presented = |uri: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("redirect_uri", uri);
        redirect_uri::registered(
            &Parameters::parse(query.finish().as_bytes()).unwrap(),
            &client(),
        )
    };
    assert_eq!(presented(CALLBACK).as_deref(), Ok(CALLBACK));
    for spelling in SPELLINGS {
        let refused = presented(spelling).unwrap_err();
        let expected = if spelling.is_empty() {
            OAuthError::RedirectUriMissing
        } else {
            OAuthError::RedirectUriUnknown
        };
        assert_eq!(refused, expected, "{spelling:?}");
    }
}

#[test]
fn every_parameter_twice_is_refused_first() {
    for pair in GOOD.split('&') {
        assert_eq!(
            good_with(pair),
            Err(OAuthError::RepeatedParameter),
            "{pair}"
        );
    }
    assert_eq!(
        good_with("unheard=1&unheard=1&request=x"),
        Err(OAuthError::RepeatedParameter)
    );
}

#[test]
fn refusals_are_exact() {
    for (more, error) in [
        ("login_hint=a%00b", OAuthError::ControlCharacter),
        ("unheard=%0d%0aSet-Cookie:x", OAuthError::ControlCharacter),
        ("request=eyJ", OAuthError::RequestObject),
        ("request=", OAuthError::RequestObject),
        ("request_uri=https://evil.example/r", OAuthError::RequestUri),
        ("registration=%7B%7D", OAuthError::RegistrationParameter),
        (
            "response_mode=form_post",
            OAuthError::ResponseModeUnsupported,
        ),
        (
            "response_mode=fragment",
            OAuthError::ResponseModeUnsupported,
        ),
        ("prompt=none+login", OAuthError::PromptMalformed),
        ("prompt=create", OAuthError::PromptMalformed),
        ("max_age=-1", OAuthError::MaxAgeMalformed),
        ("max_age=1.5", OAuthError::MaxAgeMalformed),
        ("id_token_hint=eyJ.x.y", OAuthError::HintMalformed),
    ] {
        assert_eq!(good_with(more), Err(error), "{more}");
    }
}

#[test]
fn what_is_useless_or_unheard_of_is_ignored() {
    for more in [
        "unheard=1",
        "display=popup",
        "ui_locales=cy+en",
        "claims_locales=fr",
        "claims=%7B%7D",
        "acr_values=urn:unheard:of",
        "response_mode=query",
        "prompt=",
        "max_age=99999999999999999999",
    ] {
        assert!(good_with(more).is_ok(), "{more}");
    }
}

#[test]
fn only_code_is_a_response_type() {
    let rest = good_without("response_type");
    assert_eq!(ask(&rest), Err(OAuthError::ResponseTypeMissing));
    for other in [
        "token",
        "id_token",
        "code+token",
        "code+id_token",
        "CODE",
        "none",
    ] {
        let error = ask(&format!("{rest}&response_type={other}"));
        assert_eq!(error, Err(OAuthError::ResponseTypeUnsupported), "{other}");
    }
}

#[test]
fn scopes_are_those_of_the_client() {
    let rest = good_without("scope");
    for (scope, error) in [
        ("", OAuthError::ScopeWithoutOpenid),
        ("profile", OAuthError::ScopeWithoutOpenid),
        ("oidc", OAuthError::ScopeOidc),
        ("openid+self", OAuthError::ScopeFirstPartyOnly),
        ("openid+desk", OAuthError::ScopeFirstPartyOnly),
    ] {
        assert_eq!(ask(&format!("{rest}&scope={scope}")), Err(error), "{scope}");
    }
    let narrow = Client {
        scopes: vec![Scope::OpenId, Scope::Profile],
        ..client()
    };
    assert_eq!(ask_as(&narrow, GOOD), Err(OAuthError::ScopeNotAllowed));
    let settings = Settings {
        first_party: true,
        ..Settings::default()
    };
    let console = Client {
        scopes: Scope::ALL.to_vec(),
        settings,
        ..client()
    };
    assert!(ask_as(&console, &format!("{rest}&scope=openid+self+desk+address")).is_ok());
}

#[test]
fn a_challenge_is_s256_or_refused() {
    let rest: String = good_without("code_challenge").replace("&code_challenge_method=S256", "");
    let with = |more: &str| ask(&format!("{rest}&{more}"));
    assert_eq!(ask(&rest), Err(OAuthError::PkceMissing));
    assert_eq!(
        with("code_challenge_method=S256"),
        Err(OAuthError::PkceMissing)
    );
    assert_eq!(
        with(&format!("code_challenge={CHALLENGE}")),
        Err(OAuthError::PkceMethod)
    );
    let plain = format!("code_challenge={CHALLENGE}&code_challenge_method=plain");
    assert_eq!(with(&plain), Err(OAuthError::PkceMethod));
    assert_eq!(
        with("code_challenge=short&code_challenge_method=S256"),
        Err(OAuthError::PkceMalformed)
    );
    let lenient = Settings {
        require_pkce: false,
        ..Settings::default()
    };
    let confidential = Client {
        settings: lenient.clone(),
        ..client()
    };
    assert_eq!(ask_as(&confidential, &rest).unwrap().challenge, None);
    let public = Client {
        method: AuthenticationMethod::None,
        settings: lenient,
        ..client()
    };
    assert_eq!(ask_as(&public, &rest), Err(OAuthError::PkceMissing));
}

#[test]
fn a_nonce_is_demanded_by_setting_only() {
    let rest = good_without("nonce");
    assert_eq!(ask(&rest).unwrap().nonce, None);
    let strict = Settings {
        require_nonce: true,
        ..Settings::default()
    };
    assert_eq!(
        ask_as(
            &Client {
                settings: strict,
                ..client()
            },
            &rest
        ),
        Err(OAuthError::NonceMissing)
    );
    let long = format!("{rest}&nonce={}", "n".repeat(513));
    assert_eq!(ask(&long), Err(OAuthError::NonceMalformed));
}

#[test]
fn a_demand_nobody_can_meet_is_refused_before_the_sign_in() {
    assert!(good_with("acr_values=AAL3_ANY").is_ok());
    assert!(good_with("acr_values=AAL2_ANY").is_ok());
    assert!(good_with("acr_values=AAL3_FIDO2").is_ok());
    assert!(good_with("acr_values=AAL2_TOTP").is_ok());
    for nobody in ["AAL3_IOS", "AAL1_USERPASS"] {
        let asked = good_with(&format!("acr_values={nobody}"));
        assert_eq!(asked, Err(OAuthError::UnmetAuthenticationRequirements));
    }
}

#[test]
fn s11_a_client_asks_for_its_own_levels_and_gets_no_less() {
    let held = Settings {
        acr_values: Demand::from_acr_values("AAL3_ANY AAL3_FIDO2"),
        ..Settings::default()
    };
    let client = Client {
        settings: held,
        ..client()
    };
    let ask = |values: &str| ask_as(&client, &format!("{GOOD}&acr_values={values}"));
    for (asked, gets) in [
        ("AAL3_FIDO2", "AAL3_FIDO2"),
        ("GOLD+AAL3_ANY", "AAL3_ANY"),
        ("", "AAL3_ANY AAL3_FIDO2"),
        ("GOLD", "AAL3_ANY AAL3_FIDO2"),
    ] {
        assert_eq!(ask(asked).unwrap().acr_values, gets, "{asked}");
    }
    let silent = ask_as(&client, GOOD).unwrap();
    assert!(!silent.demand().can_be_met_by(Method::Totp));
    for other in [
        "AAL2_ANY",
        "AAL3_ANY+AAL2_ANY",
        "AAL3_SMARTCARD",
        "AAL1_USERPASS",
    ] {
        assert_eq!(ask(other), Err(OAuthError::AcrNotAllowed), "{other}");
    }
    assert_eq!(
        OAuthError::AcrNotAllowed.code(),
        "unmet_authentication_requirements"
    );
}

proptest! {
    #[test]
    fn no_other_uri_than_the_registered_one_passes(uri in "\\PC{0,60}") {
        prop_assume!(uri != CALLBACK);
        let client = client();
        prop_assert_eq!(client.redirect_uri(&uri), None);
    }

    #[test]
    fn any_query_is_granted_or_refused(query in "[a-z_=&%+0-9]{0,200}") {
        if let Ok(parameters) = Parameters::parse(query.as_bytes()) {
            let address = ReturnAddress::proven(CALLBACK.to_owned(), None);
            let _ = remaining(&parameters, &client(), &address, (keys(), false));
        }
    }
}
