//! English: why a way to sign in was refused, or could not be added or taken away.

use policies::refusal::RefusalCode as Code;

use super::acts::{DESK, of};
use crate::messages::RefusalText;

const OTHER_WAY: &str = "Sign in another way: your card, a security key or an app. If none is left, your registration \
    authority can help.";

/// The text of a refusal about an authenticator; `None` for every other code.
pub(super) const fn text(code: Code) -> Option<&'static RefusalText> {
    Some(match code {
        Code::LimitReached => &LIMIT_REACHED,
        Code::ModelNotAllowed => &MODEL_NOT_ALLOWED,
        Code::AttestationMissing => &ATTESTATION_MISSING,
        Code::AlreadyRegisteredElsewhere => &ALREADY_REGISTERED,
        Code::LastAuthenticator => &LAST,
        Code::AuthenticatorRemoved => &REMOVED,
        Code::AuthenticatorSuspended => &SUSPENDED,
        Code::AuthenticatorLocked => &LOCKED,
        Code::AuthenticatorEnded => &ENDED,
        Code::AuthenticatorTooWeak => &TOO_WEAK,
        Code::AuthenticatorTooNew => &TOO_NEW,
        Code::AuthenticatorUnknown => &UNKNOWN,
        Code::InvitationUnknown => &INVITATION_UNKNOWN,
        Code::InvitationExpired => &INVITATION_EXPIRED,
        Code::InvitationUsed => &INVITATION_USED,
        Code::InvitationOpenedElsewhere => &INVITATION_ELSEWHERE,
        Code::TemporaryAccessUsed => &TEMPORARY_USED,
        Code::NotInWard => &NOT_IN_WARD,
        Code::PeriodNotAllowed => &PERIOD_NOT_ALLOWED,
        Code::EvidenceTooWeak => &EVIDENCE_TOO_WEAK,
        Code::CeremonyFailed => &FAILED,
        Code::CredentialsWrong => &WRONG,
        Code::NameNotAllowed => &NAME_NOT_ALLOWED,
        Code::TooManyTries => &TOO_MANY_TRIES,
        Code::PasswordTooShort => &PASSWORD_TOO_SHORT,
        Code::PasswordTooLong => &PASSWORD_TOO_LONG,
        Code::PasswordCommon => &PASSWORD_COMMON,
        Code::PasswordPersonal => &PASSWORD_PERSONAL,
        _ => return None,
    })
}

const LIMIT_REACHED: RefusalText = of(
    "You have as many ways to sign in as you may have",
    "There is a limit to how many authenticators one person has, so that old ones are noticed.",
    &["Take away one that you do not use any more, then add the new one."],
    DESK,
);
const MODEL_NOT_ALLOWED: RefusalText = of(
    "This device cannot be used here",
    "Its model is not allowed here or not for your role, or it cannot check a PIN, a finger or a face.",
    &[
        "Use another security key, or Windows Hello, or a passkey of your phone or tablet. The page \
         on which you add one says what your role asks for.",
    ],
    DESK,
);
const ATTESTATION_MISSING: RefusalText = of(
    "This device did not say what it is",
    "For your roles only devices count that can prove which model they are.",
    &[
        "When you add a device, allow the browser to show its make and model, or use another one.",
        "If it is yours already, sign in another way, take it away in your list, and add it again.",
    ],
    DESK,
);
const ALREADY_REGISTERED: RefusalText = of(
    "This device is registered already",
    "A device belongs to one person, and is added once.",
    &["If it is yours, look for it in your list. If somebody gave it to you, have it reset first."],
    DESK,
);
const LAST: RefusalText = of(
    "This is your last way to sign in",
    "Without it you could not sign in any more.",
    &["Add another way to sign in first, or ask at the desk to take this one away."],
    DESK,
);
const REMOVED: RefusalText = of(
    "This way to sign in was taken away",
    "It is on record, but it does not open anything any more.",
    &["Sign in another way. You can add the device anew under Ways to sign in."],
    OTHER_WAY,
);
const SUSPENDED: RefusalText = of(
    "This way to sign in was reported lost",
    "It opens nothing until you say that you found it.",
    &["Sign in another way, then choose Found it under Ways to sign in."],
    OTHER_WAY,
);
const LOCKED: RefusalText = of(
    "This device was locked, because there may be a copy of it",
    "It answered with a counter or a flag that only a copy could have. Nobody can use it now, and you \
     are told at all your addresses.",
    &["Sign in another way, take the device away under Ways to sign in, and add a new one."],
    OTHER_WAY,
);
const ENDED: RefusalText = of(
    "Your temporary way to sign in has ended",
    "It was given for one shift.",
    &["Sign in with your own card or key."],
    OTHER_WAY,
);
const NAME_NOT_ALLOWED: RefusalText = of(
    "This name cannot be used",
    "A name has 1 to 40 characters, without < and > and without signs that nobody sees.",
    &["Call it something else. Nothing was added."],
    DESK,
);
const NEW_LINK: &[&str] =
    &["Ask the person who gave you the link for a new one, while you are together."];
