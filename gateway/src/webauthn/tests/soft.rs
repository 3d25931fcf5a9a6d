//! An authenticator in software, with a maker of its own: what no recording holds can be made.

use ciborium::value::Value;
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::super::stored::encode;
use super::super::*;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const MODEL: [u8; 16] = *b"soft-test-model!";
pub(crate) const UP: u8 = 0x01;
pub(crate) const UV: u8 = 0x04;
pub(crate) const BE: u8 = 0x08;
pub(crate) const BS: u8 = 0x10;

/// The site under test.
pub(crate) fn site(models: Models) -> RelyingParty {
    RelyingParty::new(&Url::parse(ISSUER).unwrap(), "Matron", Arc::new(models)).unwrap()
}

pub(crate) fn challenge(fill: u8) -> Challenge {
    Challenge::from_bytes([fill; 32])
}

/// Somebody new, without anything yet.
pub(crate) fn newcomer<'a>() -> Newcomer<'a> {
    Newcomer {
        user_handle: b"0123456789abcdef",
        name: "amina",
        display_name: "Amina",
        attachment: None,
        exclude: &[],
    }
}

/// A maker: a root and the certificate of one batch.
pub(crate) struct Maker {
    pub(crate) root: Vec<u8>,
    leaf: Vec<u8>,
    key: KeyPair,
}

impl Maker {
    pub(crate) fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name
            .push(DnType::CommonName, "Soft Root");
        let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(Vec::new()).unwrap();
        leaf.is_ca = IsCa::ExplicitNoCa;
        let name = &mut leaf.distinguished_name;
        name.push(DnType::CountryName, "GB");
        name.push(DnType::OrganizationName, "Soft Keys");
        name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
        name.push(DnType::CommonName, "Soft Batch");
        let mut aaguid = vec![0x04, 0x10];
        aaguid.extend(MODEL);
        leaf.custom_extensions
            .push(CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4],
                aaguid,
            ));
        let issuer = Issuer::new(root, root_key);
        let leaf = leaf.signed_by(&key, &issuer).unwrap().der().to_vec();
        Self {
            root: root_der,
            leaf,
            key,
        }
    }
}

/// One authenticator with one credential.
pub(crate) struct Soft {
    pub(crate) id: Vec<u8>,
    pub(crate) counter: u32,
    pub(crate) flags: u8,
    pub(crate) rp_id: String,
    pub(crate) origin: String,
    pub(crate) key: EcdsaKeyPair,
}

pub(crate) fn signer(pkcs8: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new()).unwrap()
}

pub(crate) fn client_data(kind: &str, challenge: &Challenge, origin: &str) -> Vec<u8> {
    serde_json::to_vec(&json!({
        "type": kind,
        "challenge": encode(challenge.as_bytes()),
        "origin": origin,
        "crossOrigin": false,
    }))
    .unwrap()
}

impl Soft {
    pub(crate) fn new() -> Self {
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                .unwrap();
        Self {
            id: b"soft credential".to_vec(),
            counter: 1,
            flags: UP | UV,
            rp_id: "id.example".to_owned(),
            origin: ISSUER.to_owned(),
            key: signer(key.as_ref()),
        }
    }

    /// The public key, uncompressed.
    pub(crate) fn point(&self) -> Vec<u8> {
        self.key.public_key().as_ref().to_vec()
    }

    pub(crate) fn auth_data(&self, attested: bool) -> Vec<u8> {
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(self.flags | if attested { 0x40 } else { 0 });
        data.extend(self.counter.to_be_bytes());
        if attested {
            data.extend(MODEL);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            let point = self.key.public_key().as_ref();
            let key = Value::Map(vec![
                (1.into(), 2.into()),
                (3.into(), (-7).into()),
                ((-1).into(), 1.into()),
                ((-2).into(), Value::from(&point[1..33])),
                ((-3).into(), Value::from(&point[33..65])),
            ]);
            ciborium::into_writer(&key, &mut data).unwrap();
        }
        data
    }

    fn sign(key: &EcdsaKeyPair, data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let message = [data, digest(&SHA256, client_data).as_ref()].concat();
        let signature = key.sign(&SystemRandom::new(), &message).unwrap();
        signature.as_ref().to_vec()
    }

    /// Makes the credential; with a maker's word, or without any.
    pub(crate) fn register(&self, challenge: &Challenge, maker: Option<&Maker>) -> Vec<u8> {
        let client_data = client_data("webauthn.create", challenge, &self.origin);
        let data = self.auth_data(true);
        let (format, statement) = match maker {
            None => ("none", Value::Map(Vec::new())),
            Some(maker) => {
                let key = signer(&maker.key.serialize_der());
                let signature = Self::sign(&key, &data, &client_data);
                let statement = Value::Map(vec![
                    ("alg".into(), (-7).into()),
                    ("sig".into(), Value::Bytes(signature)),
                    (
                        "x5c".into(),
                        Value::Array(vec![Value::Bytes(maker.leaf.clone())]),
                    ),
                ]);
                ("packed", statement)
            }
        };
        self.made(format, statement, &data, &client_data)
    }

    /// The answer with any statement.
    pub(crate) fn made(
        &self,
        format: &str,
        statement: Value,
        data: &[u8],
        client_data: &[u8],
    ) -> Vec<u8> {
        let object = Value::Map(vec![
            ("fmt".into(), format.into()),
            ("attStmt".into(), statement),
            ("authData".into(), Value::from(data)),
        ]);
        let mut bytes = Vec::new();
        ciborium::into_writer(&object, &mut bytes).unwrap();
        self.answer(&json!({
            "clientDataJSON": encode(client_data),
            "attestationObject": encode(&bytes),
            "transports": ["usb"],
        }))
    }

    /// Signs in.
    pub(crate) fn authenticate(&self, challenge: &Challenge) -> Vec<u8> {
        let client_data = client_data("webauthn.get", challenge, &self.origin);
        let data = self.auth_data(false);
        self.answer(&json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(&Self::sign(&self.key, &data, &client_data)),
            "userHandle": encode(b"0123456789abcdef"),
        }))
    }

    fn answer(&self, response: &serde_json::Value) -> Vec<u8> {
        serde_json::to_vec(&json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": response,
        }))
        .unwrap()
    }

    /// Registered at the site, without a maker's word.
    pub(crate) fn at(&self, site: &RelyingParty) -> StoredKey {
        let (_, state) = site.start_registration(&newcomer(), challenge(1));
        let answer = self.register(&challenge(1), None);
        let made = site.finish_registration(&state, &answer, super::vectors::IN_2023);
        made.unwrap().key
    }
}
