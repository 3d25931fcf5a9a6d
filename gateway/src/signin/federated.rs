//! Signing in with an account of another organisation (AAL2): `GET /signin/federated/{id}?t=` sends the
//! browser there, `GET /signin/federated/{id}/callback` receives it. One address for each
//! organisation, so that the answer of one is never taken for that of another (RFC 9700 4.4).
//!
//! Nothing is kept between the two but a row that names this browser; nonce and PKCE verifier are made
//! from the browser's own cookie and the state, so that neither the database nor the address has them.

mod outcome;
mod way;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use enrolment::journeys::JourneyError;
use enrolment::journeys::federated::{self as journey, Account, Departure, Purpose};
use enrolment::journeys::owner::Owner;
use enrolment::store::Key;
use http::HeaderMap;
use policies::federation::{Terms, Vouched, judge};
use policies::refusal::{Refusal, RefusalCode};
use policies::time::{Span, Time};
use ring::digest::{SHA256, digest};

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::federation::Prompt;
use crate::federation::answer::Answer;
use crate::federation::upstream::{Baggage, Upstream, Wanted};
use crate::house::Shared;
use crate::my::federated as linking;
use crate::oidc::parameters::Parameters;
use crate::signin::browser::BrowserSecret;
use crate::signin::transaction::{self, Held, see_other, sign_in_over};

pub(crate) use self::outcome::{Refused, refuse_here};
use self::outcome::{Scene, stray};
use self::way::{Sent, let_back, send};

/// What is drawn for one way there and back.
///
/// # Errors
/// Without randomness.
pub(crate) fn pack(house: &Shared, browser: &BrowserSecret) -> Result<Baggage, Failure> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let state = URL_SAFE_NO_PAD.encode(house.random::<32>()?);
    Ok(baggage(state, browser))
}

fn baggage(state: String, browser: &BrowserSecret) -> Baggage {
    Baggage {
        nonce: browser.form_token(&format!("federated nonce {state}")),
        verifier: browser.form_token(&format!("federated verifier {state}")),
        state,
    }
}

/// The hash under which the row knows a state or a cookie.
pub(crate) fn hash_of(text: &str) -> Result<[u8; 32], Failure> {
    let hash = digest(&SHA256, text.as_bytes());
    <[u8; 32]>::try_from(hash.as_ref()).map_err(|_| Failure::internal("a hash of another length"))
}

/// The hash of a cookie; of none, what no cookie has.
pub(crate) fn browser_hash(secret: Option<&BrowserSecret>) -> Result<[u8; 32], Failure> {
    match secret {
        None => Ok([0; 32]),
        Some(secret) => <[u8; 32]>::try_from(secret.hash())
            .map_err(|_| Failure::internal("a hash of another length")),
    }
}

/// `GET /signin/federated/{id}?t=`.
///
/// # Errors
/// The page of a sign-in that is over; no such organisation; what the store says.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let upstream = house.federation.find(&id).ok_or(Failure::NotFound)?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let named = transaction::named(&house, &arrival, &headers, &parameters).await?;
    let (handle, browser) = named.whose();
    let baggage = pack(&house, named.browser())?;
    let departure = Departure {
        state: hash_of(&baggage.state)?,
        federation: upstream.setting().id.clone(),
        browser: browser_hash(Some(named.browser()))?,
        purpose: Purpose::SignIn(handle.as_str().to_owned()),
    };
    let (found, sent) = send(&house, departure, (handle, browser), arrival.now).await?;
    let held = named.held(found, &arrival)?;
    let scene = Scene::of_sign_in(&house, &arrival, upstream, &held);
    match sent {
        Sent::Away => {}
        Sent::NotEnough => return see_other(&held.sign_in.url()),
        Sent::Refused(refusal) => {
            return scene.refuse(Refused::by_law(refusal, "switched_off")).await;
        }
    }
    match upstream
        .address(&baggage, wanted(upstream, Some(&held)))
        .await
    {
        Ok(url) => see_other(url.as_str()),
        Err(trouble) => scene.refuse(Refused::of(trouble.into())).await,
    }
}

/// Notes that a browser is sent away.
///
/// # Errors
/// What the store says; a refusal is an answer.
pub(crate) async fn depart(
    house: &Shared,
    departure: Departure,
    owner: Option<Owner>,
    now: Time,
) -> Result<Result<(), Refusal>, Failure> {
    let policy = house.policy.clone();
    let key = Key::none();
    let write = house
        .store
        .write::<_, JourneyError, _>("federated.depart", key, move |tx| {
            let (departure, owner, policy) = (departure.clone(), owner.clone(), policy.clone());
            Box::pin(
                async move { journey::depart(tx, &departure, owner.as_ref(), now, &policy).await },
            )
        });
    match write.await {
        Ok(()) => Ok(Ok(())),
        Err(JourneyError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error.into()),
    }
}

/// What to ask for: never more than the application allows. Whoever links proves herself anew.
pub(crate) fn wanted(upstream: &Upstream, held: Option<&Held>) -> Wanted {
    let setting = upstream.setting();
    let max_age = setting.terms.max_age.as_seconds();
    let asked = held.and_then(|held| held.sign_in.request.max_age);
    Wanted {
        max_age: asked.map_or(max_age, |asked| asked.min(max_age)),
        afresh: held.is_none_or(|held| held.sign_in.afresh),
    }
}

