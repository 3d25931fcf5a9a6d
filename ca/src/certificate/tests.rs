//! What is read, and each thing that is not, made out of a card's certificate.

use policies::card::KeyRole;

use super::*;
use crate::verify::{ForeignReason, Presented, Trust, judge};
use crate::{sealed, testing};

/// The three parts of a certificate, and the fields of the first (RFC 5280 4.1).
struct Parts {
    fields: Vec<Any>,
    algorithm: Any,
    signature: Any,
}

const SERIAL: usize = 1;
const SIGNATURE: usize = 2;
const ISSUER: usize = 3;
const DATES: usize = 4;
const SUBJECT: usize = 5;
const KEY: usize = 6;
const EXTENSIONS: usize = 7;

impl Parts {
    fn of(der: &[u8]) -> Self {
        let [body, algorithm, signature] = Vec::<Any>::from_der(der).unwrap().try_into().unwrap();
        Self {
            fields: body.decode_as().unwrap(),
            algorithm,
            signature,
        }
    }

    fn write(&self) -> Vec<u8> {
        let body = Any::from_der(&self.fields.to_der().unwrap()).unwrap();
        vec![body, self.algorithm.clone(), self.signature.clone()]
            .to_der()
            .unwrap()
    }
}

fn any(octets: &[u8]) -> Any {
    Any::from_der(octets).unwrap()
}

/// The same element with these octets inside.
fn holding(element: &Any, octets: &[u8]) -> Any {
    Any::new(element.tag(), octets).unwrap()
}

fn sequence(elements: Vec<Any>) -> Any {
    any(&elements.to_der().unwrap())
}

static CARD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
    testing::certificate(&testing::authority(), KeyRole::Authentication)
});

/// What is said of a card's certificate once it was changed.
fn changed(change: impl FnOnce(&mut Parts)) -> Option<Unreadable> {
    let mut parts = Parts::of(&CARD);
    change(&mut parts);
    read(&parts.write()).err()
}

/// The same after its list of extensions was changed.
fn extended(change: impl FnOnce(&mut Vec<Any>)) -> Option<Unreadable> {
    changed(|parts| {
        let wrapped = &parts.fields[EXTENSIONS];
        let mut list = Vec::<Any>::from_der(wrapped.value()).unwrap();
        change(&mut list);
        parts.fields[EXTENSIONS] = holding(wrapped, &list.to_der().unwrap());
    })
}

/// An extension of that number (the octets of 2.5.29.n) that holds this.
fn extension(identifier: &[u8], value: &[u8]) -> Any {
    let identifier = Any::new(Tag::ObjectIdentifier, identifier).unwrap();
    sequence(vec![identifier, Any::new(Tag::OctetString, value).unwrap()])
}

/// The same after its holder, and then its issuer, was given one more name.
fn named(tag: Tag, text: &[u8]) -> [Option<Unreadable>; 2] {
    [SUBJECT, ISSUER].map(|field| named_at(field, tag, text))
}

fn named_at(field: usize, tag: Tag, text: &[u8]) -> Option<Unreadable> {
    changed(|parts| {
        let mut levels: Vec<Any> = parts.fields[field].decode_as().unwrap();
        let kind = Any::encode_from(&oids::COMMON_NAME).unwrap();
        let pair = sequence(vec![kind, Any::new(tag, text).unwrap()]);
        levels.push(Any::new(Tag::Set, pair.to_der().unwrap()).unwrap());
        parts.fields[field] = sequence(levels);
    })
}

#[test]
fn what_we_issue_is_read_and_taking_it_apart_changes_nothing() {
    let authority = testing::authority();
    for role in KeyRole::ALL {
        let der = testing::certificate(&authority, *role);
        assert!(read(&der).is_ok());
        assert_eq!(Parts::of(&der).write(), der);
    }
    assert!(read(authority.issuers()[0].der()).is_ok());
    assert!(read(testing::root().der()).is_ok());
    assert_eq!(changed(|_unchanged| {}), None);
    assert_eq!(extended(|_unchanged| {}), None);
}

#[test]
fn what_is_cut_short_or_followed_by_something_is_malformed() {
    for end in 0..CARD.len() {
        assert_eq!(read(&CARD[..end]).err(), Some(Unreadable::Malformed));
    }
    let followed = [CARD.as_slice(), &[0]].concat();
    assert_eq!(read(&followed).err(), Some(Unreadable::Malformed));
    // A length with an octet too many, as BER would have it.
    let longer = [&[0x30, 0x83, 0], &CARD[2..]].concat();
    assert_eq!(read(&longer).err(), Some(Unreadable::Malformed));
}

