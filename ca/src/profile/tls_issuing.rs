//! The development issuer of the gateway's TLS certificate: constrained as its root is, for
//! software that does not look at the constraints of a trust anchor.

use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::KeyUsages;

use super::tls_root;
use crate::extension;
use crate::oids;
use crate::publishing::{PolicyNumber, Publishing};

/// Servers of this machine only, no authority below it.
pub(crate) fn extensions(publishing: &Publishing) -> der::Result<Extensions> {
    Ok(vec![
        extension::authority_basic_constraints(Some(0))?,
        extension::key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)?,
        extension::extended_key_usage(&[oids::SERVER_AUTH])?,
        tls_root::this_machine_only()?,
        extension::certificate_policies(&[publishing.policy(PolicyNumber::GatewayServer)?])?,
    ])
}
