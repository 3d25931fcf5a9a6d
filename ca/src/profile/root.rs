//! The root of the cards (ca.md 4.2): kept offline, it names no place where anything is published
//! and no purpose. Its policies say whether it is a development root.

use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::KeyUsages;

use crate::extension;
use crate::publishing::Publishing;

/// One authority below it.
pub(crate) fn extensions(publishing: &Publishing) -> der::Result<Extensions> {
    Ok(vec![
        extension::authority_basic_constraints(Some(1))?,
        extension::key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)?,
        // A validator does not read a trust anchor's policies (RFC 5280 6.1); we do: production
        // refuses an anchor whose policies hang under the documentation arc.
        extension::certificate_policies(&publishing.card_policies()?)?,
    ])
}
