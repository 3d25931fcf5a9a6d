//! Exactly one policy for a card or a server, from our own arc, without qualifiers; authorities list
//! theirs one by one and never claim any policy.

use x509_cert::ext::pkix::CertificatePolicies;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;
use crate::publishing::PolicyNumber;

pub(super) const LINT: Lint = Lint {
    name: "certificate_policies",
    clause: "RFC 5280 4.2.1.4; ca.md 4.1 and 4.2",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let publishing = exhibit.publishing;
    let server = || {
        publishing
            .policy(PolicyNumber::GatewayServer)
            .map(|policy| vec![policy])
    };
    let expected = match exhibit.kind {
        Kind::CardAuthentication => publishing.assurance_policy().map(|policy| vec![policy]),
        Kind::CardSignature => publishing
            .policy(PolicyNumber::CardSignature)
            .map(|policy| vec![policy]),
        Kind::Issuing | Kind::Root => publishing.card_policies(),
        Kind::GatewayServer | Kind::TlsRoot | Kind::TlsIssuing => server(),
    };
    let value = exhibit.decoded::<CertificatePolicies>(oids::CERTIFICATE_POLICIES);
    let (Some((false, value)), Ok(expected)) = (value, expected) else {
        return false;
    };
    let is_plain = |information: &PolicyInformation| information.policy_qualifiers.is_none();
    let named = value
        .0
        .iter()
        .map(|information| information.policy_identifier);
    value.0.iter().all(is_plain) && named.eq(expected)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn two_policies_are_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            let policy = testing::publishing().assurance_policy().unwrap();
            testing::replace(
                tbs,
                extension::certificate_policies(&[policy, oids::DOCUMENTATION_ARC]).unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn any_policy_is_refused() {
        let findings = testing::findings(Kind::Issuing, |tbs| {
            testing::replace(
                tbs,
                extension::certificate_policies(&[der::asn1::ObjectIdentifier::new_unwrap(
                    "2.5.29.32.0",
                )])
                .unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
