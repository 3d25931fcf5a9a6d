//! The certified key is one that requests are accepted for, and a card's or an authority's key is
//! never the issuer's own, but for a root, whose key always is.

use der::Encode;

use super::{Exhibit, Lint};
use crate::keys::key_identifier;
use crate::request::{KeyKind, SubjectKey};

pub(super) const LINT: Lint = Lint {
    name: "public_key",
    clause: "ca.md 4.1; SP 800-78-5 table 1",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let Ok(spki_der) = exhibit.tbs().subject_public_key_info().to_der() else {
        return false;
    };
    let Ok(key) = SubjectKey::from_spki(&spki_der) else {
        return false;
    };
    let is_issuers_own = key_identifier(&spki_der).as_ref() == Some(&exhibit.issuer.key_identifier);
    let kind_is_allowed = match key.kind() {
        KeyKind::P256 | KeyKind::P384 => true,
        KeyKind::Rsa(_) => !exhibit.kind.is_authority(),
    };
    kind_is_allowed && is_issuers_own == exhibit.kind.is_root()
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn a_point_off_its_curve_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.subject_public_key_info = testing::point_off_the_curve();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
