//! `GET /desk`: finds people. A number that names exactly one person leads straight to her.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::finding::{self, Found};
use http::HeaderMap;

use super::visitor;
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::pages::Frame;
use crate::pages::desk::{FindPage, FoundRow};
use crate::signin::transaction::{self, see_other};

/// The handler.
///
/// # Errors
/// The refusal of a role that finds nobody; what the store says.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let visitor = visitor(&house, &arrival, &headers).await?;
    let typed = query.clean("q").unwrap_or_default().trim().to_owned();
    let mut page = FindPage {
        frame: Frame::signed_in(),
        acting: (EN.desk.find.acting)(&visitor.acting.0, &visitor.acting.1),
        typed,
        for_deputy: visitor.only_deputy,
        sees_unused: visitor.sees_unused,
        other_roles: visitor.other_roles,
        found: None,
        more: false,
    };
    // A deputy sees the people of her ward before she types anything.
    if page.typed.is_empty() && !visitor.only_deputy {
        return Ok(page.respond());
    }
    let about = About::desk(visitor.user_id(), None);
    let (store, policy, now) = (&house.store, &house.policy, arrival.now);
    let found = finding::find_people(store, policy, &page.typed, visitor.desk, now).await;
    let found = settle(&house, &arrival, "findPeople", about, found).await?;
    if let [only] = found.people.as_slice()
        && !page.typed.is_empty()
        && !page.typed.chars().any(char::is_alphabetic)
    {
        return see_other(&address(only, &page.typed));
    }
    page.more = found.more;
    let asked = (page.typed.as_str(), page.for_deputy);
    let rows = found.people.iter().map(|one| row(one, asked));
    page.found = Some(rows.collect());
    Ok(page.respond())
}

/// Where somebody found is shown: by her card, where only that led to her.
fn address(found: &Found, typed: &str) -> String {
    if found.out_of_area {
        let card: String = typed.chars().filter(char::is_ascii_digit).collect();
        format!("/desk/cards/{card}")
    } else {
        format!("/desk/people/{}", found.user_id)
    }
}

fn row(found: &Found, (typed, for_deputy): (&str, bool)) -> FoundRow {
    let m = &EN.desk;
    let card = found.card.as_ref();
    let card = card.map_or(m.find.no_card, |(_, state)| (m.state)(*state));
    FoundRow {
        href: address(found, typed),
        name: found.name.clone(),
        user_id: found.user_id.to_string(),
        card: (!for_deputy).then_some(card),
        note: if found.open {
            found.out_of_area.then_some(m.find.out_of_area)
        } else {
            Some(m.find.closed)
        },
    }
}
