//! Addresses a browser may be sent to, and origins its scripts may have.

use url::{Host, Url};

/// Longest address kept, in octets.
const LONGEST: usize = 2_000;

/// Whether a browser may be sent there: absolute, https or loopback http, no user name, no
/// fragment (RFC 6749 3.1.2), and spelled exactly as URL parsers spell it, so that no two readers
/// see two places in it.
pub(super) fn is_safe_target(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    text.len() <= LONGEST
        && url.as_str() == text
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && is_safe_scheme(&url)
}

/// Whether this is an origin as browsers send it (RFC 6454 6.2).
pub(super) fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    text.len() <= LONGEST && is_safe_scheme(&url) && url.origin().ascii_serialization() == text
}

/// The entries in order, each once: as the database returns them.
pub(super) fn sorted(mut entries: Vec<String>) -> Vec<String> {
    entries.sort();
    entries.dedup();
    entries
}

fn is_safe_scheme(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        _ => false,
    }
}
