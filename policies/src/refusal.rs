//! A "no" of the law: a stable code, the numbers behind it, and who can help. A refusal is an
//! answer, not a fault; pages, JSON, log and audit all take their words from its code
//! (contract 4.2 and 5, domain 5.4 and 5.7).

use std::fmt;

use crate::access::ActorRole;
use crate::time::Time;
use crate::words::words;

words! {
    /// Why something was refused. The words are public and never change.
    pub enum RefusalCode {
        // Signing in with a card, in order of precedence (contract 4.2).
        /// The browser showed no certificate; the card may have expired.
        NoCertificate => "no_certificate",
        /// Not one of ours.
        CertificateUntrusted => "certificate_untrusted",
        /// Ours, but not for signing in.
        CertificateWrongPurpose => "certificate_wrong_purpose",
        /// Ours by its chain, but not on record as released.
        CertificateUnknown => "certificate_unknown",
        /// The person's profile is closed.
        IdentityClosed => "identity_closed",
        /// Cancelled for ever.
        CardCancelled => "card_cancelled",
        /// The passcode is blocked.
        CardLocked => "card_locked",
        /// Not activated yet.
        CardNotActive => "card_not_active",
        /// Ended early.
        CertificateRevoked => "certificate_revoked",
        /// A newer certificate has been confirmed on the card.
        CertificateSuperseded => "certificate_superseded",
        /// Its first second has not come.
        CertificateNotYetValid => "certificate_not_yet_valid",
        /// Its last second has passed.
        CertificateExpired => "certificate_expired",
        // Cards and their certificates (domain 5.4).
        /// Nobody has verified who this is.
        IdentityNotVerified => "identity_not_verified",
        /// The person already has a card.
        LiveCardExists => "live_card_exists",
        /// The present terms have not been accepted.
        TermsNotAccepted => "terms_not_accepted",
        /// Nobody acts for herself where a second person is required.
        ActorIsSubject => "actor_is_subject",
        /// The actor's registration authority does not host this person.
        ActorOutOfScope => "actor_out_of_scope",
        /// None of the actor's roles allows this.
        ActorRoleMissing => "actor_role_missing",
        /// This plastic was used before.
        CardSerialReused => "card_serial_reused",
        /// This generation of cards is no longer supported.
        SeriesEndOfLife => "series_end_of_life",
        /// The issuing authority ends before the certificate would.
        IssuerExpiresFirst => "issuer_expires_first",
        /// The key's owner did not prove to hold it.
        ProofOfPossessionFailed => "proof_of_possession_failed",
        /// A key of the wrong kind or size, or one key for both purposes.
        KeyNotAcceptable => "key_not_acceptable",
        /// This key is or was certified before.
        KeyReused => "key_reused",
        /// Not an address of a known organisation.
        AddressNotAllowed => "address_not_allowed",
        /// The holder has not confirmed that the card arrived.
        ReceiptNotConfirmed => "receipt_not_confirmed",
        /// Not the code that was sent.
        CodeWrong => "code_wrong",
        /// The code was right, too late.
        CodeExpired => "code_expired",
        /// Too many codes in a short time.
        TooManyCodes => "too_many_codes",
        /// No verified e-mail address or mobile number.
        NoVerifiedContact => "no_verified_contact",
        /// Not 6 to 8 digits, or easy to guess.
        PasscodeFormat => "passcode_format",
        /// The passcode in use until now.
        PasscodeReused => "passcode_reused",
        /// The holder must be there, compared with her photo.
        HolderNotPresent => "holder_not_present",
        /// A holder with a registration authority role needs two desk people.
        SecondActorNeeded => "second_actor_needed",
        /// Another set has taken the place of the one that asks.
        PairSuperseded => "pair_superseded",
        /// Too early.
        RenewalWindowNotOpen => "renewal_window_not_open",
        /// Twice in a row without a person; now a person must look.
        SelfRenewalLimitReached => "self_renewal_limit_reached",
        /// A set is pending already.
        RenewalInProgress => "renewal_in_progress",
        /// Still valid: renew or repair instead of reissuing.
        CertificateNotExpired => "certificate_not_expired",
        /// A reason must be given.
        ReasonMissing => "reason_missing",
        /// There is no pending set.
        NothingPending => "nothing_pending",
        /// The serials on the card are not those of the pending set.
        SerialMismatch => "serial_mismatch",
        /// Cancelled before; callers answer "done" (T15).
        AlreadyCancelled => "already_cancelled",
        /// The plastic has not come back.
        CardNotReturned => "card_not_returned",
        /// The card is still in use.
        CardActive => "card_active",
        /// Closed so long ago that identity must be verified again.
        IdentityRecheckNeeded => "identity_recheck_needed",
        // Other authenticators (domain 5.7).
        /// The session is weaker than what it tries to add.
        SessionLevelTooLow => "session_level_too_low",
        /// The last proof is too long ago.
        ReauthenticationNeeded => "reauthentication_needed",
        /// As many authenticators as allowed.
        LimitReached => "limit_reached",
        /// This model is not on the list.
        ModelNotAllowed => "model_not_allowed",
        /// The device did not say what it is.
        AttestationMissing => "attestation_missing",
        /// Somebody else registered this device.
        AlreadyRegisteredElsewhere => "already_registered_elsewhere",
        /// Removing it would lock the person out.
        LastAuthenticator => "last_authenticator",
        /// It was taken away.
        AuthenticatorRemoved => "authenticator_removed",
        /// It was reported lost.
        AuthenticatorSuspended => "authenticator_suspended",
        /// It showed signs of a copy.
        AuthenticatorLocked => "authenticator_locked",
        /// It was temporary, and its time is over.
        AuthenticatorEnded => "authenticator_ended",
        /// It proves less than the application asks for.
        AuthenticatorTooWeak => "authenticator_too_weak",
        /// It was added too lately to open the desk.
        AuthenticatorTooNew => "authenticator_too_new",
        /// Nobody here registered this device.
        AuthenticatorUnknown => "authenticator_unknown",
        /// Nobody gave this link, or it is damaged.
        InvitationUnknown => "invitation_unknown",
        /// The link is too old, or a newer one took its place.
        InvitationExpired => "invitation_expired",
        /// The link has done what it was for.
        InvitationUsed => "invitation_used",
        /// The link belongs to the browser that opened it first.
        InvitationOpenedElsewhere => "invitation_opened_elsewhere",
        /// She had temporary access so lately that only a registration authority gives it again.
        TemporaryAccessUsed => "temporary_access_used",
        /// The person does not work in that ward.
        NotInWard => "not_in_ward",
        /// It would end in the past, or later than it may last.
        PeriodNotAllowed => "period_not_allowed",
        /// Its evidence does not prove a higher level, whoever says so.
        EvidenceTooWeak => "evidence_too_weak",
        /// The ceremony failed: another person's, another page's, replayed, or damaged.
        CeremonyFailed => "ceremony_failed",
        /// Name, password or code is wrong.
        CredentialsWrong => "credentials_wrong",
        /// Not 1 to 40 characters, or with markup or what turns the text beside it round.
        NameNotAllowed => "name_not_allowed",
        /// Too many wrong tries; other ways to sign in are not affected.
        TooManyTries => "too_many_tries",
        /// Fewer than eight characters.
        PasswordTooShort => "password_too_short",
        /// More characters than anybody needs.
        PasswordTooLong => "password_too_long",
        /// One that everybody tries first.
        PasswordCommon => "password_common",
        /// Made of her own names.
        PasswordPersonal => "password_personal",
        // Accounts of other organisations.
        /// Nobody here has linked this account.
        AccountNotLinked => "account_not_linked",
        /// A session opened by an account of another organisation changes no authenticators.
        OwnAuthenticatorNeeded => "own_authenticator_needed",
        /// The other organisation does not answer.
        FederationUnavailable => "federation_unavailable",
        /// Signing in by way of that organisation is switched off.
        FederationOff => "federation_off",
        /// The other organisation said no, or she gave up there.
        FederationDenied => "federation_denied",
        /// The other organisation's answer does not prove what it should.
        FederationAnswerInvalid => "federation_answer_invalid",
        /// The other organisation did not say that it asked for a second factor.
        FederationTooWeak => "federation_too_weak",
        /// The proof at the other organisation is too long ago.
        FederationTooOld => "federation_too_old",
        // The whole house.
        /// The person does not hold this role now.
        RoleNotHeld => "role_not_held",
        /// Not there, or not to be seen by this actor.
        NotFound => "not_found",
        /// The same key came with another request.
        IdempotencyKeyReused => "idempotency_key_reused",
        /// The clock jumped; nothing is signed until people have looked (E25, E26).
        ClockUntrusted => "clock_untrusted",
        /// Too much at once; try again.
        Busy => "busy",
    }
}

