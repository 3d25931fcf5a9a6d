//! One http URI: for a card that of its own shard, for an issuing authority that of the root. A root
//! and a gateway's server have none.

use policies::ids::Serial;
use x509_cert::ext::pkix::CrlDistributionPoints;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;
use crate::publishing::Publishing;

pub(super) const LINT: Lint = Lint {
    name: "crl_distribution_points",
    clause: "RFC 5280 4.2.1.13 and 8; ca.md 4.1",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let expected = match exhibit.kind {
        Kind::CardAuthentication | Kind::CardSignature => {
            let Ok(serial) = Serial::from_bytes(exhibit.tbs().serial_number().as_bytes()) else {
                return false;
            };
            exhibit.publishing.shard_url(Publishing::shard_of(&serial))
        }
        Kind::Issuing => exhibit.publishing.root_list_url(),
        Kind::Root | Kind::GatewayServer | Kind::TlsRoot | Kind::TlsIssuing => {
            return exhibit.extension(oids::CRL_DISTRIBUTION_POINTS).is_none();
        }
    };
    let value = exhibit.decoded::<CrlDistributionPoints>(oids::CRL_DISTRIBUTION_POINTS);
    let Some((false, value)) = value else {
        return false;
    };
    let [point] = value.0.as_slice() else {
        return false;
    };
    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
        return false;
    };
    point.reasons.is_none()
        && point.crl_issuer.is_none()
        && matches!(names.as_slice(), [GeneralName::UniformResourceIdentifier(uri)] if uri.as_str() == expected)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_shard_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            testing::replace(
                tbs,
                extension::crl_distribution_point("http://pki.example/crl/200.crl").unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
