//! A TPM in software: what the rules about its key and its certificate refuse, one at a time.

use ciborium::value::Value;
use policies::authenticator::Attestation;
use policies::signin::{Aal, Method};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;

use super::super::models::ModelList;
use super::super::*;
use super::soft::{MODEL, Soft, challenge, client_data, newcomer, signer, site};
use super::vectors::IN_2023 as NOW;

/// Fixed to its TPM and parent, made inside, used with a PIN, signs.
const ATTRIBUTES: u32 = 0x0004_0072;

/// What may be otherwise.
struct Tpm {
    attributes: u32,
    maker: &'static str,
    says_maker: bool,
    names_critical: bool,
    purpose: bool,
    authority: bool,
    subject: bool,
    aaguid: Option<[u8; 16]>,
    name_hash: u8,
    alg: i64,
    scheme: u16,
}

impl Default for Tpm {
    fn default() -> Self {
        Self {
            attributes: ATTRIBUTES,
            maker: "id:49465800",
            says_maker: true,
            names_critical: true,
            purpose: true,
            authority: false,
            subject: false,
            aaguid: None,
            name_hash: 0x0b,
            alg: -7,
            scheme: 0x10,
        }
    }
}

/// DER of one thing, shorter than 128 bytes.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u8::try_from(contents.len()).unwrap();
    assert!(length < 128);
    [&[tag, length], contents].concat()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    [length.to_be_bytes().as_slice(), bytes].concat()
}

impl Tpm {
    /// Manufacturer, model and version in a directory name (TCG EK profile 3.2.9).
    fn names(&self) -> Vec<u8> {
        let attribute = |last: u8, text: &str| {
            let id = der(0x06, &[0x67, 0x81, 0x05, 0x02, last]);
            der(0x31, &der(0x30, &[id, der(0x0c, text.as_bytes())].concat()))
        };
        let mut parts = vec![attribute(2, "Soft"), attribute(3, "id:13")];
        if self.says_maker {
            parts.push(attribute(1, self.maker));
        }
        der(0x30, &der(0xa4, &der(0x30, &parts.concat())))
    }

    /// The certificate of its attestation key, and the root above.
    fn certificates(&self, key: &KeyPair) -> (Vec<u8>, Vec<u8>) {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        root.distinguished_name
            .push(DnType::CommonName, "Soft TPM Root");
        let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
        let mut leaf = CertificateParams::new(Vec::new()).unwrap();
        leaf.distinguished_name = rcgen::DistinguishedName::new();
        if self.subject {
            leaf.distinguished_name.push(DnType::CommonName, "A TPM");
        }
        leaf.is_ca = if self.authority {
            IsCa::Ca(BasicConstraints::Unconstrained)
        } else {
            IsCa::ExplicitNoCa
        };
        let purpose = [2, 23, 133, 8, if self.purpose { 3 } else { 1 }];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(purpose.to_vec())];
        let mut names = CustomExtension::from_oid_content(&[2, 5, 29, 17], self.names());
        names.set_criticality(self.names_critical);
        leaf.custom_extensions.push(names);
        if let Some(aaguid) = self.aaguid {
            let id = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
            let model = CustomExtension::from_oid_content(&id, der(0x04, &aaguid));
            leaf.custom_extensions.push(model);
        }
        let leaf = leaf.signed_by(key, &Issuer::new(root, root_key)).unwrap();
        (leaf.der().to_vec(), root_der)
    }

    /// `TPMT_PUBLIC` of the credential's key.
    fn public_area(&self, point: &[u8]) -> Vec<u8> {
        let mut area = vec![0x00, 0x23, 0x00, self.name_hash];
        area.extend(self.attributes.to_be_bytes());
        area.extend([0, 0, 0, 0x10]);
        area.extend(self.scheme.to_be_bytes());
        area.extend([0, 3, 0, 0x10]);
        area.extend(sized(&point[1..33]));
        area.extend(sized(&point[33..65]));
        area
    }

    /// An answer, and the models that know its maker.
    fn register(&self, soft: &Soft) -> (Vec<u8>, Models) {
        let key = KeyPair::generate().unwrap();
        let (leaf, root) = self.certificates(&key);
        let client_data = client_data("webauthn.create", &challenge(1), &soft.origin);
        let data = soft.auth_data(true);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let area = self.public_area(&soft.point());
        let name = [&[0, self.name_hash], digest(&SHA256, &area).as_ref()].concat();
        let info = [
            0xff54_4347_u32.to_be_bytes().as_slice(),
            &0x8017_u16.to_be_bytes(),
            sized(b"signer").as_slice(),
            &sized(digest(&SHA256, &signed).as_ref()),
            &[0; 25],
            &sized(&name),
            &sized(b""),
        ]
        .concat();
        let signature = signer(&key.serialize_der())
            .sign(&SystemRandom::new(), &info)
            .unwrap();
        let statement = Value::Map(vec![
            ("alg".into(), self.alg.into()),
            ("sig".into(), Value::from(signature.as_ref())),
            ("ver".into(), "2.0".into()),
            ("x5c".into(), Value::Array(vec![Value::Bytes(leaf)])),
            ("pubArea".into(), Value::Bytes(area)),
            ("certInfo".into(), Value::Bytes(info)),
        ]);
        let list = ModelList::for_tests(MODEL, "Soft Hello", &root, Standing::Allowed);
        let answer = soft.made("tpm", statement, &data, &client_data);
        (answer, Models::new(&list, None))
    }

    fn judge(&self) -> Result<Registered, CeremonyError> {
        let (answer, models) = self.register(&Soft::new());
        let site = site(models);
        let (_, state) = site.start_registration(&newcomer(), challenge(1));
        site.finish_registration(&state, &answer, NOW)
    }
}

