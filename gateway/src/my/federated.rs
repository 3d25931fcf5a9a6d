//! Linking an account of another organisation, at `/my/authenticators/federated`: only from a session
//! that was proven lately with an authenticator of this house, and back in the same one. The proof is
//! made in a browser, at the other organisation: a program learns where hers goes on (`by_token.rs`).

pub mod by_token;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::journeys::JourneyError;
use enrolment::journeys::authenticator::may_add;
use enrolment::journeys::federated::{self as journey, Departure, Linking, Purpose};
use enrolment::store::{Key, Tx};
use http::HeaderMap;
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::refusal::RefusalCode;
use policies::time::Time;

use crate::api::caller::Caller;
use crate::door::Arrival;
use crate::error::Failure;
use crate::federation::Look;
use crate::federation::upstream::Upstream;
use crate::house::Shared;
use crate::messages::Messages;
use crate::my::authenticators::naming::named_or_again;
use crate::my::authenticators::{owner, with_ways_on};
use crate::pages::Frame;
use crate::pages::federation::{LinkPage, OnTheWayPage, OrganisationLine};
use crate::signin::browser::BrowserSecret;
use crate::signin::federated::{
    Refused, VouchedAccount, browser_hash, depart, hash_of, pack, refuse_here, wanted,
};
use crate::signin::own::{self, OwnPage};
use crate::signin::session::{self, Opened};
use crate::signin::transaction::{self, see_other};

/// The purpose of the form tokens.
const PURPOSE: &str = "link account";
/// The name of the act in the trail.
const TASK: &str = "startAccountLink";

/// `GET /my/authenticators/federated`: what it will open and what not, before anything begins.
///
/// # Errors
/// The way to the sign-in; as [`may_add`] refuses; [`Failure::NotFound`] where no organisation is
/// configured.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    if house.federation.is_empty() {
        return Err(Failure::NotFound);
    }
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let may = may_add(&house.store, &house.policy, &owner, arrival.now).await;
    may.map_err(|error| with_ways_on(error.into()))?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let typed = Typed {
        id: parameters.clean("id").unwrap_or_default(),
        name: parameters.clean("name").unwrap_or_default(),
        wrong: false,
    };
    Ok(list(&house, &opened, &typed).await?.respond())
}

/// What was typed for one organisation, here or in a program.
struct Typed<'a> {
    id: &'a str,
    name: &'a str,
    wrong: bool,
}

async fn list(house: &Shared, opened: &Opened, typed: &Typed<'_>) -> Result<LinkPage, Failure> {
    let frame = super::frame(house, &opened.session).await?;
    let all = house.federation.all().iter();
    Ok(LinkPage {
        lines: all.map(|one| line(house, one, frame.m, typed)).collect(),
        token: opened.key.form_token(PURPOSE),
        frame,
    })
}

fn line(house: &Shared, one: &Upstream, m: &Messages, typed: &Typed<'_>) -> OrganisationLine {
    let setting = one.setting();
    let typed = Some(typed).filter(|typed| typed.id == setting.id.as_str());
    let wrong = typed.is_some_and(|typed| typed.wrong);
    let name = typed.filter(|typed| wrong || !typed.name.is_empty());
    OrganisationLine {
        id: setting.id.to_string(),
        name: setting.name.clone(),
        call_it: name.map_or_else(|| setting.name.clone(), |typed| typed.name.to_owned()),
        unavailable: match house.federation.look(one) {
            Look::Open => None,
            Look::Down(trouble) => Some((m.federation.down)(&setting.name, trouble)),
            Look::Off => Some((m.federation.off)(&setting.name)),
        },
        wrong,
    }
}

