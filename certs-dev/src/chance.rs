//! Demo secrets: made by chance for each folder, so that none is ever committed or shared between machines.

use anyhow::{Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// `N` bytes of chance.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow!("the operating system gives no randomness"))?;
    Ok(bytes)
}

/// A secret of 256 bits as URL-safe text.
pub(crate) fn secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// A password that a person can copy by hand: 60 bits in groups.
pub(crate) fn password() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters = bytes::<12>()?.map(|byte| {
        LETTERS
            .get(usize::from(byte % 32))
            .copied()
            .map_or('x', char::from)
    });
    Ok(letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-"))
}

/// A passcode of six digits that is neither one digit repeated nor a run (domain F41).
pub(crate) fn passcode() -> Result<String> {
    loop {
        let digits = bytes::<6>()?.map(|byte| char::from(b'0' + byte % 10));
        let steps: Vec<i32> = digits.windows(2).map(step).collect();
        let trivial =
            steps.iter().all(|step| *step == 0) || steps.iter().all(|step| step.abs() == 1);
        if !trivial {
            return Ok(digits.iter().collect());
        }
    }
}

fn step(pair: &[char]) -> i32 {
    match pair {
        [first, second] => {
            i32::try_from(u32::from(*second)).unwrap_or(0)
                - i32::try_from(u32::from(*first)).unwrap_or(0)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passcodes_are_six_digits() {
        let passcode = passcode().unwrap();
        assert!(passcode.len() == 6 && passcode.chars().all(|digit| digit.is_ascii_digit()));
    }

    #[test]
    fn passwords_come_in_three_groups() {
        assert_eq!(
            password()
                .unwrap()
                .split('-')
                .map(str::len)
                .collect::<Vec<_>>(),
            [4, 4, 4]
        );
    }
}
