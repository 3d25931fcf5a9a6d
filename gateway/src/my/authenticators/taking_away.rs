//! The question before one of her ways to sign in is taken away: it is for ever, and may end the very
//! session that asks.

use axum::response::Response;

use super::{PURPOSE, all};
use crate::error::Failure;
use crate::house::Shared;
use crate::pages::app::TakeAwayPage;
use crate::signin::session::Opened;

/// The page that names the device and what ends with it.
///
/// # Errors
/// [`Failure::NotFound`] for one that is not hers; what the store says.
pub(super) async fn ask(house: &Shared, opened: &Opened, id: &str) -> Result<Response, Failure> {
    let session = &opened.session;
    let own = all(house, &session.user_id).await?;
    let one = own.into_iter().find(|one| one.id.to_string() == id);
    let one = one.ok_or(Failure::NotFound)?;
    let frame = crate::my::frame(house, session).await?;
    Ok(TakeAwayPage {
        kind: (frame.m.methods.way)(one.method).name,
        signs_out: session.authenticator.as_ref() == Some(&one.id),
        token: opened.key.form_token(PURPOSE),
        id: one.id.to_string(),
        name: one.name,
        frame,
    }
    .respond())
}
