//! ECDSA with the digest that goes with the issuer's curve, named the same inside and outside, and
//! without parameters.

use super::{Exhibit, Lint};

pub(super) const LINT: Lint = Lint {
    name: "signature_algorithm",
    clause: "RFC 5280 4.1.1.2 and 4.1.2.3; RFC 5758 3.2",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let inside = exhibit.tbs().signature();
    let outside = exhibit.certificate.signature_algorithm();
    inside == outside
        && inside.oid == exhibit.issuer.algorithm.signature_oid()
        && inside.parameters.is_none()
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_algorithm_inside_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.signature.oid = oids::ECDSA_WITH_SHA384;
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn parameters_are_refused() {
        let findings = testing::findings(Kind::CardSignature, |tbs| {
            tbs.signature.parameters = Some(der::asn1::Any::null());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
