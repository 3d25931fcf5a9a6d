//! Adding a security key, Windows Hello or a passkey, and trying it at once: for people at
//! `/my/authenticators/key`, for programs as `startSecurityKey` and `finishSecurityKey`. What the
//! device will open is said before anything begins.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::journeys::authenticator::Name;
use enrolment::journeys::owner::Owner;
use enrolment::journeys::public_key::{self as journey, Added, Made, Newcomer};
use http::HeaderMap;
use policies::authenticator::groups::Aaguid;
use policies::ids::AuthenticatorId;
use policies::refusal::RefusalCode;
use policies::role::RoleHeld;
use policies::signin::Aal;
use serde::{Deserialize, Serialize};

use crate::api::caller::Caller;
use crate::api::outcome::{About, refuse, settle};
use crate::ceremony::{self, Asked};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::messages::keys::AskedByRole;
use crate::my::authenticators::naming::named;
use crate::my::authenticators::{owner, with_ways_on};
use crate::oidc::parameters::Parameters;
use crate::pages::key::{KeyBeginPage, KeyTryPage};
use crate::pages::people::job_title;
use crate::signin::own::{self, OwnPage};
use crate::signin::session::Opened;
use crate::signin::transaction::{self, see_other};
use crate::store::ceremonies::{Place, Purpose};
use crate::webauthn::models::write_aaguid;
use crate::webauthn::{self, Attachment, CredentialId, RegistrationState};

pub mod by_token;
mod trial;

pub use trial::{page as trial_page, post as trial_post, start as trial_start};

/// The purpose of the form tokens.
const PURPOSE: &str = "add key";
const PATH: &str = "/my/authenticators/key";
/// What a refusal is about, in the trail.
const START: &str = "startSecurityKey";
const FINISH: &str = "finishSecurityKey";

/// `GET /my/authenticators/key`: what it will open and what not, before anything begins.
///
/// # Errors
/// The way to the sign-in; as [`journey::newcomer`] refuses; [`Failure::NotFound`] where this house
/// has no keys.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    house.keys()?;
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let may = journey::newcomer(&house.store, &house.policy, &owner, arrival.now).await;
    let new = may.map_err(|error| with_ways_on(error.into()))?;
    let session = &opened.session;
    let way = (EN.methods.way)(session.method).name;
    Ok(KeyBeginPage {
        frame: super::frame(&house, &opened.session).await?,
        token: opened.key.form_token(PURPOSE),
        bound_at: session.aal.as_str(),
        opens: if session.aal == Aal::Aal3 {
            (EN.keys.opens_at_aal3)(way)
        } else {
            (EN.keys.opens_at_aal2)(way)
        },
        asked: asked_by(&house, &new.roles)?,
        temporary: false,
        path: PATH,
        own: true,
    }
    .respond())
}

/// What these roles ask of a device, in words, each once.
pub(crate) fn asked_by(house: &Shared, roles: &[RoleHeld]) -> Result<Vec<String>, Failure> {
    let (models, role_keys) = (house.keys()?.models(), house.role_keys());
    let name = |model: &Aaguid| {
        let name = models.describe(*model).map(str::to_owned);
        name.unwrap_or_else(|| write_aaguid(model))
    };
    let mut lines = Vec::new();
    for role in roles {
        for group in role_keys.asked_by(role) {
            let only = group.allow.as_ref();
            let only: Option<Vec<String>> = only.map(|all| all.iter().map(name).collect());
            let never: Vec<String> = group.deny.iter().map(name).collect();
            let line = (EN.keys.asked_by_role)(&AskedByRole {
                job: job_title(&role.role_name),
                organisation: &role.org_name,
                only: only.as_deref(),
                never: &never,
                vouched: group.attestation,
            });
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    Ok(lines)
}

/// `POST /my/authenticators/key/start`: what the browser is to ask the device, for the page's script.
///
/// # Errors
/// The way to the sign-in; as [`journey::newcomer`] refuses; a name that is none.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (opened, parameters) = by_form(&house, &arrival, &headers, &body).await?;
    let owner = owner(&house, &Caller::from(opened.session));
    name(&house, &arrival, &owner, &parameters).await?;
    let kind = attachment(parameters.clean("kind"))?;
    let (asked, _) = asked(&house, &arrival, &owner, kind).await?;
    Ok(asked.respond())
}

/// `POST /my/authenticators/key`: the device has made a key.
///
/// # Errors
/// The way to the sign-in; as [`journey::add`] refuses, and `ceremony_failed`.
pub async fn finish(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (opened, parameters) = by_form(&house, &arrival, &headers, &body).await?;
    let owner = owner(&house, &Caller::from(opened.session));
    let name = name(&house, &arrival, &owner, &parameters).await?;
    let ceremony = parameters.single("ceremony").unwrap_or_default();
    let answer = parameters.single("answer").unwrap_or_default();
    let brought = (ceremony, answer.as_bytes(), name);
    let added = added(&house, &arrival, &owner, brought)
        .await
        .map_err(with_ways_on)?;
    see_other(&format!("{PATH}/try?id={}", added.id))
}

async fn by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Opened, Parameters), Failure> {
    let parameters = transaction::read_answer(body)?;
    let place = (OwnPage::My, PURPOSE);
    let opened = own::visitor_by_form(house, arrival, headers, place, &parameters).await?;
    house.keys()?;
    Ok((opened, parameters))
}

