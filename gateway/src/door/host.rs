//! A request must name the listener it came in by. `Host` (or `:authority`) equals the listener's
//! authority byte for byte, and SNI, where the client sent it, equals its host: otherwise a browser
//! could carry a connection of one name over to the other, past the client certificate
//! (RFC 9110 7.4 and 15.5.20; attack table 5).

use http::header::HOST;
use http::{HeaderMap, Uri};

/// Whether a request's target, headers and SNI all name `authority`.
pub(crate) fn names(authority: &str, uri: &Uri, headers: &HeaderMap, sni: Option<&str>) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return false;
    }
    let target = uri.authority();
    let told = host.is_some() || target.is_some();
    told && host.is_none_or(|host| host.as_bytes() == authority.as_bytes())
        && target.is_none_or(|target| target.as_str() == authority)
        && sni.is_none_or(|name| name.eq_ignore_ascii_case(host_of(authority)))
}

/// An authority without its port.
pub(crate) fn host_of(authority: &str) -> &str {
    authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const OURS: &str = "localhost:8444";

    fn asked(target: &str, hosts: &[&'static str], sni: Option<&str>) -> bool {
        let headers: HeaderMap = hosts
            .iter()
            .map(|host| (HOST, HeaderValue::from_static(host)))
            .collect();
        names(OURS, &target.parse().unwrap(), &headers, sni)
    }

    #[test]
    fn the_exact_authority_passes_in_both_protocols() {
        assert!(asked("/login", &["localhost:8444"], Some("localhost")));
        assert!(asked("/login", &["localhost:8444"], None));
        assert!(asked(
            "https://localhost:8444/login",
            &[],
            Some("LOCALHOST")
        ));
    }

    #[test]
    fn any_other_spelling_is_misdirected() {
        assert!(
            !asked("/login", &["localhost:8443"], Some("localhost")),
            "the other listener"
        );
        assert!(
            !asked("/login", &["localhost"], Some("localhost")),
            "no port"
        );
        assert!(
            !asked("/login", &["LOCALHOST:8444"], Some("localhost")),
            "not exact"
        );
        assert!(!asked("/login", &["127.0.0.1:8444"], None), "by address");
        assert!(!asked("/login", &[], Some("localhost")), "no host at all");
        assert!(
            !asked("/login", &["localhost:8444", "localhost:8444"], None),
            "told twice"
        );
        assert!(
            !asked("https://evil.example/", &["localhost:8444"], None),
            "two names"
        );
        assert!(
            !asked("/login", &["localhost:8444"], Some("id.example")),
            "SNI disagrees"
        );
        assert!(
            !asked("https://a@localhost:8444/", &[], None),
            "user information"
        );
    }
}
