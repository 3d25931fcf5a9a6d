//! Between the wire and the rooms further in: requests as they are typed there, sets as they are
//! shown here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enrolment::audit::Reference;
use enrolment::cards::CertificateSet;
use enrolment::journeys::IdempotencyKey;
use enrolment::journeys::renewal::Progress;
use enrolment::requests::CertificateRequest;
use policies::renewal::RepairReason;
use wire::desk::CardWorkDone;
use wire::renewal::{IssuedCertificate, KeyRequest, Renewal};

use crate::error::Failure;

/// The requests of a body. How many and which is for the law to say; a set of ours has two.
pub(super) fn requests(csrs: Vec<KeyRequest>) -> Result<Vec<CertificateRequest>, Failure> {
    if csrs.is_empty() || csrs.len() > 4 {
        return Err(Failure::BadInput("csrs_malformed"));
    }
    Ok(csrs
        .into_iter()
        .map(|request| CertificateRequest {
            key_role: request.key_role,
            csr: request.pem.into_bytes(),
        })
        .collect())
}

/// A key of the caller's choice.
pub(super) fn idempotency_key(text: &str) -> Result<IdempotencyKey, Failure> {
    text.parse()
        .map_err(|_| Failure::BadInput("idempotency_key_malformed"))
}

/// References of evidence: at most 16, letters, digits and dashes.
pub(super) fn evidence(ids: Vec<String>) -> Result<Vec<Reference>, Failure> {
    if ids.len() > 16 {
        return Err(Failure::BadInput("evidence_malformed"));
    }
    ids.into_iter()
        .map(|id| {
            id.parse()
                .map_err(|_| Failure::BadInput("evidence_malformed"))
        })
        .collect()
}

/// Why a card is repaired.
pub(super) fn repair_reason(word: Option<String>) -> Result<Option<RepairReason>, Failure> {
    word.map(|word| {
        word.parse()
            .map_err(|_| Failure::BadInput("reason_malformed"))
    })
    .transpose()
}

/// The certificates of a set as the card's client writes them.
pub(super) fn issued(set: &CertificateSet) -> Vec<IssuedCertificate> {
    set.certificates
        .iter()
        .map(|certificate| IssuedCertificate {
            key_role: certificate.key_role,
            serial: certificate.serial.to_string(),
            pem: pem(&certificate.der),
        })
        .collect()
}

/// RFC 7468 5: lines of 64 characters.
pub(crate) fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::with_capacity(text.len() + text.len() / 64 + 64);
    pem.push_str("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while let Some((line, after)) = rest.split_at_checked(64) {
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        pem.push_str(rest);
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

/// A renewal as the wire tells it.
pub(super) fn renewal(progress: Progress) -> Renewal {
    Renewal {
        renewal_id: progress.renewal_id,
        state: progress.stage.as_str().to_owned(),
        nonce: progress.nonce,
        certificates: progress.set.as_ref().map(issued).unwrap_or_default(),
    }
}

/// A set that was issued for this renewal and is pending, or was when the same wish came first.
pub(super) fn renewed(renewal_id: String, set: &CertificateSet) -> Renewal {
    Renewal {
        renewal_id,
        state: state(set).to_owned(),
        nonce: None,
        certificates: issued(set),
    }
}

/// What a work has led to.
pub(super) fn work_done(work_id: String, set: &CertificateSet) -> CardWorkDone {
    CardWorkDone {
        work_id,
        state: state(set).to_owned(),
        certificates: issued(set),
    }
}

fn state(set: &CertificateSet) -> &'static str {
    use policies::card::CertificateState as State;
    match set.state {
        State::Reserved | State::Signed | State::Delivered => "pending",
        State::Active => "active",
        State::Superseded => "superseded",
        State::Revoked | State::Burned => "abandoned",
    }
}

/// The number on the plastic; blanks between groups of digits do not count.
pub(super) fn card_number(text: &str) -> Result<policies::ids::CardNumber, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .parse()
        .map_err(|_| Failure::BadInput("card_number_malformed"))
}
