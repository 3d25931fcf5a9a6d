//! What anybody may do at any hour without being signed in, as pages without a script: a new
//! passcode (F43), a lost or misused card (F80), the link of a notice, a first use (F16). Every page
//! says the same to known and unknown people; forms come from our own pages alone.

pub mod activate;
pub mod cancel;
pub mod unlock;

use enrolment::journeys::JourneyError;
use policies::refusal::RefusalCode;

use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;

/// What a form got wrong, or what else it came to.
enum Tried<T> {
    /// It went through.
    Done(T),
    /// The code is not one that works now.
    WrongCode,
}

/// Sorts a code that does not work out from every other refusal; both leave their line.
async fn tried<T>(
    house: &Shared,
    arrival: &Arrival,
    task: &'static str,
    done: Result<T, JourneyError>,
) -> Result<Tried<T>, Failure> {
    let is_code = done.as_ref().err().is_some_and(|error| {
        error.refusal().is_some_and(|refusal| {
            matches!(
                refusal.code,
                RefusalCode::CodeWrong | RefusalCode::CodeExpired
            )
        })
    });
    match settle(house, arrival, task, About::default(), done).await {
        Ok(answer) => Ok(Tried::Done(answer)),
        Err(_) if is_code => Ok(Tried::WrongCode),
        Err(failure) => Err(failure),
    }
}
