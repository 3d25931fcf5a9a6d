//! One other organisation: its description and its keys, read now and then and remembered with a
//! bound, and the address at which it receives a browser.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType,
    CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreGrantType,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
    CoreTokenIntrospectionResponse, CoreTokenResponse,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthenticationContextClass, ClientId, ClientSecret,
    CsrfToken, DiscoveryError, EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata,
    RedirectUrl, Scope, StandardErrorResponse,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

use super::key::Key;
use super::wire::{Wire, WireError};
use super::{Prompt, Setting, Trouble};

/// How many people may be on their way at once; more wait for their turn, so long.
const AT_ONCE: usize = 32;
/// The longest that anybody waits for her turn: long enough for a ward that begins at nine, short enough
/// to be told about another way.
const TURN_WITHIN: Duration = Duration::from_secs(3);
/// The longest that reading a description and its keys may take.
const READ_WITHIN: Duration = Duration::from_secs(6);

/// What a provider says of itself beyond the core.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Further {
    /// Whether its answers carry `iss` (RFC 9207 3).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    Key,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The library's, with keys that ring verifies by.
pub(super) type Client = openidconnect::Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    Key,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    CoreTokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Description and keys, as they were when they were read, ready for use.
pub(super) struct Known {
    pub(super) client: Client,
    /// Whether every answer of it names its issuer (RFC 9207 2.4).
    pub(super) names_itself: bool,
}

#[derive(Default)]
struct Memory {
    known: Option<Arc<Known>>,
    asked: Option<Instant>,
    asked_for_keys: Option<Instant>,
    trouble: Option<Trouble>,
}

/// One other organisation.
pub struct Upstream {
    setting: Setting,
    issuer: Option<IssuerUrl>,
    redirect: String,
    pub(super) wire: Wire,
    memory: RwLock<Memory>,
    asking: Mutex<()>,
    room: Semaphore,
}

/// What a browser is sent with; all of it is secret until it comes back.
pub struct Baggage {
    /// Comes back in the address.
    pub state: String,
    /// Comes back inside the statement.
    pub nonce: String,
    /// Proves at the token endpoint that the code was asked for by us (RFC 7636).
    pub verifier: String,
}

/// What is asked for this time.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The greatest age of her proof, in seconds.
    pub max_age: i64,
    /// Whether she must prove herself anew.
    pub afresh: bool,
}

impl Upstream {
    pub(super) fn new(setting: Setting, our_issuer: &str) -> Result<Self, reqwest::Error> {
        Ok(Self {
            wire: Wire::new(&setting)?,
            issuer: IssuerUrl::new(setting.issuer.clone()).ok(),
            redirect: format!("{our_issuer}/signin/federated/{}/callback", setting.id),
            memory: RwLock::default(),
            asking: Mutex::new(()),
            room: Semaphore::new(AT_ONCE),
            setting,
        })
    }

    /// What the operator said.
    pub const fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What was wrong when it was asked last; from memory.
    pub fn trouble(&self) -> Option<Trouble> {
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        memory.trouble
    }

    /// Whether an answer that names this issuer is one of its own (RFC 9207 2.4).
    pub(crate) fn is_issuer(&self, iss: &str) -> bool {
        self.setting.issuer == iss
    }

