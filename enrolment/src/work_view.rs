//! A work at a desk as the page shows it: whose card, how far it has come, who stands behind it.

use policies::access;
use policies::card::CertificateState;
use policies::ids::CardNumber;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use crate::cards::{CertificateSet, released};
use crate::desk::{Desk, DeskSession, WORK_LIFE, WorkKind};
use crate::desk_parts;
use crate::journeys::JourneyError;
use crate::register::Person;
use crate::store::{Tx, desk_works, intents, people};

/// A work with everything its page shows.
#[derive(Clone, Debug)]
pub struct WorkView {
    /// Names the work.
    pub work_id: String,
    /// What it is for.
    pub kind: WorkKind,
    /// The card.
    pub card: CardNumber,
    /// Its holder.
    pub holder: Person,
    /// Who began it.
    pub begun_by: Person,
    /// Whether whoever looks began it.
    pub is_own: bool,
    /// Goes into each request as `challengePassword`; only for whoever began the work.
    pub nonce: Option<String>,
    /// When it was begun.
    pub started_at: Time,
    /// Its last second.
    pub expires_at: Time,
    /// Whether another desk person must stand behind it.
    pub second_actor_needed: bool,
    /// The one who does.
    pub second_actor: Option<Person>,
    /// What it has issued.
    pub set: Option<CertificateSet>,
}

impl WorkView {
    /// Whether its certificates are on the card.
    pub fn is_confirmed(&self) -> bool {
        let state = self.set.as_ref().map(|set| set.state);
        matches!(
            state,
            Some(CertificateState::Active | CertificateState::Superseded)
        )
    }
}

/// The work of that number, for whoever began it or could stand behind it.
///
/// # Errors
/// Refuses with `not_found`, and for a colleague with the questions of `policies::access::ask`.
pub async fn of(
    tx: Tx<'_>,
    policy: &Policy,
    work_id: &str,
    by: DeskSession,
    now: Time,
) -> Result<WorkView, JourneyError> {
    let work = desk_works::find(tx, work_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let is_own = work.actor == by.user_id;
    let second_actor_needed = work.kind == WorkKind::Reissue
        && desk_parts::is_ra_staff(tx, &work.user_id, &by.rbac, now).await?;
    let actor = Desk::from(by).actor(tx, &work.user_id, now).await?;
    if !is_own {
        access::ask(policy, &actor.facts(&work.user_id), work.kind.task())?;
    }
    let set = match &work.intent_id {
        Some(intent) if is_own => match intents::find(tx, intent).await? {
            Some(intent) if is_signed(intent.state) => Some(released(tx, &intent).await?),
            _ => None,
        },
        _ => None,
    };
    let second_actor = match &work.second_actor {
        Some(second) => people::find(tx, second).await?,
        None => None,
    };
    let person = async |user_id| {
        let found = people::find(tx, user_id).await?;
        Ok::<_, JourneyError>(found.ok_or(RefusalCode::NotFound)?)
    };
    Ok(WorkView {
        holder: person(&work.user_id).await?,
        begun_by: person(&work.actor).await?,
        is_own,
        nonce: is_own.then_some(work.nonce),
        started_at: work.started_at,
        expires_at: work.started_at.plus(WORK_LIFE),
        second_actor_needed,
        second_actor,
        set,
        work_id: work.id,
        kind: work.kind,
        card: work.card,
    })
}

/// Whether the set left the house.
const fn is_signed(state: CertificateState) -> bool {
    !matches!(state, CertificateState::Reserved | CertificateState::Burned)
}
