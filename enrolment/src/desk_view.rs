//! A person as the desk sees her: who she is, where she works, her card, and what may be done for
//! her now or why not.

use policies::access::{self, ActorRole, PersonAction};
use policies::card::PlasticState;
use policies::deputy::{self, Ward};
use policies::handling::{self, ReopenFacts};
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::invitation::{self, InvitationKind, Meeting};
use policies::lifecycle::{self, PersonFacts};
use policies::refusal::{Refusal, RefusalCode};
use policies::role::{self, RoleHeld};
use policies::time::Time;
use policies::values::Policy;

use crate::card_view::{self, CardView, Offer};
use crate::deputies::NamedDeputy;
use crate::desk::{Desk, DeskSession};
use crate::journeys::desk_authenticator::{self, DeskLine};
use crate::journeys::{
    DeskActor, JourneyError, Subject, deputy as deputies, dispatch_card, invitation as invitations,
    request_card,
};
use crate::ledger::Issuing;
use crate::register::{Organisation, Person};
use crate::store::{StoreError, Tx, cards, handling as rows, organisations, people, roles};

/// A person with everything the desk's page shows of her.
#[derive(Clone, Debug)]
pub struct PersonView {
    /// Who she is.
    pub person: Person,
    /// Whether the desk's own registration authority looks after her; if not, only what is open to
    /// every area is shown.
    pub in_area: bool,
    /// Her roles now.
    pub roles: Vec<RoleHeld>,
    /// The organisations that a card of hers may be sent to.
    pub addresses: Vec<Organisation>,
    /// The card that was asked for, or her newest.
    pub card: Option<CardView>,
    /// Where the card was sent.
    pub dispatched_to: Option<OrgCode>,
    /// When it was sent.
    pub dispatched_at: Option<Time>,
    /// When its arrival was recorded.
    pub receipt_confirmed_at: Option<Time>,
    /// What became of its plastic.
    pub plastic: Option<PlasticState>,
    /// Her ways to sign in beside the card, with what may be done to each; none for a desk of
    /// another area.
    pub authenticators: Vec<DeskLine>,
    /// The wards that she works in, as far as this desk looks after them, with their names.
    pub wards: Vec<(Ward, String)>,
    /// What she is named deputy of there, with the name of the ward and of its organisation.
    pub deputy_of: Vec<(NamedDeputy, String, String)>,
    /// Whether whoever looks may end that.
    pub may_end_deputy: bool,
    /// Whether whoever looks is nothing but the deputy of her ward: no more is shown than her name
    /// and her face, and what the deputy may do.
    pub for_deputy: bool,
    /// What may be done for her, the card's own offers included.
    pub offers: Vec<Offer>,
}

impl PersonView {
    /// What the law says of this act; of what is not offered at all, it says nothing, except to the
    /// deputy of a ward.
    ///
    /// # Errors
    /// The refusal.
    pub fn asked(&self, word: &str) -> Result<(), Refusal> {
        let offer = self.offers.iter().find(|(offered, _)| *offered == word);
        match offer {
            Some((_, answer)) => answer.clone(),
            None if self.for_deputy => Err(RefusalCode::ActorRoleMissing.into()),
            None => Ok(()),
        }
    }
}

/// The person of that number, with her newest card.
///
/// # Errors
/// Refuses with `not_found`, and with `actor_out_of_scope` and `actor_role_missing` for whoever may
/// not find her.
pub async fn of_person(
    tx: Tx<'_>,
    issuing: &Issuing,
    user_id: &UserId,
    by: DeskSession,
    now: Time,
) -> Result<PersonView, JourneyError> {
    let person = people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let desk = Desk::from(by.clone());
    let actor = desk.actor(tx, user_id, now).await?;
    let asked = access::ask(&issuing.policy, &actor.facts(user_id), PersonAction::Find);
    if asked.is_err() && is_only_deputy(&issuing.policy, &actor) {
        return of_colleague(tx, &issuing.policy, person, (&desk, &actor), now).await;
    }
    if let Err(refusal) = asked
        && refusal.code != RefusalCode::ActorIsSubject
    {
        return Err(refusal.into());
    }
    let card = match cards::newest_of(tx, user_id).await? {
        Some(card) => Some(card_view::at_desk(tx, issuing, &card.number, by, now).await?),
        None => None,
    };
    view(tx, &issuing.policy, (person, card), (&desk, &actor), now).await
}

/// Whether she sees this person as the deputy of her ward and in no other part.
fn is_only_deputy(policy: &Policy, actor: &DeskActor) -> bool {
    actor.roles.contains(&ActorRole::WardDeputy)
        && actor.in_scope
        && access::has_deputies(policy)
        && !access::may(policy, &actor.roles, PersonAction::Find)
}

/// A colleague as the deputy of her ward sees her.
async fn of_colleague(
    tx: Tx<'_>,
    policy: &Policy,
    person: Person,
    (desk, actor): (&Desk, &DeskActor),
    now: Time,
) -> Result<PersonView, JourneyError> {
    let mut offers = invitation_offers(tx, &person, (desk, actor), (now, policy)).await?;
    offers.extend(profile_offers(&person, actor, policy, now));
    offers.push(deputy_offer(tx, &person, (desk, None), (now, policy)).await?);
    Ok(PersonView {
        in_area: true,
        roles: Vec::new(),
        addresses: Vec::new(),
        card: None,
        dispatched_to: None,
        dispatched_at: None,
        receipt_confirmed_at: None,
        plastic: None,
        authenticators: Vec::new(),
        wards: Vec::new(),
        deputy_of: Vec::new(),
        may_end_deputy: false,
        for_deputy: true,
        offers,
        person,
    })
}

