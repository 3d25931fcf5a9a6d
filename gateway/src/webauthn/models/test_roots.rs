//! Roots that only tests and `matron dev` may trust. Whoever has a browser has their keys.

use ca::publishing::is_development_certificate;
use der::Decode;
use der::asn1::ObjectIdentifier;
use x509_cert::Certificate;

/// Organisation and common name (RFC 4519).
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Who signs for authenticators that are programs: the virtual ones of Chromium.
const NAMES: [(ObjectIdentifier, &str); 2] = [
    (ORGANISATION, "Chromium"),
    (COMMON_NAME, "Batch Certificate"),
];

/// Whether a certificate (DER) is one of those: by its subject, or as a certificate of a dev PKI.
pub fn is_one(der: &[u8]) -> bool {
    if is_development_certificate(der).unwrap_or(false) {
        return true;
    }
    let Ok(certificate) = Certificate::from_der(der) else {
        return false;
    };
    certificate
        .tbs_certificate()
        .subject()
        .iter()
        .any(|attribute| {
            let text = std::str::from_utf8(attribute.value.value()).unwrap_or_default();
            NAMES.contains(&(attribute.oid, text))
        })
}
