//! From the code that a browser brought back to a verified statement: code against ID token, then
//! signature, issuer, audience, authorised party, expiry and nonce (OpenID Connect Core 3.1.3.7).
//! Keys that are not known yet are read once more, and not more often than every few seconds.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm as Algorithm};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, Nonce, PkceCodeVerifier, RequestTokenError,
    SignatureVerificationError, TokenResponse as _,
};
use policies::federation::Statement;
use policies::time::Time;
use serde::Deserialize;

use super::Trouble;
use super::answer::{Answer, Broken, Fault};
use super::upstream::{Baggage, Client, Upstream};

/// How old keys may be before a token arrives; an unknown key is asked for anyway.
const KEYS_WITHIN: Duration = Duration::from_mins(10);
/// How often an unknown key is asked for.
const ASK_FOR_KEYS: Duration = Duration::from_secs(5);

/// Signatures that only the holder of a private key can make (RFC 8725 3.1): never `none`, never a
/// shared secret.
const SIGNATURES: [Algorithm; 10] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EcdsaP521Sha512,
    Algorithm::EdDsa,
];

/// What the library has no field for.
#[derive(Deserialize)]
struct Further {
    #[serde(default)]
    tid: Option<String>,
}

impl Upstream {
    /// Whether every answer of it must name its issuer (RFC 9207 2.4).
    pub(crate) async fn names_itself(&self) -> bool {
        let known = self.learn(KEYS_WITHIN).await;
        known.is_ok_and(|known| known.names_itself)
    }

    /// Brings the code there and verifies what comes back.
    ///
    /// # Errors
    /// It cannot be used right now, or its answer proves nothing.
    pub async fn redeem(&self, code: String, baggage: Baggage, now: Time) -> Result<Answer, Fault> {
        let _place = self.place().await?;
        let known = self.learn(KEYS_WITHIN).await?;
        let response = known
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Trouble::Misdescribed)?
            .set_pkce_verifier(PkceCodeVerifier::new(baggage.verifier))
            .request_async(&self.wire)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(wire) => Fault::Trouble(wire.trouble()),
                RequestTokenError::ServerResponse(_) => Fault::Broken(Broken::Code),
                _ => Fault::Broken(Broken::Unreadable),
            })?;
        let token = response
            .id_token()
            .ok_or(Fault::Broken(Broken::Unreadable))?;
        let nonce = Nonce::new(baggage.nonce);
        match self.verified(&known.client, token, &nonce, now) {
            Err(Fault::Broken(Broken::Key)) => {
                let newer = self.learn_anew(&known, ASK_FOR_KEYS).await;
                let newer = newer.ok_or(Fault::Broken(Broken::Key))??;
                self.verified(&newer.client, token, &nonce, now)
            }
            verified => verified,
        }
    }

    fn verified(
        &self,
        client: &Client,
        token: &CoreIdToken,
        nonce: &Nonce,
        now: Time,
    ) -> Result<Answer, Fault> {
        let instant =
            SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.unix()).unwrap_or(0));
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || instant.into());
        let claims = token
            .claims(&verifier, nonce)
            .map_err(|error| Fault::Broken(broken(&error)))?;
        let party = claims.authorized_party();
        if party.is_some_and(|party| party.as_str() != self.setting().client_id) {
            return Err(Fault::Broken(Broken::Audience));
        }
        read_claims(claims, token)
    }
}

fn read_claims(claims: &CoreIdTokenClaims, token: &CoreIdToken) -> Result<Answer, Fault> {
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > enrolment::journeys::federated::LONGEST_SUBJECT {
        return Err(Fault::Broken(Broken::Unreadable));
    }
    let acr = claims.auth_context_ref().map(|acr| acr.as_str().to_owned());
    let methods = claims.auth_method_refs().into_iter().flatten();
    let statement = Statement {
        acr,
        amr: methods.map(|one| one.as_str().to_owned()).collect(),
        auth_time: claims.auth_time().map(|at| Time::from_unix(at.timestamp())),
        issued_at: Time::from_unix(claims.issue_time().timestamp()),
        tenant: tenant(token),
    };
    Ok(Answer {
        subject: subject.to_owned(),
        email: claims.email().map(|email| email.as_str().to_owned()),
        statement,
    })
}

/// The tenant, from the payload of a token that has been verified just before.
fn tenant(token: &CoreIdToken) -> Option<String> {
    let text = token.to_string();
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    let further: Further = serde_json::from_slice(&payload).ok()?;
    further.tid
}

fn broken(error: &ClaimsVerificationError) -> Broken {
    use ClaimsVerificationError as Error;
    match error {
        Error::Expired(_) => Broken::Expired,
        Error::InvalidAudience(_) => Broken::Audience,
        Error::InvalidIssuer(_) => Broken::Issuer,
        Error::InvalidNonce(_) => Broken::Nonce,
        Error::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        ) => Broken::Key,
        Error::SignatureVerification(SignatureVerificationError::DisallowedAlg(_)) => {
            Broken::Algorithm
        }
        Error::SignatureVerification(_) => Broken::Signature,
        _ => Broken::Unreadable,
    }
}
