//! Cookies whose names begin with `__Host-`: the browser itself refuses them without `Secure`,
//! with a `Domain`, or with another path than `/` (RFC 6265bis 4.1.3.2), so no neighbour on the
//! same domain can plant one. Names end in the issuer's port, so two houses on one host keep apart.

use http::{HeaderMap, HeaderValue, header};
use policies::time::Span;

use crate::house::Names;

/// The longest cookie value read or set, in bytes; ours are 43.
const LONGEST: usize = 128;

/// The cookies this house knows. The card listener neither reads nor sets any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Binds a sign-in under way to the browser that began it.
    PreLogin,
    /// Names the live session.
    Session,
    /// A browser in which somebody signed in by password and app before; opens nothing.
    Known,
    /// The way to sign in that this browser used last, by its word; opens nothing.
    LastWay,
    /// Whoever opened a link that a desk gave her; opens nothing but adding one authenticator.
    Visit,
}

impl Cookie {
    /// The full name, for example `__Host-matron-session-8443`.
    pub fn name(self, names: &Names) -> String {
        let word = match self {
            Self::PreLogin => "prelogin",
            Self::Session => "session",
            Self::Known => "known",
            Self::LastWay => "last-way",
            Self::Visit => "visit",
        };
        format!("__Host-matron-{word}-{}", names.cookie_suffix)
    }

    /// The value the browser sent. `None` as well when it sent two of the name, or a value we
    /// would never have set: whoever plants a second cookie gains nothing.
    pub fn read<'h>(self, headers: &'h HeaderMap, names: &Names) -> Option<&'h str> {
        let ours = self.name(names);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == ours)
            .map(|(_, value)| value);
        let value = found.next()?;
        (found.next().is_none() && is_plain(value)).then_some(value)
    }

    /// The `Set-Cookie` value that gives `value` for `life`. SameSite=Lax: an application's
    /// redirect to us carries the cookie, its forms do not. `None` when `value` is not plain.
    pub fn set(self, value: &str, life: Span, names: &Names) -> Option<HeaderValue> {
        if !is_plain(value) {
            return None;
        }
        let cookie = format!(
            "{}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
            self.name(names),
            life.as_seconds().max(0)
        );
        HeaderValue::try_from(cookie).ok()
    }

    /// The `Set-Cookie` value that takes the cookie away.
    pub fn clear(self, names: &Names) -> Option<HeaderValue> {
        let line = format!(
            "{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
            self.name(names)
        );
        HeaderValue::try_from(line).ok()
    }
}

/// Base64url and words: all that this house ever puts into a cookie.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= LONGEST
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            issuer: "https://localhost:8443".into(),
            card_url: "https://localhost:8444".into(),
            pki_url: "http://127.0.0.1:8446".into(),
            app_url: None,
            cookie_suffix: "8443".into(),
            hsts: false,
        }
    }

    fn sent(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn a_cookie_is_secure_http_only_lax_and_of_this_host() {
        let set = Cookie::Session
            .set("abc", Span::minutes(15), &names())
            .unwrap();
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-matron-session-8443=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = sent("a=b; __Host-matron-session-8443=xyz; c=d");
        assert_eq!(Cookie::Session.read(&headers, &names()), Some("xyz"));
    }

    #[test]
    fn a_cookie_of_another_house_or_sent_twice_is_no_cookie() {
        for line in [
            "__Host-matron-session-9443=xyz",
            "__Host-matron-session-8443=one; __Host-matron-session-8443=two",
            "__Host-matron-session-8443=",
            "__Host-matron-session-8443=a b",
        ] {
            assert_eq!(Cookie::Session.read(&sent(line), &names()), None, "{line}");
        }
    }
}
