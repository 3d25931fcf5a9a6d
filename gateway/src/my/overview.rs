//! A holder's card with who can help, read in one transaction.

use enrolment::card_view::{self, CardView};
use enrolment::cards;
use enrolment::helpers::{self, Helper};
use enrolment::journeys::JourneyError;
use policies::ids::UserId;
use policies::refusal::{Refusal, RefusalCode};
use policies::time::Time;

use crate::error::Failure;
use crate::house::Shared;

/// What is known about somebody's card.
pub struct Overview {
    /// The card.
    pub view: CardView,
    /// When a renewal was begun that has brought nothing yet.
    pub begun_at: Option<Time>,
    /// Who can help where she cannot renew it herself; empty where she can.
    pub helpers: Vec<Helper>,
}

impl Overview {
    /// Reads it; `None` for somebody who never had a card. Looking is no act: it leaves no line.
    ///
    /// # Errors
    /// What the store says.
    pub async fn of(house: &Shared, person: &UserId, now: Time) -> Result<Option<Self>, Failure> {
        let (issuing, rbac, person) = (house.issuing(), house.rbac.clone(), person.clone());
        let read = house
            .store
            .read::<_, JourneyError, _>("my.card", move |tx| {
                let (issuing, rbac, person) = (issuing.clone(), rbac.clone(), person.clone());
                Box::pin(async move {
                    let view = card_view::of_holder(tx, &issuing, &person, now).await?;
                    let begun_at = cards::renewal_begun_at(tx, &view.card.number).await?;
                    let wanted = match renewal(&view) {
                        Ok(()) => Vec::new(),
                        Err(refusal) => who_helps(&refusal, &issuing.policy),
                    };
                    let about = (Some(person), None);
                    let helpers = helpers::near(tx, about, &wanted, &rbac, now).await?;
                    Ok(Self {
                        view,
                        begun_at,
                        helpers,
                    })
                })
            });
        match read.await {
            Ok(found) => Ok(Some(found)),
            Err(JourneyError::Refused(refusal)) if refusal.code == RefusalCode::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether she may renew it herself now, or why not.
    ///
    /// # Errors
    /// The refusal of the law.
    pub fn renewal(&self) -> Result<(), Refusal> {
        renewal(&self.view)
    }
}

fn renewal(view: &CardView) -> Result<(), Refusal> {
    let offer = view.offers.iter().find(|(action, _)| *action == "renew");
    offer.map_or_else(
        || Err(Refusal::new(RefusalCode::CardNotActive)),
        |(_, judged)| judged.clone(),
    )
}

/// The parts at a desk that help with a refused card: those the law names, or those that may do what
/// is needed instead (the access table of the policy).
pub fn who_helps(
    refusal: &Refusal,
    policy: &policies::values::Policy,
) -> Vec<policies::access::ActorRole> {
    use policies::access::CardAction;
    if !refusal.helper_roles.is_empty() {
        return refusal.helper_roles.clone();
    }
    let instead = match refusal.code {
        RefusalCode::CertificateExpired => CardAction::Reissue,
        RefusalCode::CardLocked => CardAction::Unlock,
        RefusalCode::CardCancelled => CardAction::Issue,
        RefusalCode::CertificateRevoked => CardAction::Repair,
        _ => return Vec::new(),
    };
    policy.roles_for(instead.into()).to_vec()
}