/// What the form calls the device.
pub(crate) async fn name(
    house: &Shared,
    arrival: &Arrival,
    owner: &Owner,
    form: &Parameters,
) -> Result<Name, Failure> {
    let typed = form.clean("name").unwrap_or_default();
    named(house, arrival, (START, &owner.user_id), typed).await
}

/// `roaming`: held to the computer; `platform`: part of it; nothing: whichever the browser offers.
pub(crate) fn attachment(word: Option<&str>) -> Result<Option<Attachment>, Failure> {
    match word {
        None | Some("") => Ok(None),
        Some("roaming") => Ok(Some(Attachment::CrossPlatform)),
        Some("platform") => Ok(Some(Attachment::Platform)),
        Some(_) => Err(Failure::BadInput("malformed")),
    }
}

fn place(purpose: Purpose, owner: &Owner) -> Place {
    Place {
        purpose,
        bound_to: owner.seat().as_str().to_owned(),
        browser_hash: None,
        user_id: Some(owner.user_id.clone()),
    }
}

/// What is kept while a device makes a key.
#[derive(Serialize, Deserialize)]
struct Making {
    state: RegistrationState,
    user_handle: Vec<u8>,
}

pub(crate) async fn asked(
    house: &Shared,
    arrival: &Arrival,
    owner: &Owner,
    attachment: Option<Attachment>,
) -> Result<(Asked, Newcomer), Failure> {
    let party = house.keys()?;
    let may = journey::newcomer(&house.store, &house.policy, owner, arrival.now).await;
    let about = About::herself(&owner.user_id);
    let new = settle(house, arrival, START, about, may).await?;
    let exclude: Vec<CredentialId> = new
        .known
        .iter()
        .filter_map(|id| CredentialId::from_bytes(id.clone()))
        .collect();
    let newcomer = webauthn::Newcomer {
        user_handle: &new.user_handle,
        name: &new.account,
        display_name: &new.name,
        attachment,
        exclude: &exclude,
    };
    let (options, state) = party.start_registration(&newcomer, ceremony::challenge(house)?);
    let making = Making {
        state,
        user_handle: new.user_handle.clone(),
    };
    let place = place(Purpose::Register, owner);
    let asked = ceremony::begin(house, place, (options, &making), arrival.now).await?;
    Ok((asked, new))
}

/// The ceremony is spent, the answer verified, the device added; every "no" leaves its line.
pub(crate) async fn added(
    house: &Shared,
    arrival: &Arrival,
    owner: &Owner,
    (ceremony, answer, name): (&str, &[u8], Name),
) -> Result<Added, Failure> {
    let party = house.keys()?;
    let about = || About::herself(&owner.user_id);
    let place = place(Purpose::Register, owner);
    let making: Option<Making> = ceremony::take(house, place, ceremony, arrival.now).await?;
    let verified = making
        .ok_or(RefusalCode::CeremonyFailed)
        .and_then(|making| {
            let registered = party
                .finish_registration(&making.state, answer, arrival.now)
                .map_err(|error| ceremony::failed(&error))?;
            Ok((registered, making.user_handle))
        });
    let (registered, user_handle) = match verified {
        Ok(verified) => verified,
        Err(code) => {
            let refused = refuse(house, arrival, FINISH, about(), code.into()).await?;
            return Err(refused.into());
        }
    };
    let made = Made {
        credential_id: registered.credential_id.as_bytes().to_vec(),
        user_handle,
        stored_key: serde_json::to_string(&registered.key).map_err(Failure::internal)?,
        aaguid: registered.aaguid,
        model: registered.model,
        evidence: registered.evidence,
        denied: registered.denied,
        backed_up: registered.backed_up,
        counter: registered.key.counter(),
        transports: registered.transports,
    };
    let (store, policy) = (&house.store, &house.policy);
    let done = journey::add(store, policy, owner, (name, made), arrival.now).await;
    settle(house, arrival, FINISH, about(), done).await
}
