//! Readers of certificates: ours of the card listener (`ca::certificate`), the one that reads makers'
//! chains (x509-cert), rustls-webpki and OpenSSL.

use ca::request::SubjectKey;
use ca::verify::LARGEST_CERTIFICATE;
use openssl::asn1::{Asn1Object, Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::{X509, X509NameRef};
use rustls_pki_types::CertificateDer;
use webpki::{EndEntityCert, Error as Refused};
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{Any, OctetStringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::report::{Report, Seen};
use crate::tree::Element;

/// Timestamps of certificate logs (RFC 6962 3.3): webpki reads them, we do not.
const LOGGED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");

/// What a certificate says, as somebody reads it.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    /// The content of the INTEGER.
    serial: Vec<u8>,
    names: Names,
    /// The SubjectPublicKeyInfo; none where the key could not be read.
    key: Option<Vec<u8>>,
    /// In seconds since 1970; none where the reader does not say.
    dates: Option<[i64; 2]>,
}

/// Issuer and subject: as they stand, or taken apart into kinds and texts.
#[derive(Debug, PartialEq, Eq)]
enum Names {
    Raw([Vec<u8>; 2]),
    Apart([Vec<(Vec<u8>, Vec<u8>)>; 2]),
}

/// Reads one in every way and notes where the ways part.
pub fn compare(der: &[u8], report: &mut Report) {
    if der.len() > LARGEST_CERTIFICATE {
        return;
    }
    let lenient = Certificate::from_der(der);
    let strict = ca::certificate::read(der);
    let webpki = by_webpki(der);
    let openssl = by_openssl(der, lenient.is_ok());
    report.note("cards, webpki", der, || match (&strict, &webpki) {
        (Ok(ours), Ok(theirs)) => same(ours, theirs, der),
        (Ok(_), Err(why)) => limits_of_webpki(why, der).map_or_else(
            || Seen::Unexplained(format!("they alone: {why:?}")),
            Seen::Explained,
        ),
        (Err(why), Ok(_)) => Seen::Refused(format!("we alone: {why}")),
        (Err(_), Err(_)) => Seen::Refused("both".into()),
    });
    report.note("cards, OpenSSL", der, || match (&strict, &openssl) {
        (Ok(ours), Ok(theirs)) => same(ours, theirs, der),
        (Ok(_), Err(why)) => Seen::Unexplained(format!("they alone: {why}")),
        (Err(why), Ok(_)) => Seen::Refused(format!("we alone: {why}")),
        (Err(_), Err(_)) => Seen::Refused("both".into()),
    });
    // Of a maker's chain more is taken; what two take they must take for the same.
    report.note("makers, webpki", der, || match (&lenient, &webpki) {
        (Ok(ours), Ok(theirs)) => same(ours, theirs, der),
        _ => Seen::Refused("one of the two".into()),
    });
    report.note("makers, OpenSSL", der, || match (&lenient, &openssl) {
        (Ok(ours), Ok(theirs)) => same(ours, theirs, der),
        _ => Seen::Refused("one of the two".into()),
    });
}

fn same(certificate: &Certificate, theirs: &Facts, der: &[u8]) -> Seen {
    let Some(ours) = facts(certificate, &theirs.names) else {
        return Seen::Unexplained("not written again".into());
    };
    let parts = [
        ("serial", ours.serial == theirs.serial),
        (
            "dates",
            theirs.dates.is_none() || ours.dates == theirs.dates,
        ),
    ];
    if let Some((part, _)) = parts.iter().find(|(_, same)| !same) {
        return Seen::Unexplained(format!("another {part}"));
    }
    if ours.names != theirs.names {
        return match in_order(&ours.names) == in_order(&theirs.names) {
            true => Seen::Explained("x509-cert puts the sets of a name in order"),
            false => Seen::Unexplained("another name".into()),
        };
    }
    same_key(&ours.key.unwrap_or_default(), theirs.key.as_deref(), der)
}

fn same_key(ours: &[u8], theirs: Option<&[u8]>, _der: &[u8]) -> Seen {
    let known = SubjectKey::from_spki(ours).is_ok();
    match theirs {
        Some(theirs) if ours == theirs => Seen::Same,
        // OpenSSL writes keys again: explicit curves, parameters that are absent, numbers of DSA.
        Some(theirs) if !known && algorithm(ours) == algorithm(theirs) => {
            Seen::Explained("a key that we certify and use nowhere, written again by OpenSSL")
        }
        None if !known => Seen::Explained("a key that we certify and use nowhere"),
        Some(_) | None => Seen::Unexplained("another key".into()),
    }
}

fn algorithm(spki: &[u8]) -> Option<ObjectIdentifier> {
    Some(SubjectPublicKeyInfoRef::from_der(spki).ok()?.algorithm.oid)
}

/// What webpki refuses that whoever reads need not refuse.
fn limits_of_webpki(why: &Refused, der: &[u8]) -> Option<&'static str> {
    match why {
        Refused::UnsupportedCertVersion => Some("webpki reads the third version alone"),
        Refused::UnsupportedCriticalExtension => {
            Some("webpki refuses critical extensions that it does not apply")
        }
        Refused::BadDer if has_odd_log(der) => Some("webpki reads timestamps of logs"),
        _ => None,
    }
}

fn has_odd_log(der: &[u8]) -> bool {
    Certificate::from_der(der).is_ok_and(|certificate| {
        let body = certificate.tbs_certificate();
        let mut extensions = body.extensions().into_iter().flatten();
        extensions.any(|extension| {
            let value = extension.extn_value.as_bytes();
            extension.extn_id == LOGGED && <&OctetStringRef>::from_der(value).is_err()
        })
    })
}

