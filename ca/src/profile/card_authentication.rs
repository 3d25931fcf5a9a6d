//! A card's authentication certificate (ca.md 4.1): it proves presence and nothing more.

use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::KeyUsages;

use crate::extension;
use crate::oids;
use crate::publishing::Publishing;

/// digitalSignature alone, client authentication and Windows logon, one assurance policy.
/// `basicConstraints` is absent: not an authority (RFC 5280 4.2.1.9).
pub(super) fn extensions(publishing: &Publishing) -> der::Result<Extensions> {
    Ok(vec![
        extension::key_usage(KeyUsages::DigitalSignature)?,
        extension::extended_key_usage(&[oids::CLIENT_AUTH, oids::SMARTCARD_LOGON])?,
        extension::certificate_policies(&[publishing.assurance_policy()?])?,
    ])
}
