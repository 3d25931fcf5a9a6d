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

use enrolment::cards;
use enrolment::store::StoreError;
use http::Method;

use crate::error::Failure;
use crate::house::Shared;
use crate::pages::Frame;
use crate::router::{Access, Routes};
use crate::signin::session::Session;

/// The frame of a page of this person; it leads nobody without a card to what is about one.
async fn frame(house: &Shared, session: &Session) -> Result<Frame, Failure> {
    Ok(Frame {
        no_card: !has_card(house, session).await?,
        ..Frame::signed_in()
    })
}

/// Whether she has a card, or had one; whoever signed in with it has.
pub(crate) async fn has_card(house: &Shared, session: &Session) -> Result<bool, Failure> {
    if session.card.is_some() {
        return Ok(true);
    }
    let person = session.user_id.clone();
    let read = house
        .store
        .read::<_, StoreError, _>("my.has_card", move |tx| {
            let person = person.clone();
            Box::pin(async move { cards::card_of(tx, &person).await })
        });
    Ok(read.await?.is_some())
}

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
