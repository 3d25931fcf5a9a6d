//! `GET /find-your-ra?q=`: where the registration authority of an organisation is, for anybody. It
//! names desks, hours and numbers, and no person.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::register;
use enrolment::store::StoreError;

use crate::error::Failure;
use crate::house::Shared;
use crate::pages::Frame;
use crate::pages::my::{DeskLine, FindRaPage};
use crate::signin::transaction;

/// The fewest letters that are looked for.
const FEWEST: usize = 3;
/// The most.
const MOST: usize = 80;

/// The handler.
///
/// # Errors
/// What the store says.
pub async fn page(
    State(house): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let typed: String = parameters.clean("q").unwrap_or_default().trim().to_owned();
    let letters = typed.chars().count();
    let searched = (FEWEST..=MOST).contains(&letters);
    let desks = if searched {
        find(&house, &typed).await?
    } else {
        Vec::new()
    };
    Ok(FindRaPage {
        frame: Frame::gateway(),
        too_short: letters > 0 && !searched,
        searched,
        typed,
        desks,
    }
    .respond())
}

async fn find(house: &Shared, typed: &str) -> Result<Vec<DeskLine>, Failure> {
    let typed = typed.to_owned();
    let read = house.store.read::<_, StoreError, _>("find_ra", move |tx| {
        let typed = typed.clone();
        Box::pin(async move { register::find_organisations(tx, &typed).await })
    });
    let found = read.await?;
    Ok(found
        .into_iter()
        .map(|(organisation, desk)| DeskLine {
            organisation: organisation.name,
            code: organisation.org_code.to_string(),
            hosted: (desk.org_code != organisation.org_code).then(|| desk.name.clone()),
            hours: desk.desk_hours,
            contact: desk.desk_contact,
        })
        .collect())
}
