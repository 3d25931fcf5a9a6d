//! English: why a sign-in was refused, what to do next, and who can help. One text per code of
//! contract 4.2.

use crate::messages::{RefusalText, Refusals};

const DESK: &str = "Your registration authority. If you do not know yours, your IT service desk \
                    or your line manager does.";
const AGAIN: &str = "Try again";
const FOR_ONE_SHIFT: &str = "To work today: the deputy of your ward, your sponsor or a local smartcard \
                             administrator can give you access for one shift, in person.";
const WITH_CARD: &str = "Try again with your card";

pub(super) const REFUSALS: Refusals = Refusals {
    other_way: "Use another way to sign in",
    other_methods: "You can also sign in with",
    no_others: "You have no other way to sign in yet",
    no_stronger: "You have no other way that is strong enough yet",
    no_others_help: "Your registration authority can help you to one, for example a security key.",
    no_certificate: RefusalText {
        title: "We could not see your smartcard",
        cause: "Your browser sent no certificate. The card may not be in the reader, you may have \
                closed the certificate window, or your card has expired: browsers do not offer an \
                expired card.",
        steps: &[
            "Put your card in the reader and wait until its light is steady.",
            "Try again, choose your certificate, then enter your passcode.",
            "If your browser does not ask, close all its windows and begin again in your \
             application: browsers remember the last answer.",
            "If it still does not ask, your card may have expired. Look at the end date in your \
             card software, or ask your registration authority.",
            "Card left at home? The deputy of your ward, your sponsor or a local smartcard \
             administrator can give you access for one shift, in person.",
        ],
        help: DESK,
        again: WITH_CARD,
    },
    certificate_untrusted: RefusalText {
        title: "This is not one of our cards",
        cause: "The certificate that your browser sent was not issued by this service. Computers \
                often hold other certificates too.",
        steps: &[
            "Try again and choose the certificate with your own name and user ID.",
            "If only one certificate is offered and it is the wrong one, take out other cards and \
             keys, close all browser windows and begin again.",
        ],
        help: DESK,
        again: AGAIN,
    },
    certificate_wrong_purpose: RefusalText {
        title: "That is your signing certificate",
        cause: "Your card holds two certificates: one for signing in, one for signing documents \
                and prescriptions. Your browser sent the one for signing documents.",
        steps: &[
            "Close all browser windows, so that the browser forgets the choice.",
            "Begin again and choose the certificate for authentication.",
        ],
        help: DESK,
        again: AGAIN,
    },
    certificate_unknown: RefusalText {
        title: "We have no record of this card",
        cause: "The certificate looks like ours, but it is not among those we have handed out. For \
                your safety it opens nothing.",
        steps: &[
            "Use another way to sign in, if you have one.",
            "Give the reference below to your registration authority, today.",
        ],
        help: "Your registration authority. It can see which cards are on record for you.",
        again: "",
    },
    identity_closed: RefusalText {
        title: "Your profile is closed",
        cause: "Your staff profile has been closed, as happens when somebody leaves an \
                organisation. Its cards no longer sign in.",
        steps: &[
            "If you have left, there is nothing to do. Please hand your card back.",
            "If you still work here, or have come back, ask your registration authority to reopen \
             your profile. You keep your user ID.",
        ],
        help: DESK,
        again: "",
    },
    card_cancelled: RefusalText {
        title: "This card has been cancelled",
        cause: "It was reported lost, stolen or damaged, or replaced by another one. A cancelled \
                card never works again, even if it is found.",
        steps: &[
            "If you have a newer card, use that one.",
            "If you do not, ask your registration authority for a new card.",
            "If you did not know that it was cancelled, tell them: somebody may have reported it \
             by mistake.",
            FOR_ONE_SHIFT,
        ],
        help: "Your registration authority. Only it can issue a new card.",
        again: "Try again with another card",
    },
    card_locked: RefusalText {
        title: "This card is locked",
        cause: "A wrong passcode was entered three times in a row.",
        steps: &[
            "Unlock it yourself, at any hour, with a code that we send to your e-mail or mobile: \
             choose Set a new passcode below.",
            "Or have it unlocked by your registration authority, your sponsor or your local \
             smartcard administrator. Take the card with you.",
            "Your certificates and end dates stay as they are. Only the passcode changes.",
            FOR_ONE_SHIFT,
        ],
        help: "A registration authority agent, a sponsor, or the local smartcard administrator \
               at your place of work.",
        again: "Try again after it was unlocked",
    },
    card_not_active: RefusalText {
        title: "This card is not active yet",
        cause: "It has been made for you, but not taken into use.",
        steps: &[
            "Confirm that you received it, accept the terms and set your passcode.",
            "Then sign in again.",
        ],
        help: DESK,
        again: AGAIN,
    },
    certificate_revoked: RefusalText {
        title: "This certificate has been withdrawn",
        cause: "The certificate on your card was ended early. Your card may hold a newer one, or \
                may need to be repaired.",
        steps: &[
            "If your card was renewed or repaired recently, close all browser windows, begin \
             again and choose the newest certificate.",
            "Otherwise ask your registration authority to repair the card, in person.",
        ],
        help: DESK,
        again: AGAIN,
    },
    certificate_superseded: RefusalText {
        title: "Your card has a newer certificate",
        cause: "Your card was renewed. Your browser still sent the certificate from before.",
        steps: &[
            "Close all browser windows, take the card out and put it in again.",
            "Begin again and choose the certificate with the later end date.",
        ],
        help: DESK,
        again: AGAIN,
    },
    certificate_not_yet_valid: RefusalText {
        title: "This certificate is not valid yet",
        cause: "Its first day lies in the future.",
        steps: &[
            "Use another way to sign in until then.",
            "If you have just received it, wait a minute and try again.",
        ],
        help: DESK,
        again: AGAIN,
    },
    certificate_expired: RefusalText {
        title: "Your card has expired",
        cause: "Its certificates have reached their end date. From that moment the card does not \
                sign you in, and it cannot be renewed remotely.",
        steps: &[
            "Meet your registration authority, with the card and a proof of who you are. They \
             compare you with your photo and put new certificates on the same card.",
            "Until then, use another way to sign in, if you have one.",
            FOR_ONE_SHIFT,
        ],
        help: "A registration authority manager or agent, in person. Sponsors and local \
               administrators cannot renew an expired card.",
        again: "Try again with another card",
    },
    role_not_held: RefusalText {
        title: "You do not hold that role now",
        cause: "The role ended, was suspended or changed while you were signing in.",
        steps: &[
            "Begin again in your application and choose from the roles you hold now.",
            "If a role is missing, ask the sponsor of that organisation.",
        ],
        help: "The sponsor of the organisation you work for.",
        again: "Choose a role again",
    },
    busy: RefusalText {
        title: "Very busy right now",
        cause: "Many people are signing in at the same time. Nothing is lost.",
        steps: &["Wait a few seconds, then try again."],
        help: "Your IT service desk, if it lasts longer than a few minutes.",
        again: AGAIN,
    },
    clock_untrusted: RefusalText {
        title: "This cannot be done right now",
        cause: "The clock of this service has jumped, so nothing is signed until people have \
                checked it. Signing in still works.",
        steps: &["Try again later. The operators have been told."],
        help: "Your IT service desk.",
        again: AGAIN,
    },
    ticket_other_browser: RefusalText {
        title: "This sign-in began in another browser",
        cause: "The card was accepted, but this browser did not begin the sign-in. So that nobody \
                can sign you in without your knowledge, nobody was signed in.",
        steps: &[
            "Begin again in your application, in the browser you want to use.",
            "If you followed a link that somebody sent you, do not use it again. Tell your IT \
             service desk.",
        ],
        help: "Your IT service desk.",
        again: "",
    },
    ticket_used_up: RefusalText {
        title: "That step of the sign-in is over",
        cause: "The link between your card and this page works once, for one minute. This one was \
                used before or came too late, for example because the page was reloaded.",
        steps: &["Sign in again with your card. It takes a moment."],
        help: "Your IT service desk.",
        again: "Sign in again",
    },
    sign_in_over: RefusalText {
        title: "This sign-in is over",
        cause: "It took longer than ten minutes, it was finished before, or it began in another \
                browser.",
        steps: &["Go back to your application and choose \u{201c}Sign in\u{201d} there."],
        help: "Your IT service desk.",
        again: "",
    },
    acts: super::acts::text,
    other: RefusalText {
        title: "That cannot be done",
        cause: "A rule of this service does not allow it.",
        steps: &["Give the reference below to the people who can help."],
        help: DESK,
        again: "",
    },
};
