//! The leftmost 160 bits of SHA-256 over the key bits, not critical.

use der::Encode;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::{Exhibit, Lint};
use crate::keys::key_identifier;
use crate::oids;

pub(super) const LINT: Lint = Lint {
    name: "subject_key_identifier",
    clause: "RFC 5280 4.2.1.2; RFC 7093 2",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let expected = exhibit
        .tbs()
        .subject_public_key_info()
        .to_der()
        .ok()
        .and_then(|spki_der| key_identifier(&spki_der));
    let value = exhibit.decoded::<SubjectKeyIdentifier>(oids::SUBJECT_KEY_IDENTIFIER);
    value.is_some_and(|(critical, value)| {
        !critical && expected.as_deref() == Some(value.0.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_identifier_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            testing::replace(tbs, extension::subject_key_identifier(&[7; 20]).unwrap());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
