//! The gateway as a relying party sees it, through the `openidconnect` crate: discovery, the address to send the
//! browser to, code against tokens, verification, userinfo, sign-out.
//!
//! Everything is verified by the crate: signature, issuer, audience, nonce, access-token hash. Time comes from the
//! clock of dev. The `iss` of the answer is checked by us, for the crate does not know RFC 9207.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AsyncHttpClient, AuthorizationCode, ClientId,
    ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope,
    TokenResponse as _, UserInfoClaims,
};
use policies::time::Time;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::claims::Told;
use crate::manifest::ClientEntry;

/// Asked for at every sign-in; `selectedrole` or `changedrole` comes with it.
const SCOPES: [&str; 6] = [
    "profile",
    "email",
    "nhsperson",
    "nationalrbacaccess",
    "associatedorgs",
    "organisationalmemberships",
];
/// Ward 7 is content with any of the two upper levels.
const ACR_VALUES: &str = "AAL2_OR_AAL3_ANY";
/// Longest wait for the gateway, which runs in the same process.
const PATIENCE: Duration = Duration::from_secs(10);

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// How the role is to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoleChoice {
    /// Once per single sign-on session.
    Selected,
    /// Always anew.
    Changed,
}

/// What must be remembered between sending the browser away and its return.
pub(super) struct Departure {
    /// Where the browser is sent.
    pub(super) url: Url,
    /// Comes back with the answer.
    pub(super) state: String,
    /// Comes back inside the ID token.
    pub(super) nonce: Nonce,
    /// Proves at the token endpoint that the code was asked for by us (RFC 7636).
    pub(super) verifier: PkceCodeVerifier,
}

/// The gateway, and who we are to it.
pub(super) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: ClientSecret,
    redirect: RedirectUrl,
    after_logout: PostLogoutRedirectUrl,
    http: Wire,
}

impl Provider {
    /// Trusts the TLS root of dev and nothing else.
    pub(super) fn new(
        issuer: &str,
        app_url: &str,
        client: &ClientEntry,
        tls_root: &str,
    ) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(
            CertificateDer::from_pem_slice(tls_root.as_bytes())
                .map_err(|error| anyhow!("the TLS root: {error}"))?,
        )?;
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
        let http = reqwest::Client::builder()
            // Given up before the gateway does (5 s), so that no call goes into a closing connection.
            .pool_idle_timeout(Duration::from_secs(2))
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve("localhost", ([127, 0, 0, 1], 0).into())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned())?,
            client_id: ClientId::new(client.client_id.clone()),
            secret: ClientSecret::new(
                client
                    .client_secret
                    .clone()
                    .context("Ward 7 is a confidential client")?,
            ),
            redirect: RedirectUrl::new(format!("{app_url}/callback"))?,
            after_logout: PostLogoutRedirectUrl::new(format!("{app_url}/signed-out"))?,
            http: Wire(http),
        })
    }

    /// The gateway's origin.
    pub(super) fn origin(&self) -> &str {
        &self.issuer
    }

    /// Whether an answer names this gateway (RFC 9207 2.4: compare as strings).
    pub(super) fn is_issuer(&self, iss: &str) -> bool {
        self.issuer.as_str() == iss
    }

    /// The address to send the browser to, with fresh state, nonce and PKCE challenge.
    pub(super) async fn depart(&self, choice: RoleChoice) -> Result<Departure> {
        let (client, _) = self.discover().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let role = match choice {
            RoleChoice::Selected => "selectedrole",
            RoleChoice::Changed => "changedrole",
        };
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(
                SCOPES
                    .into_iter()
                    .chain([role])
                    .map(|scope| Scope::new(scope.to_owned())),
            )
            .add_extra_param("acr_values", ACR_VALUES)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure {
            url,
            state: state.into_secret(),
            nonce,
            verifier,
        })
    }

    /// Exchanges the code, verifies the ID token at `now`, asks userinfo. Gives what was told, and the ID token.
    pub(super) async fn arrive(
        &self,
        code: String,
        departure: Departure,
        now: Time,
    ) -> Result<(Told, String)> {
        let (client, _) = self.discover().await?;
        let response = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(departure.verifier)
            .request_async(&self.http)
            .await
            .context("the token endpoint refused the code")?;
        let id_token = response.id_token().context("the answer has no ID token")?;
        let instant =
            SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.unix()).unwrap_or(0));
        let verifier = client
            .id_token_verifier()
            .set_time_fn(move || instant.into());
        let claims = id_token
            .claims(&verifier, &departure.nonce)
            .context("the ID token is not valid")?;
        if let Some(promised) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg()?;
            let key = id_token.signing_key(&verifier)?;
            let actual = AccessTokenHash::from_token(response.access_token(), algorithm, key)?;
            ensure!(
                actual == *promised,
                "the access token is not the one the ID token promised"
            );
        }
        let userinfo = self
            .userinfo(&client, response.access_token(), claims.subject().clone())
            .await?;
        let text = id_token.to_string();
        Ok((
            Told {
                id_token: payload(id_token)?,
                userinfo,
            },
            text,
        ))
    }

    /// Where to send the browser to end the single sign-on session too.
    pub(super) async fn leave(&self, id_token: Option<&str>) -> Result<Url> {
        let (_, metadata) = self.discover().await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        let mut request = LogoutRequest::from(endpoint.context("the gateway offers no sign-out")?)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(self.after_logout.clone());
        if let Some(token) = id_token.and_then(|token| token.parse::<CoreIdToken>().ok()) {
            request = request.set_id_token_hint(&token);
        }
        Ok(request.http_get_url())
    }

    /// Asked anew each time: two short calls inside one machine, and no key rotation is ever missed.
    async fn discover(&self) -> Result<(Client, ProviderMetadataWithLogout)> {
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http)
            .await
            .context("the gateway's description cannot be read")?;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            self.client_id.clone(),
            Some(self.secret.clone()),
        )
        .set_redirect_uri(self.redirect.clone());
        Ok((client, metadata))
    }

    async fn userinfo(
        &self,
        client: &Client,
        token: &AccessToken,
        subject: openidconnect::SubjectIdentifier,
    ) -> Result<Map<String, Value>> {
        let claims: UserInfoClaims<EveryClaim, CoreGenderClaim> = client
            .user_info(token.clone(), Some(subject))?
            .request_async(&self.http)
            .await
            .context("userinfo was refused")?;
        match serde_json::to_value(&claims)? {
            Value::Object(object) => Ok(object
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect()),
            _ => Err(anyhow!("userinfo is not an object")),
        }
    }
}

/// The connection to the gateway, in the shape that the crate asks for.
struct Wire(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.execute(request.try_into()?).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

/// Whatever else userinfo says: Ward 7 shows everything.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct EveryClaim {
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl AdditionalClaims for EveryClaim {}

/// The payload of a token whose signature has been verified just before.
fn payload(id_token: &CoreIdToken) -> Result<Map<String, Value>> {
    let text = id_token.to_string();
    let middle = text
        .split('.')
        .nth(1)
        .context("the ID token has no payload")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle)?)?)
}
