//! Step-up: somebody is signed in, and the application asks for a stronger proof than she gave. Her
//! session and her role go on under another name and key once she has proven more (`proven.rs`;
//! security 3.1 row 52). Those of her own ways that reach it are named, so that nobody tries one
//! that cannot.

use enrolment::authenticators;
use enrolment::store::StoreError;
use policies::signin::{Aal, Method};

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::authorize::AuthorizationRequest;
use crate::pages::sign_in::StepUp;
use crate::signin::continue_as;
use crate::signin::session::Session;
use crate::signin::transaction::Held;

/// What the page of ways says to a person who is signed in; none when strength is not what is
/// missing, or when the application asks for somebody else.
///
/// # Errors
/// What the store says.
pub(super) async fn of(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
) -> Result<Option<StepUp>, Failure> {
    let request = &held.sign_in.request;
    if !is_wanted(session, request) {
        return Ok(None);
    }
    let Some(face) = continue_as::face_of(house, arrival, session).await? else {
        return Ok(None);
    };
    let demand = request.demand();
    let enough = own_ways(house, arrival, session).await?;
    let enough = enough
        .into_iter()
        .filter(|(method, level)| demand.satisfied_by(*level, *method))
        .map(|(method, _)| (EN.methods.way)(method).name);
    let method = (EN.methods.way)(session.method).name;
    let back = match request.own_page {
        Some(_) => EN.methods.without_own.to_owned(),
        None => (EN.methods.without)(&request.client_name),
    };
    Ok(Some(StepUp {
        face,
        now: (EN.start.level_words)(session.aal.level(), method),
        enough: enough.collect(),
        without: (held.hidden(), back),
    }))
}

fn is_wanted(session: &Session, request: &AuthorizationRequest) -> bool {
    let hers = request
        .id_token_hint_sub
        .as_ref()
        .is_none_or(|sub| *sub == session.user_id);
    hers && !request.demand().satisfied_by(session.aal, session.method)
}

/// Her ways to sign in that would work now, the card first.
async fn own_ways(
    house: &Shared,
    arrival: &Arrival,
    session: &Session,
) -> Result<Vec<(Method, Aal)>, Failure> {
    let (person, now) = (session.user_id.clone(), arrival.now);
    let read = house
        .store
        .read::<_, StoreError, _>("signin.own_ways", move |tx| {
            let person = person.clone();
            Box::pin(async move { authenticators::ways_in(tx, &person, None, now).await })
        });
    Ok(read.await?)
}
