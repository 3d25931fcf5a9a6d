//! `/enrol`: where the link of a desk leads. Looking at it changes nothing; opening it binds it to
//! this browser, and gives a visit that can add one way to sign in and nothing else (attack table 29,
//! 30, 40). A visit is no session: no other page knows its cookie.

mod app;
mod key;
mod link;

use axum::response::Response;
use enrolment::journeys::JourneyError;
use enrolment::journeys::invitation::{self as journey, Ticket, Visit};
use enrolment::journeys::owner::{Ground, Owner};
use http::HeaderMap;
use policies::refusal::RefusalCode;

use crate::api::outcome::{About, refuse, settle};
use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::invitation::VisitPage;
use crate::router::{Access, Routes};
use crate::signin::browser::BrowserSecret;
use crate::signin::own::OwnPage;
use crate::signin::transaction;

/// The purpose of the form tokens.
const PURPOSE: &str = "visit";
/// What a refusal on these pages is written down under.
const TASK: &str = "visit";

/// Where the link of that secret leads, below the issuer.
pub(crate) fn path_of(secret: &str) -> String {
    format!("/enrol/{secret}")
}

/// Every URL of a visit.
pub fn routes() -> Routes {
    use Access::Browser;
    use http::Method;
    Routes::new()
        .at(Method::GET, "/enrol/{secret}", Browser, link::page)
        .at(Method::POST, "/enrol", Browser, link::open)
        .at(Method::GET, "/enrol", Browser, page)
        .at(Method::POST, "/enrol/app", Browser, app::begin)
        .at(Method::POST, "/enrol/app/finish", Browser, app::finish)
        .at(Method::GET, "/enrol/key", Browser, key::page)
        .at(Method::POST, "/enrol/key/start", Browser, key::start)
        .at(Method::POST, "/enrol/key", Browser, key::finish)
        .at(Method::GET, "/enrol/done", Browser, link::done)
}

/// Somebody in the browser that opened her link.
struct Visitor {
    visit: Visit,
    key: BrowserSecret,
}

impl Visitor {
    fn token(&self) -> String {
        self.key.form_token(PURPOSE)
    }

    /// What every kind of authenticator takes for its owner.
    fn owner(&self, house: &Shared) -> Result<Owner, Failure> {
        Ok(Owner {
            user_id: self.visit.person.user_id.clone(),
            ground: Ground::Visit {
                ticket: Ticket {
                    browser: hash_of(&self.key)?,
                },
                seat: journey::seat_of(&self.visit.invitation)?,
            },
            role_keys: house.role_keys(),
        })
    }
}

fn hash_of(secret: &BrowserSecret) -> Result<[u8; 32], Failure> {
    <[u8; 32]>::try_from(secret.hash()).map_err(|_| Failure::internal("a hash of another length"))
}

/// What a link came to; from one that has done its work it is one step to the sign-in.
async fn settled<T>(
    house: &Shared,
    arrival: &Arrival,
    done: Result<T, JourneyError>,
) -> Result<T, Failure> {
    let done = settle(house, arrival, TASK, About::default(), done).await;
    done.map_err(|failure| match failure {
        Failure::Refused(refused) if refused.refusal.code == RefusalCode::InvitationUsed => {
            refused.retry(OwnPage::Start.sign_in_url()).into()
        }
        other => other,
    })
}

/// Who visits with this browser.
async fn visitor(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
) -> Result<Visitor, Failure> {
    let Some(key) = BrowserSecret::read(Cookie::Visit, headers, &house.names) else {
        let refusal = RefusalCode::InvitationUnknown.into();
        let refused = refuse(house, arrival, TASK, About::default(), refusal).await?;
        return Err(refused.into());
    };
    let visit = journey::visit(&house.store, hash_of(&key)?, arrival.now).await;
    let visit = settled(house, arrival, visit).await?;
    Ok(Visitor { visit, key })
}

/// The same for a form of these pages.
async fn visitor_by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Visitor, Parameters), Failure> {
    let parameters = transaction::read_answer(body)?;
    let visitor = visitor(house, arrival, headers).await?;
    visitor.key.must_vouch_for(PURPOSE, &parameters)?;
    Ok((visitor, parameters))
}

/// `GET /enrol`: whose it is, what it will open, and the ways that can be set up here.
///
/// # Errors
/// The refusal of a link that works no more, or was opened elsewhere.
async fn page(
    axum::extract::State(house): axum::extract::State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    let (m, invitation) = (&EN.invitations, &visitor.visit.invitation);
    let stamp = EN.desk.stamp;
    Ok(VisitPage {
        frame: Frame::gateway(),
        whose: (m.whose)(&visitor.visit.person.display_name),
        until: invitation.ends_at.map(|at| (m.until)(&stamp(at))),
        finish_by: (m.finish_by)(&stamp(invitation.expires_at)),
        apps: house.vault.is_some(),
        keys: house.keys.is_some(),
        token: visitor.token(),
    }
    .respond())
}
