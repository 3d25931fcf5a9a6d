//! One act on a card or a profile: its page says what will happen and asks what it must, its form
//! does it. Cancelling and replacing ask for the reason first and are confirmed on a second page.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use enrolment::desk::DeskSession;
use enrolment::desk_view::PersonView;
use enrolment::journeys::JourneyError;
use enrolment::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use enrolment::journeys::close_person::close_person;
use enrolment::journeys::confirm_receipt::confirm_receipt;
use enrolment::journeys::desk_card;
use enrolment::journeys::dispatch_card::dispatch_card;
use enrolment::journeys::lock::{AssistedUnlock, unlock_assisted};
use enrolment::journeys::record_plastic::record_plastic;
use enrolment::journeys::reopen_person::reopen_person;
use enrolment::journeys::replace_card::{Replacement, replace_card};
use enrolment::journeys::request_card::{CardRequest, request_card};
use http::HeaderMap;
use policies::card::{CancelReason, PlasticState};
use policies::ids::{CardNumber, UserId};
use policies::refusal::RefusalCode;

use super::person::{self, read_card, read_person};
use super::{Visitor, grouped, invitation, leading_back, visitor, visitor_by_form, whom};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::desk::{ActPage, Fact, Question};
use crate::signin::transaction::{self, see_other};

/// What an act is done to.
enum Object {
    Card(CardNumber),
    Person(UserId),
}

impl Object {
    fn of(parameters: &Parameters) -> Result<Self, Failure> {
        if let Some(card) = parameters.clean("card") {
            let card = card
                .parse()
                .map_err(|_| Failure::BadRequest("card_malformed"))?;
            return Ok(Self::Card(card));
        }
        let person = parameters
            .clean("person")
            .and_then(|text| text.parse().ok());
        let person = person.ok_or(Failure::BadRequest("person_malformed"))?;
        Ok(Self::Person(person))
    }

    fn about(&self, actor: &UserId) -> About {
        match self {
            Self::Card(card) => About::desk(actor, Some(card.clone())),
            Self::Person(person) => About::person(actor, person.clone()),
        }
    }

    fn page(&self) -> String {
        match self {
            Self::Card(card) => format!("/desk/cards/{card}"),
            Self::Person(person) => format!("/desk/people/{person}"),
        }
    }

    fn card(&self) -> Result<CardNumber, Failure> {
        match self {
            Self::Card(card) => Ok(card.clone()),
            Self::Person(_) => Err(Failure::BadRequest("card_malformed")),
        }
    }

    fn person(&self) -> Result<UserId, Failure> {
        match self {
            Self::Person(person) => Ok(person.clone()),
            Self::Card(_) => Err(Failure::BadRequest("person_malformed")),
        }
    }
}

/// The acts that have a page: the word in the URL, and the operation of the API that does the same.
const ACTS: [(&str, &str); 13] = [
    ("unlock", "unlockCardAssisted"),
    ("cancel", "cancelCard"),
    ("replace", "replaceCard"),
    ("request", "requestCard"),
    ("dispatch", "dispatchCard"),
    ("receipt", "confirmReceipt"),
    ("return", "clearCard"),
    ("clear", "clearCard"),
    ("close", "closePerson"),
    ("reopen", "reopenPerson"),
    ("abandon", "abandonCardRenewal"),
    ("invite", "inviteAuthenticator"),
    ("temporary", "inviteAuthenticator"),
];

fn known(word: &str) -> Result<(&'static str, &'static str), Failure> {
    let found = ACTS.into_iter().find(|(known, _)| *known == word);
    found.ok_or(Failure::NotFound)
}

/// `GET /desk/act/{act}`.
///
/// # Errors
/// The refusal of whoever may not see the person; what the store says.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(act): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (word, operation) = known(&act)?;
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let visitor = visitor(&house, &arrival, &headers).await?;
    let object = Object::of(&query)?;
    let desk = visitor.desk.clone();
    let view = match &object {
        Object::Card(card) => read_card(&house, &arrival, card.clone(), desk).await,
        Object::Person(person) => read_person(&house, &arrival, person.clone(), desk).await,
    };
    let about = object.about(visitor.user_id());
    let view = settle(&house, &arrival, operation, about.clone(), view).await?;
    // What is not offered is refused here already, before anything is filled in.
    let asked = view.asked(word).map_err(JourneyError::Refused);
    let asked = settle(&house, &arrival, operation, about, asked).await;
    asked.map_err(|failure| leading_back(failure, &object.page()))?;
    let reason = query.clean("reason").and_then(|word| word.parse().ok());
    Ok(draw(word, &visitor, (&object, &view), reason).respond())
}

