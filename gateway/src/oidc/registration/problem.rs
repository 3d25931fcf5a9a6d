//! What can be wrong with a registration, each in words for whoever wrote it.

use policies::role::JobRolesError;
use thiserror::Error;

/// What is wrong with a registration, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegistrationProblem {
    /// Not 1 to 128 visible characters.
    #[error("client_id: use 1 to 128 visible ASCII characters without spaces")]
    ClientId,
    /// Twelve digits are a person (RFC 9700 4.15).
    #[error("client_id: twelve digits are a person's number")]
    ClientIdLooksLikeAPerson,
    /// No name, or one with control characters, or an endless one.
    #[error("name: say in 1 to 100 characters what people will recognise")]
    Name,
    /// Not one of the three.
    #[error("auth_method: client_secret_basic, client_secret_post or none")]
    AuthMethod,
    /// Nowhere to send a code.
    #[error("redirect_uris: at least one is needed")]
    NoRedirectUri,
    /// Not an address a browser may be sent to.
    #[error(
        "{field}: {uri} must be https (http only for loopback), without user name or fragment, \
             and written as a browser writes it"
    )]
    Uri {
        /// The list it stands in.
        field: &'static str,
        /// The offending entry.
        uri: String,
    },
    /// Not an origin.
    #[error("origins: {0} must be scheme://host or scheme://host:port, as a browser sends it")]
    Origin(String),
    /// Not an algorithm of ours.
    #[error("id_token_alg: RS256 or ES256")]
    IdTokenAlg,
    /// Not a scope of ours.
    #[error("scopes: {0} is not a scope of this service")]
    Scope(String),
    /// `openid` left out.
    #[error("scopes: openid is needed")]
    ScopeWithoutOpenid,
    /// `self` or `desk` for a client that is not ours.
    #[error("scopes: self and desk are for first-party clients")]
    ScopeFirstPartyOnly,
    /// Not a value that `acr_values` can have.
    #[error("acr_values: {0} is not a value of this service")]
    AcrValue(String),
    /// Nothing that anybody could prove.
    #[error("acr_values: name one at least that can be met, or leave it out for all")]
    AcrOfNobody,
    /// Not a part of the national catalogue.
    #[error("{0}: {1}")]
    Role(String, JobRolesError),
    /// An empty list, which could be taken for none or for all.
    #[error("roles: name one at least, or leave it out for all")]
    NoRole,
    /// Roles for a client whose scope shows people their own sessions and activity.
    #[error("roles: the scope self shows everything of its owner, so it cannot go with a list")]
    RolesWithSelf,
    /// PKCE switched off for a client without a secret.
    #[error("require_pkce: a public client has no other proof, so it cannot be false")]
    PublicWithoutPkce,
}
