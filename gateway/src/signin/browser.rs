//! The secrets a browser holds for us, and the form tokens made from them.
//!
//! Both cookies hold 256 random bits, of which the database knows the SHA-256. A form token is an
//! HMAC of what the form is about under the cookie's secret: it needs no storage, belongs to one
//! browser and one purpose, and a page of another site can never know it (security 3.1 row 68; the
//! door's Origin check stands before it).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use policies::time::Span;
use ring::{digest, hmac};
use zeroize::Zeroizing;

use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::{House, Names};
use crate::oidc::parameters::Parameters;

/// 256 random bits in a cookie. Never printed.
pub struct BrowserSecret(Zeroizing<[u8; 32]>);

impl BrowserSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// [`Failure::Chance`].
    pub fn draw(house: &House) -> Result<Self, Failure> {
        Ok(Self(Zeroizing::new(house.random()?)))
    }

    /// What the browser sent in this cookie, if it can be one of ours.
    pub fn read(cookie: Cookie, headers: &HeaderMap, names: &Names) -> Option<Self> {
        Self::parse(cookie.read(headers, names)?)
    }

    fn parse(text: &str) -> Option<Self> {
        let octets = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let octets = <[u8; 32]>::try_from(octets.as_slice()).ok()?;
        Some(Self(Zeroizing::new(octets)))
    }

    /// The hash under which the database knows it.
    pub fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.as_slice())
            .as_ref()
            .to_vec()
    }

    /// The `Set-Cookie` line that gives it to the browser for `life`.
    pub fn to_cookie(&self, cookie: Cookie, life: Span, names: &Names) -> Option<HeaderValue> {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()));
        cookie.set(&text, life, names)
    }

    /// The token of forms about `purpose`.
    pub fn form_token(&self, purpose: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, &labelled(purpose)))
    }

    /// Whether a form about `purpose` came from a page we gave to this browser. Constant time.
    pub fn vouches_for(&self, purpose: &str, token: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        URL_SAFE_NO_PAD
            .decode(token)
            .is_ok_and(|tag| hmac::verify(&key, &labelled(purpose), &tag).is_ok())
    }

    /// That the form which brought these fields was made for this browser and that purpose.
    ///
    /// # Errors
    /// [`Failure::CrossSite`].
    pub fn must_vouch_for(&self, purpose: &str, form: &Parameters) -> Result<(), Failure> {
        let token = form.clean("form_token").unwrap_or_default();
        if self.vouches_for(purpose, token) {
            Ok(())
        } else {
            Err(Failure::CrossSite)
        }
    }
}

fn labelled(purpose: &str) -> Vec<u8> {
    [b"matron form\0", purpose.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(octet: u8) -> BrowserSecret {
        BrowserSecret(Zeroizing::new([octet; 32]))
    }

    #[test]
    fn a_form_token_serves_one_browser_and_one_purpose() {
        let token = secret(1).form_token("sign-in a");
        assert!(secret(1).vouches_for("sign-in a", &token));
        assert!(!secret(1).vouches_for("sign-in b", &token));
        assert!(!secret(2).vouches_for("sign-in a", &token));
        assert!(!secret(1).vouches_for("sign-in a", ""));
    }

    #[test]
    fn what_is_not_256_bits_is_no_secret() {
        for text in ["", "abc", "not base64!", &"A".repeat(44)] {
            assert!(BrowserSecret::parse(text).is_none(), "{text}");
        }
        assert!(BrowserSecret::parse(&"A".repeat(43)).is_some());
    }
}