#[test]
fn there_is_one_form() {
    // An identifier whose third number begins with nothing: 2.5.29.1 for whoever does not look.
    let padded = extension(&[0x55, 0x1d, 0x80, 0x01], &[4, 0]);
    let spoken = extension(&[0x55, 0x1d, 0x01], &[4, 0]);
    assert_eq!(extended(|list| list.push(spoken)), None);
    assert_eq!(extended(|list| list.push(padded)), Some(Unreadable::Form));
    let cut = extension(&[0x55, 0x1d, 0x81], &[4, 0]);
    let cut = extended(|list| list.push(cut));
    assert!(matches!(
        cut,
        Some(Unreadable::Form | Unreadable::Malformed)
    ));
    // A default that is written all the same (X.690 11.5).
    let not_critical = sequence(vec![
        Any::new(Tag::ObjectIdentifier, [0x55, 0x1d, 0x01]).unwrap(),
        any(&[1, 1, 0]),
        Any::new(Tag::OctetString, [4, 0]).unwrap(),
    ]);
    let written = extended(|list| list.push(not_critical));
    assert_eq!(written, Some(Unreadable::Form));
    // A date before 2050 with four digits of its year (RFC 5280 4.1.2.5).
    let dates = changed(|parts| {
        let first = Any::new(Tag::GeneralizedTime, *b"20301231235959Z").unwrap();
        let last = Any::new(Tag::UtcTime, *b"311231235959Z").unwrap();
        parts.fields[DATES] = sequence(vec![first, last]);
    });
    assert_eq!(dates, Some(Unreadable::Form));
}

/// They may be anything, but not anything else than DER.
#[test]
fn parameters_of_an_algorithm_are_der() {
    let of = |parameters: &[u8]| {
        let inside = [
            oids::ECDSA_WITH_SHA256.to_der().unwrap(),
            parameters.to_vec(),
        ]
        .concat();
        changed(|parts| {
            parts.algorithm = Any::new(Tag::Sequence, inside.as_slice()).unwrap();
            parts.fields[SIGNATURE] = parts.algorithm.clone();
        })
    };
    assert_eq!(of(&[5, 0]), None);
    for odd in [
        &[5, 1, 0][..],
        &[1, 1, 1],
        &[6, 0],
        &[6, 2, 0x55, 0x80],
        &[6, 2, 0x55, 0x81],
        &[10, 0],
        &[10, 2, 0, 1],
        &[10, 2, 0xff, 0x80],
        &[30, 1, 0],
        &[2, 2, 0, 1],
        &[3, 2, 9, 0],
        &[3, 2, 1, 1],
        &[0x30, 3, 2, 2, 1],
        &[0x30, 4, 2, 2, 0, 1],
    ] {
        assert_eq!(of(odd), Some(Unreadable::Form), "{odd:02x?}");
    }
    let deep = (0..20).fold(vec![5, 0], |inside, _| {
        [
            &[0x30, u8::try_from(inside.len()).unwrap()],
            inside.as_slice(),
        ]
        .concat()
    });
    assert_eq!(of(&deep), Some(Unreadable::Form));
}

#[test]
fn the_algorithm_is_the_one_that_is_signed() {
    let other = changed(|parts| {
        let identifier = Any::encode_from(&oids::ECDSA_WITH_SHA384).unwrap();
        parts.algorithm = sequence(vec![identifier]);
    });
    assert_eq!(other, Some(Unreadable::Algorithm));
}

#[test]
fn a_serial_number_is_positive_and_not_endless() {
    let with = |octets: &[u8]| {
        changed(|parts| parts.fields[SERIAL] = holding(&parts.fields[SERIAL], octets))
    };
    assert_eq!(with(&[1]), None);
    assert_eq!(with(&[0x7f; 20]), None);
    assert_eq!(with(&[0]), Some(Unreadable::Serial));
    assert_eq!(with(&[0xff]), Some(Unreadable::Serial));
    assert_eq!(with(&[0x80; 20]), Some(Unreadable::Serial));
    assert_eq!(with(&[0x7f; 21]), Some(Unreadable::Serial));
    assert_eq!(with(&[0x7f; 40]), Some(Unreadable::Malformed));
    assert_eq!(with(&[0, 1]), Some(Unreadable::Malformed));
}

#[test]
fn signatures_and_keys_are_of_whole_octets() {
    let cut = changed(|parts| {
        let mut bits = parts.signature.value().to_vec();
        bits[0] = 1;
        *bits.last_mut().unwrap() &= 0xfe;
        parts.signature = holding(&parts.signature, &bits);
    });
    assert_eq!(cut, Some(Unreadable::Bits));
    let rsa = |key: &[u8]| {
        changed(|parts| {
            let identifier = Any::encode_from(&oids::RSA_ENCRYPTION).unwrap();
            let bits = [&[0], key].concat();
            parts.fields[KEY] = sequence(vec![
                sequence(vec![identifier, any(&[5, 0])]),
                Any::new(Tag::BitString, bits).unwrap(),
            ]);
        })
    };
    assert_eq!(rsa(&[0x30, 6, 2, 1, 0x7f, 2, 1, 3]), None);
    for odd in [
        &[0x30, 6, 2, 1, 0xff, 2, 1, 3][..],
        &[0x30, 7, 2, 2, 0, 0x7f, 2, 1, 3],
        &[0x30, 6, 2, 1, 0x7f, 2, 1, 3, 0],
        &[5, 0],
    ] {
        assert_eq!(rsa(odd), Some(Unreadable::Bits), "{odd:02x?}");
    }
}

