//! The issuer of cards can make no server and nothing outside the organisation; the development
//! pair for TLS can make nothing but this machine. Critical, and on nobody else.

use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Exhibit, Lint};
use crate::name;
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "name_constraints",
    clause: "RFC 5280 4.2.1.10; ca.md 4.2",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let value = exhibit.decoded::<NameConstraints>(oids::NAME_CONSTRAINTS);
    match (exhibit.kind, value) {
        (Kind::Issuing, Some((true, value))) => keeps_to_cards(exhibit, &value),
        (Kind::TlsRoot | Kind::TlsIssuing, Some((true, value))) => keeps_to_this_machine(&value),
        (Kind::Issuing | Kind::TlsRoot | Kind::TlsIssuing, _) => false,
        (_, value) => value.is_none(),
    }
}

/// Permitted: our own names and our mail realm. Excluded: every DNS name.
fn keeps_to_cards(exhibit: &Exhibit<'_>, value: &NameConstraints) -> bool {
    let Ok(house) = name::house(exhibit.publishing) else {
        return false;
    };
    let realm = exhibit.publishing.upn_realm();
    let is_permitted = |name: &GeneralName| match name {
        GeneralName::DirectoryName(name) => *name == house,
        GeneralName::Rfc822Name(name) => name.as_str() == realm,
        _ => false,
    };
    let every_dns_name =
        |name: &GeneralName| matches!(name, GeneralName::DnsName(name) if name.as_str().is_empty());
    are(value.permitted_subtrees.as_deref(), 2, is_permitted)
        && are(value.excluded_subtrees.as_deref(), 1, every_dns_name)
}

/// Permitted: `localhost` and 127.0.0.1. Excluded: every IPv6 address.
fn keeps_to_this_machine(value: &NameConstraints) -> bool {
    let is_permitted = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => name.as_str() == "localhost",
        GeneralName::IpAddress(octets) => octets.as_bytes() == [127, 0, 0, 1, 255, 255, 255, 255],
        _ => false,
    };
    let every_ipv6_address = |name: &GeneralName| matches!(name, GeneralName::IpAddress(octets) if octets.as_bytes() == [0; 32]);
    are(value.permitted_subtrees.as_deref(), 2, is_permitted)
        && are(value.excluded_subtrees.as_deref(), 1, every_ipv6_address)
}

/// Whether there are `count` subtrees, all of them within `rule`, no two of one form, and with the
/// only bounds that RFC 5280 allows.
fn are(
    subtrees: Option<&[GeneralSubtree]>,
    count: usize,
    rule: impl Fn(&GeneralName) -> bool,
) -> bool {
    let subtrees = subtrees.unwrap_or_default();
    let form = |subtree: &GeneralSubtree| std::mem::discriminant(&subtree.base);
    let mut forms: Vec<_> = subtrees.iter().map(form).collect();
    forms.dedup();
    let is_in_form = |subtree: &GeneralSubtree| {
        rule(&subtree.base) && subtree.minimum == 0 && subtree.maximum.is_none()
    };
    subtrees.len() == count && forms.len() == count && subtrees.iter().all(is_in_form)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::oids;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn constraints_that_are_not_critical_are_refused() {
        let findings = testing::findings(Kind::TlsRoot, |tbs| {
            let at = testing::position(tbs, oids::NAME_CONSTRAINTS);
            tbs.extensions[at].critical = false;
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_card_issuer_that_could_make_servers_is_refused() {
        let findings = testing::findings(Kind::Issuing, |tbs| {
            testing::replace(tbs, crate::profile::tls_root::this_machine_only().unwrap());
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }

    #[test]
    fn a_tls_issuer_with_a_card_issuer_s_reach_is_refused() {
        let findings = testing::findings(Kind::TlsIssuing, |tbs| {
            testing::replace(
                tbs,
                crate::profile::issuing::name_constraints(&testing::publishing()).unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
