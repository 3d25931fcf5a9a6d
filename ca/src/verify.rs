//! Who is at the card listener: judges a client's certificate chain during the handshake (house
//! decision 10). No database, no clock and no network.
//!
//! The issuing authorities are the trust anchors, so a path has one step. What is asked here is
//! whether we issued this certificate, and for signing in. Dates, card and person are judged
//! later, from our own books, because only there can a refusal be explained on a page.

mod known;

use std::sync::Arc;
use std::time::Duration;

use der::Decode;
use der::asn1::ObjectIdentifier;
use policies::card::KeyRole;
use policies::ids::Serial;
use policies::time::Time;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage as Purpose};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};

use crate::asn1::house_time;
use crate::certificate;
use crate::error::CaError;
use crate::issuer::IssuerId;
use crate::oids;
use known::Known;

/// The longest chain that is looked at.
pub const LONGEST_CHAIN: usize = 4;

/// The largest certificate that is looked at, in octets.
pub const LARGEST_CERTIFICATE: usize = 16 * 1024;

/// What our issuing authorities sign with.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 2] = [
    webpki::ring::ECDSA_P256_SHA256,
    webpki::ring::ECDSA_P384_SHA384,
];

/// The purpose by which a card's signature certificate is recognised.
static SIGNING_DOCUMENTS: ObjectIdentifier = oids::DOCUMENT_SIGNING;

/// The authorities whose cards may sign in.
pub struct Trust {
    anchors: Vec<Anchor>,
    known: Known,
}

struct Anchor {
    id: IssuerId,
    anchor: TrustAnchor<'static>,
}

impl Trust {
    /// Trusts these issuing certificates (DER), and nothing above or beside them.
    ///
    /// # Errors
    /// [`CaError::NotAnIssuer`] if one of them is no certificate of ours.
    pub fn new<'a>(issuing: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, CaError> {
        let anchors = issuing
            .into_iter()
            .map(Anchor::new)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            anchors,
            known: Known::default(),
        })
    }
}

impl Anchor {
    fn new(der: &[u8]) -> Result<Self, CaError> {
        let identifier = Certificate::from_der(der)?
            .tbs_certificate()
            .get_extension::<SubjectKeyIdentifier>()?
            .ok_or(CaError::NotAnIssuer)?
            .1;
        let mut anchor = webpki::anchor_from_trusted_cert(&CertificateDer::from(der))
            .map_err(|_unusable| CaError::NotAnIssuer)?
            .to_owned();
        // A trust anchor is a name and a key (RFC 5280 6.1.1 d). The validator would refuse every
        // certificate below a constraint on directory names, because it does not implement them.
        anchor.name_constraints = None;
        Ok(Self {
            id: IssuerId::from_key_identifier(identifier.0.as_bytes()),
            anchor,
        })
    }
}

/// What a client showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// Nothing.
    NoCertificate,
    /// Something that leads nowhere but to a page of refusal.
    Foreign(ForeignReason),
    /// A certificate that one of our authorities issued for signing in.
    Ours(Verified),
}

/// Why a chain is foreign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForeignReason {
    /// More than [`LONGEST_CHAIN`] certificates: none was parsed.
    TooMany,
    /// One of more than [`LARGEST_CERTIFICATE`] octets: none was parsed.
    TooLarge,
    /// The first is no certificate that [`certificate::read`] takes.
    Malformed,
    /// None of our authorities signed it, whatever names it bears.
    NotIssuedHere,
    /// One of our authorities signed it, but not for signing in: a card's signature certificate.
    WrongPurpose {
        /// Who issued it.
        issuer: IssuerId,
        /// Which certificate.
        serial: Serial,
    },
}

/// A certificate that one of our authorities issued for signing in. Only [`judge`] makes one. It
/// may have ended, or been revoked: that is for the books to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    facts: Arc<Facts>,
    der: Vec<u8>,
}

/// What such a certificate says of itself.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    issuer: IssuerId,
    serial: Serial,
    not_before: Time,
    not_after: Time,
}

impl Verified {
    /// Who issued it.
    pub fn issuer(&self) -> &IssuerId {
        &self.facts.issuer
    }

    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.facts.serial
    }

    /// Which key of the card it is for: always the one for signing in.
    pub fn key_role(&self) -> KeyRole {
        KeyRole::Authentication
    }

    /// Its first second.
    pub fn not_before(&self) -> Time {
        self.facts.not_before
    }

    /// Its last second.
    pub fn not_after(&self) -> Time {
        self.facts.not_after
    }

    /// The certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