/// What x509-cert says, its names in the manner of somebody else's.
fn facts(certificate: &Certificate, like: &Names) -> Option<Facts> {
    let body = certificate.tbs_certificate();
    let both = [body.issuer(), body.subject()];
    let names = match like {
        Names::Raw(_) => {
            let [issuer, subject] = both.map(|name| name.to_der().ok());
            Names::Raw([content(&issuer?), content(&subject?)])
        }
        Names::Apart(_) => Names::Apart(both.map(apart)),
    };
    let seconds = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or_default()
    };
    let dates = body.validity();
    Some(Facts {
        serial: content(&body.serial_number().to_der().ok()?),
        names,
        key: body.subject_public_key_info().to_der().ok(),
        dates: Some([dates.not_before, dates.not_after].map(seconds)),
    })
}

fn apart(name: &Name) -> Vec<(Vec<u8>, Vec<u8>)> {
    let octets = |pair: &AttributeTypeAndValue| {
        // As OpenSSL says it: by its name, where it has one.
        let kind = Asn1Object::from_str(&pair.oid.to_string()).map(|kind| kind.to_string());
        let text = match pair.value.tag() {
            // What is no text OpenSSL keeps whole, or its bits alone.
            kind if kind.is_constructed() => pair.value.to_der().unwrap_or_default(),
            Tag::BitString => bits(pair.value.value()),
            _ => pair.value.value().to_vec(),
        };
        (kind.unwrap_or_default().into_bytes(), text)
    };
    name.iter().map(octets).collect()
}

/// The octets of a string of bits, what is left over of the last one cleared, as OpenSSL does.
fn bits(content: &[u8]) -> Vec<u8> {
    let [unused, octets @ ..] = content else {
        return Vec::new();
    };
    let mut octets = octets.to_vec();
    if let Some(last) = octets.last_mut() {
        *last &= 0xff_u8.unbounded_shl(u32::from(*unused));
    }
    octets
}

/// Both names with the members of each set in order, as the octets that they are.
fn in_order(names: &Names) -> Option<[Vec<Vec<u8>>; 2]> {
    let sets = |raw: &Vec<u8>| {
        let sets = Vec::<Any>::from_der(&Element::sequence(&[raw])).ok()?;
        let members = sets.iter().map(|set| {
            let mut members = Vec::<Any>::from_der(&Element::sequence(&[set.value()])).ok()?;
            members.sort_by_key(|member| member.to_der().unwrap_or_default());
            members.to_der().ok()
        });
        members.collect::<Option<Vec<_>>>()
    };
    match names {
        Names::Raw([issuer, subject]) => Some([sets(issuer)?, sets(subject)?]),
        Names::Apart(both) => Some(both.each_ref().map(|pairs| {
            let mut all: Vec<_> = pairs
                .iter()
                .map(|(kind, text)| [&kind[..], &[0], text].concat())
                .collect();
            all.sort();
            all
        })),
    }
}

fn by_webpki(der: &[u8]) -> Result<Facts, Refused> {
    let der = CertificateDer::from(der);
    let read = EndEntityCert::try_from(&der)?;
    Ok(Facts {
        serial: read.serial().to_vec(),
        names: Names::Raw([read.issuer().to_vec(), read.subject().to_vec()]),
        key: Some(read.subject_public_key_info().to_vec()),
        dates: None,
    })
}

/// With its key, which takes OpenSSL longer than all the rest, where it is asked for.
fn by_openssl(der: &[u8], with_key: bool) -> Result<Facts, String> {
    let read = X509::from_der(der).map_err(|error| reason(&error))?;
    let facts = || -> Result<Facts, ErrorStack> {
        let key = || {
            read.public_key()
                .and_then(|key| key.public_key_to_der())
                .ok()
        };
        Ok(Facts {
            serial: integer(&read)?,
            names: Names::Apart([read.issuer_name(), read.subject_name()].map(entries)),
            key: with_key.then(key).flatten(),
            dates: Some([seconds(read.not_before())?, seconds(read.not_after())?]),
        })
    };
    facts().map_err(|error| reason(&error))
}

fn entries(name: &X509NameRef) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pair = |entry: &openssl::x509::X509NameEntryRef| {
        let kind = entry.object().to_string();
        (kind.into_bytes(), entry.data().as_slice().to_vec())
    };
    name.entries().map(pair).collect()
}

/// The content of the INTEGER, as X.690 8.3 writes it.
fn integer(read: &X509) -> Result<Vec<u8>, ErrorStack> {
    let number = read.serial_number().to_bn()?;
    let mut octets = number.to_vec();
    if octets.first().is_none_or(|first| first >> 7 == 1) {
        octets.insert(0, 0);
    }
    if number.is_negative() {
        // Two's complement: what is below zero is flipped, plus one.
        octets.iter_mut().for_each(|octet| *octet = !*octet);
        for octet in octets.iter_mut().rev() {
            *octet = octet.wrapping_add(1);
            if *octet != 0 {
                break;
            }
        }
        while let [0xff, next, ..] = octets.as_slice()
            && next >> 7 == 1
        {
            octets.remove(0);
        }
    }
    Ok(octets)
}

fn seconds(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(since.days) * 86_400 + i64::from(since.secs))
}

fn content(der: &[u8]) -> Vec<u8> {
    let header = match der.get(1) {
        Some(length) if length >> 7 == 1 => 2 + usize::from(length & 0x7f),
        _ => 2,
    };
    der.get(header..).unwrap_or_default().to_vec()
}

/// OpenSSL's words, the innermost first.
pub fn reason(error: &ErrorStack) -> String {
    let words = error.errors().iter().filter_map(|error| error.data());
    words.collect::<Vec<_>>().join(" in ")
}
