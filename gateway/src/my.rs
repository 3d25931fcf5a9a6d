//! What the holder sees: her card, renewing it, her own lines of the trail, her sessions, the terms
//! and the rules (domain 3.3). Every page works by keyboard and without JavaScript; whoever is not
//! signed in is led to the sign-in. The API does the same by the same functions.

pub mod activity;
pub mod app;
pub mod authenticators;
pub mod calendar;
pub mod card;
pub mod federated;
pub mod find_ra;
pub mod key;
pub mod overview;
pub mod reading;
pub mod renew;
pub mod sessions;

use http::Method;

use crate::router::{Access, Routes};

/// The holder's pages, and the public one that finds a registration authority.
pub fn routes() -> Routes {
    use Access::{Anyone, Session};
    const GET: Method = Method::GET;
    Routes::new()
        .at(GET, "/my", Session, card::page)
        .at(GET, "/my/renew", Session, renew::page)
        .at(GET, "/my/activity", Session, activity::page)
        .at(GET, "/my/sessions", Session, sessions::page)
        .at(Method::POST, "/my/sessions", Session, sessions::post)
        .at(GET, "/my/authenticators", Session, authenticators::page)
        .at(
            Method::POST,
            "/my/authenticators",
            Session,
            authenticators::post,
        )
        .at(GET, "/my/authenticators/app", Session, app::page)
        .at(Method::POST, "/my/authenticators/app", Session, app::begin)
        .at(
            Method::POST,
            "/my/authenticators/app/finish",
            Session,
            app::finish,
        )
        .at(
            GET,
            "/my/authenticators/federated",
            Session,
            federated::page,
        )
        .at(
            Method::POST,
            "/my/authenticators/federated",
            Session,
            federated::begin,
        )
        .and(keys())
        .at(GET, "/my/terms", Session, reading::terms)
        .at(GET, "/my/passcode", Session, reading::passcode)
        .at(GET, "/my/contact", Session, reading::contact)
        .at(GET, "/my/card.ics", Session, calendar::file)
        .at(GET, "/find-your-ra", Anyone, find_ra::page)
}

/// Adding a security key, Windows Hello or a passkey, and trying it.
fn keys() -> Routes {
    use Access::Session;
    const POST: Method = Method::POST;
    const PAGE: &str = "/my/authenticators/key";
    const TRIAL: &str = "/my/authenticators/key/try";
    const ASK_TRIAL: &str = "/my/authenticators/key/try/start";
    Routes::new()
        .at(Method::GET, PAGE, Session, key::page)
        .at(POST, "/my/authenticators/key/start", Session, key::start)
        .at(POST, PAGE, Session, key::finish)
        .at(Method::GET, TRIAL, Session, key::trial_page)
        .at(POST, ASK_TRIAL, Session, key::trial_start)
        .at(POST, TRIAL, Session, key::trial_post)
}
