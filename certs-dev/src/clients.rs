//! The demo clients as data (contract 3): four applications, each with its own way of being one.
//!
//! The register of clients is the gateway's; `gateway/src/dev` turns these rows into its registrations.

/// An application that `matron dev` knows from the start.
pub struct DemoClient {
    /// The pinned alias, key in `dev.json`.
    pub alias: &'static str,
    /// What it is, for whoever reads `dev.json`.
    pub note: &'static str,
    /// The client id.
    pub client_id: &'static str,
    /// Name shown on pages.
    pub name: &'static str,
    /// How it proves itself at the token endpoint.
    pub proof: Proof,
    /// How its ID tokens are signed.
    pub id_token: IdTokenSignature,
    /// Who it follows: Matron's own rules, or what applications of the existing national service expect.
    pub manner: Manner,
    /// Scopes it may ask for.
    pub scopes: &'static [&'static str],
    /// Origins that may call discovery, keys, token and userinfo from a page.
    pub origins: &'static [&'static str],
}

/// How a client proves itself (OpenID Connect Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// `client_secret_basic`.
    SecretBasic,
    /// `client_secret_post`.
    SecretPost,
    /// `none`: a public client, PKCE alone.
    Public,
}

/// Signature algorithm of ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenSignature {
    /// ECDSA P-256, the house's default.
    Es256,
    /// RSA 2048, for clients that pin it.
    Rs256,
}

/// Whose habits a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// PKCE demanded, role lists limited to the chosen role.
    Matron,
    /// PKCE and nonce not demanded, full role lists, both spellings of the identity level (domain 2.2 to 2.4).
    Cis2,
    /// Matron's manner, and first-party: the only one that may have `self` and `desk`.
    FirstParty,
}

const CLINICAL: &[&str] = &[
    "openid",
    "profile",
    "email",
    "nhsperson",
    "nationalrbacaccess",
    "associatedorgs",
    "professionalmemberships",
    "organisationalmemberships",
    "selectedrole",
    "changedrole",
];

const FIRST_PARTY: &[&str] = &[
    "openid",
    "profile",
    "email",
    "nhsperson",
    "nationalrbacaccess",
    "associatedorgs",
    "professionalmemberships",
    "organisationalmemberships",
    "selectedrole",
    "changedrole",
    "self",
    "desk",
];

/// Every demo client.
pub const CLIENTS: &[DemoClient] = &[
    DemoClient {
        alias: "ward7",
        note: "The demo clinical app Ward 7: confidential, client_secret_basic, PKCE",
        client_id: "ward7.demo",
        name: "Ward 7 (DEMO)",
        proof: Proof::SecretBasic,
        id_token: IdTokenSignature::Es256,
        manner: Manner::Matron,
        scopes: CLINICAL,
        origins: &[],
    },
    DemoClient {
        alias: "cis2app",
        note: "An application written for CIS2: RS256 ID tokens, client_secret_post, PKCE and nonce not required",
        client_id: "969500000001.apps.demo",
        name: "CIS2 application (DEMO)",
        proof: Proof::SecretPost,
        id_token: IdTokenSignature::Rs256,
        manner: Manner::Cis2,
        scopes: CLINICAL,
        origins: &[],
    },
    DemoClient {
        alias: "spa",
        note: "An application inside the browser: public, PKCE, CORS for http://127.0.0.1:9999",
        client_id: "spa.demo",
        name: "Browser application (DEMO)",
        proof: Proof::Public,
        id_token: IdTokenSignature::Es256,
        manner: Manner::Matron,
        scopes: CLINICAL,
        origins: &["http://127.0.0.1:9999"],
    },
    DemoClient {
        alias: "console",
        note: "First-party: the only client that may have the scopes self and desk; client_secret_basic, PKCE",
        client_id: "console.demo",
        name: "Matron console (DEMO)",
        proof: Proof::SecretBasic,
        id_token: IdTokenSignature::Es256,
        manner: Manner::FirstParty,
        scopes: FIRST_PARTY,
        origins: &[],
    },
];

/// Where a developer's own program listens, next to Ward 7.
const OWN_PROGRAM: &str = "http://127.0.0.1:9999";

/// The redirect addresses of every demo client (contract 3), `app_url` being Ward 7's own.
pub fn redirect_uris(app_url: &str) -> Vec<String> {
    vec![
        format!("{app_url}/callback"),
        format!("{OWN_PROGRAM}/callback"),
    ]
}

/// Where a browser may be sent after sign-out.
pub fn post_logout_redirect_uris(app_url: &str) -> Vec<String> {
    vec![
        format!("{app_url}/signed-out"),
        format!("{app_url}/"),
        format!("{OWN_PROGRAM}/"),
        format!("{OWN_PROGRAM}/signed-out"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_console_may_ask_for_self_and_desk() {
        for client in CLIENTS {
            let first_party = client.scopes.contains(&"self") || client.scopes.contains(&"desk");
            assert_eq!(first_party, client.alias == "console", "{}", client.alias);
            assert_eq!(
                client.manner == Manner::FirstParty,
                client.alias == "console"
            );
        }
    }
}
