//! There and back: what is written when the browser of a sign-in is sent to another organisation, and
//! when it returns. Each is one transaction, which reads the sign-in as well.

use std::sync::Arc;

use enrolment::journeys::JourneyError;
use enrolment::journeys::federated::{self as journey, Astray, Departure, Purpose};
use enrolment::store::{Key, StoreError, Tx};
use policies::refusal::Refusal;
use policies::signin::Method;
use policies::time::Time;
use policies::values::Policy;

use super::hash_of;
use crate::error::Failure;
use crate::federation::upstream::Upstream;
use crate::house::Shared;
use crate::signin::transaction::{Handle, SignIn};
use crate::store::transactions;

/// What the write closure of [`send`] owns.
struct Sending {
    departure: Departure,
    whose: (Handle, Vec<u8>),
    now: Time,
    policy: Arc<Policy>,
}

/// Whether the browser of a sign-in may leave.
pub(super) enum Sent {
    Away,
    /// The application asks for more than such an account can give.
    NotEnough,
    Refused(Refusal),
}

/// Notes that the browser of a sign-in is sent away, where it may be. `None` where no such sign-in is
/// under way in it: nothing is noted then.
///
/// # Errors
/// What the store says.
pub(super) async fn send(
    house: &Shared,
    departure: Departure,
    whose: (Handle, Vec<u8>),
    now: Time,
) -> Result<(Option<SignIn>, Sent), Failure> {
    let sending = Arc::new(Sending {
        departure,
        whose,
        now,
        policy: house.policy.clone(),
    });
    let write = house
        .store
        .write::<_, JourneyError, _>("signin.depart", Key::none(), move |tx| {
            let sending = sending.clone();
            Box::pin(async move { sending.within(tx).await })
        });
    Ok(write.await?)
}

impl Sending {
    /// The sign-in, if it is under way, and the note that its browser is sent away.
    async fn within(&self, tx: Tx<'_>) -> Result<(Option<SignIn>, Sent), JourneyError> {
        let (handle, browser) = &self.whose;
        let found = transactions::under_way(tx, handle, browser, self.now).await?;
        let enough = found
            .as_ref()
            .is_some_and(|sign_in| sign_in.request.demand().can_be_met_by(Method::Federated));
        if !enough {
            return Ok((found, Sent::NotEnough));
        }
        match journey::depart(tx, &self.departure, None, self.now, &self.policy).await {
            Ok(()) => Ok((found, Sent::Away)),
            // It refuses before it writes anything.
            Err(JourneyError::Refused(refusal)) => Ok((found, Sent::Refused(refusal))),
            Err(error) => Err(error),
        }
    }
}

/// Somebody who is back.
pub(super) struct Arrived {
    pub(super) purpose: Purpose,
    pub(super) begun_at: Time,
    /// The sign-in for which she was sent, if it is under way in this browser.
    pub(super) sign_in: Option<SignIn>,
}

/// Takes away what names this browser, once, and reads the sign-in that it was sent for.
pub(super) async fn let_back(
    house: &Shared,
    upstream: &Upstream,
    (state, browsers): (&str, [[u8; 32]; 2]),
    now: Time,
) -> Result<Result<Arrived, Astray>, Failure> {
    let (hash, federation) = (hash_of(state)?, upstream.setting().id.clone());
    let write = house
        .store
        .write::<_, StoreError, _>("federated.arrive", Key::none(), move |tx| {
            let federation = federation.clone();
            Box::pin(async move {
                let back = journey::arrive(tx, &hash, &federation, &browsers, now).await?;
                let (purpose, begun_at) = match back {
                    Ok(back) => back,
                    Err(astray) => return Ok(Err(astray)),
                };
                let [before, _] = &browsers;
                let handle = match &purpose {
                    Purpose::SignIn(handle) => Handle::parse(handle),
                    Purpose::Link { .. } => None,
                };
                let sign_in = match handle {
                    Some(handle) => transactions::under_way(tx, &handle, before, now).await?,
                    None => None,
                };
                Ok(Ok(Arrived {
                    purpose,
                    begun_at,
                    sign_in,
                }))
            })
        });
    Ok(write.await?)
}
