//! No extension twice, none that the profile of this kind does not have, and none missing.

use der::asn1::ObjectIdentifier;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "extensions_known",
    clause: "RFC 5280 4.2; ca.md 4",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let mut present: Vec<_> = exhibit.extensions().iter().map(|e| e.extn_id).collect();
    let mut expected = expected(exhibit.kind);
    present.sort_unstable();
    expected.sort_unstable();
    present == expected
}

fn expected(kind: Kind) -> Vec<ObjectIdentifier> {
    let common = [
        oids::SUBJECT_KEY_IDENTIFIER,
        oids::KEY_USAGE,
        oids::CERTIFICATE_POLICIES,
    ];
    let own: &[ObjectIdentifier] = match kind {
        Kind::CardAuthentication | Kind::CardSignature => &[
            oids::AUTHORITY_KEY_IDENTIFIER,
            oids::EXTENDED_KEY_USAGE,
            oids::SUBJECT_ALT_NAME,
            oids::CRL_DISTRIBUTION_POINTS,
            oids::AUTHORITY_INFO_ACCESS,
        ],
        Kind::Issuing => &[
            oids::AUTHORITY_KEY_IDENTIFIER,
            oids::BASIC_CONSTRAINTS,
            oids::EXTENDED_KEY_USAGE,
            oids::NAME_CONSTRAINTS,
            oids::CRL_DISTRIBUTION_POINTS,
            oids::AUTHORITY_INFO_ACCESS,
        ],
        Kind::Root => &[oids::BASIC_CONSTRAINTS],
        Kind::GatewayServer => &[
            oids::AUTHORITY_KEY_IDENTIFIER,
            oids::EXTENDED_KEY_USAGE,
            oids::SUBJECT_ALT_NAME,
        ],
        Kind::TlsRoot => &[oids::BASIC_CONSTRAINTS, oids::NAME_CONSTRAINTS],
        Kind::TlsIssuing => &[
            oids::AUTHORITY_KEY_IDENTIFIER,
            oids::BASIC_CONSTRAINTS,
            oids::EXTENDED_KEY_USAGE,
            oids::NAME_CONSTRAINTS,
        ],
    };
    [common.as_slice(), own].concat()
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension::{self, Criticality};
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn an_unknown_extension_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.extensions.push(
                extension::extension(
                    oids::ANY_EXTENDED_KEY_USAGE,
                    Criticality::Plain,
                    &der::asn1::Null,
                )
                .unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn an_extension_twice_is_refused() {
        let findings = testing::findings(Kind::CardSignature, |tbs| {
            let again = testing::position(tbs, oids::CRL_DISTRIBUTION_POINTS);
            tbs.extensions.push(tbs.extensions[again].clone());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_missing_extension_is_refused() {
        let findings = testing::findings(Kind::GatewayServer, |tbs| {
            let at = testing::position(tbs, oids::AUTHORITY_KEY_IDENTIFIER);
            tbs.extensions.remove(at);
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
