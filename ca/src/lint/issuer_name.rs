//! The issuer's name is, octet for octet, the subject of the issuer's certificate, and not empty.

use super::{Exhibit, Lint};

pub(super) const LINT: Lint = Lint {
    name: "issuer_name",
    clause: "RFC 5280 4.1.2.4 and 6.1.3",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let issuer = exhibit.tbs().issuer();
    !issuer.is_empty() && issuer == &exhibit.issuer.name
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_issuer_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.issuer = tbs.subject.clone();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