const INVITATION_UNKNOWN: RefusalText = of(
    "This link is not known here",
    "Nobody gave it, it is damaged, or this is another browser than the one that opened it.",
    &["Open the whole link again, or let the camera read the picture again."],
    DESK,
);
const INVITATION_EXPIRED: RefusalText = of(
    "This link works no more",
    "A link works for some minutes in the meeting, and not once a newer one has been given.",
    NEW_LINK,
    DESK,
);
const INVITATION_USED: RefusalText = RefusalText {
    again: "Sign in",
    ..of(
        "This link has been used",
        "It adds one way to sign in, once. If that was not you, tell your registration authority now.",
        &["Sign in with what you set up. For another one, ask for a new link."],
        DESK,
    )
};
const INVITATION_ELSEWHERE: RefusalText = of(
    "This link was opened in another browser",
    "A link belongs to the browser that opened it first. If that was not yours, tell the person who \
     gave it to you now.",
    &[
        "Go on in the browser where you opened it, or ask for a new link: the old one ends then. For one \
       shift, only a registration authority gives a second link within 15 minutes of the first.",
    ],
    DESK,
);
const TEMPORARY_USED: RefusalText = of(
    "Temporary access was given lately",
    "Without the registration authority it is given once in some days, and one link at a time.",
    &["Ask the registration authority: it may give it again, or replace the card."],
    DESK,
);
const NOT_IN_WARD: RefusalText = of(
    "The person does not work in that ward",
    "A deputy is named among those who work in the ward now.",
    &["Choose another ward, or have the position in the ward given first."],
    DESK,
);
const PERIOD_NOT_ALLOWED: RefusalText = of(
    "The last day cannot be that day",
    "It is over already, or later than the longest time for which a ward\u{2019}s deputy is named.",
    &["Choose an earlier last day, or leave it empty for the longest time that is allowed."],
    DESK,
);
const EVIDENCE_TOO_WEAK: RefusalText = of(
    "This way to sign in does not prove more",
    "Its kind, or what it says about its make, is good for AAL2 and no more; so is what was given \
     for one shift.",
    &["Add a security key of a model that is allowed for AAL3."],
    DESK,
);
const TOO_NEW: RefusalText = of(
    "This way to sign in is too new for the desk",
    "What was added lately opens no desk yet, so that a key which somebody slips into a profile \
     does no harm before its owner has read the notice.",
    &[
        "Sign in with your smartcard, or with a security key or Windows Hello that you have had for \
         longer.",
        "If you have neither, wait until then: it opens everything else already. A colleague at the \
         desk can do what is urgent.",
    ],
    DESK,
);
const TOO_WEAK: RefusalText = RefusalText {
    again: "Try another device",
    ..of(
        "This device does not open that application",
        "The application asks for more than this device proves: it was added in a weaker session, did \
     not prove its model, or keeps a copy of its key elsewhere.",
        &[
            "Sign in with your smartcard, or with a security key or Windows Hello that counts as AAL3.",
            "A security key that was added in a weaker session counts fully once you have signed in \
         with your card.",
        ],
        OTHER_WAY,
    )
};
const UNKNOWN: RefusalText = RefusalText {
    again: "Try another device",
    ..of(
        "This device is not known here",
        "Nobody registered it with this service.",
        &["Use the device that you registered, or sign in another way."],
        OTHER_WAY,
    )
};
const FAILED: RefusalText = RefusalText {
    again: "Try again",
    ..of(
        "The device gave no valid answer",
        "The answer was for another page, too old, used before, or damaged on its way.",
        &["Try again from the sign-in page."],
        OTHER_WAY,
    )
};
const WRONG: RefusalText = of(
    "Name, password or code is wrong",
    "For your safety we do not say which.",
    &["Check the name, type the password again, and wait for the next code of the app."],
    OTHER_WAY,
);
const TOO_MANY_TRIES: RefusalText = of(
    "Too many wrong tries",
    "Passwords and codes under this name are not looked at for a while. It ends by itself.",
    &["Sign in another way now, or try again later."],
    OTHER_WAY,
);
const CHOOSE: &[&str] = &[
    "Choose another password. Three or four words that have nothing to do with each other are \
    easy to remember and hard to guess.",
];
const PASSWORD_TOO_SHORT: RefusalText = of(
    "This password is too short",
    "A password has at least 8 characters.",
    CHOOSE,
    DESK,
);
const PASSWORD_TOO_LONG: RefusalText = of(
    "This password is too long",
    "A password has at most 128 characters.",
    CHOOSE,
    DESK,
);
const PASSWORD_COMMON: RefusalText = of(
    "This password is too easy to guess",
    "It is one of those that everybody tries first.",
    CHOOSE,
    DESK,
);
const PASSWORD_PERSONAL: RefusalText = of(
    "This password is made of your own names",
    "Whoever knows your name or address would try it first.",
    CHOOSE,
    DESK,
);
