//! The certificate of a TPM's attestation key (WebAuthn 8.3.1; TCG EK credential profile 3.2.9).

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Tagged};
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};

use super::error::CeremonyError;
use super::statement::oids;

/// `tcg-kp-AIKCertificate`.
const AIK_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");
const MANUFACTURER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.1");
const MODEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.2");
const VERSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.3");
/// `id-fido-gen-ce-aaguid`.
const AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");

/// Who makes TPMs (TCG vendor id registry), as four letters padded with zeros or blanks. Simulators
/// and the id of conformance tests are left out.
const MAKERS: [&str; 28] = [
    "414D4400", "414E5400", "41544D4C", "4252434D", "4353434F", "464C5953", "524F4343", "474F4F47",
    "48504900", "48504500", "48495349", "49424D00", "49465800", "494E5443", "4C454E00", "4D534654",
    "4E534D20", "4E545A00", "4E534700", "4E544300", "51434F4D", "534D534E", "534E5300", "534D5343",
    "53544D20", "54584E00", "57454300", "5345414C",
];

/// The key of such a certificate.
pub(super) struct Aik {
    /// As ring takes it: PKCS#1 for RSA, the point for P-256.
    pub(super) key: Vec<u8>,
    pub(super) is_rsa: bool,
}

/// Reads a certificate, if it is one of an attestation key and not of another model.
pub(super) fn read(der: &[u8], aaguid: &[u8; 16]) -> Result<Aik, CeremonyError> {
    let wrong = |()| CeremonyError::Statement("the attestation key's certificate");
    let certificate = Certificate::from_der(der).map_err(|_| wrong(()))?;
    judge(&certificate, aaguid).ok_or(()).map_err(wrong)
}

fn judge(certificate: &Certificate, aaguid: &[u8; 16]) -> Option<Aik> {
    let body = certificate.tbs_certificate();
    if body.version() != Version::V3 || !body.subject().is_empty() {
        return None;
    }
    let (_, constraints) = body.get_extension::<BasicConstraints>().ok()??;
    let (_, purposes) = body.get_extension::<ExtendedKeyUsage>().ok()??;
    let (critical, names) = body.get_extension::<SubjectAltName>().ok()??;
    if constraints.ca || !purposes.0.contains(&AIK_PURPOSE) || !critical || !names_a_tpm(&names) {
        return None;
    }
    for extension in body.extensions().into_iter().flatten() {
        if extension.extn_id == AAGUID {
            let says = OctetString::from_der(extension.extn_value.as_bytes()).ok()?;
            if says.as_bytes() != aaguid || extension.critical {
                return None;
            }
        }
    }
    let info = body.subject_public_key_info();
    let parameters = || {
        info.algorithm
            .parameters
            .as_ref()?
            .decode_as::<ObjectIdentifier>()
            .ok()
    };
    let is_rsa = match info.algorithm.oid {
        oids::RSA => true,
        oids::EC if parameters() == Some(oids::P256) => false,
        _ => return None,
    };
    Some(Aik {
        key: info.subject_public_key.as_bytes()?.to_vec(),
        is_rsa,
    })
}

/// Manufacturer, model and version, the first of them known.
fn names_a_tpm(names: &SubjectAltName) -> bool {
    let mut said = (None, false, false);
    for name in &names.0 {
        let GeneralName::DirectoryName(name) = name else {
            continue;
        };
        for attribute in name.iter() {
            let is_text = matches!(
                attribute.value.tag(),
                der::Tag::Utf8String | der::Tag::PrintableString
            );
            match attribute.oid {
                MANUFACTURER if is_text => {
                    said.0 = std::str::from_utf8(attribute.value.value()).ok();
                }
                MODEL => said.1 = is_text,
                VERSION => said.2 = is_text,
                _ => {}
            }
        }
    }
    let (Some(maker), true, true) = said else {
        return false;
    };
    maker
        .strip_prefix("id:")
        .is_some_and(|id| MAKERS.iter().any(|known| known.eq_ignore_ascii_case(id)))
}
