//! Revocation lists (RFC 5280 5): one per shard, and one of everything.
//!
//! The list is filled in by hand because the library's builder copies the authority key identifier
//! of the issuer's *own* certificate, writes an empty `revokedCertificates`, and has no
//! issuingDistributionPoint. Entries are encoded as they come and never held as a typed list.

use der::asn1::AnyRef;
use der::{Encode, Tag, TagNumber};
use policies::card::RevocationReason;
use policies::ids::Serial;
use policies::time::Time;
use x509_cert::Version;
use x509_cert::crl::RevokedCert;
use x509_cert::ext::pkix::CrlNumber;
use x509_cert::ext::pkix::crl::CrlReason;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::DistributionPointName;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::serial_number::SerialNumber;

use crate::asn1::{algorithm_identifier, x509_time};
use crate::error::CaError;
use crate::extension::{self, Criticality};
use crate::issuer::Issuer;
use crate::oids;
use crate::sealed;

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Which.
    pub serial: Serial,
    /// Since when it is not to be trusted.
    pub at: Time,
    /// Why.
    pub reason: RevocationReason,
}

/// What a list says.
#[derive(Debug, Clone)]
pub struct CrlContents<'a> {
    /// Grows with every list of the same scope (5.2.3).
    pub number: u64,
    /// When it was made.
    pub this_update: Time,
    /// When the next one is there at the latest.
    pub next_update: Time,
    /// All revoked certificates of the scope.
    pub entries: &'a [Revoked],
    /// For the list of a shard, the URL that its certificates carry; absent for the full list.
    pub distribution_point: Option<String>,
}

/// Builds and signs a list, DER.
///
/// # Errors
/// [`CaError::ListEndsFirst`], or those of the signing key.
pub fn build(issuer: &Issuer, contents: &CrlContents<'_>) -> Result<Vec<u8>, CaError> {
    if contents.next_update <= contents.this_update {
        return Err(CaError::ListEndsFirst);
    }
    let mut list = Version::V2.to_der()?;
    list.extend(algorithm_identifier(issuer.facts().algorithm).to_der()?);
    list.extend(issuer.facts().name.to_der()?);
    list.extend(x509_time(contents.this_update)?.to_der()?);
    list.extend(x509_time(contents.next_update)?.to_der()?);
    if !contents.entries.is_empty() {
        // Absent when empty, never an empty sequence (5.1.2.6).
        list.extend(constructed(Tag::Sequence, &entries(contents.entries)?)?);
    }
    let extensions = list_extensions(issuer, contents)?.to_der()?;
    list.extend(constructed(EXTENSIONS, &extensions)?);
    sealed::seal(issuer.key(), &constructed(Tag::Sequence, &list)?)
}

/// `crlExtensions [0] EXPLICIT` (5.1).
const EXTENSIONS: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber(0),
};

/// Wraps encoded parts.
fn constructed(tag: Tag, parts: &[u8]) -> der::Result<Vec<u8>> {
    AnyRef::new(tag, parts)?.to_der()
}

/// The entries, one after the other: half a million of them are one buffer.
fn entries(revoked: &[Revoked]) -> Result<Vec<u8>, CaError> {
    let mut octets = Vec::new();
    for one in revoked {
        let entry: RevokedCert = RevokedCert {
            serial_number: SerialNumber::new(&one.serial.to_bytes())?,
            revocation_date: x509_time(one.at)?,
            crl_entry_extensions: reason_extension(one.reason)?,
        };
        entry.encode_to_vec(&mut octets)?;
    }
    Ok(octets)
}

/// The reason, which is left out rather than called unspecified (5.3.1).
fn reason_extension(reason: RevocationReason) -> der::Result<Option<Extensions>> {
    let reason = match reason {
        RevocationReason::Unspecified => return Ok(None),
        RevocationReason::KeyCompromise => CrlReason::KeyCompromise,
        RevocationReason::AffiliationChanged => CrlReason::AffiliationChanged,
        RevocationReason::Superseded => CrlReason::Superseded,
        RevocationReason::CessationOfOperation => CrlReason::CessationOfOperation,
    };
    let value = extension::extension(oids::CRL_REASON, Criticality::Plain, &reason)?;
    Ok(Some(vec![value]))
}

/// Whose key signs, the number and, for a shard, which one: critical, so that nobody takes a part
/// for the whole (5.2.5).
fn list_extensions(issuer: &Issuer, contents: &CrlContents<'_>) -> der::Result<Extensions> {
    let number = CrlNumber::try_from(contents.number)?;
    let mut extensions = vec![
        extension::authority_key_identifier(&issuer.facts().key_identifier)?,
        extension::extension(oids::CRL_NUMBER, Criticality::Plain, &number)?,
    ];
    if let Some(url) = &contents.distribution_point {
        extensions.push(issuing_distribution_point(url)?);
    }
    Ok(extensions)
}

