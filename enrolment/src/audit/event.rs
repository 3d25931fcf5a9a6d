//! Everything that can be recorded, as a closed list. A field is an id, a code, a serial, a hash
//! or an instant and nothing else, so that no name, address or secret can get into the trail by
//! type (house decision 6). Kinds and fields are never renamed: old lines keep their meaning.

#[macro_use]
mod meaning;
mod word;

use policies::card::{CancelReason, PlasticState, RevocationReason};
use policies::ids::{
    AuthenticatorId, CardNumber, ClientId, DeputyId, FederationId, IntentId, InvitationId, OrgCode,
    RoleId, Serial, SessionId, UserId, WorkgroupCode,
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
        $kind:ident => $word:literal { $($field:tt: $type:ty,)* }
    )+) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", deny_unknown_fields)]
        #[non_exhaustive]
        pub enum Event { $(
            $(#[$meta])*
            #[serde(rename = $word)]
            $kind { $( #[doc = meaning!($field)] $field: $type, )* },
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
        code: RefusalCode, person: Option<UserId>, certificate: Option<CertificateName>,
        reference: Reference,
    }
    /// Somebody signed in.
    SignedIn => "signed_in" {
        person: UserId, session: SessionId, method: Code, level: Code, card: Option<CardNumber>,
        certificate: Option<CertificateName>,
    }
    /// Somebody went on with a live session in another application.
    SessionContinued => "session_continued" {
        person: UserId, session: SessionId, client: ClientId,
    }
    /// A role was chosen for the session.
    RoleChosen => "role_chosen" {
        person: UserId, session: SessionId, role: RoleId, organisation: OrgCode,
    }
    /// A session ended.
    SessionEnded => "session_ended" {
        person: UserId, session: SessionId, reason: Code,
    }
    /// A hand-over ticket was not redeemed.
    TicketRefused => "ticket_refused" {
        reason: Code, reference: Reference,
    }
    /// A request came under a name its listener does not have (421).
    HostMismatch => "host_mismatch" {
        listener: Code, reference: Reference,
    }

    // Codes and tokens.
    /// An authorization code was given to an application.
    CodeIssued => "code_issued" {
        person: UserId, session: SessionId, client: ClientId, role: Option<RoleId>, code: Sha256,
    }
    /// A spent code came again; what was made from it is dead.
    CodeReplayed => "code_replayed" {
        person: UserId, session: SessionId, client: ClientId, code: Sha256,
    }
    /// A code was refused.
    CodeRefused => "code_refused" {
        client: ClientId, reason: Code, code: Sha256,
    }
    /// Tokens were made from a code.
    TokensIssued => "tokens_issued" {
        person: UserId, session: SessionId, client: ClientId, role: Option<RoleId>, code: Sha256,
        token: Sha256,
    }
    /// An application asked for what it is not given, or not so.
    AuthorizationRefused => "authorization_refused" {
        client: ClientId, reason: Code, reference: Reference,
    }
    /// An application did not prove who it is.
    ClientRefused => "client_refused" {
        client: Option<ClientId>, reason: Code,
    }
    /// An application was registered.
    ClientRegistered => "client_registered" {
        actor: Actor, client: ClientId,
    }
    /// An application's registration was changed.
    ClientChanged => "client_changed" {
        actor: Actor, client: ClientId,
    }
    /// An application was taken off the list, and what it held is dead.
    ClientRemoved => "client_removed" {
        actor: Actor, client: ClientId,
    }
    /// A key that signs tokens was made.
    TokenKeyMade => "token_key_made" {
        key: Sha256, algorithm: Code,
    }

    // Certificates.
    /// Serials and the exact bytes to be signed were put on record.
    CertificatesIntended => "certificates_intended" {
        actor: Actor, person: UserId, card: CardNumber, intent: IntentId, ground: IssueKind,
        serials: Vec<Serial>, to_be_signed: Vec<Sha256>,
    }
    /// The signed set was put on record and may be released.
    CertificatesIssued => "certificates_issued" {
        person: UserId, card: CardNumber, intent: IntentId, serials: Vec<Serial>,
        certificates: Vec<Sha256>,
    }
    /// The set was signed, but card or person had ended; it was revoked and never released.
    CertificatesWithheld => "certificates_withheld" {
        person: UserId, card: CardNumber, intent: IntentId, serials: Vec<Serial>, code: RefusalCode,
    }
    /// The set on the card was used for the first time and is the current one now.
    CertificatesConfirmed => "certificates_confirmed" {
        person: UserId, card: CardNumber, serials: Vec<Serial>, superseded: Vec<Serial>,
    }
    /// Reserved serials will never be signed again; they are on the revocation list.
    CertificatesBurned => "certificates_burned" {
        person: UserId, intent: IntentId, serials: Vec<Serial>,
    }
    /// A certificate was revoked.
    CertificateRevoked => "certificate_revoked" {
        actor: Actor, person: UserId, certificate: CertificateName, reason: RevocationReason,
    }
    /// A revocation list was signed.
    CrlSigned => "crl_signed" {
        issuer: Serial, shard: Option<u8>, number: i64, list: Sha256,
    }
    /// A certificate was issued to one of our own listeners.
    ServerCertificateIssued => "server_certificate_issued" {
        actor: Actor, serial: Serial,
    }

    // Cards.
    /// A card was requested.
    CardRequested => "card_requested" {
        actor: Actor, person: UserId, card: CardNumber,
    }
    /// A card was put to use.
    CardActivated => "card_activated" {
        actor: Actor, person: UserId, card: CardNumber,
    }
    /// A passcode was blocked.
    CardLocked => "card_locked" {
        actor: Actor, person: UserId, card: CardNumber,
    }
    /// A passcode was set anew.
    CardUnlocked => "card_unlocked" {
        actor: Actor, person: UserId, card: CardNumber,
    }
    /// Somebody asked for a one-time code; whether there is such a person stays open.
    CodeAsked => "code_asked" {
        person: Option<UserId>, card: Option<CardNumber>, task: Code,
    }
    /// The unblock key of a card was released against a code.
    UnblockKeyReleased => "unblock_key_released" {
        person: UserId, card: CardNumber,
    }
    /// The card's own secrets were given to a desk, sealed.
    CardSecretsReleased => "card_secrets_released" {
        actor: Actor, person: UserId, card: CardNumber,
    }
    /// Somebody says that her card or account is misused.
    MisuseReported => "misuse_reported" {
        person: UserId, card: Option<CardNumber>,
    }
    /// A passcode was set anew at a desk, the holder being present.
    CardUnlockedAtDesk => "card_unlocked_at_desk" {
        actor: Actor, person: UserId, card: CardNumber, out_of_area: bool,
    }
    /// A card was sent to an organisation of its holder.
    CardDispatched => "card_dispatched" {
        actor: Actor, person: UserId, card: CardNumber, organisation: OrgCode,
    }
    /// The desk recorded that its holder has a card in her hands.
    CardReceived => "card_received" {
        actor: Actor, person: UserId, card: CardNumber,
    }
    /// Something became of a card's plastic.
    PlasticRecorded => "plastic_recorded" {
        actor: Actor, person: UserId, card: CardNumber, plastic: PlasticState,
    }
    /// A desk began to work on a card.
    DeskWorkStarted => "desk_work_started" {
        actor: Actor, person: UserId, card: CardNumber, task: Code,
    }
    /// A second desk person stands behind a work.
    DeskWorkSeconded => "desk_work_seconded" {
        actor: Actor, person: UserId, card: CardNumber, task: Code,
    }
    /// A desk acted for the holder, present with her card; what was attested is kept with the set.
    DeskActed => "desk_acted" {
        actor: Actor, second_actor: Option<Actor>, person: UserId, card: CardNumber,
        intent: IntentId, ground: IssueKind, out_of_area: bool,
    }
    /// The holder was reminded that her card ends.
    Reminded => "reminded" {
        person: UserId, card: CardNumber,
    }
    /// A card ended.
    CardCancelled => "card_cancelled" {
        actor: Actor, person: UserId, card: CardNumber, reason: CancelReason,
    }

    // People, organisations and roles.
    /// Somebody got a profile.
    PersonRegistered => "person_registered" {
        actor: Actor, person: UserId,
    }
    /// A profile was closed.
    PersonClosed => "person_closed" {
        actor: Actor, person: UserId,
    }
    /// Somebody changed an address of hers.
    ContactChanged => "contact_changed" {
        person: UserId, task: Code,
    }
    /// Somebody accepted the present terms; the version stands with her profile.
    TermsAccepted => "terms_accepted" {
        person: UserId,
    }
    /// A closed profile was reopened.
    PersonReopened => "person_reopened" {
        actor: Actor, person: UserId,
    }
    /// An organisation was registered.
    OrganisationRegistered => "organisation_registered" {
        actor: Actor, organisation: OrgCode,
    }
    /// A role was granted.
    RoleGranted => "role_granted" {
        actor: Actor, person: UserId, role: RoleId, organisation: OrgCode,
    }
    /// A role was suspended.
    RoleSuspended => "role_suspended" {
        actor: Actor, person: UserId, role: RoleId,
    }
    /// A role ended.
    RoleEnded => "role_ended" {
        actor: Actor, person: UserId, role: RoleId,
    }
    /// Somebody was named the deputy of a ward.
    DeputyNamed => "deputy_named" {
        actor: Actor, person: UserId, deputy: DeputyId, organisation: OrgCode,
        workgroup: WorkgroupCode, ends_at: Time,
    }
    /// A naming was ended before its last second.
    DeputyEnded => "deputy_ended" {
        actor: Actor, person: UserId, deputy: DeputyId,
    }
    /// Somebody reached for a person her registration authority does not host.
    ActorOutOfScope => "actor_out_of_scope" {
        actor: Actor, person: UserId, task: Code,
    }

    /// An act was refused.
    ActRefused => "act_refused" {
        actor: Option<Actor>, person: Option<UserId>, card: Option<CardNumber>, task: Code,
        code: RefusalCode, reference: Reference,
    }

    // Authenticators beside the card.
    /// A way to sign in was added.
    AuthenticatorAdded => "authenticator_added" {
        actor: Actor, person: UserId, authenticator: AuthenticatorId, method: Code, evidence: Code,
        bound_at: Code,
    }
    /// One that was added in a weaker session counts fully now.
    AuthenticatorRaised => "authenticator_raised" {
        person: UserId, authenticator: AuthenticatorId,
    }
    /// A desk let one count fully, its owner being there.
    AuthenticatorRaisedAtDesk => "authenticator_raised_at_desk" {
        actor: Actor, person: UserId, authenticator: AuthenticatorId,
    }
    /// A desk gave somebody a link with which she adds one, in a meeting.
    AuthenticatorInvited => "authenticator_invited" {
        actor: Actor, person: UserId, invitation: InvitationId, task: Code,
    }
    /// A browser opened such a link, the first one.
    InvitationOpened => "invitation_opened" {
        person: UserId, invitation: InvitationId,
    }
    /// Such a link added its authenticator and works no more.
    InvitationSpent => "invitation_spent" {
        person: UserId, invitation: InvitationId, authenticator: AuthenticatorId,
    }
    /// One was suspended, resumed, locked or taken away.
    AuthenticatorChanged => "authenticator_changed" {
        actor: Actor, person: UserId, authenticator: AuthenticatorId, state: Code, reason: Code,
    }

    /// A person signed in while a session of hers was in use in another network.
    SeenInTwoPlaces => "seen_in_two_places" {
        person: UserId, session: SessionId,
    }

    // Accounts of other organisations.
    /// An answer of another organisation opened or linked nothing.
    FederationRefused => "federation_refused" {
        federation: FederationId, code: RefusalCode, reason: Code, person: Option<UserId>,
        reference: Reference,
    }
    /// An account that nobody has linked came with somebody's e-mail address; nothing was opened.
    FederationEmailMatched => "federation_email_matched" {
        federation: FederationId, person: UserId, account: Sha256, reference: Reference,
    }
    /// Signing in by way of another organisation was switched on or off.
    FederationSwitched => "federation_switched" {
        actor: Actor, federation: FederationId, state: Code,
    }

    // Letters.
    /// A letter will not leave: it was refused for good, or tried too often.
    LetterGivenUp => "letter_given_up" {
        channel: Code, letter: i64, reason: Code,
    }

    // The clock.
    /// Issuing stopped because the clock is behind its mark.
    ClockUntrusted => "clock_untrusted" {
        now: Time, mark: Time,
    }
    /// Two operators set the mark back.
    ClockMarkReset => "clock_mark_reset" {
        actor: Actor, second_actor: Actor,
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

/// Whom a line is about, read from its text: no other field can hold a quotation mark. Behind a comma,
/// for whoever acted may be a person too, and stands in braces of her own.
pub(super) fn person_in(text: &str) -> Option<&str> {
    const FIELD: &str = ",\"person\":\"";
    let (_, rest) = text.split_once(FIELD)?;
    Some(rest.split_once('"')?.0)
}
