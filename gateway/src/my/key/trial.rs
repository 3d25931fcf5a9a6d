//! The trial right after adding: the same ceremony as at a sign-in, with this one device, in her
//! session. A device that answers is in service; no session begins.

use std::sync::Arc;

use enrolment::authenticators::Authenticator;
use enrolment::journeys::JourneyError;
use enrolment::journeys::public_key::Answered;
use enrolment::public_keys::Credential;
use enrolment::store::Key;
use policies::refusal::Refusal;
use policies::time::Time;

use super::{
    Aal, About, Arrival, AuthenticatorId, Bytes, Caller, EN, Failure, HeaderMap, KeyTryPage,
    OwnPage, Owner, PURPOSE, Parameters, Purpose, RawQuery, Response, Shared, State, by_form,
    ceremony, journey, own, owner, place, refuse, see_other, transaction, with_ways_on,
};
use crate::ceremony::Brought;
use crate::my::authenticators;
use crate::webauthn::{Allowed, StoredKey};

/// What a refusal is about, in the trail.
const TRY: &str = "trySecurityKey";

/// `GET /my/authenticators/key/try?id=`: it was added; try it now.
///
/// # Errors
/// The way to the sign-in; [`Failure::NotFound`] for a device that is not hers.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    house.keys()?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let (one, _) = hers(&house, &owner, &parameters).await?;
    Ok(KeyTryPage {
        frame: super::super::frame(&house, &opened.session).await?,
        token: opened.key.form_token(PURPOSE),
        id: one.id.to_string(),
        kind: (EN.methods.way)(one.method).name,
        level: authenticators::level(&one, arrival.now, &house.policy, &EN),
        bound_at_aal2: one.evidence == Aal::Aal3 && one.bound_at == Aal::Aal2,
        name: one.name,
    }
    .respond())
}

/// `POST /my/authenticators/key/try/start`: what the browser is to ask the device.
///
/// # Errors
/// The way to the sign-in; [`Failure::NotFound`] for a device that is not hers.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (opened, parameters) = by_form(&house, &arrival, &headers, &body).await?;
    let owner = owner(&house, &Caller::from(opened.session));
    let (_, credential) = hers(&house, &owner, &parameters).await?;
    let key: StoredKey = serde_json::from_str(&credential.stored_key).map_err(Failure::internal)?;
    let challenge = ceremony::challenge(&house)?;
    let (options, state) = house
        .keys()?
        .start_authentication(&[Allowed::from(&key)], challenge);
    let place = place(Purpose::Try, &owner);
    let asked = ceremony::begin(&house, place, (options, &state), arrival.now).await?;
    Ok(asked.respond())
}

/// `POST /my/authenticators/key/try`: the device's answer.
///
/// # Errors
/// The way to the sign-in; as [`journey::tried`] refuses.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (opened, parameters) = by_form(&house, &arrival, &headers, &body).await?;
    let owner = owner(&house, &Caller::from(opened.session));
    let name = parameters.single("ceremony").unwrap_or_default();
    let answer = parameters.single("answer").unwrap_or_default();
    let place = place(Purpose::Try, &owner);
    let brought = Arc::new(Brought::new(place, (name, answer), arrival.now)?);
    let taken = brought.take_out(&house).await?;
    let refusal = match brought.verify(&house, taken)? {
        Ok(answered) => tried(&house, &owner, answered, arrival.now).await?,
        Err(code) => Some(code.into()),
    };
    if let Some(refusal) = refusal {
        let about = About::herself(&owner.user_id);
        let refused = refuse(&house, &arrival, TRY, about, refusal).await?;
        return Err(with_ways_on(refused.into()));
    }
    see_other("/my/authenticators")
}

/// A refusal comes back as an answer, so that a lock lasts.
async fn tried(
    house: &Shared,
    owner: &Owner,
    answered: Answered,
    now: Time,
) -> Result<Option<Refusal>, Failure> {
    let key = Key::of("person", owner.user_id.as_str());
    let owner = owner.clone();
    let write = house
        .store
        .write::<_, JourneyError, _>("public_key.try", key, move |tx| {
            let (owner, answered) = (owner.clone(), answered.clone());
            Box::pin(async move {
                match journey::tried(tx, &owner, &answered, now).await {
                    Ok(_) => Ok(None),
                    Err(JourneyError::Refused(refusal)) => Ok(Some(refusal)),
                    Err(error) => Err(error),
                }
            })
        });
    Ok(write.await?)
}

async fn hers(
    house: &Shared,
    owner: &Owner,
    parameters: &Parameters,
) -> Result<(Authenticator, Credential), Failure> {
    let id = parameters.clean("id").unwrap_or_default();
    let id: AuthenticatorId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = journey::hers(&house.store, &owner.user_id, &id).await?;
    found.ok_or(Failure::NotFound)
}
