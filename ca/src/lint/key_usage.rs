//! Exactly the bits of the kind, and critical. An authentication key has digitalSignature and no
//! other bit.

use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "key_usage",
    clause: "RFC 5280 4.2.1.3; FPKI PIV profile 2.2",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let expected = match exhibit.kind {
        Kind::CardAuthentication | Kind::GatewayServer => KeyUsages::DigitalSignature.into(),
        Kind::CardSignature => KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
        Kind::Issuing | Kind::Root | Kind::TlsRoot | Kind::TlsIssuing => {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        }
    };
    exhibit.decoded::<KeyUsage>(oids::KEY_USAGE) == Some((true, KeyUsage(expected)))
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;
    use x509_cert::ext::pkix::KeyUsages;

    #[test]
    fn one_bit_more_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            testing::replace(
                tbs,
                extension::key_usage(KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment)
                    .unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_usage_that_is_not_critical_is_refused() {
        let findings = testing::findings(Kind::Root, |tbs| {
            let at = testing::position(tbs, oids::KEY_USAGE);
            tbs.extensions[at].critical = false;
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
