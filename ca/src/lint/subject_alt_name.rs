//! A card has its holder's principal name in our realm and its own UUID, nothing else; a server has
//! DNS names and addresses, nothing else; an authority has none.

use der::Tag;
use der::Tagged;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "subject_alt_name",
    clause: "RFC 5280 4.2.1.6; ca.md 4.1 and 4.4",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let value = exhibit.decoded::<SubjectAltName>(oids::SUBJECT_ALT_NAME);
    match (exhibit.kind, value) {
        (Kind::CardAuthentication | Kind::CardSignature, Some((false, names))) => {
            let [principal, card] = names.0.as_slice() else {
                return false;
            };
            is_holders_principal(exhibit, principal) && is_uuid(card)
        }
        (Kind::GatewayServer, Some((false, names))) => {
            let is_address = |name: &GeneralName| {
                matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_))
            };
            !names.0.is_empty() && names.0.iter().all(is_address)
        }
        (Kind::Issuing | Kind::Root | Kind::TlsRoot | Kind::TlsIssuing, value) => value.is_none(),
        _ => false,
    }
}

/// The user principal name is the common name in our realm: name constraints cannot say that
/// portably, so this rule does.
fn is_holders_principal(exhibit: &Exhibit<'_>, name: &GeneralName) -> bool {
    let GeneralName::OtherName(other) = name else {
        return false;
    };
    let Ok(Some(common_name)) = exhibit.tbs().subject().common_name() else {
        return false;
    };
    let expected = format!("{}@{}", common_name.value(), exhibit.publishing.upn_realm());
    other.type_id == oids::USER_PRINCIPAL_NAME
        && other.value.tag() == Tag::Utf8String
        && other.value.value() == expected.as_bytes()
}

/// `urn:uuid:` and 36 characters (RFC 9562 4).
fn is_uuid(name: &GeneralName) -> bool {
    let GeneralName::UniformResourceIdentifier(uri) = name else {
        return false;
    };
    let Some(uuid) = uri.as_str().strip_prefix("urn:uuid:") else {
        return false;
    };
    let lengths = uuid.split('-').map(str::len);
    let is_digit = |b: u8| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    lengths.eq([8, 4, 4, 4, 12]) && uuid.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_person_s_principal_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            let names = vec![
                extension::user_principal_name("555012345679@cards.example").unwrap(),
                extension::uri("urn:uuid:00000000-0000-8000-8000-000000000000").unwrap(),
            ];
            testing::replace(tbs, extension::subject_alt_name(names).unwrap());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_dns_name_on_a_card_is_refused() {
        let findings = testing::findings(Kind::CardSignature, |tbs| {
            let names = vec![
                extension::user_principal_name("555012345678@cards.example").unwrap(),
                extension::dns("id.example").unwrap(),
            ];
            testing::replace(tbs, extension::subject_alt_name(names).unwrap());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