/// `POST /my/authenticators/federated` with `id` and `name`: sends the browser there.
///
/// # Errors
/// The way to the sign-in; as [`journey::depart`] refuses.
pub async fn begin(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let place = (OwnPage::My, PURPOSE);
    let opened = own::visitor_by_form(&house, &arrival, &headers, place, &parameters).await?;
    let id = parameters.clean("id").unwrap_or_default();
    let upstream = house.federation.find(id).ok_or(Failure::NotFound)?;
    let typed = parameters.single("name").unwrap_or_default();
    let caller = Caller::from(opened.session.clone());
    let whose = (TASK, &caller.user_id);
    let Some(name) = named_or_again(&house, &arrival, whose, typed).await? else {
        let typed = Typed {
            id,
            name: typed,
            wrong: true,
        };
        return Ok(list(&house, &opened, &typed).await?.respond());
    };
    let baggage = pack(&house, &opened.key)?;
    let departure = Departure {
        state: hash_of(&baggage.state)?,
        federation: upstream.setting().id.clone(),
        browser: browser_hash(Some(&opened.key))?,
        purpose: Purpose::Link {
            session: caller.sid.clone(),
            user_id: caller.user_id.clone(),
            name: name.as_str().to_owned(),
        },
    };
    let user_id = caller.user_id.clone();
    let sent = depart(&house, departure, Some(owner(&house, &caller)), arrival.now).await?;
    if let Err(refusal) = sent {
        let refused = Refused::by_law(refusal, "link");
        return refuse_here(&house, &arrival, upstream, user_id, refused).await;
    }
    match upstream.address(&baggage, wanted(upstream, None)).await {
        Ok(url) => OnTheWayPage {
            frame: Frame::signed_in(),
            name: upstream.setting().name.clone(),
            url: url.into(),
        }
        .respond(),
        Err(trouble) => {
            let refused = Refused::of(trouble.into());
            refuse_here(&house, &arrival, upstream, user_id, refused).await
        }
    }
}

/// Whose link it is, as it was asked for.
pub(crate) struct Whose {
    pub(crate) sid: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
}

/// The other organisation has vouched for the account: links it, in the session that asked for it.
pub(crate) async fn finish(
    house: &Shared,
    arrival: &Arrival,
    upstream: &Upstream,
    (key, whose): (BrowserSecret, Whose),
    vouched: VouchedAccount,
) -> Result<Response, Failure> {
    let user_id = whose.user_id.clone();
    let errand = Arc::new(Errand {
        now: arrival.now,
        house: house.clone(),
        key: key.hash(),
        id: journey::draw_id()?,
        whose,
        vouched,
    });
    let owned = errand.clone();
    let lock = Key::of("person", user_id.as_str());
    let write = house
        .store
        .write::<_, JourneyError, _>("federated.link", lock, move |tx| {
            let errand = owned.clone();
            Box::pin(async move { errand.within(tx).await })
        });
    match write.await {
        Ok(()) => see_other("/my/authenticators"),
        Err(JourneyError::Refused(refusal)) => {
            let refused = Refused::by_law(refusal, "link");
            refuse_here(house, arrival, upstream, user_id, refused).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the write closure owns.
struct Errand {
    now: Time,
    house: Shared,
    key: Vec<u8>,
    id: AuthenticatorId,
    whose: Whose,
    vouched: VouchedAccount,
}

impl Errand {
    async fn within(&self, tx: Tx<'_>) -> Result<(), JourneyError> {
        let (now, policy) = (self.now, &self.house.policy);
        let live = session::live_by_key(tx, &self.key, now, policy).await?;
        let live = live.filter(|session| session.sid == self.whose.sid);
        let live = live.filter(|session| session.user_id == self.whose.user_id);
        let session = live.ok_or(RefusalCode::ReauthenticationNeeded)?;
        let name = self.whose.name.parse();
        let linking = Linking {
            owner: owner(&self.house, &Caller::from(session)),
            id: self.id.clone(),
            name: name.map_err(|_| RefusalCode::CeremonyFailed)?,
        };
        let account = &self.vouched.account;
        journey::link(tx, account, &linking, self.vouched.vouched, now, policy).await?;
        Ok(())
    }
}
