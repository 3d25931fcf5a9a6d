//! A computer's TPM in software, as Windows Hello speaks of the keys that it keeps: an attestation key
//! with a certificate below its maker's root, which certifies the credential's key (WebAuthn 8.3).

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use ring::digest::{SHA256, digest};

use super::key::{cbor_bytes, cbor_map, cbor_text, model_entry, pem, sign};

/// Fixed to its TPM and parent, made inside, used with a PIN, signs (TPM 2.0 part 2, 8.3).
const ATTRIBUTES: u32 = 0x0004_0072;
/// `TPM_GENERATED_VALUE` and `TPM_ST_ATTEST_CERTIFY`.
const CERTIFIES: [u8; 6] = [0xff, 0x54, 0x43, 0x47, 0x80, 0x17];

/// One TPM.
pub(crate) struct Tpm {
    root: Vec<u8>,
    leaf: Vec<u8>,
    key: Vec<u8>,
    pub(crate) aaguid: [u8; 16],
}

impl Tpm {
    /// A fresh one, which calls its keys this model.
    pub(crate) fn of(aaguid: [u8; 16]) -> Arc<Self> {
        let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        root.distinguished_name
            .push(DnType::CommonName, "Test TPM maker");
        let root_key = key();
        let root_certificate = root.self_signed(&root_key).expect("a root");
        let leaf_key = key();
        let leaf = certificate()
            .signed_by(&leaf_key, &Issuer::new(root, root_key))
            .expect("a certificate");
        Arc::new(Self {
            root: root_certificate.der().to_vec(),
            leaf: leaf.der().to_vec(),
            key: leaf_key.serialize_der(),
            aaguid,
        })
    }

    /// Adds its model to a list that stands in this folder, allowed.
    pub(crate) fn join(&self, list: &Path) {
        let root = list.with_file_name("tpm-root.pem");
        std::fs::write(root, pem(&self.root)).expect("a root");
        let before = std::fs::read_to_string(list).expect("a list");
        let entry = model_entry(self.aaguid, "allowed", ("Test Hello", "tpm-root.pem"));
        std::fs::write(list, before + &entry).expect("a list");
    }

    /// What it says of the credential with this point, over what is to be signed.
    pub(crate) fn statement(&self, point: &[u8], signed: &[u8]) -> Vec<u8> {
        let area = public_area(point);
        let name = [&[0x00, 0x0b], digest(&SHA256, &area).as_ref()].concat();
        let info = [
            CERTIFIES.as_slice(),
            &sized(b"signer"),
            &sized(digest(&SHA256, signed).as_ref()),
            // Clock and firmware.
            &[0; 25],
            &sized(&name),
            &sized(b""),
        ]
        .concat();
        let chain = [vec![0x81], cbor_bytes(&self.leaf)].concat();
        cbor_map(&[
            (cbor_text("alg"), vec![0x26]),
            (cbor_text("sig"), cbor_bytes(&sign(&self.key, &info))),
            (cbor_text("ver"), cbor_text("2.0")),
            (cbor_text("x5c"), chain),
            (cbor_text("pubArea"), cbor_bytes(&area)),
            (cbor_text("certInfo"), cbor_bytes(&info)),
        ])
    }
}

/// WebAuthn 8.3.1: no subject, the TPM's maker, model and version as its name, for attestation keys.
fn certificate() -> CertificateParams {
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name = DistinguishedName::new();
    leaf.is_ca = IsCa::ExplicitNoCa;
    let purpose = vec![2, 23, 133, 8, 3];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(purpose)];
    let attribute = |last: u8, text: &str| {
        let id = der(0x06, &[0x67, 0x81, 0x05, 0x02, last]);
        der(0x31, &der(0x30, &[id, der(0x0c, text.as_bytes())].concat()))
    };
    let parts = [
        attribute(1, "id:49465800"),
        attribute(2, "Soft"),
        attribute(3, "id:13"),
    ];
    let names = der(0x30, &der(0xa4, &der(0x30, &parts.concat())));
    let mut names = CustomExtension::from_oid_content(&[2, 5, 29, 17], names);
    names.set_criticality(true);
    leaf.custom_extensions.push(names);
    leaf
}

/// `TPMT_PUBLIC` of a P-256 key, named by SHA-256.
fn public_area(point: &[u8]) -> Vec<u8> {
    [
        [0x00, 0x23, 0x00, 0x0b].as_slice(),
        &ATTRIBUTES.to_be_bytes(),
        &[0x00, 0x00, 0x00, 0x10, 0x00, 0x10, 0x00, 0x03, 0x00, 0x10],
        &sized(&point[1..33]),
        &sized(&point[33..65]),
    ]
    .concat()
}

/// DER of one thing, shorter than 128 bytes.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u8::try_from(contents.len()).expect("short");
    assert!(length < 128, "a short form");
    [&[tag, length], contents].concat()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short");
    [length.to_be_bytes().as_slice(), bytes].concat()
}
