//! From a template to a response.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use crate::door::headers::{FormEndsAt, StyledBy};
use crate::error::Failure;
use crate::pages::Frame;

/// The page as a response. A template that cannot be written is a fault of ours.
pub(super) fn html(status: StatusCode, frame: &Frame, page: &impl Template) -> Response {
    let mut response = match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => return Failure::internal(error).into_response(),
    };
    if let Some(end) = frame.leads_to.as_deref().and_then(FormEndsAt::uri) {
        response.extensions_mut().insert(end);
    }
    if let Some(gateway) = StyledBy::origin(&frame.base) {
        response.extensions_mut().insert(gateway);
    }
    response
}
