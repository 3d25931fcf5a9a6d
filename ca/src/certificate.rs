//! The certificates that clients of the card listener show, read in strict DER, with nothing in them
//! that two readers could take for two things (attack table 59). Who signed them, and whether they
//! still count, is not asked here.
//!
//! Makers of security keys are not so strict (docs/decisions/0012): their chains are read elsewhere.

use std::collections::BTreeSet;

use der::asn1::{Any, Ia5StringRef, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, NameConstraints, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::{Certificate, Version};

use crate::oids;
use crate::request::RsaPublicKey;
use crate::strict::is_strict;

/// The longest serial number, in octets (RFC 5280 4.1.2.2).
const LONGEST_SERIAL: usize = 20;

/// Why a certificate was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not a certificate (RFC 5280 4.1) in DER, or something follows it.
    #[error("not a certificate in DER")]
    Malformed,
    /// Read and written again it is something else: it was not in the one form that DER has.
    #[error("not in the one form that DER has")]
    Form,
    /// The algorithm outside is not the one inside, which alone is signed (RFC 5280 4.1.1.2).
    #[error("two signature algorithms")]
    Algorithm,
    /// Zero, negative, or longer than 20 octets (RFC 5280 4.1.2.2).
    #[error("an impossible serial number")]
    Serial,
    /// A signature or a key that is not of whole octets, or an RSA key that is not one in DER.
    #[error("a signature or a key that is none")]
    Bits,
    /// Extensions where the version has none (RFC 5280 4.1.2.1), or the identifiers of holder and
    /// issuer that came before extensions (4.1.2.8).
    #[error("what the version has not, or should not have")]
    Version,
    /// An extension that comes twice (RFC 5280 4.2), or of RFC 5280 and not of its form.
    #[error("an extension comes twice or is not of its form")]
    Extension,
    /// A name with a string of another kind than the three in use, with a character that its kind
    /// has not, or with a zero octet.
    #[error("an odd string in a name")]
    Name,
}

/// Reads a certificate (DER).
///
/// # Errors
/// [`Unreadable`], in the order of its list.
pub fn read(der: &[u8]) -> Result<Certificate, Unreadable> {
    let certificate = Certificate::from_der(der).map_err(|_parse| Unreadable::Malformed)?;
    let again = certificate.to_der().map_err(|_encode| Unreadable::Form)?;
    let body = certificate.tbs_certificate();
    let fine = |fine: bool, why: Unreadable| fine.then_some(()).ok_or(why);
    fine(again == der && is_strict(der), Unreadable::Form)?;
    fine(
        certificate.signature_algorithm() == body.signature(),
        Unreadable::Algorithm,
    )?;
    fine(is_serial(&certificate), Unreadable::Serial)?;
    fine(
        is_key(body.subject_public_key_info()) && certificate.signature().as_bytes().is_some(),
        Unreadable::Bits,
    )?;
    let extensions = body.extensions();
    let identifiers = [body.issuer_unique_id(), body.subject_unique_id()];
    fine(
        (extensions.is_none() || body.version() == Version::V3) && identifiers == [&None, &None],
        Unreadable::Version,
    )?;
    let mut seen = BTreeSet::new();
    let mut extensions = extensions.into_iter().flatten();
    fine(
        extensions.all(|extension| seen.insert(extension.extn_id) && is_of_its_form(extension)),
        Unreadable::Extension,
    )?;
    fine(
        is_plain(body.issuer()) && is_plain(body.subject()),
        Unreadable::Name,
    )?;
    Ok(certificate)
}

fn is_serial(certificate: &Certificate) -> bool {
    let octets = certificate.tbs_certificate().serial_number().as_bytes();
    let is_positive = match octets {
        [first] => (1..0x80).contains(first),
        [first, ..] => first >> 7 == 0,
        [] => false,
    };
    is_positive && octets.len() <= LONGEST_SERIAL
}

/// Whether each string is of a kind in use (RFC 5280 4.1.2.4) and holds only what its kind has.
fn is_plain(name: &Name) -> bool {
    name.iter().all(|attribute| is_text(&attribute.value))
}

fn is_text(value: &Any) -> bool {
    let octets = value.value();
    let of_its_kind = match value.tag() {
        Tag::PrintableString => PrintableStringRef::new(octets).is_ok(),
        Tag::Utf8String => Utf8StringRef::new(octets).is_ok(),
        Tag::Ia5String => Ia5StringRef::new(octets).is_ok(),
        _ => false,
    };
    of_its_kind && !octets.contains(&0)
}

/// A key of whole octets; one of RSA in the one form that DER has for its two numbers.
fn is_key(info: &SubjectPublicKeyInfoOwned) -> bool {
    let Some(key) = info.subject_public_key.as_bytes() else {
        return false;
    };
    info.algorithm.oid != oids::RSA_ENCRYPTION || RsaPublicKey::from_der(key).is_ok()
}

/// Whether the value is what RFC 5280 4.2 says, where it says anything.
fn is_of_its_form(extension: &Extension) -> bool {
    let value = extension.extn_value.as_bytes();
    let known = match extension.extn_id {
        oids::BASIC_CONSTRAINTS => is::<BasicConstraints>(value),
        oids::KEY_USAGE => is::<KeyUsage>(value),
        oids::EXTENDED_KEY_USAGE => is::<ExtendedKeyUsage>(value),
        oids::SUBJECT_ALT_NAME => is::<SubjectAltName>(value) && !has_zero(value),
        oids::SUBJECT_KEY_IDENTIFIER => is::<SubjectKeyIdentifier>(value),
        oids::AUTHORITY_KEY_IDENTIFIER => is::<AuthorityKeyIdentifier>(value),
        oids::CERTIFICATE_POLICIES => is::<CertificatePolicies>(value),
        oids::CRL_DISTRIBUTION_POINTS => is::<CrlDistributionPoints>(value),
        oids::NAME_CONSTRAINTS => is::<NameConstraints>(value),
        oids::AUTHORITY_INFO_ACCESS => is::<AuthorityInfoAccessSyntax>(value),
        _ => return true,
    };
    known && is_strict(value)
}

/// Of this kind, and written as it would be written again.
fn is<'a, T: Decode<'a> + Encode>(value: &'a [u8]) -> bool {
    let again = T::from_der(value).ok().and_then(|read| read.to_der().ok());
    again.is_some_and(|again| again == value)
}

/// Whether a text among these names holds a zero octet.
fn has_zero(value: &[u8]) -> bool {
    let names = SubjectAltName::from_der(value).map(|names| names.0);
    let mut names = names.into_iter().flatten();
    names.any(|name| match name {
        GeneralName::Rfc822Name(text)
        | GeneralName::DnsName(text)
        | GeneralName::UniformResourceIdentifier(text) => text.as_bytes().contains(&0),
        _ => false,
    })
}

#[cfg(test)]
mod tests;
