//! The gateway's own TLS certificate (ca.md 4.4), from an issuer of its own. It names no list and
//! no issuer's address, because nothing serves them: it lives at most ninety days instead.

use std::net::IpAddr;

use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::KeyUsages;
use x509_cert::ext::pkix::name::GeneralName;

use crate::extension;
use crate::oids;
use crate::publishing::{PolicyNumber, Publishing, is_dns_name};

/// The names a server answers to: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerNames {
    dns: Vec<String>,
    addresses: Vec<IpAddr>,
}

/// Why [`ServerNames::new`] refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServerNamesError {
    /// Neither a name nor an address.
    #[error("a server needs a name")]
    None,
    /// A name that is no DNS name in ASCII; wildcards are none.
    #[error("not a DNS name")]
    NotDns,
}

impl ServerNames {
    /// Checks the names.
    ///
    /// # Errors
    /// See [`ServerNamesError`].
    pub fn new(dns: Vec<String>, addresses: Vec<IpAddr>) -> Result<Self, ServerNamesError> {
        if dns.is_empty() && addresses.is_empty() {
            return Err(ServerNamesError::None);
        }
        if !dns.iter().all(|name| is_dns_name(name)) {
            return Err(ServerNamesError::NotDns);
        }
        Ok(Self { dns, addresses })
    }

    /// The first of them, for the subject; nobody matches it (RFC 9525 2).
    pub(crate) fn display(&self) -> String {
        let address = || self.addresses.first().map(ToString::to_string);
        self.dns
            .first()
            .cloned()
            .or_else(address)
            .unwrap_or_default()
    }
}

/// digitalSignature, server authentication, names in subjectAltName alone.
pub(crate) fn extensions(names: &ServerNames, publishing: &Publishing) -> der::Result<Extensions> {
    let mut alternatives = Vec::new();
    for name in &names.dns {
        alternatives.push(extension::dns(name)?);
    }
    alternatives.extend(names.addresses.iter().copied().map(GeneralName::from));
    Ok(vec![
        extension::key_usage(KeyUsages::DigitalSignature)?,
        extension::extended_key_usage(&[oids::SERVER_AUTH])?,
        extension::certificate_policies(&[publishing.policy(PolicyNumber::GatewayServer)?])?,
        extension::subject_alt_name(alternatives)?,
    ])
}
