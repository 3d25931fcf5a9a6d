//! Setting up password and authenticator app: for people at `/my/authenticators/app`, for programs
//! as `startAuthenticatorApp` and `finishAuthenticatorApp`. The secret is shown while it is set up,
//! in this session, and never again.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::journeys::JourneyError;
use enrolment::journeys::authenticator::may_add;
use enrolment::journeys::authenticator_app::{self as journey, Begun, Finish};
use enrolment::journeys::owner::Owner;
use http::HeaderMap;
use policies::ids::AuthenticatorId;
use policies::refusal::RefusalCode;
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::api::body::Body;
use crate::api::caller::Caller;
use crate::api::operation::{Operation, schema_of};
use crate::api::outcome::{About, refuse, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::my::authenticators::naming::{named, named_or_again};
use crate::my::authenticators::{owner, with_ways_on};
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::app::{AppBeginPage, AppSetUpPage, Picture};
use crate::router::Access;
use crate::signin::browser::BrowserSecret;
use crate::signin::own::{self, OwnPage};
use crate::signin::session::Opened;
use crate::signin::transaction::{self, see_other};

/// The purpose of the form tokens.
const PURPOSE: &str = "set up app";
/// In her own pages.
const PLACE: Place = Place {
    frame: Frame::signed_in,
    finish: "/my/authenticators/app/finish",
    purpose: PURPOSE,
    back: ("/my/authenticators", EN.apps.list),
};

/// The description of `startAuthenticatorApp`.
pub const START: Operation = Operation::post(
    "startAuthenticatorApp",
    "/api/v1/my/authenticators/app",
    Access::SelfToken,
    (schema_of::<StartApp>, schema_of::<AppStarted>),
)
.about("Draws the secret of a new authenticator app; nothing is set up yet.");

/// The description of `finishAuthenticatorApp`.
pub const FINISH: Operation = Operation::post(
    "finishAuthenticatorApp",
    "/api/v1/my/authenticators/app/finish",
    Access::SelfToken,
    (schema_of::<FinishApp>, schema_of::<AppAdded>),
)
.about("Sets password and app up together, against a code of the app.");

/// Body of `startAuthenticatorApp`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartApp {}

/// Answer of `startAuthenticatorApp`.
#[derive(Serialize, JsonSchema)]
pub struct AppStarted {
    /// Names the ceremony, and the app once it is set up.
    pub authenticator_id: String,
    /// Base32, without padding.
    pub secret: String,
    /// The same with everything an app wants to know: SHA-1, six digits, 30 seconds.
    pub otpauth_url: String,
    /// The last second for finishing.
    #[schemars(with = "String")]
    pub expires_at: Time,
}

/// Body of `finishAuthenticatorApp`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishApp {
    /// From `startAuthenticatorApp`.
    pub authenticator_id: String,
    /// What she calls it: 1 to 40 characters, without `<`, `>` and signs that nobody sees.
    pub name: String,
    /// The password that she wants; one of before is over.
    pub password: String,
    /// What the app shows.
    pub code: String,
}

/// Answer of `finishAuthenticatorApp`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AppAdded {
    /// Names it.
    pub authenticator_id: String,
}

/// `GET /my/authenticators/app`: what it will open and what not, before anything begins.
///
/// # Errors
/// The way to the sign-in; as [`may_add`] refuses; [`Failure::NotFound`] where this house has no key
/// for it.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    house.codes()?;
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let may = may_add(&house.store, &house.policy, &owner, arrival.now).await;
    may.map_err(|error| with_ways_on(error.into()))?;
    Ok(AppBeginPage {
        frame: super::frame(&house, &opened.session).await?,
        token: opened.key.form_token(PURPOSE),
    }
    .respond())
}

/// `POST /my/authenticators/app`: begins, and shows what the app is to know.
///
/// # Errors
/// The way to the sign-in; as [`journey::start`] refuses.
pub async fn begin(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (opened, _) = by_form(&house, &arrival, &headers, &body).await?;
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let begun = journey::start(&house.codes()?, &owner, arrival.now).await;
    let about = About::herself(&owner.user_id);
    let begun = settle(&house, &arrival, START.id, about, begun).await;
    let begun = begun.map_err(with_ways_on)?;
    set_up_page((&opened.key, PLACE), &begun, None)
}

/// `POST /my/authenticators/app/finish`.
///
/// # Errors
/// The way to the sign-in; as [`journey::finish`] refuses.
pub async fn finish(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (opened, form) = by_form(&house, &arrival, &headers, &body).await?;
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let about = About::herself(&owner.user_id);
    match finish_form(&house, &arrival, (&owner, &opened.key, PLACE), &form).await? {
        Step::Again(page) => Ok(page),
        Step::Finished(done) => {
            let done = settle(&house, &arrival, FINISH.id, about, done).await;
            done.map_err(with_ways_on)?;
            see_other("/my/authenticators")
        }
    }
}

/// Where an app is being set up: in her own pages, or with the link of a desk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The frame around its pages.
    pub(crate) frame: fn() -> Frame,
    /// Where the last form leads.
    pub(crate) finish: &'static str,
    /// The purpose of its form tokens.
    pub(crate) purpose: &'static str,
    /// Where one goes instead, and its words.
    pub(crate) back: (&'static str, &'static str),
}

/// What came of the last form.
pub(crate) enum Step {
    /// Something that the form can mend: the page again.
    Again(Response),
    /// The end, good or bad.
    Finished(Result<AuthenticatorId, JourneyError>),
}

