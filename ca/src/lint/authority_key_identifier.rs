//! The identifier of the issuer's key as its own certificate states it, alone and not critical. A
//! root has none.

use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use super::{Exhibit, Lint};
use crate::oids;

pub(super) const LINT: Lint = Lint {
    name: "authority_key_identifier",
    clause: "RFC 5280 4.2.1.1",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    if exhibit.kind.is_root() {
        return exhibit.extension(oids::AUTHORITY_KEY_IDENTIFIER).is_none();
    }
    let value = exhibit.decoded::<AuthorityKeyIdentifier>(oids::AUTHORITY_KEY_IDENTIFIER);
    value.is_some_and(|(critical, value)| {
        let identifier = value
            .key_identifier
            .as_ref()
            .map(der::asn1::OctetString::as_bytes);
        !critical
            && identifier == Some(&exhibit.issuer.key_identifier)
            && value.authority_cert_issuer.is_none()
            && value.authority_cert_serial_number.is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_key_s_identifier_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            testing::replace(tbs, extension::authority_key_identifier(&[7; 20]).unwrap());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
