//! The ways to sign in of somebody else: shown on her page, stopped, taken away, raised; and the list
//! of those that nobody uses.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use enrolment::desk_view::PersonView;
use enrolment::journeys::JourneyError;
use enrolment::journeys::desk_authenticator::{DeskLine, DeskWish, change, raise};
use enrolment::unused::{self, Place, Unused};
use http::HeaderMap;
use policies::authenticator::AuthenticatorState;
use policies::ids::{AuthenticatorId, UserId};
use policies::invitation::{DeskChange, DeskReason};
use policies::time::Time;

use super::invitation::meeting;
use super::person::{address, read_person};
use super::{Visitor, leading_back, visitor, visitor_by_form, whom};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::my::authenticators;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::desk::{ActPage, Fact, Question};
use crate::pages::invitation::{DeskWay, UnusedLine, UnusedPage};
use crate::signin::transaction::{self, see_other};

/// What can be done to one: the word in the URL, and the operation of the API that does the same.
const ACTS: [(&str, &str); 3] = [
    ("suspend", "changePersonAuthenticator"),
    ("remove", "changePersonAuthenticator"),
    ("raise", "raisePersonAuthenticator"),
];

fn known(word: &str) -> Result<(&'static str, &'static str), Failure> {
    let found = ACTS.into_iter().find(|(known, _)| *known == word);
    found.ok_or(Failure::NotFound)
}

/// All of hers, in words.
pub(super) fn lines(view: &PersonView, now: Time) -> Vec<DeskWay> {
    let person = &view.person.user_id;
    let line = |line| way(line, person, now);
    view.authenticators.iter().map(line).collect()
}

fn way(line: &DeskLine, person: &UserId, now: Time) -> DeskWay {
    let (m, one) = (&EN.invitations, &line.one);
    let stamp = EN.desk.stamp;
    let raised = one.bound_at == one.evidence || one.state == AuthenticatorState::Suspended;
    let idle = |word: &str| match word {
        "suspend" => one.state == AuthenticatorState::Suspended,
        "raise" => raised,
        _ => false,
    };
    let offered = line.offers.iter();
    let offered = offered.filter(|(word, judged)| judged.is_ok() && !idle(word));
    let can = offered.map(|(word, _)| {
        let href = format!("/desk/ways/{word}?person={person}&authenticator={}", one.id);
        (*word, (EN.desk.act)(word).button, href)
    });
    let in_use = matches!(
        one.state,
        AuthenticatorState::Active | AuthenticatorState::Registered
    ) && one.ends_at.is_none_or(|end| now <= end);
    DeskWay {
        id: one.id.to_string(),
        name: one.name.clone(),
        kind: (EN.methods.way)(one.method).name,
        level: (m.level)(one.facts().level()),
        state: (authenticators::state(one, now, &EN), !in_use),
        temporary: one.ends_at.map(|at| (m.temporary)(at, now)),
        used: one.used_at.map_or_else(|| EN.apps.never.to_owned(), stamp),
        can: can.collect(),
    }
}

struct Named {
    person: UserId,
    id: AuthenticatorId,
}

impl Named {
    fn of(parameters: &Parameters) -> Result<Self, Failure> {
        let person = parameters.clean("person").map(str::parse);
        let id = parameters.clean("authenticator").map(str::parse);
        match (person, id) {
            (Some(Ok(person)), Some(Ok(id))) => Ok(Self { person, id }),
            _ => Err(Failure::BadRequest("malformed")),
        }
    }

    fn page(&self) -> String {
        format!("/desk/people/{}", self.person)
    }
}

/// `GET /desk/ways/{act}`: what will happen, and what must be said.
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
    let named = Named::of(&query)?;
    let about = About::person(visitor.user_id(), named.person.clone());
    let view = read_person(&house, &arrival, named.person.clone(), visitor.desk.clone()).await;
    let view = settle(&house, &arrival, operation, about.clone(), view).await?;
    let mut lines = view.authenticators.iter();
    let line = lines.find(|line| line.one.id == named.id);
    let line = line.ok_or(Failure::NotFound)?;
    let offer = line.offers.iter().find(|(offered, _)| *offered == word);
    if let Some((_, Err(refusal))) = offer {
        let refused = Err::<(), _>(JourneyError::Refused(refusal.clone()));
        let refused = settle(&house, &arrival, operation, about, refused).await;
        return Err(refused.map_or_else(|f| leading_back(f, &named.page()), |()| Failure::NotFound));
    }
    Ok(draw(word, &visitor, (&view, line)).respond())
}

