//! Everything that can be recorded, as a closed list. A field is an id, a code, a serial, a hash
//! or an instant and nothing else, so that no name, address or secret can get into the trail by
//! type (house decision 6). Kinds and fields are never renamed: old lines keep their meaning.

mod word;

use policies::card::{CancelReason, RevocationReason};
use policies::ids::{
    CardNumber, ClientId, IntentId, OrgCode, RoleId, Serial, SessionId, UserId,
};
use policies::permit::IssueKind;
use policies::refusal::RefusalCode;
use policies::time::Time;
use serde::{Deserialize, Serialize};

pub use self::word::{Code, OperatorName, Reference, Sha256, WordError};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The holder, for herself.
    Holder(UserId),
    /// Somebody else, in a role of hers.
    Person(UserId),
    /// Whoever runs the machine.
    Operator(OperatorName),
    /// Matron itself: a job, a deadline, recovery after a crash.
    System,
}

/// A certificate, as everybody can name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CertificateName {
    /// The issuer's key identifier, lower-case hex.
    pub issuer: Serial,
    /// Its serial number.
    pub serial: Serial,
}

/// Makes the list, and each kind's word without asking serde for it.
macro_rules! events {
    ($(
        $(#[$meta:meta])*
        $kind:ident => $word:literal { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
    )+) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", deny_unknown_fields)]
        #[non_exhaustive]
        pub enum Event { $(
            $(#[$meta])*
            #[serde(rename = $word)]
            $kind { $( $(#[$field_meta])* $field: $type, )* },
        )+ }

        impl Event {
            /// The word this kind is stored under.
            pub const fn kind(&self) -> &'static str {
                match self { $( Self::$kind { .. } => $word, )+ }
            }
        }
    };
}

events! {
    // Signing in.
    /// A sign-in was refused.
    SignInRefused => "sign_in_refused" {
        /// Why.
        code: RefusalCode,
        /// Whose card it was, where it is known.
        person: Option<UserId>,
        /// What was shown, where it is ours.
        certificate: Option<CertificateName>,
        /// What the refusal page shows.
        reference: Reference,
    }
    /// Somebody signed in.
    SignedIn => "signed_in" {
        /// Who.
        person: UserId,
        /// The session that began.
        session: SessionId,
        /// The method (`amr`).
        method: Code,
        /// The level reached (`acr`).
        level: Code,
        /// The card, if it was one.
        card: Option<CardNumber>,
        /// The certificate, if it was one.
        certificate: Option<CertificateName>,
    }
    /// Somebody went on with a live session in another application.
    SessionContinued => "session_continued" {
        /// Who.
        person: UserId,
        /// Her session.
        session: SessionId,
        /// The application.
        client: ClientId,
    }
    /// A role was chosen for the session.
    RoleChosen => "role_chosen" {
        /// Who.
        person: UserId,
        /// Her session.
        session: SessionId,
        /// The role.
        role: RoleId,
        /// Where it is held.
        organisation: OrgCode,
    }
    /// A session ended.
    SessionEnded => "session_ended" {
        /// Whose.
        person: UserId,
        /// Which.
        session: SessionId,
        /// Why: signed out, idle, over, card cancelled, replaced.
        reason: Code,
    }
    /// A hand-over ticket was not redeemed.
    TicketRefused => "ticket_refused" {
        /// Why: spent, expired, other browser, other transaction, unknown.
        reason: Code,
        /// What the page shows.
        reference: Reference,
    }
    /// A request came under a name its listener does not have (421).
    HostMismatch => "host_mismatch" {
        /// The listener.
        listener: Code,
        /// What the answer shows.
        reference: Reference,
    }

    // Codes and tokens.
    /// An authorization code was given to an application.
    CodeIssued => "code_issued" {
        /// About whom.
        person: UserId,
        /// From which session.
        session: SessionId,
        /// To which application.
        client: ClientId,
        /// The role in it.
        role: Option<RoleId>,
        /// The code, hashed.
        code: Sha256,
    }
    /// A spent code came again; what was made from it is dead.
    CodeReplayed => "code_replayed" {
        /// About whom.
        person: UserId,
        /// From which session.
        session: SessionId,
        /// Who sent it.
        client: ClientId,
        /// The code, hashed.
        code: Sha256,
    }
    /// A code was refused.
    CodeRefused => "code_refused" {
        /// Who sent it.
        client: ClientId,
        /// Why.
        reason: Code,
        /// The code, hashed.
        code: Sha256,
    }
    /// Tokens were made from a code.
    TokensIssued => "tokens_issued" {
        /// About whom.
        person: UserId,
        /// From which session.
        session: SessionId,
        /// To which application.
        client: ClientId,
        /// The role in them.
        role: Option<RoleId>,
        /// The code, hashed.
        code: Sha256,
        /// The access token, hashed.
        token: Sha256,
    }
    /// An application did not prove who it is.
    ClientRefused => "client_refused" {
        /// Who it says it is, where that is registered.
        client: Option<ClientId>,
        /// Why.
        reason: Code,
    }
    /// An application was registered.
    ClientRegistered => "client_registered" {
        /// By whom.
        actor: Actor,
        /// Which.
        client: ClientId,
    }
    /// An application's registration was changed.
    ClientChanged => "client_changed" {
        /// By whom.
        actor: Actor,
        /// Which.
        client: ClientId,
    }
    /// A key that signs tokens was made.
    TokenKeyMade => "token_key_made" {
        /// Hash of its public half.
        key: Sha256,
        /// `RS256` or `ES256`.
        algorithm: Code,
    }

    // Certificates.
    /// Serials and the exact bytes to be signed were put on record.
    CertificatesIntended => "certificates_intended" {
        /// By whom.
        actor: Actor,
        /// For whom.
        person: UserId,
        /// On which card.
        card: CardNumber,
        /// The wish.
        intent: IntentId,
        /// On which ground.
        ground: IssueKind,
        /// One per certificate of the set.
        serials: Vec<Serial>,
        /// Hashes of the bytes to be signed, in the same order.
        to_be_signed: Vec<Sha256>,
    }
    /// The signed set was put on record and may be released.
    CertificatesIssued => "certificates_issued" {
        /// For whom.
        person: UserId,
        /// On which card.
        card: CardNumber,
        /// The wish.
        intent: IntentId,
        /// One per certificate of the set.
        serials: Vec<Serial>,
        /// Hashes of the certificates, in the same order.
        certificates: Vec<Sha256>,
    }
    /// The set was signed, but card or person had ended; it was revoked and never released.
    CertificatesWithheld => "certificates_withheld" {
        /// For whom.
        person: UserId,
        /// On which card.
        card: CardNumber,
        /// The wish.
        intent: IntentId,
        /// One per certificate of the set.
        serials: Vec<Serial>,
        /// What had happened in between.
        code: RefusalCode,
    }
    /// The set on the card was used for the first time and is the current one now.
    CertificatesConfirmed => "certificates_confirmed" {
        /// Whose.
        person: UserId,
        /// On which card.
        card: CardNumber,
        /// One per certificate of the set.
        serials: Vec<Serial>,
        /// The set before it.
        superseded: Vec<Serial>,
    }
    /// Reserved serials will never be signed again; they are on the revocation list.
    CertificatesBurned => "certificates_burned" {
        /// For whom.
        person: UserId,
        /// The wish.
        intent: IntentId,
        /// One per certificate of the set.
        serials: Vec<Serial>,
    }
    /// A certificate was revoked.
    CertificateRevoked => "certificate_revoked" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        certificate: CertificateName,
        /// Why (RFC 5280 5.3.1).
        reason: RevocationReason,
    }
    /// A revocation list was signed.
    CrlSigned => "crl_signed" {
        /// The issuer's key identifier.
        issuer: Serial,
        /// The shard; none for the full list.
        shard: Option<u8>,
        /// Its number (RFC 5280 5.2.3).
        number: i64,
        /// Hash of the list.
        list: Sha256,
    }
    /// A certificate was issued to one of our own listeners.
    ServerCertificateIssued => "server_certificate_issued" {
        /// By whom.
        actor: Actor,
        /// Its serial.
        serial: Serial,
    }

    // Cards.
    /// A card was requested.
    CardRequested => "card_requested" {
        /// By whom.
        actor: Actor,
        /// For whom.
        person: UserId,
        /// Which.
        card: CardNumber,
    }
    /// A card was put to use.
    CardActivated => "card_activated" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        card: CardNumber,
    }
    /// A passcode was blocked.
    CardLocked => "card_locked" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        card: CardNumber,
    }
    /// A passcode was set anew.
    CardUnlocked => "card_unlocked" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        card: CardNumber,
    }
    /// A card ended.
    CardCancelled => "card_cancelled" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        card: CardNumber,
        /// Why.
        reason: CancelReason,
    }

    // People, organisations and roles.
    /// Somebody got a profile.
    PersonRegistered => "person_registered" {
        /// By whom.
        actor: Actor,
        /// Who.
        person: UserId,
    }
    /// A profile was closed.
    PersonClosed => "person_closed" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
    }
    /// An organisation was registered.
    OrganisationRegistered => "organisation_registered" {
        /// By whom.
        actor: Actor,
        /// Which.
        organisation: OrgCode,
    }
    /// A role was granted.
    RoleGranted => "role_granted" {
        /// By whom.
        actor: Actor,
        /// To whom.
        person: UserId,
        /// Which.
        role: RoleId,
        /// Where.
        organisation: OrgCode,
    }
    /// A role was suspended.
    RoleSuspended => "role_suspended" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        role: RoleId,
    }
    /// A role ended.
    RoleEnded => "role_ended" {
        /// By whom.
        actor: Actor,
        /// Whose.
        person: UserId,
        /// Which.
        role: RoleId,
    }
    /// Somebody reached for a person her registration authority does not host.
    ActorOutOfScope => "actor_out_of_scope" {
        /// Who.
        actor: Actor,
        /// For whom.
        person: UserId,
        /// What she asked for.
        task: Code,
    }

    // The clock.
    /// Issuing stopped because the clock is behind its mark.
    ClockUntrusted => "clock_untrusted" {
        /// What the clock said.
        now: Time,
        /// The mark.
        mark: Time,
    }
    /// Two operators set the mark back.
    ClockMarkReset => "clock_mark_reset" {
        /// The first.
        actor: Actor,
        /// The second, another one.
        second_actor: Actor,
    }
}

impl Event {
    /// The one spelling of this event: fields in the order of their declaration, no blanks.
    ///
    /// # Errors
    /// None that we know: every field is text, a number, or a list of texts.
    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
