//! Provider metadata: OpenID Connect Discovery 1.0 and, at its own address, RFC 8414.
//!
//! One document under both addresses. It says what is built and nothing else; its URLs come from
//! the configured issuer, never from a request.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;

use crate::claims::scope::Scope;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::client::AuthenticationMethod;
use crate::oidc::cors;
use crate::oidc::keys::Document;
use crate::tokens::Algorithm;

/// Levels and ways of signing in that `acr_values` can name and this build can reach.
const ACR_VALUES: [&str; 7] = [
    "AAL3_ANY",
    "AAL2_OR_AAL3_ANY",
    "AAL2_ANY",
    "AAL3_N3_SMARTCARD",
    "AAL3_SMARTCARD",
    "AAL3_FIDO2",
    "AAL2_TOTP",
];

/// The claims that the ID token or userinfo can carry.
const CLAIMS: [&str; 38] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "sid",
    "acr",
    "amr",
    "at_hash",
    "id_assurance_level",
    "idassurancelevel",
    "authentication_assurance_level",
    "selected_roleid",
    "matron_session_role",
    "uid",
    "name",
    "given_name",
    "family_name",
    "email",
    "nhsid_useruid",
    "title",
    "initials",
    "middle_names",
    "display_name",
    "nhsid_nrbac_roles",
    "nhsid_user_orgs",
    "nhsid_org_memberships",
    "gmc_id",
    "nmc_id",
    "gphc_id",
    "gdc_id",
    "gmp_id",
    "gdp_id",
    "rcn_id",
    "consultant_id",
];

#[derive(Serialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    scopes_supported: Vec<Scope>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 4],
    acr_values_supported: [&'static str; 7],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    ui_locales_supported: [&'static str; 1],
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    authorization_response_iss_parameter_supported: bool,
}

/// Renders the metadata of this issuer.
pub fn render(issuer: &str) -> Document {
    Document::render(&Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: format!("{issuer}/oauth2/authorize"),
        token_endpoint: format!("{issuer}/oauth2/token"),
        userinfo_endpoint: format!("{issuer}/oauth2/userinfo"),
        jwks_uri: format!("{issuer}/oauth2/jwks"),
        end_session_endpoint: format!("{issuer}/oauth2/end_session"),
        scopes_supported: Scope::for_everyone(),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: Algorithm::ALL.map(Algorithm::as_str),
        token_endpoint_auth_methods_supported: [
            AuthenticationMethod::ClientSecretBasic.as_str(),
            AuthenticationMethod::ClientSecretPost.as_str(),
            AuthenticationMethod::None.as_str(),
        ],
        code_challenge_methods_supported: ["S256"],
        prompt_values_supported: ["none", "login", "consent", "select_account"],
        acr_values_supported: ACR_VALUES,
        claim_types_supported: ["normal"],
        claims_supported: CLAIMS.to_vec(),
        ui_locales_supported: ["en"],
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        authorization_response_iss_parameter_supported: true,
    })
}

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`.
///
/// # Errors
/// What the store says about the caller's origin.
pub async fn get(State(house): State<Shared>, headers: HeaderMap) -> Result<Response, Failure> {
    let answer = house.token_keys.discovery().answer(&headers);
    cors::shared_with(&house, &headers, answer).await
}