/// The holder of that card, with this card.
///
/// # Errors
/// As [`card_view::at_desk`].
pub async fn of_card(
    tx: Tx<'_>,
    issuing: &Issuing,
    number: &CardNumber,
    by: DeskSession,
    now: Time,
) -> Result<PersonView, JourneyError> {
    let subject = Subject::of_card(tx, number).await?;
    let card = card_view::at_desk(tx, issuing, number, by.clone(), now).await?;
    let holder = subject.person.user_id.clone();
    let desk = Desk::from(by);
    let actor = desk.actor(tx, &holder, now).await?;
    let whom = (subject.person, Some(card));
    view(tx, &issuing.policy, whom, (&desk, &actor), now).await
}

async fn view(
    tx: Tx<'_>,
    policy: &Policy,
    whom: (Person, Option<CardView>),
    (desk, actor): (&Desk, &DeskActor),
    now: Time,
) -> Result<PersonView, JourneyError> {
    let (person, card) = whom;
    let user_id = &person.user_id;
    let (journey, plastic) = match &card {
        Some(card) => (
            rows::journey(tx, &card.card.number).await?,
            rows::plastic(tx, &card.card.number).await?,
        ),
        None => (rows::Journey::default(), None),
    };
    let mut held = Vec::new();
    let mut addresses = Vec::new();
    if actor.in_scope {
        let all = roles::held(tx, user_id).await?;
        held = role::offered(&all, now).into_iter().cloned().collect();
        for membership in organisations::of_person(tx, user_id).await? {
            if dispatch_card::may_receive(tx, user_id, &membership.org_code).await? {
                addresses.extend(organisations::find(tx, &membership.org_code).await?);
            }
        }
    }
    let mut offers = card
        .as_ref()
        .map_or_else(Vec::new, |card| card.offers.clone());
    if card.is_none() {
        let number = request_card::draw()?;
        let wanted = request_card::facts(tx, user_id, number, actor).await?;
        offers.push(("request", handling::request(&wanted, now, policy).map(drop)));
    }
    offers.extend(invitation_offers(tx, &person, (desk, actor), (now, policy)).await?);
    let wards = deputies::within_reach(tx, user_id, desk, now).await?;
    let first = wards.first().map(|(ward, _)| ward.clone());
    offers.push(deputy_offer(tx, &person, (desk, first), (now, policy)).await?);
    let deputy_of = deputies::named_within_reach(tx, user_id, desk, now).await?;
    let authenticators = if actor.in_scope {
        desk_authenticator::lines(tx, user_id, (desk, actor), (now, policy)).await?
    } else {
        Vec::new()
    };
    offers.extend(profile_offers(&person, actor, policy, now));
    Ok(PersonView {
        in_area: actor.in_scope,
        roles: held,
        addresses,
        dispatched_to: journey.dispatched_to,
        dispatched_at: journey.dispatched_at,
        receipt_confirmed_at: journey.receipt_confirmed_at,
        plastic,
        authenticators,
        wards,
        deputy_of,
        may_end_deputy: access::ask(policy, &actor.facts(user_id), PersonAction::NameDeputy)
            .is_ok(),
        for_deputy: false,
        offers,
        card,
        person,
    })
}

/// What a desk may give her in a meeting, by the words of the offers.
const INVITATIONS: [(&str, InvitationKind); 2] = [
    ("invite", InvitationKind::Lasting),
    ("temporary", InvitationKind::Temporary),
];

/// The links that a desk may give her.
async fn invitation_offers(
    tx: Tx<'_>,
    person: &Person,
    by: (&Desk, &DeskActor),
    (now, policy): (Time, &Policy),
) -> Result<Vec<Offer>, StoreError> {
    let met = Meeting {
        holder_present: true,
        photo_compared: true,
    };
    let mut offers = Vec::new();
    for (word, kind) in INVITATIONS {
        let facts = invitations::facts(tx, person, (kind, met), by, (now, policy)).await?;
        offers.push((word, invitation::invite(&facts, now, policy).map(drop)));
    }
    Ok(offers)
}

/// Naming her the deputy of a ward that she works in; without one the law says why not.
async fn deputy_offer(
    tx: Tx<'_>,
    person: &Person,
    (desk, ward): (&Desk, Option<Ward>),
    (now, policy): (Time, &Policy),
) -> Result<Offer, JourneyError> {
    let facts = deputies::facts(tx, person, (ward, None), desk, now).await?;
    Ok(("deputy", deputy::name(&facts, now, policy).map(drop)))
}

/// Closing an open profile, reopening a closed one.
fn profile_offers(person: &Person, actor: &DeskActor, policy: &Policy, now: Time) -> Vec<Offer> {
    let asked = actor.facts(&person.user_id);
    if person.open {
        let facts = PersonFacts {
            user_id: person.user_id.clone(),
            version: person.version,
            open: person.open,
        };
        let close = lifecycle::close_person(&facts, &asked, now, policy);
        return vec![("close", close.map(drop))];
    }
    let facts = ReopenFacts {
        user_id: person.user_id.clone(),
        version: person.version,
        closed_at: person.closed_at,
    };
    let reopen = handling::reopen_person(&facts, &asked, now, policy);
    vec![("reopen", reopen.map(drop))]
}
