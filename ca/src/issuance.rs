//! The five steps of issuance, in order, once: intend, sign, verify, record, release.
//!
//! Whatever happens between two of them, [`recover`] finishes the work without a person: a
//! deterministic key signs the recorded octets again and gets the same certificate; with any other
//! key a first signature may be somewhere, so the serials are burned (ca.md 6.3). So are those of a
//! record that this house would not sign any more.

use policies::ids::IntentId;

use crate::authority::{Authority, Reserved, Signed};
use crate::crash_point;
use crate::error::CaError;
use crate::keys::Repeats;
use crate::ledger::{Intended, Ledger, Unfinished};

/// Issues what `wish` asks for, or gives the answer it got before.
///
/// # Errors
/// Whatever the books refuse, or a [`CaError`] through their error type. After an error the wish
/// may be repeated: it ends in one set of certificates or in none.
pub async fn issue<L: Ledger>(
    authority: &Authority,
    ledger: &L,
    wish: L::Wish,
) -> Result<L::Answer, L::Error> {
    crash_point!("issue.before_intend");
    let (intent, reserved) = match ledger.intend(wish).await? {
        Intended::ToSign { intent, reserved } => (intent, reserved),
        Intended::Already(answer) => return Ok(answer),
    };
    crash_point!("issue.after_intend");
    let signed = sign_all(authority, &reserved)?;
    crash_point!("issue.before_record");
    let answer = ledger.record(intent, signed).await?;
    crash_point!("issue.after_record");
    crash_point!("issue.before_release");
    Ok(answer)
}

/// Signs a whole set, then verifies a whole set.
fn sign_all(authority: &Authority, reserved: &[Reserved]) -> Result<Vec<Signed>, CaError> {
    crash_point!("issue.before_sign");
    let mut signatures = Vec::with_capacity(reserved.len());
    for certificate in reserved {
        signatures.push(authority.signature_over(certificate)?);
        if signatures.len() == 1 {
            crash_point!("issue.after_first_signature");
        }
    }
    crash_point!("issue.after_sign");
    let mut signed = Vec::with_capacity(reserved.len());
    for (certificate, signature) in reserved.iter().zip(&signatures) {
        signed.push(authority.join(certificate, signature)?);
    }
    crash_point!("issue.after_verify");
    Ok(signed)
}

/// What [`recover`] did.
#[derive(Debug)]
pub struct Recovered<Error> {
    /// Sets that were signed again and recorded.
    pub rolled_forward: Vec<IntentId>,
    /// Sets whose serials were given up.
    pub burned: Vec<IntentId>,
    /// Sets that could not be finished this time, and why; the others were not held up by them.
    pub failed: Vec<(IntentId, Error)>,
}

/// Finishes every issuance that was interrupted. Called at start and every minute.
///
/// # Errors
/// Only if the list of unfinished intents cannot be read; a failure of one intent is reported in
/// [`Recovered::failed`] and does not stop the others.
pub async fn recover<L: Ledger>(
    authority: &Authority,
    ledger: &L,
) -> Result<Recovered<L::Error>, L::Error> {
    let mut recovered = Recovered {
        rolled_forward: Vec::new(),
        burned: Vec::new(),
        failed: Vec::new(),
    };
    for unfinished in ledger.unfinished().await? {
        let intent = unfinished.intent.clone();
        match recover_one(authority, ledger, unfinished).await {
            Ok(Outcome::RolledForward) => recovered.rolled_forward.push(intent),
            Ok(Outcome::Burned) => recovered.burned.push(intent),
            Err(error) => recovered.failed.push((intent, error)),
        }
    }
    Ok(recovered)
}

/// How one interrupted issuance ended.
enum Outcome {
    RolledForward,
    Burned,
}

async fn recover_one<L: Ledger>(
    authority: &Authority,
    ledger: &L,
    unfinished: Unfinished,
) -> Result<Outcome, L::Error> {
    if !can_repeat(authority, &unfinished)? {
        return give_up(ledger, unfinished).await;
    }
    crash_point!("recover.before_sign");
    let mut signed = Vec::with_capacity(unfinished.reserved.len());
    for certificate in &unfinished.reserved {
        match authority.sign(certificate) {
            Ok(one) => signed.push(one),
            // What was recorded is not what this house would sign today, because its addresses or
            // names have changed or somebody wrote into the books. It never will be.
            Err(CaError::Lint(_) | CaError::RecordChanged(_)) => {
                return give_up(ledger, unfinished).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    crash_point!("recover.before_record");
    ledger.record(unfinished.intent, signed).await?;
    crash_point!("recover.after_record");
    Ok(Outcome::RolledForward)
}

/// Burns the serials of an intent.
async fn give_up<L: Ledger>(ledger: &L, unfinished: Unfinished) -> Result<Outcome, L::Error> {
    crash_point!("recover.before_burn");
    ledger.burn(unfinished).await?;
    crash_point!("recover.after_burn");
    Ok(Outcome::Burned)
}

/// Whether signing again gives the same certificates. A missing key is an error, not a reason to
/// burn: it may be plugged in again.
fn can_repeat(authority: &Authority, unfinished: &Unfinished) -> Result<bool, CaError> {
    for certificate in &unfinished.reserved {
        match authority.issuer(certificate.issuer())?.key().repeats() {
            Repeats::Deterministic => {}
            Repeats::Randomised => return Ok(false),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