fn issuing_distribution_point(url: &str) -> der::Result<Extension> {
    let scope = IssuingDistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![extension::uri(url)?])),
        only_contains_user_certs: true,
        only_contains_ca_certs: false,
        only_some_reasons: None,
        indirect_crl: false,
        only_contains_attribute_certs: false,
    };
    extension::extension(
        oids::ISSUING_DISTRIBUTION_POINT,
        Criticality::Critical,
        &scope,
    )
}

#[cfg(test)]
mod tests {
    use der::Decode;
    use der::asn1::ObjectIdentifier;
    use policies::time::Span;
    use x509_cert::crl::CertificateList;
    use x509_cert::ext::pkix::AuthorityKeyIdentifier;

    use super::*;
    use crate::testing;

    fn contents(entries: &[Revoked]) -> CrlContents<'_> {
        CrlContents {
            number: 7,
            this_update: testing::NOW,
            next_update: testing::NOW.plus(Span::days(7)),
            entries,
            distribution_point: None,
        }
    }

    fn read(issuer: &Issuer, contents: &CrlContents<'_>) -> CertificateList {
        CertificateList::from_der(&build(issuer, contents).unwrap()).unwrap()
    }

    fn find(extensions: Option<&Extensions>, oid: ObjectIdentifier) -> Option<Extension> {
        extensions?
            .iter()
            .find(|extension| extension.extn_id == oid)
            .cloned()
    }

    fn revoked(serial: &str, reason: RevocationReason) -> Revoked {
        Revoked {
            serial: testing::serial(serial),
            at: testing::NOW,
            reason,
        }
    }

    #[test]
    fn an_empty_list_has_no_entries_at_all() {
        let list = read(&testing::issuing(), &contents(&[])).tbs_cert_list;
        assert!(list.revoked_certificates.is_none());
        assert_eq!(list.version, Version::V2);
        assert!(
            find(
                list.crl_extensions.as_ref(),
                oids::ISSUING_DISTRIBUTION_POINT
            )
            .is_none()
        );
    }

    #[test]
    fn the_key_named_is_the_issuers_own_and_not_its_parents() {
        let issuer = testing::issuing();
        let list = read(&issuer, &contents(&[])).tbs_cert_list;
        let extension = find(list.crl_extensions.as_ref(), oids::AUTHORITY_KEY_IDENTIFIER).unwrap();
        let value = AuthorityKeyIdentifier::from_der(extension.extn_value.as_bytes()).unwrap();
        let named = value.key_identifier.unwrap();
        assert_eq!(named.as_bytes(), issuer.facts().key_identifier);
    }

    #[test]
    fn a_shard_says_critically_which_one_it_is() {
        let url = testing::publishing().shard_url(5);
        let shard = CrlContents {
            distribution_point: Some(url.clone()),
            ..contents(&[])
        };
        let list = read(&testing::issuing(), &shard).tbs_cert_list;
        let extension = find(
            list.crl_extensions.as_ref(),
            oids::ISSUING_DISTRIBUTION_POINT,
        )
        .unwrap();
        assert!(extension.critical);
        let octets = extension.extn_value.as_bytes();
        let value = IssuingDistributionPoint::from_der(octets).unwrap();
        let expected = DistributionPointName::FullName(vec![extension::uri(&url).unwrap()]);
        assert_eq!(value.distribution_point, Some(expected));
        assert!(value.only_contains_user_certs);
    }

    #[test]
    fn reasons_are_named_but_for_the_unspecified_one() {
        let entries = [
            revoked("40aa", RevocationReason::KeyCompromise),
            revoked("40bb", RevocationReason::Unspecified),
        ];
        let list = read(&testing::issuing(), &contents(&entries)).tbs_cert_list;
        let written = list.revoked_certificates.unwrap();
        let [first, second] = written.as_slice() else {
            panic!("two entries")
        };
        assert_eq!(first.serial_number.as_bytes(), [0x40, 0xaa]);
        let reason = find(first.crl_entry_extensions.as_ref(), oids::CRL_REASON).unwrap();
        let value = CrlReason::from_der(reason.extn_value.as_bytes()).unwrap();
        assert_eq!(value, CrlReason::KeyCompromise);
        assert!(!reason.critical);
        assert!(second.crl_entry_extensions.is_none());
    }

    #[test]
    fn a_list_that_ends_before_it_begins_is_refused() {
        let backwards = CrlContents {
            next_update: testing::NOW,
            ..contents(&[])
        };
        let refused = build(&testing::issuing(), &backwards);
        assert!(matches!(refused, Err(CaError::ListEndsFirst)));
    }
}
