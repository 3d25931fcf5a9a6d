//! A signer of metadata with a root of our own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

use super::super::stored::encode;

/// A signer of our own with a root of our own.
pub(crate) struct Alliance {
    pub(crate) root: Vec<u8>,
    pub(crate) leaf: Vec<u8>,
    key: KeyPair,
}

impl Alliance {
    /// Any name, for the years 2022 to `until`.
    pub(crate) fn named(name: &str, until: i32) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name.push(DnType::CommonName, "A Root");
        let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
        leaf.not_before = rcgen::date_time_ymd(2022, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(until, 6, 1);
        let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
        Self {
            root: root_der,
            leaf: leaf.der().to_vec(),
            key,
        }
    }

    /// The Alliance's name, until June 2023.
    pub(crate) fn new() -> Self {
        Self::named("mds.fidoalliance.org", 2023)
    }

    /// Signs an edition.
    pub(crate) fn sign(&self, payload: &Value) -> String {
        let header = json!({"alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(&self.leaf)]});
        let text = |value: &Value| encode(&serde_json::to_vec(value).unwrap());
        let signed = format!("{}.{}", text(&header), text(payload));
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &self.key.serialize_der(),
            &random,
        )
        .unwrap();
        let signature = key.sign(&random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", encode(signature.as_ref()))
    }
}

/// The one model in it.
pub(crate) const AAGUID: [u8; 16] = [0xab; 16];

/// An edition with one model.
pub(crate) fn edition(number: u64, statuses: &[&str]) -> Value {
    let reports: Vec<Value> = statuses.iter().map(|s| json!({"status": s})).collect();
    json!({
        "no": number,
        "nextUpdate": "2023-02-01",
        "entries": [{
            "aaguid": "abababab-abab-abab-abab-abababababab",
            "metadataStatement": {
                "description": "A Key",
                "attestationRootCertificates": [],
                "attachmentHint": ["external"],
                "keyProtection": ["hardware"],
                "attestationTypes": ["basic_full"],
            },
            "statusReports": reports,
        }],
    })
}
