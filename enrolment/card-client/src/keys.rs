//! The steps that every issuing shares: two keys in place, two requests, two certificates written and
//! read back.

use policies::card::KeyRole;
use ring::rand::{SecureRandom, SystemRandom};
use wire::renewal::{IssuedCertificate, KeyRequest};

use crate::card::{CardError, Place, ROLES, Shared};
use crate::certificate::{self, Read, digest};
use crate::failure::Failure;
use crate::show::Show;

/// A random name for one request.
///
/// # Errors
/// No random numbers.
pub fn idempotency_key() -> Result<String, Failure> {
    let mut octets = [0; 16];
    SystemRandom::new()
        .fill(&mut octets)
        .map_err(|_| Failure::other("no random numbers"))?;
    Ok(hex::encode(octets))
}

/// Makes the pending keys in the card and a request over the nonce for each.
///
/// # Errors
/// The card.
pub fn requests(card: &Shared, nonce: &str) -> Result<Vec<KeyRequest>, CardError> {
    card.lock().discard()?;
    ROLES
        .iter()
        .map(|role| {
            let key = card.lock().generate(*role)?;
            let sign = |digest: &[u8]| card.lock().sign(Place::Pending, *role, digest);
            let pem = certificate::request(&key, nonce, sign)?;
            Ok(KeyRequest {
                key_role: *role,
                pem,
            })
        })
        .collect()
}

/// The certificate of a role among those issued.
fn of(role: KeyRole, issued: &[IssuedCertificate]) -> Result<Read, Failure> {
    let one = issued.iter().find(|one| one.key_role == role);
    let one = one.ok_or_else(|| Failure::Other(format!("no {} certificate", role.as_str())))?;
    Ok(Read::from_pem(&one.pem)?)
}

/// Whether the pending keys of the card are those of these certificates: each signs something.
///
/// # Errors
/// The card; a missing key is a "no".
pub fn has_keys_of(card: &Shared, issued: &[IssuedCertificate]) -> Result<bool, Failure> {
    let mut challenge = [0; 32];
    SystemRandom::new()
        .fill(&mut challenge)
        .map_err(|_| Failure::other("no random numbers"))?;
    let digest = digest(&challenge);
    for role in ROLES {
        let read = of(role, issued)?;
        let signed = card.lock().sign(Place::Pending, role, digest.as_ref());
        match signed {
            Ok(signature) => {
                if !certificate::is_signed_by(&read.key, digest.as_ref(), &signature) {
                    return Ok(false);
                }
            }
            Err(CardError::Missing { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Writes what is not there yet, and reads it back. Gives the serials.
///
/// # Errors
/// The card, or it does not give back what was written.
pub fn write(
    card: &Shared,
    issued: &[IssuedCertificate],
    show: &mut dyn Show,
) -> Result<Vec<String>, Failure> {
    let mut serials = Vec::new();
    for (n, role) in ROLES.into_iter().enumerate() {
        let read = of(role, issued)?;
        show.writing(n.saturating_add(1), ROLES.len());
        let mut card = card.lock();
        if card.certificate(Place::Pending, role)?.as_ref() != Some(&read.der) {
            card.write_certificate(role, &read.der)?;
        }
        // A card whose set is complete may count it as either; what matters is that it is there.
        if card.certificate(Place::Pending, role)?.as_ref() != Some(&read.der) {
            return Err(CardError::Odd("it does not give back what was written".into()).into());
        }
        serials.push(read.serial);
    }
    Ok(serials)
}

/// The pending certificates, if the set is complete.
///
/// # Errors
/// The card.
pub fn pending_set(card: &Shared) -> Result<Option<Vec<Read>>, CardError> {
    let mut set = Vec::new();
    for role in ROLES {
        match card.lock().certificate(Place::Pending, role)? {
            Some(der) => set.push(Read::from_der(&der)?),
            None => return Ok(None),
        }
    }
    Ok(Some(set))
}