/// A "no", with what a person needs to know to get to a "yes".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: RefusalCode,
    /// The first second at which the same request would be in time.
    pub opens_at: Option<Time>,
    /// The last second of the certificate that the answer turns on.
    pub not_after: Option<Time>,
    /// How many have been used.
    pub used: Option<u32>,
    /// How many are allowed.
    pub limit: Option<u32>,
    /// Who can help instead.
    pub helper_roles: Vec<ActorRole>,
    /// The state of affairs that makes a particular role necessary (E9).
    pub because: Option<RefusalCode>,
}

impl Refusal {
    /// A refusal that needs no numbers.
    pub const fn new(code: RefusalCode) -> Self {
        Self {
            code,
            opens_at: None,
            not_after: None,
            used: None,
            limit: None,
            helper_roles: Vec::new(),
            because: None,
        }
    }

    /// Names the first second at which the request would be in time.
    pub const fn opens_at(mut self, at: Time) -> Self {
        self.opens_at = Some(at);
        self
    }

    /// Names the last second of the certificate in question.
    pub const fn not_after(mut self, at: Time) -> Self {
        self.not_after = Some(at);
        self
    }

    /// Says how many of how many were used.
    pub const fn used(mut self, used: u32, limit: u32) -> Self {
        self.used = Some(used);
        self.limit = Some(limit);
        self
    }

    /// Names the roles that can help.
    pub fn helped_by(mut self, roles: &[ActorRole]) -> Self {
        self.helper_roles = roles.to_vec();
        self
    }

    /// Names the state of affairs behind a missing role.
    pub const fn because(mut self, code: RefusalCode) -> Self {
        self.because = Some(code);
        self
    }
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl std::error::Error for Refusal {}

/// Refuses with `code` unless `holds`: one guard, one line.
pub(crate) fn require(holds: bool, code: RefusalCode) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(Refusal::new(code))
    }
}
