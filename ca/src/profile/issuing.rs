//! The authority that issues cards (ca.md 4.2). Its own certificate keeps it from ever making a
//! server: every DNS name is excluded, and names outside the organisation are not permitted.

use der::asn1::Ia5String;
use x509_cert::ext::pkix::KeyUsages;
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::{Extension, Extensions};

use crate::extension::{self, Criticality};
use crate::name;
use crate::oids;
use crate::publishing::Publishing;

/// No authority below it, cards and their status only, inside the organisation only.
pub(crate) fn extensions(publishing: &Publishing) -> der::Result<Extensions> {
    Ok(vec![
        extension::authority_basic_constraints(Some(0))?,
        extension::key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)?,
        // OCSPSigning, or delegated responders fail where purposes are chained strictly.
        extension::extended_key_usage(&[
            oids::CLIENT_AUTH,
            oids::SMARTCARD_LOGON,
            oids::EMAIL_PROTECTION,
            oids::DOCUMENT_SIGNING,
            oids::OCSP_SIGNING,
        ])?,
        name_constraints(publishing)?,
        extension::certificate_policies(&publishing.card_policies()?)?,
        extension::crl_distribution_point(&publishing.root_list_url())?,
        extension::issuer_certificate_at(&publishing.root_url())?,
    ])
}

/// RFC 5280 4.2.1.10. A user principal name cannot be constrained portably: the profile and its
/// lint keep that one.
pub(crate) fn name_constraints(publishing: &Publishing) -> der::Result<Extension> {
    let value = NameConstraints {
        permitted_subtrees: Some(vec![
            subtree(GeneralName::DirectoryName(name::house(publishing)?)),
            subtree(GeneralName::Rfc822Name(Ia5String::new(
                publishing.upn_realm(),
            )?)),
        ]),
        excluded_subtrees: Some(vec![subtree(extension::dns("")?)]),
    };
    extension::extension(oids::NAME_CONSTRAINTS, Criticality::Critical, &value)
}

/// A subtree with the only bounds RFC 5280 allows.
pub(super) fn subtree(base: GeneralName) -> GeneralSubtree {
    GeneralSubtree {
        base,
        minimum: 0,
        maximum: None,
    }
}