/// Judges a chain as the client sent it: its own certificate first.
pub fn judge(chain: &[&[u8]], trust: &Trust) -> Presented {
    let Some(own) = chain.first() else {
        return Presented::NoCertificate;
    };
    if chain.len() > LONGEST_CHAIN {
        return Presented::Foreign(ForeignReason::TooMany);
    }
    if chain
        .iter()
        .any(|certificate| certificate.len() > LARGEST_CERTIFICATE)
    {
        return Presented::Foreign(ForeignReason::TooLarge);
    }
    match trust.known.or_judge(own, || judge_own(own, trust)) {
        Ok(facts) => Presented::Ours(Verified {
            facts,
            der: own.to_vec(),
        }),
        Err(reason) => Presented::Foreign(reason),
    }
}

fn judge_own(der: &[u8], trust: &Trust) -> Result<Facts, ForeignReason> {
    let certificate = certificate::read(der).map_err(|_odd| ForeignReason::Malformed)?;
    let leaf = Leaf::read(&certificate).ok_or(ForeignReason::Malformed)?;
    let for_signing_in = leaf.is_for(&oids::CLIENT_AUTH) && leaf.signs_handshakes;
    // The purpose is read before anything is proven, so it is only a question; the answer is that
    // one of our authorities signed this certificate for it.
    let purpose = if for_signing_in {
        Purpose::client_auth()
    } else if leaf.is_for(&SIGNING_DOCUMENTS) {
        Purpose::required(SIGNING_DOCUMENTS.as_bytes())
    } else {
        return Err(ForeignReason::NotIssuedHere);
    };
    let issuer = issued_by(der, leaf.not_before, &purpose, trust)?;
    if !for_signing_in {
        return Err(ForeignReason::WrongPurpose {
            issuer,
            serial: leaf.serial,
        });
    }
    Ok(Facts {
        issuer,
        serial: leaf.serial,
        not_before: leaf.not_before,
        not_after: leaf.not_after,
    })
}

/// Which of our authorities issued it for this purpose. Validated at the certificate's own first
/// second, because dates are not judged here.
fn issued_by(
    der: &[u8],
    not_before: Time,
    purpose: &Purpose,
    trust: &Trust,
) -> Result<IssuerId, ForeignReason> {
    let certificate = CertificateDer::from(der);
    let leaf = EndEntityCert::try_from(&certificate).map_err(|_parse| ForeignReason::Malformed)?;
    let seconds = u64::try_from(not_before.unix()).map_err(|_before| ForeignReason::Malformed)?;
    let instant = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let signed_it = |candidate: &&Anchor| {
        let anchors = std::slice::from_ref(&candidate.anchor);
        leaf.verify_for_usage(&ALGORITHMS, anchors, &[], instant, *purpose, None, None)
            .is_ok()
    };
    let anchor = trust.anchors.iter().find(signed_it);
    anchor
        .map(|anchor| anchor.id.clone())
        .ok_or(ForeignReason::NotIssuedHere)
}

/// What is read from a certificate before it is believed.
struct Leaf {
    serial: Serial,
    not_before: Time,
    not_after: Time,
    purposes: Vec<ObjectIdentifier>,
    signs_handshakes: bool,
}

impl Leaf {
    fn read(certificate: &Certificate) -> Option<Self> {
        let tbs = certificate.tbs_certificate();
        let purposes = tbs.get_extension::<ExtendedKeyUsage>().ok()?;
        let usage = tbs.get_extension::<KeyUsage>().ok()?;
        Some(Self {
            serial: Serial::from_bytes(tbs.serial_number().as_bytes()).ok()?,
            not_before: house_time(tbs.validity().not_before)?,
            not_after: house_time(tbs.validity().not_after)?,
            purposes: purposes
                .map(|(_critical, purposes)| purposes.0)
                .unwrap_or_default(),
            signs_handshakes: usage.is_some_and(|(_critical, usage)| usage.digital_signature()),
        })
    }

    fn is_for(&self, purpose: &ObjectIdentifier) -> bool {
        self.purposes.contains(purpose)
    }
}

#[cfg(test)]
mod tests;
