//! English: what a desk can do, and why not.

use policies::refusal::RefusalCode as Code;

use super::acts;
use crate::messages::desk::ActText;

const fn of(
    button: &'static str,
    name: &'static str,
    title: &'static str,
    lead: &'static str,
    done: &'static str,
) -> ActText {
    ActText {
        button,
        name,
        title,
        lead,
        done,
    }
}

const RENEW: ActText = of("Renew", "Renew", "Renew", "", "");
const REISSUE: ActText = of("Reissue", "Reissue an expired card", "Reissue", "", "");
const REPAIR: ActText = of("Repair", "Repair", "Repair", "", "");
const ISSUE: ActText = of(
    "Produce the card",
    "Produce a requested card",
    "Produce",
    "",
    "",
);
const UNLOCK: ActText = of(
    "Unlock",
    "Unlock",
    "Unlock this card",
    "Use this after the passcode was set anew on the card with the holder in front of you. The \
     count of renewals stays as it is.",
    "The card is unlocked.",
);
const CANCEL: ActText = of(
    "Cancel the card",
    "Cancel",
    "Cancel this card",
    "A cancelled card never works again, even if it is found.",
    "The card is cancelled. It will never work again.",
);
const REPLACE: ActText = of(
    "Replace the card",
    "Replace",
    "Replace this card",
    "The old card is cancelled for ever and a new one is requested in the same step.",
    "The old card is cancelled, and this new one is requested. Produce it next.",
);
const REQUEST: ActText = of(
    "Request a card",
    "Request a card",
    "Request a card",
    "A card is put on record for this person. It is produced in the next step.",
    "The card is requested. Produce it next.",
);
const DISPATCH: ActText = of(
    "Send the card",
    "Send the card",
    "Send this card",
    "Cards go to the work address of an organisation where the holder works, never to a home.",
    "The card is on its way.",
);
const RECEIPT: ActText = of(
    "Record that it arrived",
    "Record that it arrived",
    "Has the card arrived?",
    "You have heard from the holder that the card is in their hands. Only then can it be put to use.",
    "The arrival is recorded. The holder can now put the card to use.",
);
const RETURN: ActText = of(
    "Record returned plastic",
    "Record returned plastic",
    "Is the plastic back?",
    "The card is in your hands. A cancelled card stays cancelled.",
    "It is on record that the plastic came back.",
);
const CLEAR: ActText = of(
    "Clear for stock",
    "Clear the plastic for stock",
    "Clear this plastic for stock",
    "The chip has been wiped, and the plastic goes back into stock under a new number.",
    "The plastic is cleared for stock.",
);
const CLOSE: ActText = of(
    "Close the profile",
    "Close the profile",
    "Close this profile",
    "The card is cancelled for ever and every position ends. The User ID stays for life.",
    "The profile is closed, the card cancelled, every position ended.",
);
const REOPEN: ActText = of(
    "Reopen the profile",
    "Reopen the profile",
    "Reopen this profile",
    "The person keeps the same User ID. No card and no position comes back.",
    "The profile is open again. There is no card and no position yet.",
);
const ABANDON: ActText = of(
    "Give up the new certificates",
    "Give up waiting certificates",
    "Give up the waiting certificates",
    "The new certificates are revoked. The ones on the card stay as they are.",
    "The waiting certificates are given up.",
);
const INVITE: ActText = of(
    "Give a link for a way to sign in",
    "Give a link for a way to sign in",
    "Add a way to sign in together",
    "The person gets a link that works once, for 15 minutes, in the browser that opens it first. With \
     it they set up one way to sign in beside the card. A link that was given before ends.",
    "",
);
const TEMPORARY: ActText = of(
    "Give temporary access",
    "Give temporary access",
    "Temporary access for a card left at home",
    "The person gets a link with which they set up one way to sign in. It counts for AAL2 and ends by \
     itself 12 hours from now.",
    "",
);
const SUSPEND: ActText = of(
    "Stop it",
    "Stop it",
    "Stop this way to sign in",
    "It opens nothing until its owner has found it and says so. What it opened ends now.",
    "The way to sign in is stopped.",
);
const REMOVE: ActText = of(
    "Take it away",
    "Take it away",
    "Take this way to sign in away",
    "It never opens anything again. What it opened ends now.",
    "The way to sign in is taken away.",
);
const RAISE: ActText = of(
    "Raise it to AAL3",
    "Raise it to AAL3",
    "Let this way to sign in count for AAL3",
    "It was added in a weaker session. Have its owner show you the device and use it in front of you.",
    "The way to sign in counts for AAL3 now.",
);
const DEPUTY: ActText = of(
    "Name as ward deputy",
    "Name as ward deputy",
    "Name a ward deputy",
    "A deputy may give temporary access to the people of the ward who left their card at home, and \
     do nothing else. Each time the person who gets it is told. It ends by itself with the last day, \
     and rests while the deputy does not work in the ward.",
    "The deputy is named, and has been told.",
);
const END_DEPUTY: ActText = of(
    "End it",
    "End it",
    "",
    "",
    "The naming has ended, and the person has been told.",
);
const OTHER: ActText = of("Go on", "", "", "", "");

