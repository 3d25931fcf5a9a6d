//! A server's certificate lives at most ninety days, because nothing lists its revocation.

use std::time::Duration;

use super::{Exhibit, Lint};
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "server_lifetime",
    clause: "ca.md 4.4",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    const LONGEST: Duration = Duration::from_hours(90 * 24);
    let dates = exhibit.tbs().validity();
    let begin = dates.not_before.to_unix_duration();
    // The last second counts too (RFC 5280 4.1.2.5).
    let end = dates.not_after.to_unix_duration() + Duration::from_secs(1);
    exhibit.kind != Kind::GatewayServer || end.saturating_sub(begin) <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn a_ninety_first_day_is_refused() {
        let findings = testing::findings(Kind::GatewayServer, |tbs| {
            let begin = crate::asn1::house_time(tbs.validity.not_before).unwrap();
            let end = begin.plus(policies::time::Span::days(90));
            tbs.validity.not_after = crate::asn1::x509_time(end).unwrap();
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
