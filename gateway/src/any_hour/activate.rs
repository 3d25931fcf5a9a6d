//! `/activate`: what to do with a new card. The card itself must sign, so the card client does it.

use axum::response::Response;

use crate::messages::EN;
use crate::pages::any_hour::done;

/// `GET /activate`.
pub async fn page() -> Response {
    done("activate", &EN.any_hour.activate)
}