    /// A place among those who are on their way.
    ///
    /// # Errors
    /// Too many are, for longer than anybody waits.
    pub(super) async fn place(&self) -> Result<SemaphorePermit<'_>, Trouble> {
        let place = tokio::time::timeout(TURN_WITHIN, self.room.acquire()).await;
        place.ok().and_then(Result::ok).ok_or(Trouble::Crowded)
    }

    /// Its description and keys, not older than that; what was learnt is remembered. Of many who ask at
    /// once one goes and the others wait for her.
    pub(super) async fn learn(&self, within: Duration) -> Result<Arc<Known>, Trouble> {
        let _one_at_a_time = self.asking.lock().await;
        match self.remembered(within) {
            Some(remembered) => remembered,
            None => self.ask().await,
        }
    }

    /// Its keys once more, since one is missing; `None` where that was asked not longer ago than that.
    pub(super) async fn learn_anew(
        &self,
        than: &Arc<Known>,
        pause: Duration,
    ) -> Option<Result<Arc<Known>, Trouble>> {
        let _one_at_a_time = self.asking.lock().await;
        {
            let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody else has asked in the meantime.
            if let Some(known) = memory
                .known
                .clone()
                .filter(|known| !Arc::ptr_eq(known, than))
            {
                return Some(Ok(known));
            }
            let asked = memory.asked_for_keys;
            if asked.is_some_and(|asked| asked.elapsed() < pause) {
                return None;
            }
            memory.asked_for_keys = Some(Instant::now());
        }
        Some(self.ask().await)
    }

    async fn ask(&self) -> Result<Arc<Known>, Trouble> {
        let read = tokio::time::timeout(READ_WITHIN, self.read());
        let learnt = read.await.unwrap_or(Err(Trouble::Slow)).map(Arc::new);
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        memory.asked = Some(Instant::now());
        memory.trouble = learnt.as_ref().err().copied();
        memory.known = learnt.as_ref().ok().cloned();
        learnt
    }

    /// Whether it is there, asked not longer ago than that.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn contact(&self, within: Duration) -> Result<(), Trouble> {
        self.learn(within).await.map(drop)
    }

    fn remembered(&self, within: Duration) -> Option<Result<Arc<Known>, Trouble>> {
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = memory.asked.is_some_and(|asked| asked.elapsed() < within);
        if !fresh {
            return None;
        }
        match (&memory.known, memory.trouble) {
            (Some(known), None) => Some(Ok(known.clone())),
            (_, Some(trouble)) => Some(Err(trouble)),
            (None, None) => None,
        }
    }

    async fn read(&self) -> Result<Known, Trouble> {
        let issuer = self.issuer.clone().ok_or(Trouble::Misdescribed)?;
        let metadata = Metadata::discover_async(issuer, &self.wire)
            .await
            .map_err(|error| trouble_of(&error))?;
        let leads_well = self.wire.allows(metadata.authorization_endpoint().url());
        let answers = metadata
            .token_endpoint()
            .is_some_and(|at| self.wire.allows(at.url()));
        if !leads_well || !answers {
            return Err(Trouble::Elsewhere);
        }
        let further = metadata.additional_metadata();
        Ok(Known {
            names_itself: further.authorization_response_iss_parameter_supported,
            client: self.client(metadata)?,
        })
    }

    fn client(&self, metadata: Metadata) -> Result<Client, Trouble> {
        let secret = ClientSecret::new(self.setting.client_secret.to_string());
        let redirect =
            RedirectUrl::new(self.redirect.clone()).map_err(|_| Trouble::Misdescribed)?;
        let takes_basic = metadata
            .token_endpoint_auth_methods_supported()
            .is_none_or(|ways| ways.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client = openidconnect::Client::from_provider_metadata(
            metadata,
            ClientId::new(self.setting.client_id.clone()),
            Some(secret),
        );
        let how = if takes_basic {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        Ok(client.set_redirect_uri(redirect).set_auth_type(how))
    }

    /// The address to send a browser to. Asks first whether anybody is there, since a browser sent into
    /// the void does not come back.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn address(&self, baggage: &Baggage, wanted: Wanted) -> Result<Url, Trouble> {
        /// How fresh an answer must be for sending somebody there.
        const JUST_NOW: Duration = Duration::from_secs(2);
        let _place = self.place().await?;
        let known = self.learn(JUST_NOW).await?;
        let (state, nonce) = (baggage.state.clone(), baggage.nonce.clone());
        let verifier = PkceCodeVerifier::new(baggage.verifier.clone());
        let acr = self.setting.terms.acr.iter().cloned();
        let mut request = known
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_max_age(Duration::from_secs(
                u64::try_from(wanted.max_age).unwrap_or(0),
            ))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for value in acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(value));
        }
        let prompt = match self.setting.prompt {
            _ if wanted.afresh => Some(CoreAuthPrompt::Login),
            Prompt::Login => Some(CoreAuthPrompt::Login),
            Prompt::SelectAccount => Some(CoreAuthPrompt::SelectAccount),
            Prompt::Unsaid => None,
        };
        if let Some(prompt) = prompt {
            request = request.add_prompt(prompt);
        }
        let (url, _, _) = request.url();
        Ok(url)
    }
}

fn trouble_of(error: &DiscoveryError<WireError>) -> Trouble {
    match error {
        DiscoveryError::Request(wire) => wire.trouble(),
        DiscoveryError::Validation(_) | DiscoveryError::UrlParse(_) => Trouble::Misdescribed,
        _ => Trouble::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use policies::federation::Terms;
    use policies::time::Span;

    use super::*;

    fn upstream() -> Upstream {
        let setting = Setting {
            id: "nhs".parse().unwrap(),
            name: "NHS.net Connect".to_owned(),
            issuer: "https://elsewhere.example".to_owned(),
            client_id: "matron".to_owned(),
            client_secret: zeroize::Zeroizing::new("secret".to_owned()),
            enabled: true,
            terms: Terms {
                acr: Vec::new(),
                amr: Vec::new(),
                max_age: Span::minutes(5),
                tenant: None,
            },
            prompt: Prompt::Unsaid,
            on_loopback: false,
        };
        Upstream::new(setting, "https://id.example").unwrap()
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_for_her_turn() {
        let upstream = upstream();
        let mut on_their_way = Vec::new();
        for _ in 0..AT_ONCE {
            on_their_way.push(upstream.place().await.unwrap());
        }
        assert_eq!(upstream.place().await.err(), Some(Trouble::Crowded));
        on_their_way.pop();
        assert!(upstream.place().await.is_ok());
    }
}