/// Reads the last form and finishes.
///
/// # Errors
/// A form that cannot be read; what the store says.
pub(crate) async fn finish_form(
    house: &Shared,
    arrival: &Arrival,
    (owner, key, place): (&Owner, &BrowserSecret, Place),
    parameters: &Parameters,
) -> Result<Step, Failure> {
    let codes = house.codes()?;
    let id = parameters.clean("id").unwrap_or_default();
    let id: AuthenticatorId = id.parse().map_err(|_| Failure::BadRequest("malformed"))?;
    let typed = parameters.clean("name").unwrap_or_default();
    let whose = (FINISH.id, &owner.user_id);
    let Some(name) = named_or_again(house, arrival, whose, typed).await? else {
        let begun = journey::begun(&codes, owner, &id, arrival.now).await?;
        let problem = ("name", EN.apps.name_wrong.to_owned());
        return set_up_page((key, place), &begun, Some((typed, problem))).map(Step::Again);
    };
    let secret = |field| Zeroizing::new(parameters.single(field).unwrap_or_default().to_owned());
    let wanted = Finish {
        id: id.clone(),
        name,
        password: secret("password"),
        code: secret("code"),
    };
    let done = journey::finish(&codes, owner, wanted, arrival.now).await;
    if let (Some(problem), Err(JourneyError::Refused(refusal))) = (problem(&done), &done) {
        let about = About::herself(&owner.user_id);
        refuse(house, arrival, FINISH.id, about, refusal.clone()).await?;
        let begun = journey::begun(&codes, owner, &id, arrival.now).await?;
        return set_up_page((key, place), &begun, Some((typed, problem))).map(Step::Again);
    }
    Ok(Step::Finished(done))
}

/// What the form can mend: the field, and the sentence.
fn problem<T>(done: &Result<T, JourneyError>) -> Option<(&'static str, String)> {
    let code = done.as_ref().err()?.refusal()?.code;
    match code {
        RefusalCode::CodeWrong => Some(("code", EN.apps.code_wrong.to_owned())),
        RefusalCode::TooManyTries => {
            let text = EN.refusals.of_act(code);
            Some(("password", format!("{}. {}", text.title, text.cause)))
        }
        RefusalCode::CredentialsWrong => Some(("password", EN.apps.own_password_wrong.to_owned())),
        RefusalCode::PasswordTooShort
        | RefusalCode::PasswordTooLong
        | RefusalCode::PasswordCommon
        | RefusalCode::PasswordPersonal => {
            Some(("password", EN.refusals.of_act(code).title.to_owned()))
        }
        _ => None,
    }
}

async fn by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Opened, Parameters), Failure> {
    let parameters = transaction::read(body)?;
    let place = (OwnPage::My, PURPOSE);
    let opened = own::visitor_by_form(house, arrival, headers, place, &parameters).await?;
    Ok((opened, parameters))
}

/// What the app is to know, and the last form; after a try with the name that was typed, and what was
/// wrong.
///
/// # Errors
/// A text too long for a picture; ours are not.
pub(crate) fn set_up_page(
    (key, place): (&BrowserSecret, Place),
    begun: &Begun,
    tried: Option<(&str, (&'static str, String))>,
) -> Result<Response, Failure> {
    let (name, problem) = tried.unzip();
    let name: String = name
        .unwrap_or(EN.apps.name_default)
        .chars()
        .take(100)
        .collect();
    let url = begun.secret.url(EN.product, &begun.account);
    let letters = begun.secret.base32();
    let groups: Vec<&str> = letters
        .as_bytes()
        .chunks(4)
        .filter_map(|four| std::str::from_utf8(four).ok())
        .collect();
    Ok(AppSetUpPage {
        frame: (place.frame)(),
        token: key.form_token(place.purpose),
        finish: place.finish,
        back: place.back,
        id: begun.id.to_string(),
        picture: Picture::of(&url)?,
        letters: groups.join(" "),
        keeps_password: begun.keeps_password,
        name,
        problem,
    }
    .respond())
}

/// `startAuthenticatorApp`.
///
/// # Errors
/// Without a good token; as [`journey::start`] refuses.
pub async fn start_by_token(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<StartApp>,
) -> Result<Json<AppStarted>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    body.read()?;
    let owner = owner(&house, &caller);
    let begun = journey::start(&house.codes()?, &owner, arrival.now).await;
    let about = About::herself(&owner.user_id);
    let begun = settle(&house, &arrival, START.id, about, begun).await?;
    Ok(Json(AppStarted {
        authenticator_id: begun.id.to_string(),
        secret: begun.secret.base32().to_string(),
        otpauth_url: begun.secret.url(EN.product, &begun.account).to_string(),
        expires_at: arrival.now.plus(journey::SET_UP_WITHIN),
    }))
}

/// `finishAuthenticatorApp`.
///
/// # Errors
/// Without a good token; `name_not_allowed`; as [`journey::finish`] refuses.
pub async fn finish_by_token(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<FinishApp>,
) -> Result<Json<AppAdded>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let id = body.authenticator_id.parse();
    let id = id.map_err(|_| Failure::BadInput("malformed"))?;
    let whose = (FINISH.id, &caller.user_id);
    let name = named(&house, &arrival, whose, &body.name).await?;
    let wanted = Finish {
        id,
        name,
        password: Zeroizing::new(body.password),
        code: Zeroizing::new(body.code),
    };
    let owner = owner(&house, &caller);
    let done = journey::finish(&house.codes()?, &owner, wanted, arrival.now).await;
    let about = About::herself(&owner.user_id);
    let id = settle(&house, &arrival, FINISH.id, about, done).await?;
    Ok(Json(AppAdded {
        authenticator_id: id.to_string(),
    }))
}
