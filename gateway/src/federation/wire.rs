//! The way to another organisation, with limits: no redirect is followed, no answer is read beyond
//! its limit, nothing takes longer than a few seconds, and nothing goes over plain HTTP except to this
//! machine in dev. Addresses in its description are checked like the configured one.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::{Host, Url};

use super::{Setting, Trouble};

/// How long one call may take, from the connection to the last octet.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, in octets: a description and a key set have a few thousand.
const LONGEST: usize = 256 * 1024;

/// A client for one organisation.
pub(super) struct Wire {
    http: reqwest::Client,
    on_loopback: bool,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// Plain HTTP, or another scheme.
    #[error("the address is not allowed")]
    Address,
    /// A redirect.
    #[error("the answer leads elsewhere")]
    Redirected,
    /// Too long.
    #[error("the answer is too large")]
    TooLarge,
    /// The library, or the network.
    #[error("no answer")]
    Call(#[from] reqwest::Error),
    /// A request that cannot be sent.
    #[error("the request is malformed")]
    Malformed,
}

impl WireError {
    pub(super) fn trouble(&self) -> Trouble {
        match self {
            Self::Address | Self::Redirected => Trouble::Elsewhere,
            Self::TooLarge => Trouble::TooLarge,
            Self::Call(error) if error.is_timeout() => Trouble::Slow,
            Self::Call(_) | Self::Malformed => Trouble::Unreachable,
        }
    }
}

impl Wire {
    /// Prepares the way; connects when there is something to ask.
    pub(super) fn new(setting: &Setting) -> Result<Self, reqwest::Error> {
        // The HTTP library takes the process's provider, and panics where there is none.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .pool_idle_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none());
        let builder = if setting.on_loopback {
            builder.no_proxy()
        } else {
            builder
        };
        Ok(Self {
            http: builder.build()?,
            on_loopback: setting.on_loopback,
        })
    }

    /// Whether an address may be asked, or a browser be sent there.
    pub(super) fn allows(&self, address: &Url) -> bool {
        is_allowed(address, self.on_loopback)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let address = Url::parse(&request.uri().to_string()).map_err(|_| WireError::Malformed)?;
        if !self.allows(&address) {
            return Err(WireError::Address);
        }
        let request = request.try_into().map_err(WireError::Call)?;
        let mut answer = self.http.execute(request).await?;
        if answer.status().is_redirection() {
            return Err(WireError::Redirected);
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            if body.len() + piece.len() > LONGEST {
                return Err(WireError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// HTTPS anywhere; plain HTTP to this machine where that is allowed.
pub(crate) fn is_allowed(address: &Url, on_loopback: bool) -> bool {
    let here = match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    match address.scheme() {
        "https" => true,
        "http" => on_loopback && here,
        _ => false,
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = WireError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WireError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_in_dev_and_nowhere_else() {
        let may = |text: &str, on_loopback| is_allowed(&Url::parse(text).unwrap(), on_loopback);
        assert!(may("https://login.example/tenant", false));
        assert!(may("http://127.0.0.1:9000/", true));
        assert!(may("http://localhost:9000/", true));
        assert!(!may("http://127.0.0.1:9000/", false));
        for text in [
            "http://login.example/",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert!(!may(text, true), "{text}");
        }
    }
}
