//! "Ward 7": the demo clinical application, a relying party written with the `openidconnect` crate.
//!
//! It shows what an application has to do and what it gets: sign in, role, tokens explained claim by claim, change
//! of role, sign out. It lives on `127.0.0.1`, not `localhost`, on purpose: cookies of the gateway never reach it.
//! It needs no JavaScript, keeps its sessions in memory, and ends one after 15 minutes without a request (domain 2.8),
//! by the clock of dev.

mod claims;
mod door;
mod pages;
mod provider;
mod session;
mod signing_in;
mod signing_out;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use policies::time::Clock;

use crate::folder::Folder;
use crate::manifest::Manifest;
use door::Arrival;
use provider::Provider;
use session::{Ended, Visits};
use signing_in::Departures;

/// What the application needs to know; made once at start.
pub struct Ward7 {
    /// Where the application itself lives.
    app_url: String,
    /// What its Host header must say.
    authority: String,
    /// The gateway, as seen by a relying party.
    provider: Provider,
    /// Time, as dev tells it.
    clock: Arc<dyn Clock>,
    /// Sign-ins under way.
    departures: Departures,
    /// Who is signed in.
    visits: Visits,
}

type Shared = Arc<Ward7>;

impl Ward7 {
    /// The application for the data of this folder.
    pub fn new(folder: &Folder, manifest: &Manifest, clock: Arc<dyn Clock>) -> Result<Self> {
        let client = manifest
            .client("ward7")
            .context("dev.json has no client ward7")?;
        let root = folder.read(&manifest.tls_root_certificate)?;
        let (_, authority) = manifest
            .app_url
            .split_once("://")
            .context("the address of Ward 7")?;
        Ok(Self {
            authority: authority.to_owned(),
            provider: Provider::new(&manifest.issuer, &manifest.app_url, client, &root)?,
            app_url: manifest.app_url.clone(),
            clock,
            departures: Departures::default(),
            visits: Visits::default(),
        })
    }

    /// Every address of the application.
    pub fn router(self) -> Router {
        let ward: Shared = Arc::new(self);
        Router::new()
            .route("/", get(home))
            .route("/sign-in", get(signing_in::depart))
            .route("/change-role", get(signing_in::depart_for_another_role))
            .route("/callback", get(signing_in::arrive))
            .route("/sign-out", post(signing_out::leave))
            .route("/signed-out", get(signing_out::left))
            .route("/static/ward7.css", get(stylesheet))
            .fallback(nowhere)
            .layer(middleware::from_fn_with_state(
                Arc::clone(&ward),
                door::enter,
            ))
            .with_state(ward)
    }
}

/// The start page, or the ward for whoever is signed in.
async fn home(State(ward): State<Shared>, Extension(arrival): Extension<Arrival>) -> Response {
    match ward.visits.find(arrival.session.as_deref(), arrival.now) {
        Ok(visit) => pages::ward(&visit),
        Err(Ended::Idle) => pages::landing(Some(
            "You were signed out after 15 minutes without activity.",
        )),
        Err(Ended::Over) => pages::landing(Some("You were signed out after 12 hours.")),
        Err(Ended::Nobody) => pages::landing(None),
    }
}

async fn stylesheet() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, include_str!("../static/ward7.css")).into_response()
}

async fn nowhere() -> Response {
    pages::trouble(
        http::StatusCode::NOT_FOUND,
        "There is no such page in Ward 7",
        "Check the address, or begin again.",
        "not_found",
    )
}
