//! One http URI where the issuer's certificate is to be had, and no OCSP address as long as nothing
//! answers there.

use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Exhibit, Lint};
use crate::oids;
use crate::profile::Kind;

pub(super) const LINT: Lint = Lint {
    name: "authority_information_access",
    clause: "RFC 5280 4.2.2.1; contract 6",
    holds,
};

fn holds(exhibit: &Exhibit<'_>) -> bool {
    let expected = match exhibit.kind {
        Kind::CardAuthentication | Kind::CardSignature => exhibit.publishing.issuing_url(),
        Kind::Issuing => exhibit.publishing.root_url(),
        Kind::Root | Kind::GatewayServer | Kind::TlsRoot | Kind::TlsIssuing => {
            return exhibit.extension(oids::AUTHORITY_INFO_ACCESS).is_none();
        }
    };
    let value = exhibit.decoded::<AuthorityInfoAccessSyntax>(oids::AUTHORITY_INFO_ACCESS);
    let Some((false, value)) = value else {
        return false;
    };
    let [description] = value.0.as_slice() else {
        return false;
    };
    description.access_method == oids::CA_ISSUERS
        && matches!(&description.access_location, GeneralName::UniformResourceIdentifier(uri) if uri.as_str() == expected)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::extension;
    use crate::profile::Kind;
    use crate::testing;

    #[test]
    fn another_address_is_refused() {
        let findings = testing::findings(Kind::CardAuthentication, |tbs| {
            testing::replace(
                tbs,
                extension::issuer_certificate_at("https://pki.example/issuing.crt").unwrap(),
            );
        });
        assert!(findings.contains(&LINT.name), "{findings:?}");
    }
}