#[test]
fn a_tpm_that_keeps_every_rule_is_aal3_with_an_elliptic_curve_too() {
    for aaguid in [None, Some(MODEL)] {
        let tpm = Tpm {
            aaguid,
            ..Tpm::default()
        };
        let hello = tpm.judge().unwrap();
        assert_eq!(hello.evidence.attestation, Attestation::Allowed);
        assert_eq!(hello.evidence.method(), Method::WindowsHello);
        assert_eq!(hello.evidence.level(), Aal::Aal3);
    }
}

/// A mistake and its name.
type Mistake = (&'static str, fn(&mut Tpm));

/// What may be wrong with a TPM's key or its certificate.
const BROKEN: &[Mistake] = &[
    ("may leave its TPM", |t| t.attributes &= !(1 << 1)),
    ("may leave its parent", |t| t.attributes &= !(1 << 4)),
    ("came from outside", |t| t.attributes &= !(1 << 5)),
    ("does not sign", |t| t.attributes &= !(1 << 18)),
    ("signs only what TPMs write", |t| t.attributes |= 1 << 16),
    ("has a scheme of its own", |t| t.scheme = 0x18),
    ("is named by SHA-1", |t| t.name_hash = 0x04),
    ("is named by another hash than it says", |t| {
        t.name_hash = 0x0c;
    }),
    ("nobody made the TPM", |t| t.says_maker = false),
    ("a simulator", |t| t.maker = "id:53494D30"),
    ("a maker for conformance tests", |t| t.maker = "id:FFFFF1D0"),
    ("a maker without its prefix", |t| t.maker = "49465800"),
    ("names that may be skipped", |t| t.names_critical = false),
    ("a certificate for another purpose", |t| t.purpose = false),
    ("the certificate of an authority", |t| t.authority = true),
    ("a certificate with a subject", |t| t.subject = true),
    ("a certificate of another model", |t| {
        t.aaguid = Some([9; 16]);
    }),
    ("RSA said for P-256", |t| t.alg = -257),
    ("SHA-1 said for P-256", |t| t.alg = -65535),
];

#[test]
fn each_rule_about_a_tpms_key_and_certificate_refuses() {
    let mut accepted = Vec::new();
    for (what, make) in BROKEN {
        let mut tpm = Tpm::default();
        make(&mut tpm);
        match tpm.judge() {
            Err(CeremonyError::Statement(_)) => {}
            _ => accepted.push(what),
        }
    }
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn a_tpm_certifies_its_own_key_and_no_other() {
    let tpm = Tpm::default();
    let (answer, models) = tpm.register(&Soft::new());
    let site = site(models);
    let (_, state) = site.start_registration(&newcomer(), challenge(1));
    assert!(site.finish_registration(&state, &answer, NOW).is_ok());
    let stranger = Soft::new();
    let area = tpm.public_area(&stranger.point());
    let mut answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let object = answer["response"]["attestationObject"].as_str().unwrap();
    let mut object: Value =
        ciborium::from_reader(stored::decode(object).unwrap().as_slice()).unwrap();
    let statement = super::vectors::slot(&mut object, "attStmt");
    *super::vectors::slot(statement, "pubArea") = Value::Bytes(area);
    let mut bytes = Vec::new();
    ciborium::into_writer(&object, &mut bytes).unwrap();
    answer["response"]["attestationObject"] = stored::encode(&bytes).into();
    let answer = serde_json::to_vec(&answer).unwrap();
    let refused = site.finish_registration(&state, &answer, NOW).unwrap_err();
    assert!(matches!(
        refused,
        CeremonyError::Statement("pubArea is another key")
    ));
}
