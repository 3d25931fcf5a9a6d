//! Requests as hostile as they come, made by a library that is not ours. Those that only OpenSSL
//! makes (SHA-1, RSA, mixed digests) are in `tests/outside`.

use der::asn1::{Any, BitString, Null, ObjectIdentifier, UintRef};
use der::{Decode, Encode, Tag};
use proptest::prelude::*;
use rcgen::{Attribute, CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use x509_cert::request::CertReq;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::*;

const CHALLENGE_PASSWORD: &[u64] = &[1, 2, 840, 113_549, 1, 9, 7];

fn request_of(key: &KeyPair, passwords: &[&str]) -> Vec<u8> {
    let attribute = |password: &&str| {
        let text = Any::new(Tag::Utf8String, password.as_bytes()).unwrap();
        let values = Any::new(Tag::Set, text.to_der().unwrap()).unwrap();
        Attribute {
            oid: CHALLENGE_PASSWORD,
            values: values.to_der().unwrap(),
        }
    };
    let attributes = passwords.iter().map(attribute).collect();
    let params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
    let request = params
        .serialize_request_with_attributes(key, attributes)
        .unwrap();
    request.der().to_vec()
}

fn request(passwords: &[&str]) -> Vec<u8> {
    request_of(&KeyPair::generate().unwrap(), passwords)
}

/// A request whose key is replaced; its signature is then wrong, but its key is asked first.
fn with_key(spki_der: &[u8]) -> Result<SubjectKey, RequestError> {
    let mut request = CertReq::from_der(&request(&[])).unwrap();
    request.info.public_key = SubjectPublicKeyInfoOwned::from_der(spki_der).unwrap();
    verify_csr(&request.to_der().unwrap(), None)
}

fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let numbers = [
        UintRef::new(modulus).unwrap(),
        UintRef::new(exponent).unwrap(),
    ];
    let key = numbers.to_vec().to_der().unwrap();
    let algorithm = AlgorithmIdentifierOwned {
        oid: oids::RSA_ENCRYPTION,
        parameters: Some(Any::encode_from(&Null).unwrap()),
    };
    let subject_public_key = BitString::from_bytes(&key).unwrap();
    SubjectPublicKeyInfoOwned {
        algorithm,
        subject_public_key,
    }
    .to_der()
    .unwrap()
}

/// An odd modulus of so many octets without small factors or patterns worth the name.
fn modulus(octets: usize) -> Vec<u8> {
    let mut modulus = vec![0xd5; octets];
    modulus[octets - 1] = 0x01;
    modulus
}

#[test]
fn der_and_pem_give_the_same_key() {
    let der = request(&[]);
    let pem = der::pem::encode_string("CERTIFICATE REQUEST", der::pem::LineEnding::LF, &der);
    let pem = pem.unwrap();
    let key = verify_csr(&der, None).unwrap();
    assert_eq!(key.kind(), KeyKind::P256);
    assert_eq!(verify_csr(pem.as_bytes(), None), Ok(key.clone()));
    assert_eq!(verify_csr(format!("\n{pem}\n").as_bytes(), None), Ok(key));
}

#[test]
fn a_p384_key_is_certified_as_it_is() {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    assert_eq!(
        verify_csr(&request_of(&key, &[]), None).unwrap().kind(),
        KeyKind::P384
    );
}

#[test]
fn the_nonce_must_be_there_once_and_be_the_right_one() {
    let verified = |passwords: &[&str]| verify_csr(&request(passwords), Some("nonce-1")).map(drop);
    assert_eq!(verified(&["nonce-1"]), Ok(()));
    assert_eq!(verified(&[]), Err(RequestError::NonceMissing));
    assert_eq!(
        verified(&["nonce-1", "nonce-1"]),
        Err(RequestError::NonceMissing)
    );
    assert_eq!(verified(&["nonce-2"]), Err(RequestError::NonceWrong));
    assert_eq!(verified(&["nonce-11"]), Err(RequestError::NonceWrong));
}

/// One attribute with two values is no answer to either question.
#[test]
fn a_nonce_stands_alone() {
    let key = KeyPair::generate().unwrap();
    let with = |values: &[u8]| {
        let attribute = Attribute {
            oid: CHALLENGE_PASSWORD,
            values: values.to_vec(),
        };
        let params = CertificateParams::new(Vec::new()).unwrap();
        let request = params.serialize_request_with_attributes(&key, vec![attribute]);
        verify_csr(request.unwrap().der(), Some("a")).map(|key| key.kind())
    };
    for tag in [12, 19, 20] {
        assert_eq!(with(&[0x31, 3, tag, 1, b'a']), Ok(KeyKind::P256), "{tag}");
    }
    let two = with(&[0x31, 6, 12, 1, b'a', 12, 1, b'b']);
    assert_eq!(two, Err(RequestError::NonceMissing));
    for odd in [&[0x31, 0][..], &[0x31, 3, 4, 1, b'a']] {
        assert_eq!(with(odd), Err(RequestError::Malformed), "{odd:02x?}");
    }
}

#[test]
fn a_nonce_that_nobody_asked_for_does_no_harm() {
    assert!(verify_csr(&request(&["whatever"]), None).is_ok());
}