#[test]
fn extensions_come_once_in_their_form_and_in_the_third_version() {
    let twice = extended(|list| list.push(list[0].clone()));
    assert_eq!(twice, Some(Unreadable::Extension));
    let unknown = extension(&[0x55, 0x1d, 0x7f], b"whatever it says");
    assert_eq!(extended(|list| list.push(unknown)), None);
    let again = |identifier: &'static [u8], value: &'static [u8]| {
        extended(move |list| {
            list.clear();
            list.push(extension(identifier, value));
        })
    };
    assert_eq!(again(&[0x55, 0x1d, 15], &[3, 2, 7, 0x80]), None);
    for (number, value) in [
        (15, &[5, 0][..]),
        (15, &[3, 2, 7, 0xff]),
        (15, &[3, 2, 0, 0x80]),
        (17, &[0x30, 5, 0x82, 3, b'a', 0, b'b']),
        (19, &[0x30, 3, 1, 1, 0]),
        (14, &[5, 0]),
        (17, &[5, 0]),
        (19, &[5, 0]),
        (30, &[5, 0]),
        (31, &[5, 0]),
        (32, &[5, 0]),
        (35, &[5, 0]),
        (37, &[5, 0]),
        (37, &[0x30, 5, 6, 3, 0x55, 0x80, 0x01]),
    ] {
        let odd = extended(|list| {
            list.clear();
            list.push(extension(&[0x55, 0x1d, number], value));
        });
        assert_eq!(odd, Some(Unreadable::Extension), "{number} {value:02x?}");
    }
    let access = extended(|list| {
        list.clear();
        list.push(extension(oids::AUTHORITY_INFO_ACCESS.as_bytes(), &[5, 0]));
    });
    assert_eq!(access, Some(Unreadable::Extension));
    let second = changed(|parts| parts.fields[0] = holding(&parts.fields[0], &[2, 1, 1]));
    assert_eq!(second, Some(Unreadable::Version));
    for tag in [0x81, 0x82] {
        let identified = changed(|parts| parts.fields.insert(EXTENSIONS, any(&[tag, 2, 0, 7])));
        assert_eq!(identified, Some(Unreadable::Version));
    }
}

#[test]
fn names_hold_plain_text() {
    assert_eq!(named(Tag::Utf8String, "Zoë".as_bytes()), [None; 2]);
    assert_eq!(named(Tag::PrintableString, b"Ward 7"), [None; 2]);
    for (tag, text) in [
        (Tag::PrintableString, &b"a@b"[..]),
        (Tag::PrintableString, b"a\0b"),
        (Tag::Utf8String, b"a\0b"),
        (Tag::Utf8String, b"\xff"),
        (Tag::Ia5String, b"\x80"),
        (Tag::BmpString, b"\0a"),
        (Tag::TeletexString, b"a"),
        (Tag::OctetString, b"a"),
    ] {
        let said = named(tag, text);
        assert_eq!(said, [Some(Unreadable::Name); 2], "{tag} {text:02x?}");
    }
}

/// Whoever else would read it, and whoever signed it.
#[test]
fn the_card_listener_takes_nothing_odd_even_from_our_own_authority() {
    let authority = testing::authority();
    let issuer = &authority.issuers()[0];
    let trust = Trust::new([issuer.der()]).unwrap();
    let card = testing::certificate(&authority, KeyRole::Authentication);
    let shown = |identifier: &[u8]| {
        let mut parts = Parts::of(&card);
        let wrapped = &parts.fields[EXTENSIONS];
        let mut list = Vec::<Any>::from_der(wrapped.value()).unwrap();
        list.push(extension(identifier, &[4, 0]));
        parts.fields[EXTENSIONS] = holding(wrapped, &list.to_der().unwrap());
        let body = parts.fields.to_der().unwrap();
        judge(&[&sealed::seal(issuer.key(), &body).unwrap()], &trust)
    };
    let plain = shown(&[0x55, 0x1d, 0x01]);
    assert!(matches!(plain, Presented::Ours(_)), "{plain:?}");
    let malformed = Presented::Foreign(ForeignReason::Malformed);
    assert_eq!(shown(&[0x55, 0x1d, 0x80, 0x01]), malformed);
}
