//! Text messages by a plain HTTP POST: JSON with `to` and `text`, the operator's token, and an
//! `Idempotency-Key` that stays the same when it is tried again. What a
//! provider wants beyond that is done by a relay of the operator's.

use std::time::Duration;

use serde_json::json;
use zeroize::Zeroizing;

use super::PostError;
use super::letters::Letter;

/// How long the service may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The section `[sms]`.
#[derive(Debug)]
pub struct SmsSetting {
    /// Where messages are posted.
    pub url: String,
    /// Sent as a bearer token, where there is one.
    pub token: Option<Zeroizing<String>>,
}

/// A text message service. No `Debug`: it holds a token.
pub struct Sms {
    url: String,
    token: Option<Zeroizing<String>>,
    client: reqwest::Client,
}

impl Sms {
    /// Prepares the way to the service; connects when there is a message. Redirects are not
    /// followed: a token goes where the operator said and nowhere else.
    ///
    /// # Errors
    /// [`PostError::Sms`] when TLS cannot be set up.
    pub fn new(setting: SmsSetting) -> Result<Self, PostError> {
        // The HTTP library takes the process's provider, and panics where there is none; whoever has
        // installed one before us installed this one too.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            url: setting.url,
            token: setting.token,
            client,
        })
    }

    pub(super) async fn send(
        &self,
        to: &str,
        letter: &Letter,
        name: &str,
    ) -> Result<(), PostError> {
        let body = json!({ "to": to, "text": letter.short });
        let request = self.client.post(&self.url).json(&body);
        let request = request.header("idempotency-key", name);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        };
        request.send().await?.error_for_status()?;
        Ok(())
    }
}
