//! A registered relying party.
//!
//! Everything a client may do is decided here, at registration, and compared byte for byte at each
//! request (RFC 9700 2.1): no patterns, no wildcards, nothing derived from a request.

use policies::ids::ClientId;
use policies::role::RoleList;
use policies::signin::Demand;
use serde::{Deserialize, Serialize};

use crate::claims::scope::Scope;
use crate::oidc::secret::SecretHash;
use crate::tokens::Algorithm;

/// How a client proves itself at the token endpoint (RFC 6749 2.3.1, OpenID Connect Core 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationMethod {
    /// Secret in the Authorization header.
    ClientSecretBasic,
    /// Secret in the form.
    ClientSecretPost,
    /// A public client; PKCE is its only proof.
    None,
}

impl AuthenticationMethod {
    /// The registered name, as in `token_endpoint_auth_method`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
        }
    }

    /// Reads the registered name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None]
            .into_iter()
            .find(|method| method.as_str() == text)
    }

    /// Whether the client has no secret.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::None)
    }
}

/// A registered client. Made by [`super::registration`] and read back by `store::clients`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The identifier it sends.
    pub id: ClientId,
    /// The name people see.
    pub name: String,
    /// How it proves itself.
    pub method: AuthenticationMethod,
    /// The hash of its secret; `None` exactly for public clients.
    pub secret: Option<SecretHash>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after sign-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Origins whose scripts may read discovery, JWKS, token and userinfo.
    pub origins: Vec<String>,
    /// The signing algorithm of its ID tokens.
    pub id_token_alg: Algorithm,
    /// The scopes it may ask for.
    pub scopes: Vec<Scope>,
    /// Its switches.
    pub settings: Settings,
}

/// The switches of a client, and the lists that it may be held to. Each default of a switch is the
/// stricter one; a list that is left out holds everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A code challenge must be sent. Public clients must always.
    pub require_pkce: bool,
    /// A nonce must be sent.
    pub require_nonce: bool,
    /// Ours: may have the scopes `self` and `desk`.
    pub first_party: bool,
    /// Made for the national service as it is: RS256, neither PKCE nor nonce demanded, full lists.
    pub cis2_compatible: bool,
    /// Role lists hold the chosen role only (contract 4).
    pub limit_roles: bool,
    /// What it may ask for in `acr_values`, and gets where it asks for nothing (law S11). Written
    /// only where there is something, so that older programs read what they always read.
    #[serde(skip_serializing_if = "Demand::is_empty")]
    pub acr_values: Demand,
    /// The roles that it is told of (law P9).
    #[serde(skip_serializing_if = "RoleList::is_everything")]
    pub roles: RoleList,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            require_pkce: true,
            require_nonce: false,
            first_party: false,
            cis2_compatible: false,
            limit_roles: true,
            acr_values: Demand::default(),
            roles: RoleList::default(),
        }
    }
}

impl Client {
    /// Whether a code challenge is demanded: by setting, and of every public client (RFC 9700 2.1.1).
    pub const fn must_use_pkce(&self) -> bool {
        self.settings.require_pkce || self.method.is_public()
    }

    /// The registered redirect URI equal to `presented`, byte for byte (RFC 9700 2.1).
    pub fn redirect_uri(&self, presented: &str) -> Option<&str> {
        self.redirect_uris
            .iter()
            .map(String::as_str)
            .find(|registered| *registered == presented)
    }

    /// The registered sign-out address equal to `presented`, byte for byte.
    pub fn post_logout_redirect_uri(&self, presented: &str) -> Option<&str> {
        self.post_logout_redirect_uris
            .iter()
            .map(String::as_str)
            .find(|registered| *registered == presented)
    }
}
