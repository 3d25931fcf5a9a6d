//! `GET /my/renew`: renewing the card, step by step (domain F65). A web page cannot use a card; the
//! card's client on her own computer does. This page says how, leads to the client's own page on
//! loopback by a link that tells it nothing but where she comes from, and shows how far it has come
//! each time it is loaded: begun, issued and not yet on the card, done. Refusals are pages with the
//! people who can help.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use policies::permit::IssueKind;
use policies::time::{Span, Time};
use wire::command;

use super::overview::Overview;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::pages::Frame;
use crate::pages::my::{Progress, RenewPage};
use crate::signin::own::{self, OwnPage};
use crate::signin::transaction::{self, Handle};

/// For how long a renewal that was begun counts as going on.
const GOING_ON: Span = Span::hours(1);
/// For how long a finished renewal is what the page talks about.
const JUST_DONE: Span = Span::days(1);

/// The handler. `t` names a sign-in that waits for her.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let waiting = parameters.clean("t").and_then(Handle::parse);
    let frame = Frame::signed_in();
    let overview = Overview::of(&house, &opened.session.user_id, arrival.now).await?;
    let overview = overview.ok_or(Failure::NotFound)?;
    let progress = progress(&overview, arrival.now, frame.m);
    Ok(RenewPage {
        ends: overview.view.not_after.map(frame.m.moment_with_zone),
        left: (frame.m.my.renewals_left)(overview.view.self_renewals_left),
        card_program: format!("http://{}/", command::SERVE_ADDRESS),
        commands: (
            command::serve(&house.names.issuer, &house.names.card_url),
            command::renew(&house.names.card_url),
        ),
        progress,
        helpers: overview.helpers,
        waiting: waiting.map(|handle| handle.as_str().to_owned()),
        frame,
    }
    .respond())
}

fn progress(overview: &Overview, now: Time, m: &'static crate::messages::Messages) -> Progress {
    let view = &overview.view;
    let within = |at: Time, span: Span| at <= now && now <= at.plus(span);
    if view.pending.is_some() {
        return Progress::Pending;
    }
    let renewed = view
        .current
        .as_ref()
        .filter(|set| set.kind != IssueKind::First);
    let newest = renewed.and_then(|set| set.certificates.first());
    if newest.is_some_and(|one| within(one.not_before, JUST_DONE)) {
        return Progress::Done;
    }
    match overview.renewal() {
        Err(refusal) => Progress::Refused {
            code: refusal.code.as_str(),
            text: m.refusals.of_act(refusal.code),
            opens_at: refusal.opens_at.map(m.moment_with_zone),
        },
        Ok(()) if overview.begun_at.is_some_and(|at| within(at, GOING_ON)) => Progress::Begun,
        Ok(()) => Progress::Ready,
    }
}
