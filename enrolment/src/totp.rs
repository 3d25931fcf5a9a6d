//! Codes of an authenticator app (RFC 6238: HMAC-SHA-1, 30 seconds, six digits, as every app knows
//! them). The rules of when one counts are `policies::totp`.

use data_encoding::BASE32_NOPAD;
use policies::time::Time;
use policies::totp::{DIGITS, SixDigits, steps};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The length of a secret, in bytes: that of the digest (RFC 4226 4, R6).
const LENGTH: usize = 20;

/// What an app and we both know. No `Debug`.
#[derive(Clone)]
pub struct AppSecret(Zeroizing<Vec<u8>>);

impl AppSecret {
    /// A fresh one; none when the platform has no random bytes.
    pub fn draw(chance: &SystemRandom) -> Option<Self> {
        let mut bytes = Zeroizing::new(vec![0_u8; LENGTH]);
        chance.fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// From its bytes.
    pub const fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people type it: Base32 (RFC 4648 6), without padding.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }

    /// As a camera reads it: the URL that apps understand. `issuer` and `account` name it in the app.
    pub fn url(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (escaped(issuer), escaped(account));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            self.base32().as_str()
        ))
    }

    /// The code of one half minute (RFC 4226 5.3).
    pub fn code(&self, step: i64) -> Zeroizing<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
        let four = tag.iter().skip(offset).take(4);
        let number = four.fold(0_u32, |all, byte| (all << 8) | u32::from(*byte)) & 0x7fff_ffff;
        Zeroizing::new(format!("{:0DIGITS$}", number % 1_000_000))
    }

    /// The half minute whose code this is, if it counts now: one step either side, none at or
    /// before `last`. Compares in constant time, always as often.
    pub fn accepts(&self, code: &SixDigits, now: Time, last: Option<i64>) -> Option<i64> {
        let mut found = None;
        for step in steps(now, last) {
            let right = self.code(step);
            let same: bool = right.as_bytes().ct_eq(code.as_str().as_bytes()).into();
            if same && found.is_none() {
                found = Some(step);
            }
        }
        found
    }
}

/// Everything but letters and digits as `%XX` (RFC 3986 2.1).
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> AppSecret {
        AppSecret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn the_codes_of_rfc_6238_come_out() {
        // Appendix B, SHA-1, the last six of its eight digits.
        for (at, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = policies::totp::step_of(Time::from_unix(at));
            assert_eq!(rfc().code(step).as_str(), code, "{at}");
        }
    }

    #[test]
    fn a_code_names_its_half_minute_unless_that_was_used() {
        let now = Time::from_unix(1_111_111_111);
        let code = SixDigits::parse("050 471").unwrap();
        let step = rfc().accepts(&code, now, None).unwrap();
        assert_eq!(step, policies::totp::step_of(now));
        assert_eq!(rfc().accepts(&code, now, Some(step - 1)), Some(step));
        assert_eq!(rfc().accepts(&code, now, Some(step)), None);
        let late = Time::from_unix(1_111_111_111 + 90);
        assert_eq!(rfc().accepts(&code, late, None), None);
    }

    #[test]
    fn the_url_names_everything_an_app_needs() {
        assert_eq!(
            rfc().url("Matron DEMO", "a@b.example").as_str(),
            "otpauth://totp/Matron%20DEMO:a%40b.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Matron%20DEMO&algorithm=SHA1&digits=6&period=30"
        );
    }
}
