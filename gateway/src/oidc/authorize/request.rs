//! An authorization request that has passed every check.
//!
//! Holding one means: the client is registered, the redirect URI is its own, the scope is allowed
//! and the demand can be met. Only the checks make one; a sign-in transaction stores it as JSON
//! and reads back what was stored.

use policies::ids::{ClientId, IdError, UserId};
use policies::role::RoleList;
use policies::signin::Demand;
use serde::{Deserialize, Serialize};

use crate::claims::scope::Scope;
use crate::signin::own::OwnPage;

/// What the client may ask of the sign-in (OpenID Connect Core 3.1.2.1, `prompt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// No page at all; what would need one is an error.
    None,
    /// Sign in afresh, whatever session there is.
    Login,
    /// Accepted; registered clients need no consent page.
    Consent,
    /// Ask which person is to continue.
    SelectAccount,
}

/// A proven authorization request. Made by [`super::checks`] only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The registered client.
    pub client: ClientId,
    /// The client's name as people may read it.
    pub client_name: String,
    /// One of the client's redirect URIs, byte for byte.
    pub redirect_uri: String,
    /// The scopes asked for that are known and allowed, in the order asked.
    pub scope: Vec<Scope>,
    /// Returned unchanged to the client.
    pub state: Option<String>,
    /// Returned unchanged in the ID token.
    pub nonce: Option<String>,
    /// The S256 challenge of RFC 7636, 43 characters.
    pub challenge: Option<String>,
    /// What may or must be asked of the person.
    pub prompt: Vec<Prompt>,
    /// Greatest age of the authentication in seconds.
    pub max_age: Option<i64>,
    /// The known `acr_values` that were sent, or what the client may ask for; [`Self::demand`] reads
    /// them.
    pub acr_values: String,
    /// Who the client believes is signing in; a suggestion, never a decision.
    pub login_hint: Option<String>,
    /// The person named by a genuine ID token of ours.
    pub id_token_hint_sub: Option<UserId>,
    /// The roles that the client is told of, as it was registered when it asked (law P9).
    #[serde(default, skip_serializing_if = "RoleList::is_everything")]
    pub roles: RoleList,
    /// The page of ours that this sign-in is for; then no code is made, and the client is Matron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_page: Option<OwnPage>,
    /// Keeps others from writing this struct down: there is no other way to a `Proven`.
    #[serde(skip, default = "Proven::stored")]
    pub(crate) proven: Proven,
}

/// The mark of a request that went through the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proven(());

impl Proven {
    /// Made at the end of the list of checks.
    pub(super) const fn by_the_checks() -> Self {
        Self(())
    }

    /// Read back from a transaction that held a proven request.
    const fn stored() -> Self {
        Self(())
    }
}

impl AuthorizationRequest {
    /// The request of one of our own pages; `again` when a fresh proof is wanted. It names no
    /// registered client and grants nothing.
    ///
    /// # Errors
    /// None that we know: the name of the house is a client id.
    pub fn for_own_page(page: OwnPage, name: &str, again: bool) -> Result<Self, IdError> {
        let mut scope = vec![Scope::OpenId];
        if page.wants_role() {
            scope.push(Scope::SelectedRole);
        }
        Ok(Self {
            client: "matron".parse()?,
            client_name: name.to_owned(),
            redirect_uri: page.path().to_owned(),
            scope,
            state: None,
            nonce: None,
            challenge: None,
            prompt: if again {
                vec![Prompt::Login]
            } else {
                Vec::new()
            },
            max_age: None,
            acr_values: page.acr_values().to_owned(),
            login_hint: None,
            id_token_hint_sub: None,
            roles: RoleList::default(),
            own_page: Some(page),
            proven: Proven::by_the_checks(),
        })
    }

    /// The authentication the client asks for; unknown `acr_values` are ignored (contract 4).
    pub fn demand(&self) -> Demand {
        Demand::from_acr_values(&self.acr_values)
    }

    /// Whether the client asked for this scope.
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.scope.contains(&scope)
    }

    /// Whether the person's role belongs to the answer: `selectedrole` or `changedrole`, or a desk,
    /// where nobody acts without one (contract 5).
    pub fn wants_role(&self) -> bool {
        self.has_scope(Scope::SelectedRole) || self.has_scope(Scope::Desk) || self.wants_new_role()
    }

    /// Whether the role must be chosen afresh even when the session has one: `changedrole`.
    pub fn wants_new_role(&self) -> bool {
        self.has_scope(Scope::ChangedRole)
    }

    /// Whether this prompt was asked for.
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }

    /// A request for tests of the rooms that receive one.
    #[cfg(test)]
    pub(crate) fn for_tests(client: &str, redirect_uri: &str, scope: &[Scope]) -> Self {
        Self {
            client: client.parse().unwrap(),
            client_name: client.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            scope: scope.to_vec(),
            state: None,
            nonce: None,
            challenge: None,
            prompt: Vec::new(),
            max_age: None,
            acr_values: String::new(),
            login_hint: None,
            id_token_hint_sub: None,
            roles: RoleList::default(),
            own_page: None,
            proven: Proven::by_the_checks(),
        }
    }
}
