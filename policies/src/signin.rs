//! Signing in: which card may (contract 4.2), how strong each method is, and whether that meets
//! what an application demanded (domain 2.6, OpenID Connect Core 3.1.2.1 `acr_values`).

use crate::card::{CardState, CertificateState, KeyRole};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::time::{Span, Time};
use crate::words::words;

/// What our own records say about the card that proved itself, read in the transaction that
/// signs the person in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardFacts {
    /// The person's profile is open.
    pub person_open: bool,
    /// The state of the card.
    pub card_state: CardState,
    /// Which of the card's keys proved itself.
    pub key_role: KeyRole,
    /// The state of its certificate.
    pub certificate_state: CertificateState,
    /// The first second of the certificate.
    pub not_before: Time,
    /// The last second of the certificate.
    pub not_after: Time,
}

/// A card that may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardLogin {
    confirms_pending: bool,
    ends_within_a_day: bool,
}

impl CardLogin {
    /// Whether this use proves that the pending set is on the card (T13).
    pub const fn confirms_pending(&self) -> bool {
        self.confirms_pending
    }

    /// Whether the person should be warned that the card ends within 24 hours.
    pub const fn ends_within_a_day(&self) -> bool {
        self.ends_within_a_day
    }
}

/// Judges a card that proved to hold one of our certificates (law S3).
///
/// # Errors
/// In the precedence of contract 4.2: `certificate_wrong_purpose`, `certificate_unknown`,
/// `identity_closed`, `card_cancelled`, `card_locked`, `card_not_active`, `certificate_revoked`,
/// `certificate_superseded`, `certificate_not_yet_valid`, `certificate_expired`.
pub fn judge_card(facts: &CardFacts, now: Time) -> Result<CardLogin, Refusal> {
    require(
        facts.key_role == KeyRole::Authentication,
        RefusalCode::CertificateWrongPurpose,
    )?;
    let state = facts.certificate_state;
    let released = !matches!(
        state,
        CertificateState::Reserved | CertificateState::Signed | CertificateState::Burned
    );
    require(released, RefusalCode::CertificateUnknown)?;
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    require(
        facts.card_state != CardState::Cancelled,
        RefusalCode::CardCancelled,
    )?;
    require(
        facts.card_state != CardState::Locked,
        RefusalCode::CardLocked,
    )?;
    require(
        facts.card_state == CardState::Active,
        RefusalCode::CardNotActive,
    )?;
    require(
        state != CertificateState::Revoked,
        RefusalCode::CertificateRevoked,
    )?;
    require(
        state != CertificateState::Superseded,
        RefusalCode::CertificateSuperseded,
    )?;
    check_dates(facts, now)?;
    Ok(CardLogin {
        confirms_pending: state == CertificateState::Delivered,
        ends_within_a_day: facts.not_after.since(now) <= Span::days(1),
    })
}

/// Both ends are inclusive (RFC 5280 4.1.2.5, law C3).
fn check_dates(facts: &CardFacts, now: Time) -> Result<(), Refusal> {
    if now < facts.not_before {
        let code = RefusalCode::CertificateNotYetValid;
        return Err(Refusal::new(code).opens_at(facts.not_before));
    }
    if now > facts.not_after {
        return Err(Refusal::new(RefusalCode::CertificateExpired).not_after(facts.not_after));
    }
    Ok(())
}

words! {
    /// How strong a proof was (NIST SP 800-63B). The words are those of the database.
    pub enum Aal {
        /// One factor.
        Aal1 => "aal1",
        /// Two factors.
        Aal2 => "aal2",
        /// Two factors, one of them hardware that resists phishing.
        Aal3 => "aal3",
    }
}

impl Aal {
    /// The claim `acr`: the level really reached, never what was asked for (house decision 9).
    pub const fn acr(self) -> &'static str {
        match self {
            Self::Aal1 => "AAL1_ANY",
            Self::Aal2 => "AAL2_ANY",
            Self::Aal3 => "AAL3_ANY",
        }
    }

    /// The level of this claim.
    pub fn from_acr(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|aal| aal.acr() == text)
    }

    /// The number, for `authentication_assurance_level`.
    pub const fn level(self) -> u8 {
        match self {
            Self::Aal1 => 1,
            Self::Aal2 => 2,
            Self::Aal3 => 3,
        }
    }
}

words! {
    /// A way to sign in. The words are those of the database and of `data-method` (contract 4.1).
    pub enum Method {
        /// A card and its passcode.
        Smartcard => "smartcard",
        /// A roaming security key.
        Fido2 => "security-key",
        /// The computer's own TPM.
        WindowsHello => "windows-hello",
        /// A passkey, which may be synchronised.
        Passkey => "passkey",
        /// The iPad app.
        Ios => "ios",
        /// Password and authenticator app.
        Totp => "authenticator-app",
        /// Another organisation's sign-in.
        Federated => "federated",
    }
}

