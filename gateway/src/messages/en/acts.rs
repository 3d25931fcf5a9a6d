//! English: why an act about a card or a person was refused, what to do next, and who can help. The
//! same words for page, API and card client; a code without words does not compile.

use policies::refusal::RefusalCode as Code;

use super::{authenticators, federation};
use crate::messages::RefusalText;

pub(super) const DESK: &str = "Your registration authority.";
const SERVICE_DESK: &str = "Your IT service desk.";

/// The text of a refused act; `None` for the codes of signing in, whose words stand with it.
#[expect(
    clippy::too_many_lines,
    reason = "one line for each code: one without words must not compile"
)]
pub(super) const fn text(code: Code) -> Option<&'static RefusalText> {
    Some(match code {
        Code::NoCertificate
        | Code::CertificateUntrusted
        | Code::CertificateWrongPurpose
        | Code::CertificateUnknown
        | Code::CardCancelled
        | Code::CardLocked
        | Code::CardNotActive
        | Code::CertificateRevoked
        | Code::CertificateSuperseded
        | Code::CertificateNotYetValid
        | Code::CertificateExpired
        | Code::RoleNotHeld
        | Code::Busy
        | Code::ClockUntrusted => return None,
        Code::IdentityClosed => &IDENTITY_CLOSED,
        Code::IdentityNotVerified => &IDENTITY_NOT_VERIFIED,
        Code::LiveCardExists => &LIVE_CARD_EXISTS,
        Code::TermsNotAccepted => &TERMS_NOT_ACCEPTED,
        Code::ActorIsSubject => &ACTOR_IS_SUBJECT,
        Code::ActorOutOfScope | Code::NotFound => &NOT_FOUND,
        Code::ActorRoleMissing => &ACTOR_ROLE_MISSING,
        Code::CardSerialReused => &CARD_SERIAL_REUSED,
        Code::SeriesEndOfLife => &SERIES_END_OF_LIFE,
        Code::IssuerExpiresFirst => &ISSUER_EXPIRES_FIRST,
        Code::ProofOfPossessionFailed => &PROOF_OF_POSSESSION_FAILED,
        Code::KeyNotAcceptable => &KEY_NOT_ACCEPTABLE,
        Code::KeyReused => &KEY_REUSED,
        Code::AddressNotAllowed => &ADDRESS_NOT_ALLOWED,
        Code::ReceiptNotConfirmed => &RECEIPT_NOT_CONFIRMED,
        Code::CodeWrong => &CODE_WRONG,
        Code::CodeExpired => &CODE_EXPIRED,
        Code::TooManyCodes => &TOO_MANY_CODES,
        Code::NoVerifiedContact => &NO_VERIFIED_CONTACT,
        Code::PasscodeFormat => &PASSCODE_FORMAT,
        Code::PasscodeReused => &PASSCODE_REUSED,
        Code::HolderNotPresent => &HOLDER_NOT_PRESENT,
        Code::SecondActorNeeded => &SECOND_ACTOR_NEEDED,
        Code::PairSuperseded => &PAIR_SUPERSEDED,
        Code::RenewalWindowNotOpen => &RENEWAL_WINDOW_NOT_OPEN,
        Code::SelfRenewalLimitReached => &SELF_RENEWAL_LIMIT_REACHED,
        Code::RenewalInProgress => &RENEWAL_IN_PROGRESS,
        Code::CertificateNotExpired => &CERTIFICATE_NOT_EXPIRED,
        Code::ReasonMissing => &REASON_MISSING,
        Code::NothingPending => &NOTHING_PENDING,
        Code::SerialMismatch => &SERIAL_MISMATCH,
        Code::AlreadyCancelled => &ALREADY_CANCELLED,
        Code::CardNotReturned => &CARD_NOT_RETURNED,
        Code::CardActive => &CARD_ACTIVE,
        Code::IdentityRecheckNeeded => &IDENTITY_RECHECK_NEEDED,
        Code::SessionLevelTooLow => &SESSION_LEVEL_TOO_LOW,
        Code::ReauthenticationNeeded => &REAUTHENTICATION_NEEDED,
        Code::LimitReached
        | Code::ModelNotAllowed
        | Code::AttestationMissing
        | Code::AlreadyRegisteredElsewhere
        | Code::LastAuthenticator
        | Code::AuthenticatorRemoved
        | Code::AuthenticatorSuspended
        | Code::AuthenticatorLocked
        | Code::AuthenticatorEnded
        | Code::AuthenticatorTooWeak
        | Code::AuthenticatorTooNew
        | Code::AuthenticatorUnknown
        | Code::InvitationUnknown
        | Code::InvitationExpired
        | Code::InvitationUsed
        | Code::InvitationOpenedElsewhere
        | Code::TemporaryAccessUsed
        | Code::NotInWard
        | Code::PeriodNotAllowed
        | Code::EvidenceTooWeak
        | Code::CeremonyFailed
        | Code::CredentialsWrong
        | Code::NameNotAllowed
        | Code::TooManyTries
        | Code::PasswordTooShort
        | Code::PasswordTooLong
        | Code::PasswordCommon
        | Code::PasswordPersonal => return authenticators::text(code),
        Code::AccountNotLinked
        | Code::OwnAuthenticatorNeeded
        | Code::FederationUnavailable
        | Code::FederationOff
        | Code::FederationDenied
        | Code::FederationAnswerInvalid
        | Code::FederationTooWeak
        | Code::FederationTooOld => return federation::text(code),
        Code::IdempotencyKeyReused => &IDEMPOTENCY_KEY_REUSED,
    })
}

