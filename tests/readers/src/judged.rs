//! Certificates that the house itself signed, whatever they say: what its card listener lets in to
//! sign in, OpenSSL must take for a client's certificate of that authority.

use ca::certificate;
use ca::keys::SigningKey;
use ca::request::SubjectKey;
use ca::verify::{ForeignReason, Presented, Verified, judge};
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509StoreContext};
use policies::ids::Serial;
use x509_cert::Certificate;
use x509_cert::der::asn1::Any;
use x509_cert::der::{Decode, Encode};

use crate::corpus::House;
use crate::dice::Dice;
use crate::report::{Report, Seen};
use crate::tree::Element;

/// The cards of a house, to be altered.
pub struct Cards {
    bodies: Vec<Element>,
    algorithm: Vec<u8>,
    issuer: X509,
}

impl Cards {
    /// Those of this house.
    pub fn of(house: &House) -> Option<Self> {
        let [_root, issuer, cards @ ..] = house.certificates.as_slice() else {
            return None;
        };
        let parts: Option<Vec<_>> = cards.iter().map(|card| body(card)).collect();
        let (bodies, mut algorithms): (Vec<_>, Vec<_>) = parts?.into_iter().unzip();
        Some(Self {
            bodies,
            algorithm: algorithms.pop()?,
            issuer: X509::from_der(issuer).ok()?,
        })
    }

    /// Alters one of them in so many places, signs it and has it judged.
    pub fn compare(&self, house: &House, changes: usize, dice: &mut Dice, report: &mut Report) {
        let mut body = dice.one_of(&self.bodies).clone();
        body.alter(changes, dice, &self.bodies);
        let body = body.write();
        let Ok(signature) = house.key.sign(&body) else {
            return;
        };
        let bits = Element::string_of_bits(&signature).write();
        let der = Element::sequence(&[&body, &self.algorithm, &bits]);
        report.note("cards, judged", &der, || {
            match (judge(&[&der], &house.trust), self.is_clients(&der)) {
                (Presented::Ours(card), Ok(())) if is_that(&card, &der) => Seen::Same,
                (Presented::Ours(_), Ok(())) => Seen::Unexplained("another card".into()),
                (Presented::Ours(_), Err(_)) if !has_key(&der) => {
                    Seen::Explained("a key that is none, which no handshake proves")
                }
                (Presented::Ours(_), Err(why)) => why_not(&why),
                (Presented::Foreign(why), Ok(())) => {
                    Seen::Refused(format!("they take it: {}", word(&why)))
                }
                (Presented::Foreign(_) | Presented::NoCertificate, _) => {
                    Seen::Refused("both".into())
                }
            }
        });
    }

    /// Whether OpenSSL takes it for a client's, of that authority, at its own first second.
    fn is_clients(&self, der: &[u8]) -> Result<(), String> {
        let none = |error: ErrorStack| error.to_string();
        let certificate = X509::from_der(der).map_err(none)?;
        let read = Certificate::from_der(der).map_err(|error| error.to_string())?;
        let first = read.tbs_certificate().validity().not_before;
        let store = self
            .store(first.to_unix_duration().as_secs())
            .map_err(none)?;
        let mut context = X509StoreContext::new().map_err(none)?;
        let others = Stack::new().map_err(none)?;
        let verified = context.init(&store, &certificate, &others, |context| {
            Ok((context.verify_cert()?, context.error()))
        });
        match verified.map_err(none)? {
            (true, _) => Ok(()),
            (false, why) => Err(why.error_string().to_owned()),
        }
    }

    fn store(&self, at: u64) -> Result<X509Store, ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        store.add_cert(self.issuer.clone())?;
        let mut rules = X509VerifyParam::new()?;
        rules.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        rules.set_purpose(X509PurposeId::SSL_CLIENT)?;
        rules.set_time(i64::try_from(at).unwrap_or_default());
        store.set_param(&rules)?;
        Ok(store.build())
    }
}

/// What OpenSSL asks and we need not: the signature is the authority's.
fn why_not(why: &str) -> Seen {
    match why {
        "unable to get local issuer certificate" => {
            Seen::Explained("OpenSSL finds authorities by the key identifier that is named")
        }
        "permitted subtree violation" | "excluded subtree violation" => {
            Seen::Explained("a trust anchor constrains no names here (ca::verify), issuing does")
        }
        "certificate has expired" => {
            Seen::Explained("for OpenSSL the last second is over where it is the first as well")
        }
        _ => Seen::Unexplained(format!("we alone: {why}")),
    }
}

fn has_key(der: &[u8]) -> bool {
    let key = |read: Certificate| read.tbs_certificate().subject_public_key_info().to_der();
    let key = Certificate::from_der(der).and_then(key);
    key.is_ok_and(|key| SubjectKey::from_spki(&key).is_ok())
}

/// The same number, whether or not it needs an octet for its sign.
fn is_that(card: &Verified, der: &[u8]) -> bool {
    certificate::read(der).is_ok_and(|read| {
        let octets = read.tbs_certificate().serial_number().as_bytes();
        Serial::from_bytes(octets).is_ok_and(|serial| serial == *card.serial())
    })
}

fn word(why: &ForeignReason) -> &'static str {
    match why {
        ForeignReason::TooMany | ForeignReason::TooLarge => "too much",
        ForeignReason::Malformed => "malformed",
        ForeignReason::NotIssuedHere => "not issued here",
        ForeignReason::WrongPurpose { .. } => "another purpose",
    }
}

/// What is signed, and the algorithm.
fn body(der: &[u8]) -> Option<(Element, Vec<u8>)> {
    let parts = Vec::<Any>::from_der(der).ok()?;
    let [body, algorithm, _signature] = <[Any; 3]>::try_from(parts).ok()?;
    Some((
        Element::read(&body.to_der().ok()?)?,
        algorithm.to_der().ok()?,
    ))
}
