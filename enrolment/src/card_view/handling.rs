//! What a desk may do with a card besides its certificates: the same rules again.

use policies::access::{self, CardAction};
use policies::card::{CancelReason, CardState, PlasticState};
use policies::handling::{self, DispatchFacts};
use policies::issuance::{FirstCardFacts, KeyFacts, first_card};
use policies::lifecycle::{self, Canceller};
use policies::refusal::Refusal;
use policies::time::Time;
use policies::values::Policy;

use super::{Facts, Offer};
use crate::journeys::{DeskActor, JourneyError, dispatch_card, request_card};
use crate::store::{Tx, cards, handling as rows, organisations};

/// Stands for an organisation where there is none that could be asked about.
const NOWHERE: &str = "NOWHERE";

/// Producing, sending, arriving, replacing, asking anew, and the plastic.
pub(super) async fn offers(
    tx: Tx<'_>,
    facts: &Facts,
    actor: &DeskActor,
    policy: &Policy,
    now: Time,
) -> Result<Vec<Offer>, JourneyError> {
    let (subject, holder) = (facts.subject.facts(), &facts.subject.person.user_id);
    let asked = actor.facts(holder);
    let plastic = rows::plastic(tx, &subject.card).await?;
    let plastic = |becomes| {
        handling::record_plastic(&subject, (plastic, becomes), &asked, now, policy).map(drop)
    };
    let receipt = handling::receipt(&subject, &asked, now, policy).map(drop);
    let sending = sending(tx, facts, actor).await?;
    Ok(vec![
        ("issue", issue(tx, facts, actor, policy, now).await?),
        (
            "dispatch",
            handling::dispatch(&sending, now, policy).map(drop),
        ),
        ("receipt", receipt),
        ("replace", replace(tx, facts, actor, policy, now).await?),
        ("request", request(tx, facts, actor, policy, now).await?),
        ("return", plastic(PlasticState::Returned)),
        ("clear", plastic(PlasticState::Cleared)),
    ])
}

async fn issue(
    tx: Tx<'_>,
    facts: &Facts,
    actor: &DeskActor,
    policy: &Policy,
    now: Time,
) -> Result<Result<(), Refusal>, JourneyError> {
    let (card, person) = (&facts.subject.card, &facts.subject.person);
    let newest = cards::newest_of(tx, &person.user_id).await?;
    let live = newest.is_some_and(|card| card.state != CardState::Cancelled);
    let begun = card.state == CardState::Requested && facts.pending.is_none();
    let facts = FirstCardFacts {
        subject: facts.subject.facts(),
        identity_verified: person.id_assurance_level > 0,
        terms_accepted: person.terms_version.is_some(),
        other_live_card: live && !begun,
        plastic_used_before: !begun,
        series_ended: false,
        actor: actor.facts(&person.user_id),
        keys: KeyFacts {
            fresh: true,
            proven: true,
            acceptable: true,
        },
        issuer_not_after: facts.issuer_not_after,
    };
    Ok(first_card(&facts, now, policy).map(drop))
}

/// To whichever of her organisations a card may go.
async fn sending(
    tx: Tx<'_>,
    facts: &Facts,
    actor: &DeskActor,
) -> Result<DispatchFacts, JourneyError> {
    let holder = &facts.subject.person.user_id;
    let (mut to, mut address_known) = (NOWHERE.parse()?, false);
    for membership in organisations::of_person(tx, holder).await? {
        address_known = dispatch_card::may_receive(tx, holder, &membership.org_code).await?;
        to = membership.org_code;
        if address_known {
            break;
        }
    }
    Ok(DispatchFacts {
        subject: facts.subject.facts(),
        to,
        address_known,
        actor: actor.facts(holder),
    })
}

/// As `journeys::replace_card` asks: the role, the ending, then the new card.
async fn replace(
    tx: Tx<'_>,
    facts: &Facts,
    actor: &DeskActor,
    policy: &Policy,
    now: Time,
) -> Result<Result<(), Refusal>, JourneyError> {
    let (subject, holder) = (facts.subject.facts(), &facts.subject.person.user_id);
    let asked = actor.facts(holder);
    if let Err(refusal) = access::ask(policy, &asked, CardAction::Issue) {
        return Ok(Err(refusal));
    }
    let mut wanted = request_card::facts(tx, holder, subject.card.clone(), actor).await?;
    wanted.plastic_used_before = false;
    if subject.card_state != CardState::Cancelled {
        wanted.live_card = false;
        let by = Canceller::Desk(asked);
        let reason = Some(CancelReason::Replaced);
        if let Err(refusal) = lifecycle::cancel(&subject, &by, reason, now, policy) {
            return Ok(Err(refusal));
        }
    }
    Ok(handling::request(&wanted, now, policy).map(drop))
}

async fn request(
    tx: Tx<'_>,
    facts: &Facts,
    actor: &DeskActor,
    policy: &Policy,
    now: Time,
) -> Result<Result<(), Refusal>, JourneyError> {
    let (holder, card) = (&facts.subject.person.user_id, &facts.subject.card.number);
    let mut wanted = request_card::facts(tx, holder, card.clone(), actor).await?;
    wanted.plastic_used_before = false;
    Ok(handling::request(&wanted, now, policy).map(drop))
}
