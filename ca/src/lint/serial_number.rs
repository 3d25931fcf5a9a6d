//! Nineteen octets that begin with the bits 01: positive, never shortened, and 150 bits that
//! nobody can guess.

use super::{Exhibit, Lint};

pub(super) const LINT: Lint = Lint {
    name: "serial_number",
    clause: "RFC 5280 4.1.2.2; ca.md 4.1",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let octets = exhibit.tbs().serial_number().as_bytes();
    octets.len() == 19 && octets.first().is_some_and(|first| first >> 6 == 0b01)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn a_short_serial_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.serial_number = der::asn1::Uint::new(&[0x40; 18]).unwrap();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_serial_with_other_first_bits_is_refused() {
        let findings = testing::findings(Kind::Issuing, |tbs| {
            tbs.serial_number = der::asn1::Uint::new(&[0x3f; 19]).unwrap();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
