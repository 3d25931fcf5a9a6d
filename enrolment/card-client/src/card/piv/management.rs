//! The management key, without which nothing is written to a PIV card.
//!
//! It comes from the sealed secrets of the work or of the renewal, or from a file; a card fresh from its
//! maker has the default one, until its first work. A card that another tool filled may keep its key
//! behind its passcode (Yubico's protected management key, in the printed-information object): such a
//! key is used once and removed, so that it is with the server alone. The card is asked to prove that it knows the key as well
//! (mutual authentication), before a new one is sent to it.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::chip::{Chip, Status};
use super::tlv;
use crate::card::CardError;

/// The factory default of every PIV maker we know (Yubico, Nitrokey).
pub(super) const FACTORY: [u8; 24] = [
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
];
/// The key reference of the management key.
const MANAGEMENT: u8 = 0x9b;
/// Printed information, readable after the passcode only; Yubico's tools keep the key there.
const PROTECTED: [u8; 3] = [0x5f, 0xc1, 0x09];
/// Algorithm numbers (SP 800-78-4 table 6-2).
const TDES: u8 = 0x03;
const AES128: u8 = 0x08;
const AES192: u8 = 0x0a;
const AES256: u8 = 0x0c;

/// A management key: 16, 24 or 32 octets.
pub(super) type Key = Zeroizing<Vec<u8>>;

/// The algorithms that a key of this length may be for, the likelier first.
const fn algorithms(length: usize) -> &'static [u8] {
    match length {
        16 => &[AES128],
        24 => &[TDES, AES192],
        32 => &[AES256],
        _ => &[],
    }
}

/// One block through the cipher.
fn block(algorithm: u8, key: &[u8], octets: &[u8], encrypt: bool) -> Option<Vec<u8>> {
    fn run<C: KeyInit + BlockCipherEncrypt + BlockCipherDecrypt>(
        key: &[u8],
        octets: &[u8],
        encrypt: bool,
    ) -> Option<Vec<u8>> {
        let cipher = C::new_from_slice(key).ok()?;
        let mut block = aes::cipher::Block::<C>::try_from(octets).ok()?;
        if encrypt {
            cipher.encrypt_block(&mut block);
        } else {
            cipher.decrypt_block(&mut block);
        }
        Some(block.to_vec())
    }
    match algorithm {
        TDES => run::<des::TdesEde3>(key, octets, encrypt),
        AES128 => run::<aes::Aes128>(key, octets, encrypt),
        AES192 => run::<aes::Aes192>(key, octets, encrypt),
        AES256 => run::<aes::Aes256>(key, octets, encrypt),
        _ => None,
    }
}

/// Proves the first of these keys that the card knows, and says which it was.
pub(super) fn authenticate(chip: &Chip<'_>, keys: &[Key]) -> Result<Key, CardError> {
    for key in keys {
        for algorithm in algorithms(key.len()) {
            if prove(chip, *algorithm, key)? {
                return Ok(key.clone());
            }
        }
    }
    Err(CardError::ManagementKey)
}

/// Mutual authentication (SP 800-73-4 part 2, appendix A.1); `false` where the card has another key.
fn prove(chip: &Chip<'_>, algorithm: u8, key: &[u8]) -> Result<bool, CardError> {
    let ask = |data: &[u8]| -> Result<Result<_, Status>, CardError> {
        chip.send([0x87, algorithm, MANAGEMENT], &tlv::put(0x7c, data)?)
    };
    let Ok(answer) = ask(&tlv::put(0x80, &[])?)? else {
        return Ok(false);
    };
    let witness = tlv::get(0x7c, &answer).and_then(|inner| tlv::get(0x80, inner));
    let witness = witness.and_then(|witness| block(algorithm, key, witness, false));
    let witness = witness.ok_or(CardError::Odd("no witness".into()))?;
    let mut challenge = vec![0; witness.len()];
    SystemRandom::new()
        .fill(&mut challenge)
        .map_err(|_| CardError::Odd("no random numbers".into()))?;
    let Ok(answer) = ask(&[tlv::put(0x80, &witness)?, tlv::put(0x81, &challenge)?].concat())?
    else {
        return Ok(false);
    };
    let response = tlv::get(0x7c, &answer).and_then(|inner| tlv::get(0x82, inner));
    let expected = block(algorithm, key, &challenge, true).unwrap_or_default();
    if !response.is_some_and(|response| response.ct_eq(&expected).into()) {
        return Err(CardError::Odd(
            "the card does not know its own management key".into(),
        ));
    }
    Ok(true)
}

/// Replaces the management key; the card must have been authenticated.
pub(super) fn replace(chip: &Chip<'_>, key: &Key) -> Result<(), CardError> {
    let algorithm = match key.len() {
        16 => AES128,
        24 => TDES,
        32 => AES256,
        _ => return Err(CardError::Unusable("a management key of an unknown length")),
    };
    let mut data = Zeroizing::new(vec![algorithm]);
    data.extend_from_slice(&tlv::put(MANAGEMENT, key)?);
    chip.send([0xff, 0xff, 0xff], &data)??;
    Ok(())
}

/// The key that the card keeps behind the passcode, which must have been proven.
pub(super) fn protected(chip: &Chip<'_>) -> Option<Key> {
    // Some cards answer "not allowed" instead of "not there"; a card that is gone says so again.
    let object = chip.object(PROTECTED).ok().flatten()?;
    let key = tlv::get(0x88, &object).and_then(|inner| tlv::get(0x89, inner));
    key.map(|key| Zeroizing::new(key.to_vec()))
}

/// Removes the key that the card keeps, where it does; the card must have been authenticated.
pub(super) fn forget(chip: &Chip<'_>) -> Result<(), CardError> {
    match protected(chip) {
        Some(_) => chip.put_object(PROTECTED, &[]),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_turns_a_block_and_back() {
        for (algorithm, key, size) in [
            (TDES, 24, 8),
            (AES128, 16, 16),
            (AES192, 24, 16),
            (AES256, 32, 16),
        ] {
            let (key, plain): (Vec<u8>, Vec<u8>) = ((0..key).collect(), vec![9; size]);
            let sealed = block(algorithm, &key, &plain, true).expect("a block");
            assert_ne!(sealed, plain);
            assert_eq!(block(algorithm, &key, &sealed, false), Some(plain));
            assert_eq!(block(algorithm, &key, &[0; 3], true), None);
        }
    }
}