fn draw(
    word: &'static str,
    visitor: &Visitor,
    seen: (&Object, &PersonView),
    reason: Option<CancelReason>,
) -> ActPage {
    let (object, view) = seen;
    let m = &EN.desk;
    let labels = &m.person.labels;
    let mut facts = vec![Fact::number(
        labels.user_id,
        view.person.user_id.to_string(),
    )];
    let mut hidden = match object {
        Object::Card(card) => vec![("card", card.to_string())],
        Object::Person(person) => vec![("person", person.to_string())],
    };
    if let Some(card) = &view.card {
        facts.push(Fact::number(
            labels.number,
            grouped(card.card.number.as_str()),
        ));
        facts.push(Fact::words(labels.state, (m.state)(card.card.state)));
    }
    let ended = view
        .card
        .as_ref()
        .is_some_and(|card| !card.card.state.is_live());
    let question = match (word, reason) {
        ("cancel" | "replace", Some(reason)) => {
            hidden.push(("reason", reason.as_str().to_owned()));
            facts.push(Fact::words(m.work.reason_given, (m.reason)(reason)));
            Question::Nothing
        }
        ("replace", None) if ended => Question::Nothing,
        ("cancel" | "replace", None) => Question::Reasons(reasons(word)),
        ("unlock" | "invite" | "temporary", _) => Question::Attest,
        ("dispatch", _) => Question::Addresses(
            view.addresses
                .iter()
                .map(|one| {
                    (
                        one.org_code.to_string(),
                        one.name.clone(),
                        one.address.clone(),
                    )
                })
                .collect(),
        ),
        _ => Question::Nothing,
    };
    ActPage {
        frame: Frame::signed_in(),
        token: visitor.token(),
        word: word.to_owned(),
        action: format!("/desk/act/{word}"),
        text: (m.act)(word),
        whom: whom(&view.person, &person::address(view)),
        facts,
        hidden,
        question,
        back: object.page(),
    }
}

/// The reasons that a desk may give: closing a profile has an act of its own.
fn reasons(word: &str) -> Vec<(&'static str, &'static str)> {
    CancelReason::ALL
        .iter()
        .filter(|reason| **reason != CancelReason::IdentityClosed)
        .filter(|reason| word == "cancel" || **reason != CancelReason::LeftHealthcare)
        .map(|reason| (reason.as_str(), (EN.desk.reason)(*reason)))
        .collect()
}

/// `POST /desk/act/{act}`.
///
/// # Errors
/// The refusal of the act; what the store says.
pub(super) async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(act): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    let (word, operation) = known(&act)?;
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let object = Object::of(&form)?;
    if let Some(kind) = invitation::kind_of(word) {
        let asked = (&visitor, object.person()?, &form);
        return invitation::give(&house, &arrival, (kind, operation), asked).await;
    }
    let about = object.about(visitor.user_id());
    let done = run(&house, &arrival, (word, &object, &form), &visitor).await?;
    let done = settle(&house, &arrival, operation, about, done).await;
    let page = match done {
        Ok(Some(new)) => format!("/desk/cards/{new}"),
        Ok(None) => object.page(),
        Err(failure) => return Err(leading_back(failure, &object.page())),
    };
    see_other(&format!("{page}?done={word}"))
}

/// Does it; answers the card that the next page is about, where it is another one.
async fn run(
    house: &Shared,
    arrival: &Arrival,
    wish: (&str, &Object, &Parameters),
    visitor: &Visitor,
) -> Result<Result<Option<CardNumber>, JourneyError>, Failure> {
    let (word, object, form) = wish;
    let (store, policy, now) = (&house.store, &house.policy, arrival.now);
    let desk = visitor.desk.clone();
    let done = match word {
        "request" => {
            let wanted = CardRequest {
                user_id: object.person()?,
                card: None,
                idempotency_key: None,
            };
            let asked = request_card(store, policy, wanted, desk, now).await;
            return Ok(asked.map(Some));
        }
        "replace" => {
            let wanted = Replacement {
                card: object.card()?,
                reason: reason_of(form),
                new_card: None,
                idempotency_key: None,
            };
            let asked = replace_card(store, policy, wanted, desk, now).await;
            return Ok(asked.map(Some));
        }
        "cancel" => {
            let wanted = Cancellation {
                card: object.card()?,
                reason: reason_of(form),
                by: CancelledBy::Desk(desk.into()),
            };
            cancel_card(store, policy, wanted, now).await
        }
        "unlock" => unlock_assisted(store, policy, unlock(object, form, desk)?, now).await,
        "dispatch" => match form.clean("to").and_then(|to| to.parse().ok()) {
            Some(to) => dispatch_card(store, policy, (object.card()?, to), desk, now).await,
            None => Err(RefusalCode::AddressNotAllowed.into()),
        },
        "receipt" => confirm_receipt(store, policy, object.card()?, desk, now).await,
        "return" | "clear" => {
            let wanted = (object.card()?, plastic_of(word));
            record_plastic(store, policy, wanted, desk, now).await
        }
        "close" => close_person(store, policy, &object.person()?, desk, now).await,
        "reopen" => reopen_person(store, policy, object.person()?, desk, now).await,
        "abandon" => desk_card::abandon(store, policy, &object.card()?, desk, now).await,
        _ => return Err(Failure::NotFound),
    };
    Ok(done.map(|()| None))
}

fn reason_of(form: &Parameters) -> Option<CancelReason> {
    form.clean("reason")?.parse().ok()
}

fn plastic_of(word: &str) -> PlasticState {
    match word {
        "clear" => PlasticState::Cleared,
        _ => PlasticState::Returned,
    }
}

fn unlock(
    object: &Object,
    form: &Parameters,
    desk: DeskSession,
) -> Result<AssistedUnlock, Failure> {
    let ticked = |name: &str| form.clean(name) == Some("yes");
    Ok(AssistedUnlock {
        card: object.card()?,
        by: desk.into(),
        holder_present: ticked("holder_present"),
        photo_compared: ticked("photo_compared"),
    })
}
