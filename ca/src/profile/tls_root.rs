//! The development root that a browser is asked to trust. Whoever gets hold of its key, which is
//! destroyed at once, could still make certificates for nothing but this machine.

use der::asn1::OctetString;
use x509_cert::ext::pkix::KeyUsages;
use x509_cert::ext::pkix::constraints::name::NameConstraints;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::{Extension, Extensions};

use super::issuing::subtree;
use crate::extension::{self, Criticality};
use crate::oids;
use crate::publishing::{PolicyNumber, Publishing};

/// One authority below it, for `localhost` and 127.0.0.1.
pub(crate) fn extensions(publishing: &Publishing) -> der::Result<Extensions> {
    Ok(vec![
        extension::authority_basic_constraints(Some(1))?,
        extension::key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)?,
        this_machine_only()?,
        extension::certificate_policies(&[publishing.policy(PolicyNumber::GatewayServer)?])?,
    ])
}

/// Permitted: `localhost` and the names below it, and 127.0.0.1. IPv6 is excluded by name, for
/// software that treats the two families as separate name forms (RFC 5280 4.2.1.10).
pub(crate) fn this_machine_only() -> der::Result<Extension> {
    let value = NameConstraints {
        permitted_subtrees: Some(vec![
            subtree(extension::dns("localhost")?),
            subtree(addresses(&[127, 0, 0, 1, 255, 255, 255, 255])?),
        ]),
        excluded_subtrees: Some(vec![subtree(addresses(&[0; 32])?)]),
    };
    extension::extension(oids::NAME_CONSTRAINTS, Criticality::Critical, &value)
}

/// Address and mask.
fn addresses(octets: &[u8]) -> der::Result<GeneralName> {
    Ok(GeneralName::IpAddress(OctetString::new(octets)?))
}
