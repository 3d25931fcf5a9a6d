//! No certificate begins before its issuer or ends after it.

use super::{Exhibit, Lint};
use crate::asn1::house_time;

pub(super) const LINT: Lint = Lint {
    name: "issuer_outlives",
    clause: "law I2; RFC 5280 6.1.3",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let dates = exhibit.tbs().validity();
    let own = exhibit.issuer.validity;
    house_time(dates.not_before).is_some_and(|begin| begin >= own.not_before)
        && house_time(dates.not_after).is_some_and(|end| end <= own.not_after)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn an_end_after_the_issuer_s_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            let late = policies::time::Time::from_unix(3_786_912_000);
            tbs.validity.not_after = crate::asn1::x509_time(late).unwrap();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_beginning_before_the_issuer_s_is_refused() {
        let findings = testing::findings(Kind::CardSignature, |tbs| {
            let early = policies::time::Time::from_unix(1);
            tbs.validity.not_before = crate::asn1::x509_time(early).unwrap();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
