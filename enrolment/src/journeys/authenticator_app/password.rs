//! The password that goes with an app being set up. Everywhere it is a new one, and the one before is
//! over. What is given for one shift replaces nothing that lasts: somebody who has an app with a
//! password types that password, and it stays as it is (law G28).

use policies::ids::UserId;
use policies::password as password_law;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::totp::SixDigits;

use super::{Finish, Judged, Place, Typed, begun, judge, own_words};
use crate::codes::CodeHouse;
use crate::journeys::JourneyError;
use crate::journeys::owner::Owner;
use crate::password::Stored;
use crate::store::{Tx, apps, people};

/// What was typed, judged outside the transaction: hashing takes long.
#[derive(Clone)]
pub(super) enum Password {
    /// It becomes hers.
    New(Stored),
    /// It is the one that she has.
    Kept(Judged),
}

/// Whether the password that she has stays: what is set up ends with a shift, and an app of hers does
/// not.
pub(super) async fn is_kept(tx: Tx<'_>, owner: &Owner, now: Time) -> Result<bool, JourneyError> {
    Ok(owner.is_for_one_shift(tx, now).await? && apps::has_lasting(tx, &owner.user_id).await?)
}

impl Password {
    /// Judges what was typed; a password that she has is a guess like any other.
    pub(super) async fn read(
        house: &CodeHouse,
        owner: &Owner,
        wanted: &Finish,
        now: Time,
    ) -> Result<Self, JourneyError> {
        let asked = owner.clone();
        let read = house
            .store
            .read::<_, JourneyError, _>("app.person", move |tx| {
                let owner = asked.clone();
                Box::pin(async move {
                    owner.facts(tx, now).await?;
                    let person = people::find(tx, &owner.user_id).await?;
                    Ok((person, is_kept(tx, &owner, now).await?))
                })
            });
        let (person, is_kept) = read.await?;
        let person = person.ok_or(RefusalCode::NotFound)?;
        // What can be mended without a guess is said first, and before anything is hashed.
        if !is_kept {
            password_law::judge(&wanted.password, &own_words(&person))?;
        } else if wanted.password.is_empty() {
            return Err(RefusalCode::CredentialsWrong.into());
        }
        let begun = begun(house, owner, &wanted.id, now).await?;
        let code = SixDigits::parse(&wanted.code);
        let step = code.and_then(|code| begun.secret.accepts(&code, now, None));
        step.ok_or(RefusalCode::CodeWrong)?;
        if !is_kept {
            let stored = Stored::of(wanted.password.clone(), &house.chance).await?;
            return Ok(Self::New(stored));
        }
        let typed = Typed {
            username: owner.user_id.to_string(),
            password: wanted.password.clone(),
            code: wanted.code.clone(),
            at: Place::Visit,
        };
        let judged = judge(house, typed, now).await?;
        if judged.password_of.is_none() {
            return Err(RefusalCode::CredentialsWrong.into());
        }
        Ok(Self::Kept(judged))
    }

    /// Makes it hers, or leaves hers as it is, inside the transaction that adds the app.
    pub(super) async fn settle(
        &self,
        tx: Tx<'_>,
        user_id: &UserId,
        (is_kept, now): (bool, Time),
    ) -> Result<(), JourneyError> {
        match self {
            Self::New(stored) if !is_kept => {
                apps::set_password(tx, user_id, stored, now).await?;
            }
            Self::Kept(judged) if is_kept && judged.is_current(tx).await? => {
                apps::give_back(tx, &judged.guess).await?;
            }
            // She has changed it, or added an app, in the meantime.
            _ => return Err(RefusalCode::CeremonyFailed.into()),
        }
        Ok(())
    }
}
