//! Country, organisation, common name, in this order and form; a card's holder has her user id as
//! common name and once more as serial number, and no personal name.

use der::asn1::ObjectIdentifier;
use der::{Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "subject_name",
    clause: "RFC 5280 4.1.2.6 and A.1; ca.md 4.1",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let levels: Vec<_> = exhibit.tbs().subject().iter_rdn().collect();
    if levels.iter().any(|level| level.len() != 1) {
        return false;
    }
    let attributes: Vec<_> = exhibit.tbs().subject().iter().collect();
    let [country, organisation, common_name, rest @ ..] = attributes.as_slice() else {
        return false;
    };
    let publishing = exhibit.publishing;
    is(
        country,
        oids::COUNTRY,
        Tag::PrintableString,
        publishing.country().as_bytes(),
    ) && is(
        organisation,
        oids::ORGANISATION,
        Tag::Utf8String,
        publishing.organisation().as_bytes(),
    ) && common_name.oid == oids::COMMON_NAME
        && !common_name.value.value().is_empty()
        && common_name.value.value().len() <= 64
        && is_rest_in_form(exhibit.kind, common_name, rest)
}

/// Nothing follows for an authority or a server; the user id for a card.
fn is_rest_in_form(
    kind: Kind,
    common_name: &AttributeTypeAndValue,
    rest: &[&AttributeTypeAndValue],
) -> bool {
    match (kind, rest) {
        (Kind::CardAuthentication | Kind::CardSignature, [number]) => {
            let user_id = common_name.value.value();
            user_id.len() == 12
                && user_id.iter().all(u8::is_ascii_digit)
                && is(number, oids::SERIAL_NUMBER, Tag::PrintableString, user_id)
        }
        (Kind::CardAuthentication | Kind::CardSignature, _) => false,
        (_, rest) => rest.is_empty(),
    }
}

fn is(attribute: &AttributeTypeAndValue, oid: ObjectIdentifier, tag: Tag, text: &[u8]) -> bool {
    attribute.oid == oid && attribute.value.tag() == tag && attribute.value.value() == text
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn a_missing_level_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            tbs.subject = testing::name("O=DEMO Trust,C=GB");
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn another_number_than_the_common_name_is_refused() {
        let findings = testing::findings(Kind::CardSignature, |tbs| {
            tbs.subject = testing::name("2.5.4.5=555012345679,CN=555012345678,O=DEMO Trust,C=GB");
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn another_organisation_is_refused() {
        let findings = testing::findings(Kind::Issuing, |tbs| {
            tbs.subject = testing::name("CN=Issuing,O=Elsewhere,C=GB");
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
