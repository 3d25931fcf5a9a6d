//! A second encoder and a second parser: what x509-cert wrote, rcgen writes the same, and
//! x509-parser reads the same.

use ca::keys::{Algorithm, FileKey, SigningKey};
use ca::request::SubjectKey;
use policies::card::KeyRole;
use rcgen::{
    CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, OtherNameValue,
    SanType, SerialNumber,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::support::{USER_ID, World, world};

/// The same certificate as rcgen would write it; what it has no type for is copied.
fn rewritten(world: &World, ours: &X509Certificate<'_>, holder: &KeyPair) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(
        DnType::CountryName,
        DnValue::PrintableString("GB".try_into().unwrap()),
    );
    name.push(DnType::OrganizationName, "DEMO Trust");
    name.push(DnType::CommonName, USER_ID);
    let number = DnValue::PrintableString(USER_ID.try_into().unwrap());
    name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), number);
    params.not_before = ours.validity().not_before.to_datetime();
    params.not_after = ours.validity().not_after.to_datetime();
    params.serial_number = Some(SerialNumber::from_slice(ours.raw_serial()));
    params.is_ca = IsCa::NoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let logon = ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 2]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, logon];
    let principal = OtherNameValue::Utf8String(format!("{USER_ID}@cards.example"));
    let uuid = san_uri(ours);
    params.subject_alt_names = vec![
        SanType::OtherName((vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 3], principal)),
        SanType::URI(uuid.as_str().try_into().unwrap()),
    ];
    let shard = ours.raw_serial().last().unwrap() % 128;
    let uris = vec![format!("http://pki.example/crl/{shard}.crl")];
    params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
    for oid in [
        [2, 5, 29, 14].as_slice(),
        &[2, 5, 29, 32],
        &[1, 3, 6, 1, 5, 5, 7, 1, 1],
    ] {
        let value = value_of(ours, oid);
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(oid, value));
    }
    let issuer = issuer(world);
    params.signed_by(holder, &issuer).unwrap().der().to_vec()
}

/// Our issuing authority, as rcgen wants it told.
fn issuer(world: &World) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(
        DnType::CountryName,
        DnValue::PrintableString("GB".try_into().unwrap()),
    );
    name.push(DnType::OrganizationName, "DEMO Trust");
    name.push(DnType::CommonName, "DEMO Card Issuing 1");
    let identifier = hex::decode(world.issuing().id().as_str()).unwrap();
    params.key_identifier_method = KeyIdMethod::PreSpecified(identifier);
    let pem = world.issuing_key.to_pem().unwrap();
    Issuer::new(params, KeyPair::from_pem(&pem).unwrap())
}

fn value_of(certificate: &X509Certificate<'_>, oid: &[u64]) -> Vec<u8> {
    let oid = x509_parser::der_parser::Oid::from(oid).unwrap();
    certificate
        .get_extension_unique(&oid)
        .unwrap()
        .unwrap()
        .value
        .to_vec()
}

fn san_uri(certificate: &X509Certificate<'_>) -> String {
    use x509_parser::extensions::GeneralName;
    let names = &certificate
        .subject_alternative_name()
        .unwrap()
        .unwrap()
        .value
        .general_names;
    let uri = names.iter().find_map(|name| match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    });
    uri.unwrap()
}

/// Every extension as (identifier, critical, octets), sorted: their order means nothing.
fn extensions(certificate: &X509Certificate<'_>) -> Vec<(String, bool, Vec<u8>)> {
    let one = |extension: &x509_parser::extensions::X509Extension<'_>| {
        (
            extension.oid.to_id_string(),
            extension.critical,
            extension.value.to_vec(),
        )
    };
    let mut all: Vec<_> = certificate.extensions().iter().map(one).collect();
    all.sort();
    all
}

#[test]
fn two_encoders_write_the_same_card() {
    let world = world();
    let holder = KeyPair::generate().unwrap();
    let key = FileKey::from_pem(&holder.serialize_pem()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::P256);
    let key = SubjectKey::from_spki(key.spki_der()).unwrap();
    let ours = world.issue(vec![(KeyRole::Authentication, key)]).remove(0);
    let (rest, ours) = X509Certificate::from_der(ours.der()).unwrap();
    assert!(rest.is_empty());
    let theirs = rewritten(&world, &ours, &holder);
    let (_rest, theirs) = X509Certificate::from_der(&theirs).unwrap();
    assert_eq!(ours.raw_serial(), theirs.raw_serial());
    assert_eq!(ours.signature, theirs.signature);
    assert_eq!(ours.issuer().as_raw(), theirs.issuer().as_raw());
    assert_eq!(ours.validity(), theirs.validity());
    assert_eq!(ours.subject().as_raw(), theirs.subject().as_raw());
    assert_eq!(ours.public_key().raw, theirs.public_key().raw);
    assert_eq!(extensions(&ours), extensions(&theirs));
}

#[test]
fn a_second_parser_verifies_what_we_sign() {
    let world = world();
    let card = world.card();
    let (_rest, card) = X509Certificate::from_der(card.der()).unwrap();
    let (_rest, issuing) = X509Certificate::from_der(world.issuing().der()).unwrap();
    let (_rest, root) = X509Certificate::from_der(world.root.der()).unwrap();
    card.verify_signature(Some(issuing.public_key())).unwrap();
    issuing.verify_signature(Some(root.public_key())).unwrap();
    root.verify_signature(None).unwrap();
    assert!(card.verify_signature(Some(root.public_key())).is_err());
}
