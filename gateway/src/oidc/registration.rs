//! Registering a relying party: from a file, the command line or the demo drawer, by one rule.
//!
//! Everything is parsed once, here, and every problem is told at once. Redirect URIs must be
//! written the way a browser writes them, so that comparing bytes later is comparing meaning
//! (RFC 9700 2.1). `http` is for loopback only; there are no patterns.

mod address;
mod limits;
mod problem;

use enrolment::audit::{Actor, Event};
use enrolment::store::{Key, Store, StoreError, Tx};
use policies::ids::ClientId;
use policies::time::Time;
use ring::rand::SystemRandom;
use serde::Deserialize;
use thiserror::Error;

use crate::claims::scope::Scope;
use crate::oidc::client::{AuthenticationMethod, Client, Settings};
use crate::oidc::secret::{NoRandomness, Purpose, Secret};
use crate::store::clients;
use crate::tokens::Algorithm;

pub use problem::RegistrationProblem;

/// Shortest secret an operator may bring: 32 characters, about the strength of the key it guards.
const LEAST_SECRET: usize = 32;

/// A registration as it is written down. What is left out takes the stricter value, or the one of
/// the national service where `cis2_compatible` is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    /// The identifier; a random one where empty.
    pub client_id: String,
    /// The name people see.
    pub name: String,
    /// `client_secret_basic` (where empty), `client_secret_post` or `none`.
    pub auth_method: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after sign-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Origins of its scripts.
    pub origins: Vec<String>,
    /// `RS256` or `ES256`.
    pub id_token_alg: Option<String>,
    /// The scopes it may ask for; all that its kind may have where left out.
    pub scopes: Option<Vec<String>>,
    /// Whether a code challenge is demanded.
    pub require_pkce: Option<bool>,
    /// Whether a nonce is demanded.
    pub require_nonce: bool,
    /// Whether it is ours.
    pub first_party: bool,
    /// Whether it was made for the national service as it is.
    pub cis2_compatible: bool,
    /// Whether role lists hold the chosen role only.
    pub limit_roles: Option<bool>,
    /// What it may ask for in `acr_values`; everything where left out.
    pub acr_values: Option<Vec<String>>,
    /// The roles that it is told of, by their place in the national catalogue, as in `S8000` or
    /// `S8000:G8000:R8000`; every role where left out.
    pub roles: Option<Vec<String>>,
}

/// A registration without a fault, ready to be written.
#[derive(Debug, Clone)]
pub struct Checked {
    client: Client,
}

/// A client that was just written.
#[derive(Debug)]
pub struct Registered {
    /// Its identifier.
    pub client_id: ClientId,
    /// Its new secret, shown this once; `None` where it brought or kept its own, or needs none.
    pub secret: Option<Secret>,
}

/// Why a registration was not written.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The secret brought along is too short.
    #[error("a client secret has at least 32 characters")]
    WeakSecret,
    /// A secret for a client that has none.
    #[error("a public client has no secret")]
    SecretForPublicClient,
    /// No randomness for identifier or secret.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// What the database says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registration {
    /// Checks everything and tells every problem at once.
    ///
    /// # Errors
    /// All problems, in the order of the fields.
    pub fn check(self, chance: &SystemRandom) -> Result<Checked, Vec<RegistrationProblem>> {
        let mut problems = Vec::new();
        let id = self.id(chance, &mut problems);
        let name_length = self.name.trim().chars().count();
        if !matches!(name_length, 1..=100) || self.name.chars().any(char::is_control) {
            problems.push(RegistrationProblem::Name);
        }
        let method = match self.auth_method.as_str() {
            "" => Some(AuthenticationMethod::ClientSecretBasic),
            text => AuthenticationMethod::parse(text),
        };
        if method.is_none() {
            problems.push(RegistrationProblem::AuthMethod);
        }
        self.check_addresses(&mut problems);
        let id_token_alg = self.algorithm(&mut problems);
        let scopes = self.scopes(&mut problems);
        let settings = self.settings(&mut problems);
        if !settings.roles.is_everything() && scopes.contains(&Scope::SelfService) {
            problems.push(RegistrationProblem::RolesWithSelf);
        }
        if method.is_some_and(AuthenticationMethod::is_public) && self.require_pkce == Some(false) {
            problems.push(RegistrationProblem::PublicWithoutPkce);
        }
        match (id, method, problems.is_empty()) {
            (Some(id), Some(method), true) => Ok(Checked {
                client: Client {
                    id,
                    name: self.name.trim().to_owned(),
                    method,
                    secret: None,
                    redirect_uris: self.redirect_uris,
                    post_logout_redirect_uris: self.post_logout_redirect_uris,
                    origins: address::sorted(self.origins),
                    id_token_alg,
                    scopes,
                    settings,
                },
            }),
            _ => Err(problems),
        }
    }

    fn id(
        &self,
        chance: &SystemRandom,
        problems: &mut Vec<RegistrationProblem>,
    ) -> Option<ClientId> {
        let text = if self.client_id.is_empty() {
            // The first 22 characters of a secret that is otherwise forgotten: 132 random bits.
            let random = Secret::generate(chance).ok()?;
            random.reveal().chars().take(22).collect()
        } else {
            self.client_id.clone()
        };
        if text.len() == 12 && text.bytes().all(|octet| octet.is_ascii_digit()) {
            problems.push(RegistrationProblem::ClientIdLooksLikeAPerson);
        }
        let id = text.parse().ok();
        if id.is_none() {
            problems.push(RegistrationProblem::ClientId);
        }
        id
    }

    fn check_addresses(&self, problems: &mut Vec<RegistrationProblem>) {
        if self.redirect_uris.is_empty() {
            problems.push(RegistrationProblem::NoRedirectUri);
        }
        let lists = [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ];
        for (field, uris) in lists {
            for uri in uris.iter().filter(|uri| !address::is_safe_target(uri)) {
                problems.push(RegistrationProblem::Uri {
                    field,
                    uri: uri.clone(),
                });
            }
        }
        for origin in self
            .origins
            .iter()
            .filter(|origin| !address::is_origin(origin))
        {
            problems.push(RegistrationProblem::Origin(origin.clone()));
        }
    }

    fn algorithm(&self, problems: &mut Vec<RegistrationProblem>) -> Algorithm {
        let usual = if self.cis2_compatible {
            Algorithm::Rs256
        } else {
            Algorithm::Es256
        };
        let Some(text) = &self.id_token_alg else {
            return usual;
        };
        Algorithm::parse(text).unwrap_or_else(|| {
            problems.push(RegistrationProblem::IdTokenAlg);
            usual
        })
    }

    fn scopes(&self, problems: &mut Vec<RegistrationProblem>) -> Vec<Scope> {
        let Some(texts) = &self.scopes else {
            return if self.first_party {
                Scope::ALL.to_vec()
            } else {
                Scope::for_everyone()
            };
        };
        let mut scopes = Vec::new();
        for text in texts {
            match text.parse::<Scope>() {
                Ok(scope) if scope.is_first_party() && !self.first_party => {
                    problems.push(RegistrationProblem::ScopeFirstPartyOnly);
                }
                Ok(scope) => scopes.push(scope),
                Err(_) => problems.push(RegistrationProblem::Scope(text.clone())),
            }
        }
        if !scopes.contains(&Scope::OpenId) {
            problems.push(RegistrationProblem::ScopeWithoutOpenid);
        }
        scopes
    }

    fn settings(&self, problems: &mut Vec<RegistrationProblem>) -> Settings {
        Settings {
            require_pkce: self.require_pkce.unwrap_or(!self.cis2_compatible),
            require_nonce: self.require_nonce,
            first_party: self.first_party,
            cis2_compatible: self.cis2_compatible,
            limit_roles: self.limit_roles.unwrap_or(!self.cis2_compatible),
            acr_values: limits::acr_values(self.acr_values.as_deref(), problems),
            roles: limits::roles(self.roles.as_deref(), problems),
        }
    }
}

