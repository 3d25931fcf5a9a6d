//! English: pages for what is nobody's refusal.

use crate::messages::{Explanation, TroubleTexts};

pub(super) const TROUBLE: TroubleTexts = TroubleTexts {
    start: "Go to the start page",
    for_developers: "For the people who run the application",
    not_found: Explanation {
        title: "Page not found",
        cause: "There is no page at this address, or it is not for you.",
        step: "If you typed the address, check it. Otherwise begin again in your application.",
    },
    method_not_allowed: Explanation {
        title: "This page cannot be used that way",
        cause: "The address exists, but not for this kind of request.",
        step: "Begin again in your application.",
    },
    bad_request: Explanation {
        title: "We could not read that request",
        cause: "Something in it was missing, repeated or damaged on the way here.",
        step: "Go back, reload the page and try again.",
    },
    application: Explanation {
        title: "The application\u{2019}s request cannot be answered",
        cause: "The application sent you here with a request that we cannot trust. You have done \
                nothing wrong, and nobody was signed in.",
        step: "Tell the people who run the application what you see here.",
    },
    not_signed_in: Explanation {
        title: "You are not signed in",
        cause: "Your session has ended, by itself after a time without activity or because \
                you signed out.",
        step: "Begin again in your application.",
    },
    scope: Explanation {
        title: "The application may not do this for you",
        cause: "The application\u{2019}s permission does not cover this.",
        step: "Sign in again through an application of your registration authority.",
    },
    cross_site: Explanation {
        title: "This form did not come from our page",
        cause: "Another website, or a page that was open for a very long time, sent this form. \
                Nothing was changed.",
        step: "Begin again in your application.",
    },
    body: Explanation {
        title: "That was too much, or too slow",
        cause: "The request was larger than any of our forms, or did not arrive in time.",
        step: "Go back, reload the page and try again.",
    },
    misdirected: Explanation {
        title: "Wrong address for this page",
        cause: "The name in the address is not the name of this service at this port.",
        step: "Use the address that your application or your organisation gave you.",
    },
    busy: Explanation {
        title: "Very busy right now",
        cause: "Many people are signing in at the same time. Nothing is lost.",
        step: "Wait a few seconds, then reload this page.",
    },
    internal: Explanation {
        title: "Sorry, something went wrong here",
        cause: "The fault is ours. It has been recorded.",
        step: "Try again in a moment. If it happens again, give the reference below to the \
               service desk.",
    },
};
