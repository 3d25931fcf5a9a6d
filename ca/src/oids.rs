//! The object identifiers this room writes and reads, each with the document that assigns it.

use der::asn1::ObjectIdentifier;

/// Shorthand for a constant object identifier.
const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// The enterprise number reserved for examples (RFC 5612). Certificates under it are development
/// certificates, and production refuses their roots.
pub const DOCUMENTATION_ARC: ObjectIdentifier = oid("1.3.6.1.4.1.32473");

/// `ecdsa-with-SHA256` (RFC 5758 3.2).
pub const ECDSA_WITH_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
/// `ecdsa-with-SHA384` (RFC 5758 3.2).
pub const ECDSA_WITH_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");

/// `id-at-commonName` (X.520).
pub const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
/// `id-at-serialNumber` (X.520).
pub const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
/// `id-at-countryName` (X.520).
pub const COUNTRY: ObjectIdentifier = oid("2.5.4.6");
/// `id-at-organizationName` (X.520).
pub const ORGANISATION: ObjectIdentifier = oid("2.5.4.10");

/// `id-ce-subjectKeyIdentifier` (RFC 5280 4.2.1.2).
pub const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.14");
/// `id-ce-keyUsage` (RFC 5280 4.2.1.3).
pub const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
/// `id-ce-subjectAltName` (RFC 5280 4.2.1.6).
pub const SUBJECT_ALT_NAME: ObjectIdentifier = oid("2.5.29.17");
/// `id-ce-basicConstraints` (RFC 5280 4.2.1.9).
pub const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
/// `id-ce-cRLNumber` (RFC 5280 5.2.3).
pub const CRL_NUMBER: ObjectIdentifier = oid("2.5.29.20");
/// `id-ce-cRLReasons` (RFC 5280 5.3.1).
pub const CRL_REASON: ObjectIdentifier = oid("2.5.29.21");
/// `id-ce-issuingDistributionPoint` (RFC 5280 5.2.5). x509-cert 0.3.0 gives its type the number of
/// subjectInfoAccess, so the type is always encoded under this constant.
pub const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = oid("2.5.29.28");
/// `id-ce-nameConstraints` (RFC 5280 4.2.1.10).
pub const NAME_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.30");
/// `id-ce-cRLDistributionPoints` (RFC 5280 4.2.1.13).
pub const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = oid("2.5.29.31");
/// `id-ce-certificatePolicies` (RFC 5280 4.2.1.4).
pub const CERTIFICATE_POLICIES: ObjectIdentifier = oid("2.5.29.32");
/// `id-ce-authorityKeyIdentifier` (RFC 5280 4.2.1.1).
pub const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.35");
/// `id-ce-extKeyUsage` (RFC 5280 4.2.1.12).
pub const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
/// `id-pe-authorityInfoAccess` (RFC 5280 4.2.2.1).
pub const AUTHORITY_INFO_ACCESS: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.1");
/// `id-ad-caIssuers` (RFC 5280 4.2.2.1).
pub const CA_ISSUERS: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.2");

/// `id-kp-serverAuth` (RFC 5280 4.2.1.12).
pub const SERVER_AUTH: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.1");
/// `id-kp-clientAuth` (RFC 5280 4.2.1.12).
pub const CLIENT_AUTH: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.2");
/// `id-kp-emailProtection` (RFC 5280 4.2.1.12).
pub const EMAIL_PROTECTION: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.4");
/// `id-kp-OCSPSigning` (RFC 6960 4.2.2.2).
pub const OCSP_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.9");
/// `id-kp-documentSigning` (RFC 9336).
pub const DOCUMENT_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.36");
/// Microsoft smartcard logon (MS-WCCE).
pub const SMARTCARD_LOGON: ObjectIdentifier = oid("1.3.6.1.4.1.311.20.2.2");
/// `anyExtendedKeyUsage` (RFC 5280 4.2.1.12): never issued here.
pub const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37.0");
/// Microsoft user principal name, an otherName in subjectAltName (MS-WCCE).
pub const USER_PRINCIPAL_NAME: ObjectIdentifier = oid("1.3.6.1.4.1.311.20.2.3");

/// `challengePassword` (RFC 2985 5.4.1).
pub const CHALLENGE_PASSWORD: ObjectIdentifier = oid("1.2.840.113549.1.9.7");

/// `sha256WithRSAEncryption` (RFC 4055 5).
pub const RSA_PKCS1_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
/// `sha384WithRSAEncryption` (RFC 4055 5).
pub const RSA_PKCS1_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
/// `sha512WithRSAEncryption` (RFC 4055 5).
pub const RSA_PKCS1_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
/// `id-RSASSA-PSS` (RFC 4055 3.1).
pub const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
/// `rsaEncryption` (RFC 3279 2.3.1).
pub const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
/// `id-ecPublicKey` (RFC 5480 2.1.1).
pub const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
/// `secp256r1` (RFC 5480 2.1.1.1).
pub const CURVE_P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
/// `secp384r1` (RFC 5480 2.1.1.1).
pub const CURVE_P384: ObjectIdentifier = oid("1.3.132.0.34");