/// `GET /signin/federated/{id}/callback`: the browser is back, from wherever. Whatever it brings, its
/// cookie and the row decide what it was sent for.
///
/// # Errors
/// No such organisation; what the store says.
pub async fn callback(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let upstream = house.federation.find(&id).ok_or(Failure::NotFound)?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let state = parameters.clean("state").unwrap_or_default().to_owned();
    let before = BrowserSecret::read(Cookie::PreLogin, &headers, &house.names);
    let session = BrowserSecret::read(Cookie::Session, &headers, &house.names);
    let browsers = [
        browser_hash(before.as_ref())?,
        browser_hash(session.as_ref())?,
    ];
    let now = arrival.now;
    let arrived = match let_back(&house, upstream, (&state, browsers), now).await? {
        Ok(arrived) => arrived,
        Err(astray) => return stray(&house, &arrival, upstream, astray).await,
    };
    let back = Back {
        upstream,
        parameters: &parameters,
        state,
        begun_at: arrived.begun_at,
    };
    match (arrived.purpose, before, session) {
        (Purpose::SignIn(_), Some(browser), _) => {
            let over = || Failure::answer(sign_in_over(&arrival));
            let sign_in = arrived.sign_in.ok_or_else(over)?;
            let held = Held { sign_in, browser };
            let scene = Scene::of_sign_in(&house, &arrival, upstream, &held);
            match vouched(back, &held.browser, Some(&held), now).await {
                Ok(vouched) => outcome::sign_in(scene, &headers, vouched).await,
                Err(refused) => scene.refuse(refused).await,
            }
        }
        (
            Purpose::Link {
                session,
                user_id,
                name,
            },
            _,
            Some(key),
        ) => {
            let whose = linking::Whose {
                sid: session,
                user_id,
                name,
            };
            match vouched(back, &key, None, now).await {
                Ok(vouched) => {
                    linking::finish(&house, &arrival, upstream, (key, whose), vouched).await
                }
                Err(refused) => {
                    refuse_here(&house, &arrival, upstream, whose.user_id, refused).await
                }
            }
        }
        _ => Err(Failure::internal("a ceremony without its cookie")),
    }
}

/// What came back.
struct Back<'a> {
    upstream: &'a Upstream,
    parameters: &'a Parameters,
    state: String,
    begun_at: Time,
}

/// An account that the other organisation vouches for, as far as the law goes along.
pub(crate) struct VouchedAccount {
    pub(crate) account: Account,
    pub(crate) vouched: Vouched,
    /// For an alert alone.
    pub(crate) email: Option<String>,
}

/// From the answer in the address to a judged statement.
async fn vouched(
    back: Back<'_>,
    browser: &BrowserSecret,
    held: Option<&Held>,
    now: Time,
) -> Result<VouchedAccount, Refused> {
    let (upstream, parameters) = (back.upstream, back.parameters);
    named_itself(upstream, parameters).await?;
    if let Some(error) = parameters.clean("error") {
        return Err(Refused::said_no(error));
    }
    let code = parameters.clean("code").unwrap_or_default();
    if code.is_empty() {
        return Err(Refused::invalid("no_code"));
    }
    let baggage = baggage(back.state, browser);
    let answer = upstream.redeem(code.to_owned(), baggage, now).await;
    let answer = answer.map_err(Refused::of)?;
    let wanted = wanted(upstream, held);
    let terms = Terms {
        max_age: Span::seconds(wanted.max_age),
        ..upstream.setting().terms.clone()
    };
    let anew = wanted.afresh || upstream.setting().prompt == Prompt::Login;
    let Answer {
        subject,
        email,
        statement,
    } = answer;
    let judged = judge(&terms, &statement, anew.then_some(back.begun_at), now);
    Ok(VouchedAccount {
        vouched: judged.map_err(|refusal| Refused::by_law(refusal, "statement"))?,
        account: Account {
            federation: upstream.setting().id.clone(),
            issuer: upstream.setting().issuer.clone(),
            subject,
        },
        email,
    })
}

/// An answer that names its issuer must name this one; where the organisation says that it always
/// does, one that names nobody is not its own (RFC 9207 2.4).
async fn named_itself(upstream: &Upstream, parameters: &Parameters) -> Result<(), Refused> {
    let fits = match parameters.clean("iss") {
        Some(iss) => upstream.is_issuer(iss),
        None => !upstream.names_itself().await,
    };
    if fits {
        Ok(())
    } else {
        Err(Refused::invalid("iss"))
    }
}

impl Refused {
    /// What the organisation said instead of a code (RFC 6749 4.1.2.1). Its own words are not shown.
    fn said_no(error: &str) -> Self {
        match error {
            "server_error" | "temporarily_unavailable" => Self {
                refusal: RefusalCode::FederationUnavailable.into(),
                reason: "error_there",
            },
            "access_denied" => Self {
                refusal: RefusalCode::FederationDenied.into(),
                reason: "access_denied",
            },
            _ => Self {
                refusal: RefusalCode::FederationDenied.into(),
                reason: "another_error",
            },
        }
    }
}
