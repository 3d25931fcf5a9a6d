//! A person accepts the present terms (F18, X8).

use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::JourneyError;
use crate::audit::Event;
use crate::signed_in::SignedIn;
use crate::store::{Key, Store, people};

/// Puts the version on record; accepting it twice is accepting it once.
///
/// # Errors
/// Refuses with `identity_closed`, with `reauthentication_needed` where her session lives no more, and with `terms_not_accepted` when `version` is not the present
/// one: nobody accepts what she was not shown.
pub async fn accept_terms(
    store: &Store,
    policy: &Policy,
    (user_id, signed_in): (&UserId, SignedIn),
    version: &str,
    now: Time,
) -> Result<(), JourneyError> {
    if version != policy.terms_version() {
        return Err(RefusalCode::TermsNotAccepted.into());
    }
    let (user_id, version) = (user_id.clone(), version.to_owned());
    store
        .write(
            "accept_terms",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (user_id, signed_in) = (user_id.clone(), signed_in.clone());
                let version = version.clone();
                Box::pin(async move {
                    let person = people::find(tx, &user_id)
                        .await?
                        .filter(|person| person.open)
                        .ok_or(RefusalCode::IdentityClosed)?;
                    signed_in.live(tx, &user_id, now).await?;
                    if person.terms_version.as_deref() == Some(version.as_str()) {
                        return Ok(());
                    }
                    people::set_terms(tx, &user_id, &version).await?;
                    tx.audit(now, &Event::TermsAccepted { person: user_id })
                        .await?;
                    Ok(())
                })
            },
        )
        .await
}
