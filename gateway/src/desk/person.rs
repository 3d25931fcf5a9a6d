//! A person and her card: the photo large, where the card stands, what can be done, and for
//! everything else why not and who may.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use enrolment::card_view::CardView;
use enrolment::desk::DeskSession;
use enrolment::desk_view::{self, PersonView};
use enrolment::journeys::JourneyError;
use http::HeaderMap;
use policies::access::{CardAction, PersonAction, Task};
use policies::card::CardState;
use policies::ids::{CardNumber, UserId};
use policies::refusal::{Refusal, RefusalCode};
use policies::time::Time;
use policies::values::Policy;

use super::{Visitor, deputy, grouped, in_words, leading_back, visitor, ways, whom};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::pages::Frame;
use crate::pages::desk::{CanDo, Cannot, Fact, PersonPage};
use crate::pages::people::RoleLine;
use crate::signin::transaction;

/// `GET /desk/people/{user_id}`.
///
/// # Errors
/// The refusal of whoever may not see her; what the store says.
pub(super) async fn by_number(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(user_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    let user_id: UserId = user_id.parse().map_err(|_| Failure::NotFound)?;
    let about = About::person(visitor.user_id(), user_id.clone());
    let view = read_person(&house, &arrival, user_id, visitor.desk.clone()).await;
    let view = settle(&house, &arrival, "findPeople", about, view).await;
    let view = view.map_err(|failure| leading_back(failure, "/desk"))?;
    show(&house, &arrival, (visitor, view), query)
}

/// `GET /desk/cards/{card_number}`.
///
/// # Errors
/// The refusal of whoever may not see it; what the store says.
pub(super) async fn by_card(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    let card: CardNumber = number.parse().map_err(|_| Failure::NotFound)?;
    let about = About::desk(visitor.user_id(), Some(card.clone()));
    let view = read_card(&house, &arrival, card, visitor.desk.clone()).await;
    let view = settle(&house, &arrival, "getCard", about, view).await;
    let view = view.map_err(|failure| leading_back(failure, "/desk"))?;
    show(&house, &arrival, (visitor, view), query)
}

/// The view of that person.
pub(super) async fn read_person(
    house: &Shared,
    arrival: &Arrival,
    user_id: UserId,
    desk: DeskSession,
) -> Result<PersonView, JourneyError> {
    let (issuing, now) = (house.issuing(), arrival.now);
    let read = house.store.read("desk.person", move |tx| {
        let (issuing, user_id, desk) = (issuing.clone(), user_id.clone(), desk.clone());
        Box::pin(async move { desk_view::of_person(tx, &issuing, &user_id, desk, now).await })
    });
    read.await
}

/// The view of that card's holder.
pub(super) async fn read_card(
    house: &Shared,
    arrival: &Arrival,
    card: CardNumber,
    desk: DeskSession,
) -> Result<PersonView, JourneyError> {
    let (issuing, now) = (house.issuing(), arrival.now);
    let read = house.store.read("desk.card", move |tx| {
        let (issuing, card, desk) = (issuing.clone(), card.clone(), desk.clone());
        Box::pin(async move { desk_view::of_card(tx, &issuing, &card, desk, now).await })
    });
    read.await
}

/// The page of this person, as far as the desk reaches.
pub(super) fn address(view: &PersonView) -> String {
    match &view.card {
        Some(card) => format!("/desk/cards/{}", card.card.number),
        None => format!("/desk/people/{}", view.person.user_id),
    }
}

fn show(
    house: &Shared,
    arrival: &Arrival,
    seen: (Visitor, PersonView),
    query: Option<String>,
) -> Result<Response, Failure> {
    let (visitor, view) = seen;
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let (m, policy, now) = (&EN.desk, &house.policy, arrival.now);
    let done = query.clean("done").map(|word| (m.act)(word).done);
    let is_self = view.person.user_id == *visitor.user_id();
    let (can, cannot) = offers(&view, policy);
    let pending = view.card.as_ref().and_then(|card| pending(card, &can));
    let page = PersonPage {
        frame: Frame::signed_in(),
        token: visitor.token(),
        done: done.filter(|text| !text.is_empty()),
        whom: whom(&view.person, &address(&view)),
        notices: notices(&view, is_self),
        facts: facts(&view, now),
        state: view.card.as_ref().map(|card| state(card, now)),
        card_facts: card_facts(&view, policy, now),
        pending,
        ways: (view.in_area && !view.for_deputy).then(|| ways::lines(&view, now)),
        person: view.person.user_id.to_string(),
        deputy_of: deputy::lines(&view),
        may_end_deputy: view.may_end_deputy,
        for_deputy: view.for_deputy,
        can,
        cannot,
    };
    Ok(page.respond())
}

fn notices(view: &PersonView, is_self: bool) -> Vec<String> {
    let m = &EN.desk;
    let closed = view
        .person
        .closed_at
        .map(|at| (m.person.closed)(&(m.stamp)(at)));
    let stranger = !view.in_area;
    let mut notices: Vec<String> = closed.into_iter().collect();
    if stranger {
        notices.push(m.person.out_of_area.to_owned());
    }
    if is_self {
        notices.push(m.person.herself.to_owned());
    }
    notices
}

fn facts(view: &PersonView, now: Time) -> Vec<Fact> {
    let labels = &EN.desk.person.labels;
    let mut facts = vec![Fact::number(
        labels.user_id,
        view.person.user_id.to_string(),
    )];
    if !view.in_area || view.for_deputy {
        return facts;
    }
    let roles: Vec<String> = view
        .roles
        .iter()
        .map(|role| RoleLine::of(role, now, &EN))
        .map(|line| format!("{}, {}", line.job, line.organisation))
        .collect();
    let roles = if roles.is_empty() {
        EN.desk.person.none.to_owned()
    } else {
        roles.join("; ")
    };
    facts.push(Fact::words(labels.roles, roles));
    facts
}

/// Where the card stands. One that has expired is not called active.
fn state(card: &CardView, now: Time) -> Vec<(&'static str, bool)> {
    let m = &EN.desk;
    let state = card.card.state;
    let live = state != CardState::Cancelled;
    let expired = live && has_expired(card, now);
    let mut tags = Vec::new();
    if !expired || state != CardState::Active {
        tags.push(((m.state)(state), state != CardState::Active));
    }
    if expired {
        tags.push((m.person.expired, true));
    }
    if live && card.pending.is_some() && card.current.is_some() {
        tags.push((m.person.pending, true));
    }
    tags
}

fn has_expired(card: &CardView, now: Time) -> bool {
    card.not_after.is_some_and(|end| now > end)
}

fn card_facts(view: &PersonView, policy: &Policy, now: Time) -> Vec<Fact> {
    let (m, labels) = (&EN.desk, &EN.desk.person.labels);
    let Some(card) = &view.card else {
        return Vec::new();
    };
    let stamp = |label, at: Option<Time>| at.map(|at| Fact::words(label, (m.stamp)(at)));
    let number = grouped(card.card.number.as_str());
    let mut facts = vec![Fact::number(labels.number, number)];
    let live = card.card.state != CardState::Cancelled;
    if live && card.current.is_some() {
        facts.extend(stamp(labels.valid_until, card.not_after));
        let window = card.window_opens_at.filter(|_| !has_expired(card, now));
        facts.extend(stamp(labels.window, window));
        let used = (m.person.used)(card.card.self_renewals, policy.self_renewals());
        facts.push(Fact::words(labels.used, used));
    }
    if let (Some(at), Some(reason)) = (card.card.cancelled_at, card.card.cancel_reason) {
        let text = format!("{}: {}", (m.stamp)(at), (m.reason)(reason));
        facts.push(Fact::words(labels.cancelled, text));
    }
    if let (Some(to), Some(at)) = (&view.dispatched_to, view.dispatched_at) {
        let text = format!("{to}, {}", (m.stamp)(at));
        facts.push(Fact::words(labels.sent, text));
    }
    facts.extend(stamp(labels.arrived, view.receipt_confirmed_at));
    let plastic = view.plastic.map(|state| (m.plastic)(state));
    facts.extend(plastic.map(|text| Fact::words(labels.plastic, text)));
    facts
}

/// Certificates that wait, and whether this desk may begin them again.
fn pending(card: &CardView, can: &[CanDo]) -> Option<(String, Option<String>)> {
    let set = card.pending.as_ref()?;
    let end = set.certificates.first()?.not_after;
    let text = (EN.desk.person.pending_lead)(&(EN.desk.stamp)(end));
    let may = can.iter().any(|act| act.word == "abandon");
    Some((text, may.then(|| card.card.number.to_string())))
}

/// What begins a work and what has a page of its own; the works come first.
fn offers(view: &PersonView, policy: &Policy) -> (Vec<CanDo>, Vec<Cannot>) {
    let (mut can, mut cannot) = (Vec::new(), Vec::new());
    let card = view.card.as_ref().map(|card| card.card.number.to_string());
    let card = card.unwrap_or_default();
    for (word, judged) in &view.offers {
        match judged {
            Ok(()) => can.push(can_do(word, &card, view)),
            Err(_) if view.for_deputy && *word != "temporary" => {}
            Err(refusal) => cannot.push(cannot_do(word, refusal, policy)),
        }
    }
    // Giving up what waits asks for the same role as renewing.
    let waits = view
        .card
        .as_ref()
        .is_some_and(|card| card.pending.is_some());
    let renew = view.offers.iter().find(|(word, _)| *word == "renew");
    let allowed = renew.is_some_and(|(_, judged)| match judged {
        Ok(()) => true,
        Err(refusal) => !is_about_the_actor(refusal.code),
    });
    if waits && allowed && view.in_area {
        can.push(can_do("abandon", &card, view));
    }
    for (place, act) in can.iter_mut().enumerate() {
        act.first = place == 0;
    }
    (can, cannot)
}

const fn is_about_the_actor(code: RefusalCode) -> bool {
    matches!(
        code,
        RefusalCode::ActorOutOfScope | RefusalCode::ActorIsSubject | RefusalCode::ActorRoleMissing
    )
}

fn can_do(word: &'static str, card: &str, view: &PersonView) -> CanDo {
    let begins_work = matches!(word, "renew" | "reissue" | "repair" | "issue");
    let href = match word {
        "deputy" => format!("/desk/deputies?person={}", view.person.user_id),
        "request" | "close" | "reopen" | "invite" | "temporary" => {
            format!("/desk/act/{word}?person={}", view.person.user_id)
        }
        _ => format!("/desk/act/{word}?card={card}"),
    };
    CanDo {
        word,
        label: (EN.desk.act)(word).button,
        href: (!begins_work).then_some(href),
        card: card.to_owned(),
        first: false,
    }
}

fn cannot_do(word: &str, refusal: &Refusal, policy: &Policy) -> Cannot {
    let m = &EN.desk;
    let who = task_of(word).map(|task| (m.person.who)(&in_words(policy.roles_for(task))));
    Cannot {
        name: (m.act)(word).name,
        why: (m.why)(refusal.code),
        from: refusal.opens_at.map(|at| (m.person.from)(&(m.stamp)(at))),
        who,
    }
}

/// The row of the access table behind an offer.
fn task_of(word: &str) -> Option<Task> {
    Some(match word {
        "renew" => CardAction::Renew.into(),
        "reissue" => CardAction::Reissue.into(),
        "repair" => CardAction::Repair.into(),
        "unlock" => CardAction::Unlock.into(),
        "cancel" => CardAction::Cancel.into(),
        "issue" | "request" | "replace" | "dispatch" | "receipt" => CardAction::Issue.into(),
        "return" | "clear" => CardAction::Clear.into(),
        "close" => PersonAction::Close.into(),
        "reopen" => PersonAction::Reopen.into(),
        "invite" => PersonAction::ManageAuthenticators.into(),
        "temporary" => PersonAction::GiveTemporaryAccess.into(),
        "deputy" => PersonAction::NameDeputy.into(),
        _ => return None,
    })
}