impl Method {
    /// The claim `amr` (contract 4).
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Smartcard => "N3_SMARTCARD",
            Self::Fido2 => "FIDO2",
            Self::WindowsHello => "WINDOWS_HELLO",
            Self::Passkey => "PASSKEY",
            Self::Ios => "IOS",
            Self::Totp => "TOTP",
            Self::Federated => "FEDERATED",
        }
    }

    /// The method of this claim.
    pub fn from_amr(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|method| method.amr() == text)
    }

    /// The highest level this method can ever prove; a weak registration proves less
    /// (law S5; domain 2.6).
    pub const fn cap(self) -> Aal {
        match self {
            Self::Smartcard | Self::Fido2 | Self::WindowsHello | Self::Ios => Aal::Aal3,
            Self::Passkey | Self::Totp | Self::Federated => Aal::Aal2,
        }
    }
}

words! {
    /// The authentication context values that this service knows (domain 2.6). What they are
    /// written as in `acr_values` is their word here.
    pub enum AcrValue {
        /// Any method, at AAL3.
        Aal3Any => "AAL3_ANY",
        /// Any method, at AAL2 or better.
        Aal2OrAal3Any => "AAL2_OR_AAL3_ANY",
        /// Any method, at AAL2 or better.
        Aal2Any => "AAL2_ANY",
        /// User name and password alone: known, and never met here.
        Aal1Userpass => "AAL1_USERPASS",
        /// The iPad app at AAL3.
        Aal3Ios => "AAL3_IOS",
        /// A security key at AAL3.
        Aal3Fido2 => "AAL3_FIDO2",
        /// A card.
        Aal3N3Smartcard => "AAL3_N3_SMARTCARD",
        /// A card.
        Aal3Cis2Smartcard => "AAL3_CIS2_SMARTCARD",
        /// A card.
        Aal3Smartcard => "AAL3_SMARTCARD",
        /// Password and authenticator app.
        Aal2Totp => "AAL2_TOTP",
        /// Another organisation's sign-in.
        Aal2Nhsmail => "AAL2_NHSMAIL",
    }
}

impl AcrValue {
    /// Whether a proof by `method` at `aal` is what this value asks for.
    fn is_met_by(self, aal: Aal, method: Method) -> bool {
        match self {
            Self::Aal3Any => aal == Aal::Aal3,
            Self::Aal2OrAal3Any | Self::Aal2Any => aal >= Aal::Aal2,
            Self::Aal1Userpass => false,
            Self::Aal3Ios => aal == Aal::Aal3 && method == Method::Ios,
            Self::Aal3Fido2 => aal == Aal::Aal3 && method == Method::Fido2,
            Self::Aal3N3Smartcard | Self::Aal3Cis2Smartcard | Self::Aal3Smartcard => {
                aal == Aal::Aal3 && method == Method::Smartcard
            }
            Self::Aal2Totp => aal >= Aal::Aal2 && method == Method::Totp,
            Self::Aal2Nhsmail => aal >= Aal::Aal2 && method == Method::Federated,
        }
    }
}

/// What an application demanded: any one of these values, or nothing in particular.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Demand(Vec<AcrValue>);

/// As in `acr_values`.
impl std::fmt::Display for Demand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|value| value.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl Demand {
    /// Reads `acr_values`: a list separated by spaces, unknown values ignored (contract 4).
    pub fn from_acr_values(text: &str) -> Self {
        let mut known = Vec::new();
        for value in text.split(' ').filter_map(|word| word.parse().ok()) {
            if !known.contains(&value) {
                known.push(value);
            }
        }
        Self(known)
    }

    /// Whether nothing in particular is demanded.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What an application demands that may ask for `allowed` alone (law S11): all of that where it
    /// demands nothing in particular. None where it asks for something else. Whoever may ask for
    /// nothing in particular may ask for anything.
    pub fn within(self, allowed: &Self) -> Option<Self> {
        if self.is_empty() {
            return Some(allowed.clone());
        }
        let all = allowed.is_empty() || self.0.iter().all(|value| allowed.0.contains(value));
        all.then_some(self)
    }

    /// Whether a proof by `method` at `aal` is enough. Where nothing in particular was demanded,
    /// two factors are (law S6).
    pub fn satisfied_by(&self, aal: Aal, method: Method) -> bool {
        if self.0.is_empty() {
            return aal >= Aal::Aal2;
        }
        self.0.iter().any(|value| value.is_met_by(aal, method))
    }

    /// Whether `method` at its best could satisfy the demand; the sign-in page shows the others
    /// as unavailable.
    pub fn can_be_met_by(&self, method: Method) -> bool {
        self.satisfied_by(method.cap(), method)
    }

    /// Whether none of the methods on offer could satisfy the demand: the answer is then
    /// `unmet_authentication_requirements`.
    pub fn is_impossible_with(&self, methods: &[Method]) -> bool {
        !methods.iter().any(|method| self.can_be_met_by(*method))
    }
}

#[cfg(test)]
mod tests;
