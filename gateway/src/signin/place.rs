//! Where a session was begun, for its person to recognise: the network address of the other end of
//! the connection (never a header that anybody can write), and browser and system by what the
//! browser says of itself. It decides nothing about who may do what.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::USER_AGENT;

use crate::door::Arrival;
use crate::messages::Messages;

/// Browsers by a mark in their `User-Agent`; the first that fits, since many carry another's mark.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems likewise.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// A place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The address of the other end.
    pub(crate) address: Option<IpAddr>,
    /// Browser and system, for example `Edge, Windows`; none where the browser says nothing known.
    pub(crate) browser: Option<String>,
}

impl Place {
    /// Where this request comes from.
    pub(crate) fn of(arrival: &Arrival, headers: &HeaderMap) -> Self {
        let says = headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Self {
            address: Some(arrival.peer.ip().to_canonical()),
            browser: says.and_then(browser),
        }
    }

    /// The network of its address, by which two places are told apart.
    pub(crate) fn network(&self) -> Option<String> {
        self.address.map(network)
    }

    /// In words, for its person.
    pub(crate) fn in_words(&self, m: &Messages) -> String {
        let address = self.address.map(|address| address.to_string());
        (m.my.place)(self.browser.as_deref(), address.as_deref())
    }
}

/// The network that an address belongs to, as far as two places are told apart by it (law S8): the
/// first 24 bits of an IPv4 address, the first 48 of an IPv6 address, as a prefix in text.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// Browser and system of a `User-Agent`.
fn browser(says: &str) -> Option<String> {
    let find = |list: &[(&str, &'static str)]| {
        let found = list.iter().find(|(mark, _)| says.contains(mark));
        found.map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_its_own_mark_and_nothing_of_it_is_kept_as_it_is() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
        assert_eq!(browser(edge).as_deref(), Some("Edge, Windows"));
        let ipad = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                    Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(ipad).as_deref(), Some("Safari, iPad"));
        assert_eq!(browser("curl/8.5.0"), None);
        assert_eq!(browser("<b>Firefox/1</b>").as_deref(), Some("Firefox"));
    }

    #[test]
    fn s8_a_network_is_24_bits_of_an_old_address_and_48_of_a_new_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), of("192.0.2.250"));
        assert_ne!(of("192.0.2.7"), of("192.0.3.7"));
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:ff::9"));
        assert_ne!(of("2001:db8:1::1"), of("2001:db8:2::1"));
    }
}
