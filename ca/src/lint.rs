//! The last look before a signature: every certificate is first signed with a throwaway key, read
//! back by a parser, and looked at by every rule of this folder (ca.md 4; RFC 5280 4).
//!
//! The rules say what must be so, in their own words, and do not share code with the profiles: a
//! mistake in one is to be caught by the other.

mod authority_information_access;
mod authority_key_identifier;
mod basic_constraints;
mod certificate_policies;
mod crl_distribution_points;
mod dates;
mod extended_key_usage;
mod extensions_known;
mod issuer_name;
mod issuer_outlives;
mod key_usage;
mod name_constraints;
mod public_key;
mod serial_number;
mod server_lifetime;
mod signature_algorithm;
mod subject_alt_name;
mod subject_key_identifier;
mod subject_name;
mod version;

use der::asn1::ObjectIdentifier;
use der::{Decode, DecodeOwned};
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::{Certificate, TbsCertificate};

use crate::error::CaError;
use crate::issuer::{Issuer, IssuerFacts};
use crate::keys::SigningKey;
use crate::oids;
use crate::profile::Kind;
use crate::publishing::Publishing;
use crate::sealed;

/// A rule that a certificate broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, which is also its file's.
    pub lint: &'static str,
    /// The document and clause it comes from.
    pub clause: &'static str,
}

/// One rule.
struct Lint {
    name: &'static str,
    clause: &'static str,
    holds: fn(&Exhibit<'_>) -> bool,
}

/// Every rule, in the order of the fields of a certificate.
const LINTS: [&Lint; 20] = [
    &version::LINT,
    &serial_number::LINT,
    &signature_algorithm::LINT,
    &issuer_name::LINT,
    &dates::LINT,
    &issuer_outlives::LINT,
    &server_lifetime::LINT,
    &subject_name::LINT,
    &public_key::LINT,
    &extensions_known::LINT,
    &authority_key_identifier::LINT,
    &subject_key_identifier::LINT,
    &key_usage::LINT,
    &certificate_policies::LINT,
    &subject_alt_name::LINT,
    &basic_constraints::LINT,
    &name_constraints::LINT,
    &extended_key_usage::LINT,
    &crl_distribution_points::LINT,
    &authority_information_access::LINT,
];

/// What a rule looks at.
struct Exhibit<'a> {
    certificate: &'a Certificate,
    kind: Kind,
    issuer: &'a IssuerFacts,
    publishing: &'a Publishing,
}

impl Exhibit<'_> {
    fn tbs(&self) -> &TbsCertificate {
        self.certificate.tbs_certificate()
    }

    fn extensions(&self) -> &[Extension] {
        self.tbs().extensions().map_or(&[], Vec::as_slice)
    }

    /// The one extension with this identifier.
    fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions()
            .iter()
            .find(|extension| extension.extn_id == oid)
    }

    /// Its value, and whether it is critical.
    fn decoded<T: DecodeOwned>(&self, oid: ObjectIdentifier) -> Option<(bool, T)> {
        let extension = self.extension(oid)?;
        let value = T::from_der(extension.extn_value.as_bytes()).ok()?;
        Some((extension.critical, value))
    }
}

/// Signs a throwaway copy of `tbs` and applies every rule to it.
///
/// # Errors
/// [`CaError::Lint`] with every broken rule.
pub(crate) fn rehearse(
    tbs: &[u8],
    kind: Kind,
    issuer: &Issuer,
    publishing: &Publishing,
) -> Result<(), CaError> {
    rehearse_with(tbs, kind, issuer.facts(), issuer.rehearsal(), publishing)
}

/// As [`rehearse`], where there is no issuer yet.
pub(crate) fn rehearse_with(
    tbs: &[u8],
    kind: Kind,
    issuer: &IssuerFacts,
    rehearsal: &dyn SigningKey,
    publishing: &Publishing,
) -> Result<(), CaError> {
    let copy = sealed::seal(rehearsal, tbs)?;
    let certificate = Certificate::from_der(&copy)?;
    let exhibit = Exhibit {
        certificate: &certificate,
        kind,
        issuer,
        publishing,
    };
    let findings = findings(&exhibit);
    if findings.is_empty() {
        return Ok(());
    }
    Err(CaError::Lint(findings))
}

fn findings(exhibit: &Exhibit<'_>) -> Vec<Finding> {
    LINTS
        .iter()
        .filter(|lint| !(lint.holds)(exhibit))
        .map(|lint| Finding {
            lint: lint.name,
            clause: lint.clause,
        })
        .collect()
}

/// Which of the two kinds of card certificate these extensions claim to be, by their purpose.
pub(crate) fn card_kind_of(extensions: &Extensions) -> Option<Kind> {
    let extension = extensions
        .iter()
        .find(|extension| extension.extn_id == oids::EXTENDED_KEY_USAGE)?;
    let purposes = ExtendedKeyUsage::from_der(extension.extn_value.as_bytes()).ok()?;
    if purposes.0.contains(&oids::CLIENT_AUTH) {
        return Some(Kind::CardAuthentication);
    }
    Some(Kind::CardSignature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn every_profile_passes_every_lint() {
        for kind in Kind::ALL {
            assert_eq!(
                testing::findings(kind, |_unchanged| {}),
                [""; 0],
                "{kind:?}"
            );
        }
    }

    #[test]
    fn every_lint_has_its_own_name() {
        let mut names: Vec<_> = LINTS.iter().map(|lint| lint.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), LINTS.len());
    }
}
