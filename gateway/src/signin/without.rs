//! `POST /signin/without`: somebody who is asked for a stronger proof than she can give goes back, and
//! the application is told that its request cannot be met (OpenID Connect Unmet Authentication
//! Requirements 1.0). The sign-in is over; her session stays as it was.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::store::{Key, StoreError};
use http::HeaderMap;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::refuse;
use crate::oidc::error::OAuthError;
use crate::signin::transaction::{self, see_other, sign_in_over};
use crate::store::transactions;

/// The handler.
///
/// # Errors
/// The page of a sign-in that is over; a form of another page; what the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    let (handle, hash) = (held.sign_in.handle.clone(), held.browser.hash());
    let (key, now) = (Key::of("sign_in", handle.as_str()), arrival.now);
    let write = house
        .store
        .write::<_, StoreError, _>("signin.without", key, move |tx| {
            let (handle, hash) = (handle.clone(), hash.clone());
            Box::pin(async move { transactions::finish(tx, &handle, &hash, None, now).await })
        });
    if !write.await? {
        return Ok(sign_in_over(&arrival));
    }
    let request = &held.sign_in.request;
    // A page of ours would ask again at once.
    if request.own_page.is_some() {
        return see_other("/");
    }
    Ok(refuse(
        &house,
        request,
        OAuthError::UnmetAuthenticationRequirements,
    ))
}
