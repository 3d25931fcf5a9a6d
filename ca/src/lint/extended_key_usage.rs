//! Exactly the purposes of the kind, not critical, and never every purpose. A card's signature
//! certificate has no purpose that a sign-in accepts.

use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "extended_key_usage",
    clause: "RFC 5280 4.2.1.12; ca.md 4.1, 4.2 and 4.4",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let expected = match exhibit.kind {
        Kind::CardAuthentication => vec![oids::CLIENT_AUTH, oids::SMARTCARD_LOGON],
        Kind::CardSignature => vec![oids::EMAIL_PROTECTION, oids::DOCUMENT_SIGNING],
        Kind::Issuing => vec![
            oids::CLIENT_AUTH,
            oids::SMARTCARD_LOGON,
            oids::EMAIL_PROTECTION,
            oids::DOCUMENT_SIGNING,
            oids::OCSP_SIGNING,
        ],
        Kind::GatewayServer | Kind::TlsIssuing => vec![oids::SERVER_AUTH],
        Kind::Root | Kind::TlsRoot => {
            return exhibit.extension(oids::EXTENDED_KEY_USAGE).is_none();
        }
    };
    exhibit.decoded::<ExtendedKeyUsage>(oids::EXTENDED_KEY_USAGE)
        == Some((false, ExtendedKeyUsage(expected)))
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn every_purpose_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            testing::replace(
                tbs,
                extension::extended_key_usage(&[oids::CLIENT_AUTH, oids::ANY_EXTENDED_KEY_USAGE])
                    .unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_signature_key_that_could_sign_in_is_refused() {
        let findings = testing::findings(Kind::CardSignature, |tbs| {
            testing::replace(
                tbs,
                extension::extended_key_usage(&[oids::DOCUMENT_SIGNING, oids::CLIENT_AUTH])
                    .unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
