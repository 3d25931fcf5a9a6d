//! The extensions of RFC 5280 4.2 that our certificates carry, each made in one place.

use der::asn1::{Any, Ia5String, ObjectIdentifier, OctetString};
use der::flagset::FlagSet;
use der::{Encode, Tag};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName, OtherName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectAltName, SubjectKeyIdentifier,
};

use crate::oids;

/// Whether software that does not know an extension must refuse the certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Criticality {
    Critical,
    Plain,
}

/// Any extension from its parts.
pub(crate) fn extension(
    oid: ObjectIdentifier,
    criticality: Criticality,
    value: &impl Encode,
) -> der::Result<Extension> {
    Ok(Extension {
        extn_id: oid,
        critical: criticality == Criticality::Critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

/// Whose key signs: the key identifier alone (4.2.1.1), copied from the issuer's certificate and
/// never computed anew.
pub(crate) fn authority_key_identifier(identifier: &[u8]) -> der::Result<Extension> {
    let value = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(identifier)?),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    extension(oids::AUTHORITY_KEY_IDENTIFIER, Criticality::Plain, &value)
}

/// Which key is certified (4.2.1.2).
pub(crate) fn subject_key_identifier(identifier: &[u8]) -> der::Result<Extension> {
    let value = SubjectKeyIdentifier(OctetString::new(identifier)?);
    extension(oids::SUBJECT_KEY_IDENTIFIER, Criticality::Plain, &value)
}

/// What the key may do (4.2.1.3), always critical.
pub(crate) fn key_usage(usages: impl Into<FlagSet<KeyUsages>>) -> der::Result<Extension> {
    extension(
        oids::KEY_USAGE,
        Criticality::Critical,
        &KeyUsage(usages.into()),
    )
}

/// What for (4.2.1.12).
pub(crate) fn extended_key_usage(purposes: &[ObjectIdentifier]) -> der::Result<Extension> {
    let value = ExtendedKeyUsage(purposes.to_vec());
    extension(oids::EXTENDED_KEY_USAGE, Criticality::Plain, &value)
}

/// Under which policies (4.2.1.4), without qualifiers.
pub(crate) fn certificate_policies(policies: &[ObjectIdentifier]) -> der::Result<Extension> {
    let information = |policy: &ObjectIdentifier| PolicyInformation {
        policy_identifier: *policy,
        policy_qualifiers: None,
    };
    let value = CertificatePolicies(policies.iter().map(information).collect());
    extension(oids::CERTIFICATE_POLICIES, Criticality::Plain, &value)
}

/// That this is an authority, with at most `path_length` authorities below it (4.2.1.9).
pub(crate) fn authority_basic_constraints(path_length: Option<u8>) -> der::Result<Extension> {
    let value = BasicConstraints {
        ca: true,
        path_len_constraint: path_length,
    };
    extension(oids::BASIC_CONSTRAINTS, Criticality::Critical, &value)
}

/// Other names of the subject (4.2.1.6); plain, because the subject is never empty.
pub(crate) fn subject_alt_name(names: Vec<GeneralName>) -> der::Result<Extension> {
    extension(
        oids::SUBJECT_ALT_NAME,
        Criticality::Plain,
        &SubjectAltName(names),
    )
}

/// Where revocations are listed: one http URI (4.2.1.13).
pub(crate) fn crl_distribution_point(url: &str) -> der::Result<Extension> {
    let value = CrlDistributionPoints(vec![DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![uri(url)?])),
        reasons: None,
        crl_issuer: None,
    }]);
    extension(oids::CRL_DISTRIBUTION_POINTS, Criticality::Plain, &value)
}

/// Where the issuer's certificate is to be had: one http URI (4.2.2.1).
pub(crate) fn issuer_certificate_at(url: &str) -> der::Result<Extension> {
    let value = AuthorityInfoAccessSyntax(vec![AccessDescription {
        access_method: oids::CA_ISSUERS,
        access_location: uri(url)?,
    }]);
    extension(oids::AUTHORITY_INFO_ACCESS, Criticality::Plain, &value)
}

/// A URI as a general name.
pub(crate) fn uri(text: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(
        text,
    )?))
}

/// A DNS name as a general name.
pub(crate) fn dns(text: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::DnsName(Ia5String::new(text)?))
}

/// A Microsoft user principal name as a general name (MS-WCCE).
pub(crate) fn user_principal_name(text: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::OtherName(OtherName {
        type_id: oids::USER_PRINCIPAL_NAME,
        value: Any::new(Tag::Utf8String, text.as_bytes())?,
    }))
}