fn draw(word: &'static str, visitor: &Visitor, seen: (&PersonView, &DeskLine)) -> ActPage {
    let (view, line) = seen;
    let (m, one) = (&EN.invitations, &line.one);
    let question = if word == "raise" {
        Question::Attest
    } else {
        let reasons = DeskReason::ALL.iter();
        let reasons = reasons.map(|reason| (reason.as_str(), (m.reason)(*reason)));
        Question::Why(reasons.collect(), word == "remove" && line.last)
    };
    ActPage {
        frame: Frame::signed_in(),
        token: visitor.token(),
        word: word.to_owned(),
        action: format!("/desk/ways/{word}"),
        text: (EN.desk.act)(word),
        whom: whom(&view.person, &address(view)),
        facts: vec![
            Fact::words(
                m.way,
                format!("{}: {}", one.name, (EN.methods.way)(one.method).name),
            ),
            Fact::words(EN.apps.level, (m.level)(one.facts().level())),
        ],
        hidden: vec![
            ("person", view.person.user_id.to_string()),
            ("authenticator", one.id.to_string()),
        ],
        question,
        back: format!("/desk/people/{}", view.person.user_id),
    }
}

/// `POST /desk/ways/{act}`.
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
    let named = Named::of(&form)?;
    let about = About::person(visitor.user_id(), named.person.clone());
    let wish = DeskWish {
        user_id: named.person.clone(),
        id: named.id.clone(),
        by: visitor.desk.clone(),
    };
    let (store, policy, now) = (&house.store, &house.policy, arrival.now);
    let reason = form.clean("reason").and_then(|word| word.parse().ok());
    let done = match word {
        "raise" => raise(store, policy, (wish, meeting(&form)), now).await,
        "suspend" => {
            let suspend = DeskChange::Suspend(reason);
            change(store, policy, (wish, suspend), now).await.map(drop)
        }
        _ => {
            let last_too = form.clean("last_too") == Some("yes");
            let remove = DeskChange::Remove { reason, last_too };
            change(store, policy, (wish, remove), now).await.map(drop)
        }
    };
    let done = settle(&house, &arrival, operation, about, done).await;
    done.map_err(|failure| leading_back(failure, &named.page()))?;
    see_other(&format!("{}?done={word}", named.page()))
}

/// `GET /desk/unused?after=`: those that nobody has used for long.
///
/// # Errors
/// The refusal of a role that does not manage them; what the store says.
pub(super) async fn unused(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let visitor = visitor(&house, &arrival, &headers).await?;
    let after = query.clean("after").and_then(Place::read);
    let about = About::desk(visitor.user_id(), None);
    let asked = (visitor.desk.clone(), after);
    let found = unused::list(&house.store, &house.policy, asked, arrival.now).await;
    let found = settle(&house, &arrival, "listUnusedAuthenticators", about, found).await;
    let found = found.map_err(|failure| leading_back(failure, "/desk"))?;
    Ok(UnusedPage {
        frame: Frame::signed_in(),
        lead: (EN.invitations.unused_lead)(house.policy.unused_months()),
        lines: found.lines.iter().map(unused_line).collect(),
        next: found
            .next
            .map(|place| format!("/desk/unused?after={}", place.to_text())),
    }
    .respond())
}

fn unused_line(one: &Unused) -> UnusedLine {
    let stamp = EN.desk.stamp;
    UnusedLine {
        href: format!("/desk/people/{}", one.user_id),
        owner: one.owner.clone(),
        kind: (EN.methods.way)(one.method).name,
        name: one.name.clone(),
        used: one
            .used_at
            .map_or_else(|| EN.invitations.never.to_owned(), stamp),
        added: stamp(one.added_at),
    }
}
