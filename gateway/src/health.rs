//! `/healthz`: this process listens everywhere it should. `/readyz`: it can also reach its
//! database. Neither says more than a word to whoever asks (attack table 90).

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use enrolment::clock_mark;
use enrolment::journeys::JourneyError;
use http::StatusCode;

use crate::door::Arrival;
use crate::house::Shared;

/// Whether every listener answers.
#[derive(Debug, Default)]
pub struct Health {
    listening: AtomicBool,
}

impl Health {
    /// A house whose listeners are not all open yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every listener answers now.
    pub fn all_listen(&self) {
        self.listening.store(true, Ordering::Release);
    }

    /// The house has begun to close.
    pub fn closing(&self) {
        self.listening.store(false, Ordering::Release);
    }

    /// Whether every listener answers.
    pub fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Acquire)
    }
}

/// `GET /healthz`.
pub async fn healthz(State(house): State<Shared>) -> (StatusCode, &'static str) {
    if house.health.is_listening() {
        (StatusCode::OK, "ok\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "not all listeners answer\n",
        )
    }
}

/// `GET /readyz`. An untrusted clock stops issuance, not sign-ins, so it does not count here
/// (decision 1).
pub async fn readyz(State(house): State<Shared>, arrival: Arrival) -> (StatusCode, &'static str) {
    if !house.health.is_listening() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "not all listeners answer\n",
        );
    }
    let (now, policy) = (arrival.now, house.policy.clone());
    let asked = house
        .store
        .read("readyz", move |tx| {
            let policy = policy.clone();
            Box::pin(async move { clock_mark::check(tx, now, &policy).await })
        })
        .await;
    match asked {
        Ok(()) | Err(JourneyError::Refused(_)) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}