impl Checked {
    /// The client itself, without a secret; for tests of the tables.
    #[cfg(test)]
    pub(crate) fn into_client(self) -> Client {
        self.client
    }

    /// Writes the client, with the secret it brings or, where it needs one and has none yet, a
    /// fresh one. Writing the same registration again changes nothing and leaves no line.
    ///
    /// # Errors
    /// A secret that is too short or not wanted, no randomness, or what the store says.
    pub async fn register(
        self,
        store: &Store,
        chance: &SystemRandom,
        (now, actor): (Time, Actor),
        brought: Option<Secret>,
    ) -> Result<Registered, RegisterError> {
        let client = self.client;
        let public = client.method.is_public();
        if let Some(secret) = &brought {
            if public {
                return Err(RegisterError::SecretForPublicClient);
            }
            if secret.reveal().chars().count() < LEAST_SECRET {
                return Err(RegisterError::WeakSecret);
            }
        }
        let client_id = client.id.clone();
        let brought_hash = brought
            .as_ref()
            .map(|secret| secret.hash(Purpose::ClientSecret));
        let fresh = if public || brought.is_some() {
            None
        } else {
            Some(Secret::generate(chance)?)
        };
        let fresh_hash = fresh
            .as_ref()
            .map(|secret| secret.hash(Purpose::ClientSecret));
        let kept = store
            .write(
                "oidc.client.register",
                Key::of("client", client_id.as_str()),
                move |tx| {
                    let (mut client, actor) = (client.clone(), actor.clone());
                    let (brought, fresh) = (brought_hash.clone(), fresh_hash.clone());
                    Box::pin(async move {
                        let before = clients::find(tx, &client.id).await?;
                        let old = before.as_ref().and_then(|before| before.secret.clone());
                        let kept = brought.is_none() && !public && old.is_some();
                        client.secret = brought.or(if public { None } else { old }).or(fresh);
                        write(tx, before, &client, (now, actor)).await?;
                        Ok::<_, StoreError>(kept)
                    })
                },
            )
            .await?;
        Ok(Registered {
            client_id,
            secret: fresh.filter(|_| !kept),
        })
    }
}

async fn write(
    tx: Tx<'_>,
    before: Option<Client>,
    client: &Client,
    (now, actor): (Time, Actor),
) -> Result<(), StoreError> {
    let id = client.id.clone();
    let event = match before {
        Some(before) if before == *client => return Ok(()),
        Some(_) => Event::ClientChanged { actor, client: id },
        None => Event::ClientRegistered { actor, client: id },
    };
    clients::put(tx, client, now).await?;
    tx.audit(now, &event).await
}

/// Every registered client, by identifier.
///
/// # Errors
/// What the store says.
pub async fn list(store: &Store) -> Result<Vec<Client>, StoreError> {
    store
        .read("oidc.client.list", |tx| {
            Box::pin(async move { clients::all(tx).await })
        })
        .await
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
