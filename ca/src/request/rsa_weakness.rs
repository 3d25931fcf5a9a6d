//! RSA moduli that can be factored from the public key alone. Cards have shipped with each of
//! these faults, so a request is looked at for all three before it costs a certificate.

use x509_parser::num_bigint::BigUint;

/// The odd primes up to 751. No honest modulus has such a factor.
const SMALL_PRIMES: [u16; 132] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193,
    197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307,
    311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383, 389, 397, 401, 409, 419, 421,
    431, 433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509, 521, 523, 541, 547,
    557, 563, 569, 571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643, 647, 653, 659,
    661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743, 751,
];

/// The primes whose residues give a ROCA key away (Nemec et al., CCS 2017, section 2.3).
const ROCA_PRIMES: std::ops::RangeInclusive<u16> = 3..=167;

/// Steps of Fermat's method: primes that differ only in their lower half fall in the first few
/// (CA/Browser Forum baseline requirements 6.1.1.3 asks for 100).
const FERMAT_STEPS: u32 = 100;

/// Whether a big-endian modulus is even, has a small factor, follows the ROCA pattern, or is the
/// product of two close primes.
pub(super) fn is_weak(modulus: &[u8]) -> bool {
    let is_even = modulus.last().is_none_or(|last| last % 2 == 0);
    is_even || has_small_factor(modulus) || is_roca(modulus) || has_close_primes(modulus)
}

/// Remainder of a big-endian number.
fn remainder(number: &[u8], divisor: u16) -> u16 {
    let divisor = u32::from(divisor);
    let rest = number.iter().fold(0_u32, |rest, octet| {
        ((rest << 8) | u32::from(*octet)) % divisor
    });
    u16::try_from(rest).unwrap_or_default()
}

fn has_small_factor(modulus: &[u8]) -> bool {
    SMALL_PRIMES
        .iter()
        .any(|prime| remainder(modulus, *prime) == 0)
}

/// Whether the modulus is a power of 65537 modulo every one of the primes. A random modulus is
/// with probability 2^-27 (Nemec et al., table 1, for the smallest size).
fn is_roca(modulus: &[u8]) -> bool {
    SMALL_PRIMES
        .iter()
        .filter(|prime| ROCA_PRIMES.contains(prime))
        .all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime))
}

fn is_power_of_65537(residue: u16, prime: u16) -> bool {
    let (prime, residue) = (u32::from(prime), u32::from(residue));
    let mut power = 1;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = power * (65537 % prime) % prime;
    }
    false
}

/// Fermat: p and q close together make (p+q)/2 barely larger than the root of the modulus.
fn has_close_primes(modulus: &[u8]) -> bool {
    let modulus = BigUint::from_bytes_be(modulus);
    let one = BigUint::from(1_u8);
    let mut middle = modulus.sqrt();
    if &middle * &middle < modulus {
        middle += &one;
    }
    for _ in 0..FERMAT_STEPS {
        let difference = &middle * &middle - &modulus;
        // A square ends, in base sixteen, in 0, 1, 4 or 9: this saves most of the roots.
        let last_digit = difference.iter_u32_digits().next().unwrap_or(0) % 16;
        if matches!(last_digit, 0 | 1 | 4 | 9) {
            let root = difference.sqrt();
            if &root * &root == difference {
                return true;
            }
        }
        middle += &one;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next number above `from` that passes base-2 Fermat: prime enough for a fixture.
    fn next_prime(from: BigUint) -> BigUint {
        let two = BigUint::from(2_u8);
        let one = BigUint::from(1_u8);
        let mut candidate = from | &one;
        while two.modpow(&(&candidate - &one), &candidate) != one {
            candidate += &two;
        }
        candidate
    }

    fn big(bits: u64, salt: u32) -> BigUint {
        (BigUint::from(3_u8) << (bits - 2)) + (BigUint::from(salt) << (bits - 40))
    }

    #[test]
    fn close_primes_are_found_and_distant_ones_are_not() {
        let p = next_prime(big(512, 1));
        let close = next_prime(&p + BigUint::from(2_u8));
        assert!(is_weak(&(&p * &close).to_bytes_be()));
        let distant = next_prime(big(512, 0x7654_3211));
        assert!(!has_close_primes(&(&p * &distant).to_bytes_be()));
    }

    #[test]
    fn small_factors_and_even_numbers_are_found() {
        let p = next_prime(big(512, 5));
        assert!(is_weak(&(&p * 751_u32).to_bytes_be()));
        assert!(is_weak(&(&p * 2_u32).to_bytes_be()));
    }

    #[test]
    fn the_roca_pattern_is_found() {
        // A ROCA prime is k·M + (65537^a mod M), with M the product of the first primes.
        let product = SMALL_PRIMES
            .iter()
            .filter(|prime| ROCA_PRIMES.contains(prime))
            .fold(BigUint::from(2_u8), |product, prime| product * *prime);
        let f4 = BigUint::from(65537_u32);
        let one_of = |k: u32, a: u32| &product * k + f4.modpow(&BigUint::from(a), &product);
        let modulus = one_of(1_000_003, 77) * one_of(7_777_777, 12_345);
        assert!(is_roca(&modulus.to_bytes_be()));
        assert!(is_weak(&modulus.to_bytes_be()), "and it is asked for");
        assert!(!is_roca(&(modulus + BigUint::from(2_u8)).to_bytes_be()));
    }

    #[test]
    fn the_table_is_the_odd_primes_without_gap() {
        let is_prime = |n: &u16| {
            (2..*n)
                .take_while(|d| d * d <= *n)
                .all(|d| !n.is_multiple_of(d))
        };
        let primes: Vec<u16> = (3..=751).filter(is_prime).collect();
        assert_eq!(primes, SMALL_PRIMES);
    }
}
