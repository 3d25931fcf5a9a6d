//! A card's signature certificate (ca.md 4.1): it binds the holder to what she signed. It has no
//! purpose that a sign-in accepts.

use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::KeyUsages;

use crate::extension;
use crate::oids;
use crate::publishing::{PolicyNumber, Publishing};

/// digitalSignature and nonRepudiation, for documents and messages, under its own policy.
pub(super) fn extensions(publishing: &Publishing) -> der::Result<Extensions> {
    Ok(vec![
        extension::key_usage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation)?,
        extension::extended_key_usage(&[oids::EMAIL_PROTECTION, oids::DOCUMENT_SIGNING])?,
        extension::certificate_policies(&[publishing.policy(PolicyNumber::CardSignature)?])?,
    ])
}