/// What can be done, by its word.
pub(super) fn act(word: &str) -> &'static ActText {
    match word {
        "renew" => &RENEW,
        "reissue" => &REISSUE,
        "repair" => &REPAIR,
        "issue" => &ISSUE,
        "unlock" => &UNLOCK,
        "cancel" => &CANCEL,
        "replace" => &REPLACE,
        "request" => &REQUEST,
        "dispatch" => &DISPATCH,
        "receipt" => &RECEIPT,
        "return" => &RETURN,
        "clear" => &CLEAR,
        "close" => &CLOSE,
        "reopen" => &REOPEN,
        "abandon" => &ABANDON,
        "invite" => &INVITE,
        "temporary" => &TEMPORARY,
        "suspend" => &SUSPEND,
        "remove" => &REMOVE,
        "raise" => &RAISE,
        "deputy" => &DEPUTY,
        "end-deputy" => &END_DEPUTY,
        _ => &OTHER,
    }
}

/// Why something is not offered, in one sentence to the desk.
pub(super) fn why(code: Code) -> &'static str {
    match code {
        Code::IdentityClosed => "The profile is closed.",
        Code::CardCancelled | Code::AlreadyCancelled => "The card is cancelled, which is for ever.",
        Code::CardLocked => "The card is locked: unlock it first.",
        Code::CardNotActive => "The holder has not put the card to use yet, or it is not produced.",
        Code::CardActive => "The holder uses this card.",
        Code::CertificateExpired => "The card has expired: only a reissue helps.",
        Code::CertificateNotExpired => "The card has not expired: renew or repair it.",
        Code::RenewalWindowNotOpen => "It is too early: the last 90 days have not begun.",
        Code::RenewalInProgress => "New certificates wait for the card already.",
        Code::ActorIsSubject => "It is about yourself.",
        Code::ActorRoleMissing => "The role you act in does not include it.",
        Code::ActorOutOfScope => "Another registration authority looks after this person.",
        Code::NotInWard => "The person works in no ward that you look after.",
        Code::LiveCardExists => "There is a card that is not cancelled.",
        Code::CardSerialReused => "Only a requested card is produced.",
        Code::IdentityNotVerified => "Nobody has verified the identity yet.",
        Code::TermsNotAccepted => "The holder has not accepted the terms yet.",
        Code::AddressNotAllowed => "No work address of the holder is on record.",
        Code::CardNotReturned => "The plastic has not come back.",
        Code::IdentityRecheckNeeded => {
            "Closed too long ago: the identity must be verified again first."
        }
        code => acts::text(code).map_or("", |text| text.title),
    }
}
