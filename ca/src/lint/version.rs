//! Version 3, because there are extensions.

use x509_cert::Version;

use super::{Exhibit, Lint};

pub(super) const LINT: Lint = Lint {
    name: "version",
    clause: "RFC 5280 4.1.2.1",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    exhibit.tbs().version() == Version::V3
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;
    use x509_cert::Version;

    #[test]
    fn another_version_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.version = Version::V1;
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
