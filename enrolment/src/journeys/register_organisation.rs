//! An organisation enters the register, once, under its ODS code.

use policies::refusal::RefusalCode;
use policies::time::Time;

use super::JourneyError;
use crate::audit::{Actor, Event};
use crate::register::Organisation;
use crate::store::{Key, Store, organisations};

/// Registers the organisation; the same one again is answered as done.
///
/// # Errors
/// Refuses with `idempotency_key_reused` when the code stands for another name.
pub async fn register_organisation(
    store: &Store,
    organisation: Organisation,
    by: &Actor,
    now: Time,
) -> Result<(), JourneyError> {
    let by = by.clone();
    store
        .write(
            "register_organisation",
            Key::of("org", organisation.org_code.clone().as_str()),
            move |tx| {
                let (organisation, by) = (organisation.clone(), by.clone());
                Box::pin(async move {
                    match organisations::find(tx, &organisation.org_code).await? {
                        Some(standing) if standing == organisation => return Ok(()),
                        Some(_) => return Err(RefusalCode::IdempotencyKeyReused.into()),
                        None => organisations::insert(tx, &organisation, now).await?,
                    }
                    let event = Event::OrganisationRegistered {
                        actor: by,
                        organisation: organisation.org_code,
                    };
                    tx.audit(now, &event).await?;
                    Ok(())
                })
            },
        )
        .await
}
