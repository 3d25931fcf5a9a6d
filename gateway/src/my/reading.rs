//! Pages to read: the terms and which version was accepted, the rules for passcodes, and the contact
//! details that notices go to.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::card::person;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::my::Reading;
use crate::pages::Frame;
use crate::pages::my::ReadingPage;
use crate::signin::own::{self, OwnPage};

/// `GET /my/terms`.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn terms(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let person = person(&house, &opened.session.user_id).await?;
    let frame = super::frame(&house, &opened.session).await?;
    let said = (frame.m.my.terms_accepted)(person.terms_version.as_deref());
    Ok(read(frame, frame_text(|m| &m.terms), "terms", vec![said]).respond())
}

/// `GET /my/passcode`.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn passcode(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let frame = super::frame(&house, &opened.session).await?;
    let limits = house.policy.passcode();
    let said = (frame.m.my.passcode_rule)(limits.shortest, limits.longest, limits.wrong_attempts);
    let unlock = ("/unlock", frame.m.any_hour.unlock_now);
    let page = read(frame, frame_text(|m| &m.passcode), "passcode", vec![said]);
    let act = house.vault.is_some().then_some(unlock);
    Ok(ReadingPage { act, ..page }.respond())
}

/// `GET /my/contact`.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn contact(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let person = person(&house, &opened.session.user_id).await?;
    let frame = super::frame(&house, &opened.session).await?;
    let mail = (frame.m.my.contact_mail)(person.email.as_deref());
    let mobile = (frame.m.my.contact_mobile)(person.mobile.as_deref());
    Ok(read(
        frame,
        frame_text(|m| &m.contact),
        "contact",
        vec![mail, mobile],
    )
    .respond())
}

fn frame_text(
    which: impl Fn(&'static crate::messages::my::My) -> &'static Reading,
) -> &'static Reading {
    which(&crate::messages::EN.my)
}

fn read(
    frame: Frame,
    text: &'static Reading,
    name: &'static str,
    said: Vec<String>,
) -> ReadingPage {
    ReadingPage {
        frame,
        text,
        name,
        said,
        act: None,
    }
}
