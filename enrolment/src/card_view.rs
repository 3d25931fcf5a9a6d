//! A card as its holder or a desk sees it: its sets, its dates, and what may be done with it now or
//! why not. The same rules that judge the act answer here, with everything assumed that only the
//! act itself can show (keys, presence), so that no page can promise what the law refuses.

mod handling;

use policies::access::CardAction;
use policies::card::{CardState, CertificateState};
use policies::ids::{CardNumber, UserId};
use policies::issuance::KeyFacts;
use policies::lifecycle::{self, Canceller};
use policies::permit::Validity;
use policies::refusal::{Refusal, RefusalCode};
use policies::renewal::{
    self, DeskFacts, RenewalFacts, RepairReason, SecondActor, SetFacts, window_opens_at,
};
use policies::time::Time;
use policies::values::Policy;

use crate::cards::{Card, CertificateSet, released};
use crate::desk::{Desk, DeskSession};
use crate::journeys::{JourneyError, Subject};
use crate::ledger::Issuing;
use crate::register::Person;
use crate::store::{Tx, cards, intents, renewals};

/// What may be done, by its word, or why not.
pub type Offer = (&'static str, Result<(), Refusal>);

/// A card with everything a page or an answer shows of it.
#[derive(Clone, Debug)]
pub struct CardView {
    /// The card.
    pub card: Card,
    /// Its holder.
    pub holder: Person,
    /// The current set.
    pub current: Option<CertificateSet>,
    /// The set that waits for its confirmation.
    pub pending: Option<CertificateSet>,
    /// The renewal that the pending set belongs to, if a holder began it.
    pub pending_renewal_id: Option<String>,
    /// The renewal that led to the current set, if a holder began it.
    pub current_renewal_id: Option<String>,
    /// The first second of the renewal window of the current set.
    pub window_opens_at: Option<Time>,
    /// The last second of the current set.
    pub not_after: Option<Time>,
    /// Self-renewals left until a person must look.
    pub self_renewals_left: u32,
    /// What whoever looks may do now, or why not.
    pub offers: Vec<Offer>,
}

impl CardView {
    /// What the law says of this act; an act that is not offered at all is not known.
    ///
    /// # Errors
    /// The refusal.
    pub fn asked(&self, word: &str) -> Result<(), Refusal> {
        let offer = self.offers.iter().find(|(offered, _)| *offered == word);
        match offer {
            Some((_, answer)) => answer.clone(),
            None => Err(Refusal::new(RefusalCode::NotFound)),
        }
    }
}

/// The card of its holder, with what she may do herself.
///
/// # Errors
/// Refuses with `not_found` where she never had one.
pub async fn of_holder(
    tx: Tx<'_>,
    issuing: &Issuing,
    user_id: &UserId,
    now: Time,
) -> Result<CardView, JourneyError> {
    let card = cards::newest_of(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let facts = Facts::read(tx, issuing, &card.number).await?;
    let offers = facts.offers_to_holder(&issuing.policy, now);
    facts.view(tx, &issuing.policy, offers).await
}

/// Somebody's card at a desk, with what this desk person may do.
///
/// # Errors
/// Refuses with `not_found`, with `actor_out_of_scope` where neither her reach nor an act that is
/// open to any area covers the holder, and with `actor_role_missing` for who has no part at a desk.
pub async fn at_desk(
    tx: Tx<'_>,
    issuing: &Issuing,
    number: &CardNumber,
    by: DeskSession,
    now: Time,
) -> Result<CardView, JourneyError> {
    let facts = Facts::read(tx, issuing, number).await?;
    let holder = facts.subject.person.user_id.clone();
    let second = if crate::desk_parts::is_ra_staff(tx, &holder, &by.rbac, now).await? {
        SecondActor::Confirmed
    } else {
        SecondActor::NotNeeded
    };
    let actor = Desk::from(by).actor(tx, &holder, now).await?;
    let policy = &issuing.policy;
    let may_look = policies::access::PersonAction::Find;
    if let Err(refusal) = policies::access::ask(policy, &actor.facts(&holder), may_look) {
        // Who may act for anybody in any area must be able to look at the card she acts on.
        let anywhere = CardAction::ALL
            .iter()
            .any(|action| policies::access::ask(policy, &actor.facts(&holder), *action).is_ok());
        if !anywhere && refusal.code != RefusalCode::ActorIsSubject {
            return Err(refusal.into());
        }
    }
    let desk = DeskFacts {
        actor: actor.facts(&holder),
        holder_present: true,
        photo_compared: true,
    };
    let mut offers = facts.offers_to_desk(&desk, second, policy, now);
    offers.extend(handling::offers(tx, &facts, &actor, policy, now).await?);
    facts.view(tx, policy, offers).await
}

/// What the rules are asked with.
struct Facts {
    subject: Subject,
    current: Option<intents::Intent>,
    pending: Option<intents::Intent>,
    issuer_not_after: Time,
}

impl Facts {
    async fn read(
        tx: Tx<'_>,
        issuing: &Issuing,
        number: &CardNumber,
    ) -> Result<Self, JourneyError> {
        let subject = Subject::of_card(tx, number).await?;
        let pending = intents::pending(tx, number).await?;
        Ok(Self {
            subject,
            current: intents::current(tx, number).await?,
            pending: pending.filter(|set| set.state == CertificateState::Delivered),
            issuer_not_after: issuing.authority.current()?.validity().not_after,
        })
    }

    fn renewal(&self) -> Option<RenewalFacts> {
        let current = self.current.as_ref()?;
        Some(RenewalFacts {
            subject: self.subject.facts(),
            current: SetFacts {
                state: current.state,
                validity: Validity {
                    not_before: current.not_before,
                    not_after: current.not_after,
                },
            },
            self_renewals_in_a_row: self.subject.card.self_renewals,
            pending: self.pending.as_ref().map(intents::Intent::pending_facts),
            keys: KeyFacts {
                fresh: true,
                proven: true,
                acceptable: true,
            },
            issuer_not_after: self.issuer_not_after,
        })
    }

    /// Asks a rule about a later set; a card without a current one has no later one.
    fn later(
        &self,
        rule: impl Fn(&RenewalFacts) -> Result<policies::permit::IssuePermit, Refusal>,
    ) -> Result<(), Refusal> {
        let code = match self.subject.card.state {
            _ if !self.subject.person.open => RefusalCode::IdentityClosed,
            CardState::Cancelled => RefusalCode::CardCancelled,
            _ => RefusalCode::CardNotActive,
        };
        let facts = self.renewal().ok_or(Refusal::new(code))?;
        rule(&facts).map(drop)
    }

    fn offers_to_holder(&self, policy: &Policy, now: Time) -> Vec<Offer> {
        let cancel = lifecycle::cancel(
            &self.subject.facts(),
            &Canceller::Holder,
            Some(policies::card::CancelReason::Lost),
            now,
            policy,
        );
        vec![
            (
                "renew",
                self.later(|facts| renewal::self_renew(facts, now, policy)),
            ),
            ("cancel", cancel.map(drop)),
        ]
    }

    fn offers_to_desk(
        &self,
        desk: &DeskFacts,
        second: SecondActor,
        policy: &Policy,
        now: Time,
    ) -> Vec<Offer> {
        let subject = self.subject.facts();
        let cancel = lifecycle::cancel(
            &subject,
            &Canceller::Desk(desk.actor.clone()),
            Some(policies::card::CancelReason::Lost),
            now,
            policy,
        );
        let repair = RepairReason::CannotSignIn;
        vec![
            (
                "renew",
                self.later(|facts| renewal::assisted(facts, desk, now, policy)),
            ),
            (
                "reissue",
                self.later(|facts| renewal::reissue(facts, desk, &second, now, policy)),
            ),
            (
                "repair",
                self.later(|facts| renewal::repair(facts, desk, Some(repair), now, policy)),
            ),
            (
                "unlock",
                lifecycle::unlock_assisted(&subject, desk, now, policy).map(drop),
            ),
            ("cancel", cancel.map(drop)),
        ]
    }

    async fn view(
        self,
        tx: Tx<'_>,
        policy: &Policy,
        offers: Vec<Offer>,
    ) -> Result<CardView, JourneyError> {
        let not_after = self.current.as_ref().map(|set| set.not_after);
        let (current, current_renewal_id) = match &self.current {
            Some(set) => (
                Some(released(tx, set).await?),
                renewals::of_intent(tx, &set.id).await?,
            ),
            None => (None, None),
        };
        let (pending, pending_renewal_id) = match &self.pending {
            Some(set) => (
                Some(released(tx, set).await?),
                renewals::of_intent(tx, &set.id).await?,
            ),
            None => (None, None),
        };
        let used = self.subject.card.self_renewals;
        Ok(CardView {
            card: self.subject.card,
            holder: self.subject.person,
            current,
            pending,
            pending_renewal_id,
            current_renewal_id,
            window_opens_at: not_after.map(|end| window_opens_at(end, policy)),
            not_after,
            self_renewals_left: policy.self_renewals().saturating_sub(used),
            offers,
        })
    }
}
