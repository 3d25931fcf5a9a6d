//! The last second is not before the first, and years until 2049 are written as UTCTime, later ones
//! as GeneralizedTime.

use x509_cert::time::Time;

use super::{Exhibit, Lint};

pub(super) const LINT: Lint = Lint {
    name: "dates",
    clause: "RFC 5280 4.1.2.5",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let dates = exhibit.tbs().validity();
    let (begin, end) = (dates.not_before, dates.not_after);
    end.to_unix_duration() >= begin.to_unix_duration() && is_in_form(begin) && is_in_form(end)
}

fn is_in_form(time: Time) -> bool {
    match time {
        Time::UtcTime(_) => true,
        Time::GeneralTime(instant) => instant.to_date_time().year() >= 2050,
    }
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;
    use x509_cert::time::Time;

    #[test]
    fn an_end_before_the_beginning_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            std::mem::swap(&mut tbs.validity.not_before, &mut tbs.validity.not_after);
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_long_form_before_2050_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            let instant = tbs.validity.not_after.to_date_time();
            tbs.validity.not_after =
                Time::GeneralTime(der::asn1::GeneralizedTime::from_date_time(instant));
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
