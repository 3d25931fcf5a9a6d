//! A ward's named deputy, on pages: naming somebody for a ward that she works in, and ending it.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::desk_view::PersonView;
use enrolment::journeys::JourneyError;
use enrolment::journeys::deputy::{NameDeputy, end_deputy, name_deputy};
use http::HeaderMap;
use policies::day::Day;
use policies::deputy::Ward;
use policies::ids::UserId;
use policies::time::{Span, Time};
use policies::values::Policy;

use super::person::{address, read_person};
use super::{Visitor, leading_back, visitor, visitor_by_form, whom};
use crate::api::last_second;
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::deputy::{DeputyLine, DeputyPage, WardChoice};
use crate::pages::desk::Fact;
use crate::signin::transaction::{self, see_other};

/// What she is named for, on her page; whether this desk may end it goes with it.
pub(super) fn lines(view: &PersonView) -> Vec<DeputyLine> {
    let m = &EN.deputies;
    let one = |(named, ward, organisation): &(_, String, String)| {
        let named: &enrolment::deputies::NamedDeputy = named;
        DeputyLine {
            id: named.id.to_string(),
            ward: (m.of)(ward, organisation),
            until: (m.until)(&(EN.desk.stamp)(named.ends_at)),
        }
    };
    view.deputy_of.iter().map(one).collect()
}

fn person_of(parameters: &Parameters) -> Result<UserId, Failure> {
    let person = parameters.clean("person");
    let person = person.and_then(|text| text.parse().ok());
    person.ok_or(Failure::BadRequest("person_malformed"))
}

fn page_of(person: &UserId) -> String {
    format!("/desk/people/{person}")
}

/// `GET /desk/deputies?person=`: which ward, and until when.
///
/// # Errors
/// The refusal of whoever may not name her; what the store says.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let visitor = visitor(&house, &arrival, &headers).await?;
    let person = person_of(&query)?;
    let about = About::person(visitor.user_id(), person.clone());
    let view = read_person(&house, &arrival, person.clone(), visitor.desk.clone()).await;
    let view = settle(&house, &arrival, "nameDeputy", about.clone(), view).await;
    let view = view.map_err(|failure| leading_back(failure, "/desk"))?;
    let asked = view.asked("deputy").map_err(JourneyError::Refused);
    let asked = settle(&house, &arrival, "nameDeputy", about, asked).await;
    asked.map_err(|failure| leading_back(failure, &page_of(&person)))?;
    Ok(draw(&house.policy, &visitor, &view, arrival.now).respond())
}

fn draw(policy: &Policy, visitor: &Visitor, view: &PersonView, now: Time) -> DeputyPage {
    let organisation = |ward: &Ward| {
        let mut roles = view.roles.iter();
        let role = roles.find(|role| role.org_code == ward.org_code);
        role.map_or_else(String::new, |role| role.org_name.clone())
    };
    let wards = view.wards.iter();
    let only = wards.len() == 1;
    let wards = wards.map(|(ward, name)| WardChoice {
        value: format!("{} {}", ward.org_code, ward.workgroup),
        label: (EN.deputies.of)(name, &organisation(ward)),
        chosen: only,
    });
    // The end of that day must not lie beyond the longest time.
    let longest = policy.deputy_longest();
    let last = now.plus(longest).minus(Span::days(1));
    let days = u32::try_from(longest.as_seconds() / 86_400).unwrap_or_default();
    DeputyPage {
        frame: Frame::signed_in(),
        token: visitor.token(),
        text: (EN.desk.act)("deputy"),
        whom: whom(&view.person, &address(view)),
        facts: vec![Fact::number(
            EN.desk.person.labels.user_id,
            view.person.user_id.to_string(),
        )],
        person: view.person.user_id.to_string(),
        wards: wards.collect(),
        first_day: Day::in_london(now).to_string(),
        last_day: Day::in_london(last).to_string(),
        hint: (EN.deputies.last_day_hint)(days, &(EN.day)(last)),
        back: page_of(&view.person.user_id),
    }
}

/// `POST /desk/deputies`.
///
/// # Errors
/// The refusal of the act; what the store says.
pub(super) async fn name(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let person = person_of(&form)?;
    let ward = form.clean("ward").and_then(ward);
    let last_day = form.clean("last_day").map(str::trim);
    let last_day = last_day.filter(|text| !text.is_empty());
    let wanted = NameDeputy {
        user_id: person.clone(),
        ward: ward.ok_or(Failure::BadRequest("ward_malformed"))?,
        ends_at: last_day.map(last_second).transpose()?,
        by: visitor.desk.clone().into(),
    };
    let about = About::person(visitor.user_id(), person.clone());
    let done = name_deputy(&house.store, &house.policy, wanted, arrival.now).await;
    let done = settle(&house, &arrival, "nameDeputy", about, done).await;
    done.map_err(|failure| leading_back(failure, &page_of(&person)))?;
    see_other(&format!("{}?done=deputy", page_of(&person)))
}

/// A ward as the form has it: two codes.
fn ward(text: &str) -> Option<Ward> {
    let (org_code, workgroup) = text.split_once(' ')?;
    Some(Ward {
        org_code: org_code.parse().ok()?,
        workgroup: workgroup.parse().ok()?,
    })
}

/// `POST /desk/deputies/end`.
///
/// # Errors
/// The refusal of the act; what the store says.
pub(super) async fn end(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let person = person_of(&form)?;
    let id = form.clean("deputy").and_then(|text| text.parse().ok());
    let id = id.ok_or(Failure::BadRequest("deputy_malformed"))?;
    let about = About::person(visitor.user_id(), person.clone());
    let (whose, desk) = ((person.clone(), id), visitor.desk);
    let done = end_deputy(&house.store, &house.policy, whose, desk, arrival.now).await;
    let done = settle(&house, &arrival, "endDeputy", about, done).await;
    done.map_err(|failure| leading_back(failure, &page_of(&person)))?;
    see_other(&format!("{}?done=end-deputy", page_of(&person)))
}