#[test]
fn size_is_asked_before_anything_is_parsed() {
    let mut large = request(&[]);
    large.resize(LARGEST_REQUEST + 1, 0);
    assert_eq!(verify_csr(&large, None), Err(RequestError::TooLarge));
}

#[test]
fn what_is_no_request_is_refused() {
    let der = request(&[]);
    let trailing = [der.as_slice(), &[0]].concat();
    let label = |label| {
        let pem = der::pem::encode_string(label, der::pem::LineEnding::LF, &der).unwrap();
        pem.into_bytes()
    };
    let two = [label("CERTIFICATE REQUEST"), label("CERTIFICATE REQUEST")].concat();
    let truncated = der[..der.len() - 1].to_vec();
    for wrong in [
        trailing,
        label("CERTIFICATE"),
        two,
        truncated,
        Vec::new(),
        vec![0x30],
    ] {
        assert_eq!(verify_csr(&wrong, None), Err(RequestError::Malformed));
    }
}

#[test]
fn kinds_that_no_card_has_are_refused() {
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let refused = Err(RequestError::Key(KeyProblem::Kind));
    assert_eq!(verify_csr(&request_of(&ed25519, &[]), None), refused);
}

#[test]
fn points_off_their_curve_and_compressed_points_are_refused() {
    let spki = |point: &[u8]| {
        let curve: ObjectIdentifier = oids::CURVE_P256;
        let algorithm = AlgorithmIdentifierOwned {
            oid: oids::EC_PUBLIC_KEY,
            parameters: Some(Any::encode_from(&curve).unwrap()),
        };
        let subject_public_key = BitString::from_bytes(point).unwrap();
        SubjectPublicKeyInfoOwned {
            algorithm,
            subject_public_key,
        }
        .to_der()
        .unwrap()
    };
    let mut off = [7; 65];
    off[0] = 4;
    assert_eq!(
        with_key(&spki(&off)),
        Err(RequestError::Key(KeyProblem::Point))
    );
    // A good point of the curve, in the short form.
    let key = KeyPair::generate().unwrap();
    let whole = key.public_key_raw();
    assert!(SubjectKey::from_spki(&spki(whole)).is_ok());
    let mut compressed = whole[..33].to_vec();
    compressed[0] = 2 + whole[64] % 2;
    for encoding in [&compressed[..], &off[..64], &[0]] {
        let refused = Err(KeyProblem::Encoding);
        assert_eq!(SubjectKey::from_spki(&spki(encoding)), refused);
        assert_eq!(
            with_key(&spki(encoding)),
            refused.map_err(RequestError::Key)
        );
    }
}

#[test]
fn rsa_keys_are_looked_at_before_they_cost_anything() {
    let f4 = [1, 0, 1];
    let problem = |modulus: &[u8], exponent: &[u8]| match with_key(&rsa_spki(modulus, exponent)) {
        Err(RequestError::Key(problem)) => Some(problem),
        _ => None,
    };
    // 16,384, 8,192 and 1,024 bits.
    for octets in [2048, 1024, 128] {
        assert_eq!(problem(&modulus(octets), &f4), Some(KeyProblem::Size));
    }
    for exponent in [&[3][..], &[1], &[1, 0, 2], &[1, 0, 0, 0, 1]] {
        assert_eq!(problem(&modulus(256), exponent), Some(KeyProblem::Exponent));
    }
    let mut even = modulus(256);
    even[255] = 0;
    assert_eq!(problem(&even, &f4), Some(KeyProblem::Weak));
}

/// Whoever signed it: what is asked for is never read, and is DER all the same.
#[test]
fn a_request_is_der_to_its_last_element() {
    let key = KeyPair::generate().unwrap();
    let wishing = |values: &[u8]| {
        let attribute = Attribute {
            oid: &[1, 3, 6, 1, 4, 1, 32_473, 9],
            values: values.to_vec(),
        };
        let params = CertificateParams::new(Vec::new()).unwrap();
        let request = params.serialize_request_with_attributes(&key, vec![attribute]);
        verify_csr(request.unwrap().der(), None).map(|key| key.kind())
    };
    assert_eq!(wishing(&[0x31, 3, 1, 1, 0xff]), Ok(KeyKind::P256));
    for odd in [
        &[0x31, 3, 1, 1, 1][..],
        &[0x31, 4, 2, 2, 0, 1],
        &[0x31, 5, 6, 3, 0x55, 0x80, 1],
        &[0x31, 0x81, 3, 1, 1, 0xff],
        &[5, 0],
    ] {
        assert_eq!(wishing(odd), Err(RequestError::Malformed), "{odd:02x?}");
    }
}

/// Also where the signature does not cover it: tags, lengths, the algorithm, unused bits.
#[test]
fn a_request_has_one_form_and_every_changed_bit_is_refused() {
    let der = request(&["nonce-1"]);
    for at in 0..der.len() {
        for bit in 0..8 {
            let mut changed = der.clone();
            changed[at] ^= 1 << bit;
            let answer = verify_csr(&changed, Some("nonce-1"));
            assert!(answer.is_err(), "bit {bit} of octet {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_octets_are_answered(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify_csr(&octets, None).is_err());
    }
}
