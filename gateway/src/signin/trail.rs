//! Lines in the trail about sign-ins that came to nothing.

use enrolment::audit::{Event, Reference};
use enrolment::store::{Key, StoreError};
use policies::ids::UserId;
use policies::refusal::RefusalCode;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;

/// The name of this request, as it stands in the trail and on the page.
///
/// # Errors
/// None in practice: both are 16 hexadecimal digits.
pub(crate) fn reference(arrival: &Arrival) -> Result<Reference, Failure> {
    let correlation = arrival.correlation.as_str();
    correlation.parse().map_err(Failure::internal)
}

/// A refusal of whatever is no card; `person` only where somebody is proven.
pub(super) fn refused(code: RefusalCode, person: Option<UserId>, reference: Reference) -> Event {
    Event::SignInRefused {
        code,
        person,
        certificate: None,
        reference,
    }
}

/// Writes one line in a transaction of its own, called `name` in the measurements.
///
/// # Errors
/// What the store says.
pub(crate) async fn leave(
    house: &Shared,
    name: &'static str,
    arrival: &Arrival,
    event: Event,
) -> Result<(), Failure> {
    let now = arrival.now;
    let write = house
        .store
        .write::<_, StoreError, _>(name, Key::none(), move |tx| {
            let event = event.clone();
            Box::pin(async move { tx.audit(now, &event).await })
        });
    Ok(write.await?)
}