/// Cause first, then the next step, then who can help.
pub(super) const fn of(
    title: &'static str,
    cause: &'static str,
    steps: &'static [&'static str],
    help: &'static str,
) -> RefusalText {
    RefusalText {
        title,
        cause,
        steps,
        help,
        again: "",
    }
}

const IDENTITY_CLOSED: RefusalText = of(
    "This profile is closed",
    "A staff profile is closed when somebody leaves an organisation. Nothing is done to it, or with it, \
     until it is open again.",
    &[
        "If the person still works here, or has come back, have the profile reopened. The user ID stays.",
    ],
    DESK,
);
const IDENTITY_NOT_VERIFIED: RefusalText = of(
    "The identity has not been verified yet",
    "Nobody has recorded an identity check for this person, and a card is only issued after one.",
    &["Record an identity check, with the documents, then come back."],
    "An ID checker or a registration authority agent.",
);
const LIVE_CARD_EXISTS: RefusalText = of(
    "This person already has a card",
    "Everybody has at most one card that is not cancelled.",
    &["Use the card that there is, or cancel it first if it is lost, stolen or broken."],
    DESK,
);
const TERMS_NOT_ACCEPTED: RefusalText = of(
    "The terms have not been accepted yet",
    "The holder has not accepted the present terms of use.",
    &["The holder reads and accepts the terms; then try again."],
    DESK,
);
const ACTOR_IS_SUBJECT: RefusalText = of(
    "This is about yourself",
    "Nobody does this for themselves, whatever their role.",
    &["Ask a colleague of the registration authority to do it for you."],
    "Another manager or agent of your registration authority.",
);
const NOT_FOUND: RefusalText = of(
    "Nothing found",
    "There is nothing under that name or number, or it is not among the people your registration \
     authority looks after.",
    &["Check the number. If it is right, ask the person's own registration authority."],
    SERVICE_DESK,
);
const ACTOR_ROLE_MISSING: RefusalText = of(
    "The role you chose cannot do this",
    "You are signed in under a role that does not include this work.",
    &[
        "If you hold another role that does, choose it now.",
        "Otherwise ask somebody who holds one of the roles named here.",
    ],
    "People with the roles named here.",
);
const CARD_SERIAL_REUSED: RefusalText = of(
    "This plastic has been used before",
    "Its number belongs to a card that was issued earlier. A number is never given out twice.",
    &["Take a fresh card from stock."],
    DESK,
);
const SERIES_END_OF_LIFE: RefusalText = of(
    "This kind of card is no longer supported",
    "Cards of this generation get no new certificates.",
    &["Take a card of the present generation from stock."],
    DESK,
);
const ISSUER_EXPIRES_FIRST: RefusalText = of(
    "The issuing authority ends too soon",
    "The certificate would outlive the authority that signs it, and it is never shortened silently.",
    &[
        "Nothing is wrong with the card. The operators must bring the next issuing authority into use.",
    ],
    SERVICE_DESK,
);
const PROOF_OF_POSSESSION_FAILED: RefusalText = of(
    "The request did not prove its key",
    "A certificate request was not signed by its own key, or did not carry the number given out for \
     this work, or came too late.",
    &["Begin again: the card client then asks for a fresh number and makes new requests."],
    SERVICE_DESK,
);
const KEY_NOT_ACCEPTABLE: RefusalText = of(
    "The key cannot be used",
    "A key is of the wrong kind or size, or the same key was sent for both certificates.",
    &["Begin again with two fresh keys. If it happens again, the card or its software is too old."],
    SERVICE_DESK,
);
const KEY_REUSED: RefusalText = of(
    "This key has been certified before",
    "Every certificate gets a key of its own. This one belongs to an earlier certificate.",
    &["Begin again: the card makes fresh keys."],
    SERVICE_DESK,
);
const ADDRESS_NOT_ALLOWED: RefusalText = of(
    "A card cannot be sent there",
    "Cards are sent to the work address of a known organisation, never to a home.",
    &["Choose the organisation where the holder works."],
    DESK,
);
const RECEIPT_NOT_CONFIRMED: RefusalText = of(
    "Say first that the card has arrived",
    "A card is put to use only after its holder has confirmed that it arrived.",
    &["Confirm that you have the card in your hands, then try again."],
    DESK,
);
const CODE_WRONG: RefusalText = of(
    "That code is not right",
    "The code does not match. Blanks and dashes do not matter.",
    &[
        "Check the newest message, or what the app shows now, and type the code again.",
        "After some tries the code of a message works no more: then ask for a new one.",
    ],
    DESK,
);
const CODE_EXPIRED: RefusalText = of(
    "That code is too old",
    "A code works for 15 minutes.",
    &["Ask for a new code."],
    DESK,
);
const TOO_MANY_CODES: RefusalText = of(
    "Too many codes in a short time",
    "To protect the card, only a few codes are sent in an hour.",
    &[
        "Wait an hour, then ask again.",
        "A desk can help at once, with the holder and the card present.",
    ],
    DESK,
);
const NO_VERIFIED_CONTACT: RefusalText = of(
    "We have no way to send a code",
    "There is no verified e-mail address or mobile number on record that is old enough to be trusted.",
    &["Have the card unlocked at a desk. Take the card and a proof of who you are with you."],
    DESK,
);
const PASSCODE_FORMAT: RefusalText = of(
    "Choose another passcode",
    "A passcode has 6 to 8 digits, and is not easy to guess: no row, no single digit repeated, no birthday.",
    &["Choose 6 to 8 digits that mean nothing to anybody else."],
    DESK,
);
const PASSCODE_REUSED: RefusalText = of(
    "That is the passcode you have now",
    "A new passcode must be another one.",
    &["Choose another passcode."],
    DESK,
);
const HOLDER_NOT_PRESENT: RefusalText = of(
    "The holder must be there",
    "This is done only with the holder and the card at the desk, and the face compared with the photo.",
    &["Compare the person in front of you with the photo, tick both boxes, then go on."],
    DESK,
);
const SECOND_ACTOR_NEEDED: RefusalText = of(
    "A second person must stand behind this",
    "This person works for a registration authority too. Nobody at a desk does this for a colleague alone.",
    &[
        "For a card: ask a colleague of the desk to look too, and to confirm the work number under their own sign-in. Then go on here.",
        "For another way to sign in: this person signs in with their own card and adds it, or uses it once more, without a desk.",
    ],
    "Another manager or agent of the registration authority.",
);
const PAIR_SUPERSEDED: RefusalText = of(
    "The card has newer certificates",
    "The certificates that asked have been replaced by newer ones.",
    &["Take the card out, put it in again and use the newer certificates."],
    DESK,
);
const RENEWAL_WINDOW_NOT_OPEN: RefusalText = of(
    "It is too early to renew",
    "Certificates are renewed in the last 90 days before they end.",
    &["Come back on the day named here. We will also remind you."],
    DESK,
);
const SELF_RENEWAL_LIMIT_REACHED: RefusalText = of(
    "This time a person must look",
    "You have renewed twice in a row by yourself. Every third time somebody compares you with your photo.",
    &["Meet one of the people named here, with your card. It takes a few minutes."],
    "A registration authority manager or agent, your sponsor, or the local smartcard administrator.",
);
const RENEWAL_IN_PROGRESS: RefusalText = of(
    "A renewal is already on its way",
    "New certificates have been issued and wait to be confirmed on the card.",
    &["Go on with that renewal: it can be taken up again where it stopped."],
    DESK,
);
const CERTIFICATE_NOT_EXPIRED: RefusalText = of(
    "The card has not expired",
    "A reissue is for expired cards only.",
    &["Renew the card if it is inside its last 90 days, or repair it if it cannot be used."],
    DESK,
);
const REASON_MISSING: RefusalText = of(
    "A reason is needed",
    "This is recorded for ever, with its reason.",
    &["Choose the reason, then go on."],
    DESK,
);
const NOTHING_PENDING: RefusalText = of(
    "Nothing is waiting",
    "There are no new certificates that wait for this card: they were confirmed, given up or never issued.",
    &["Look at the card once more. If its certificates end soon, begin a new renewal."],
    DESK,
);
const SERIAL_MISMATCH: RefusalText = of(
    "The card holds other certificates",
    "The serial numbers read from the card are not those that were issued for it.",
    &["Write the new certificates again, read them back and confirm. The old ones keep working."],
    SERVICE_DESK,
);
const ALREADY_CANCELLED: RefusalText = of(
    "The card was cancelled before",
    "There is nothing left to do: it will never work again.",
    &["If the holder needs a card, a new one is issued."],
    DESK,
);
const CARD_NOT_RETURNED: RefusalText = of(
    "The card has not come back",
    "Only plastic that is in your hands can be cleared for use again.",
    &["Record first that the card was returned."],
    DESK,
);
const CARD_ACTIVE: RefusalText = of(
    "The card is in use",
    "What was asked for does not fit a card that its holder uses.",
    &["Look at the card once more and choose what is offered for it."],
    DESK,
);
const IDENTITY_RECHECK_NEEDED: RefusalText = of(
    "The identity must be verified again",
    "The profile was closed so long ago that the old check no longer counts.",
    &["Record a new identity check, then reopen the profile."],
    "An ID checker or a registration authority agent.",
);
const SESSION_LEVEL_TOO_LOW: RefusalText = of(
    "Sign in with something stronger",
    "This session proves too little for that: it was opened in a weaker way, or with something that \
     was given for one shift.",
    &["Sign in again with your smartcard, or with the strongest way of your own that lasts."],
    DESK,
);
const REAUTHENTICATION_NEEDED: RefusalText = of(
    "Prove once more that it is you",
    "Your last proof was too long ago for this.",
    &["Sign in again, then come back: nothing is lost."],
    DESK,
);
const IDEMPOTENCY_KEY_REUSED: RefusalText = of(
    "That request was sent before with other contents",
    "The same request number came with another request.",
    &["Begin again: a fresh request gets a fresh number."],
    SERVICE_DESK,
);
