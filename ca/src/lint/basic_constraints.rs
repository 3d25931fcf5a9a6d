//! An authority is one, critically, with at most as many below it as its kind allows; nothing else
//! has the extension at all.

use x509_cert::ext::pkix::BasicConstraints;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "basic_constraints",
    clause: "RFC 5280 4.2.1.9; ca.md 4.2",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let path_length = match exhibit.kind {
        Kind::Root | Kind::TlsRoot => 1,
        Kind::Issuing | Kind::TlsIssuing => 0,
        Kind::CardAuthentication | Kind::CardSignature | Kind::GatewayServer => {
            return exhibit.extension(oids::BASIC_CONSTRAINTS).is_none();
        }
    };
    let expected = BasicConstraints {
        ca: true,
        path_len_constraint: Some(path_length),
    };
    exhibit.decoded::<BasicConstraints>(oids::BASIC_CONSTRAINTS) == Some((true, expected))
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn an_issuer_without_path_length_is_refused() {
        let findings = testing::findings(Kind::Issuing, |tbs| {
            testing::replace(tbs, extension::authority_basic_constraints(None).unwrap());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn constraints_that_are_not_critical_are_refused() {
        let findings = testing::findings(Kind::Root, |tbs| {
            let at = testing::position(tbs, oids::BASIC_CONSTRAINTS);
            tbs.extensions[at].critical = false;
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
