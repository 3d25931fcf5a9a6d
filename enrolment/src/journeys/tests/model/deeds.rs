//! The deeds for real. What comes back is a word: the code of a refusal, or what broke.

use std::sync::atomic::Ordering;

use ca::ledger::Ledger as _;
use policies::card::CancelReason;
use policies::lifecycle::CodeFacts;
use policies::time::Time;

use super::holder::{Holder, Real};
use super::law::Stop;
use super::resolve::Deed;
use super::state::Who;
use super::world::World;
use crate::audit::Actor;
use crate::desk::{WorkKind, second_work, start_work};
use crate::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use crate::journeys::close_person::close_person;
use crate::journeys::first_card::{self, Activation};
use crate::journeys::lock::{AssistedUnlock, lock, unlock_assisted};
use crate::journeys::renewal::{self, Progress};
use crate::journeys::{JourneyError, confirm, desk_card, self_renew};
use crate::ledger::CardLedger;
use crate::recovery;

fn staged(progress: &Progress) -> Real {
    Real::Stage(progress.stage.as_str())
}

impl Holder {
    /// Does the deed.
    pub(super) async fn act(
        &mut self,
        world: &World,
        deed: Deed,
        now: i64,
    ) -> Result<Real, String> {
        let now = Time::from_unix(now);
        if let Deed::Ask(_, Stop::BeforeSignature) = deed {
            world.refuses.store(true, Ordering::SeqCst);
        }
        let answer = match deed {
            Deed::Ask(..) | Deed::Start { .. } | Deed::Renonce { .. } | Deed::Look { .. } => {
                self.of_the_card(world, deed, now).await
            }
            Deed::Confirm { .. }
            | Deed::GiveUp { .. }
            | Deed::Use { .. }
            | Deed::Serials { .. } => self.of_a_pending_set(world, deed, now).await,
            Deed::Begin { .. }
            | Deed::Second { .. }
            | Deed::Written { .. }
            | Deed::Abandon { .. } => self.of_a_desk(world, deed, now).await,
            Deed::Recover | Deed::Tidy | Deed::Slow(_) | Deed::Late(_) => {
                self.of_a_process(world, deed, now).await
            }
            Deed::Activate { .. }
            | Deed::Lock { .. }
            | Deed::Unlock { .. }
            | Deed::Cancel { .. }
            | Deed::Close { .. } => self.of_a_state(world, deed, now).await,
            _ => self.of_the_road(world, deed, now).await,
        };
        world.refuses.store(false, Ordering::SeqCst);
        answer.map_err(|error| match &error {
            JourneyError::Refused(refusal) => refusal.code.as_str().to_owned(),
            JourneyError::Authority(_) if matches!(deed, Deed::Ask(_, Stop::BeforeSignature)) => {
                "key_did_not_sign".to_owned()
            }
            _ => format!("broken: {error:?}"),
        })
    }

    async fn of_the_card(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let store = self.house(world).store();
        match deed {
            Deed::Ask(ask, _) => self.ask(world, ask, now).await,
            Deed::Start { shown, signature } => {
                let begun =
                    self_renew::start(store, &self.presented(world, shown, signature), now).await?;
                self.renewals.push((begun.renewal_id, begun.nonce));
                Ok(Real::Nothing)
            }
            Deed::Renonce { renewal, shown } => {
                let presented = self.presented(world, shown, false);
                let id = self.renewals[renewal].0.clone();
                let progress = renewal::renonce(store, &presented, &id, now).await?;
                self.renewals[renewal].1 = progress.nonce.clone().unwrap();
                Ok(staged(&progress))
            }
            Deed::Look { renewal, shown } => {
                let presented = self.presented(world, shown, false);
                Ok(staged(
                    &renewal::find(store, &presented, &self.renewals[renewal].0, now).await?,
                ))
            }
            _ => Ok(Real::Nothing),
        }
    }

    async fn of_a_pending_set(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let (store, policy) = (self.house(world).store(), self.house(world).policy());
        match deed {
            Deed::Confirm { renewal, shown } => {
                let presented = self.presented(world, shown, false);
                Ok(staged(
                    &renewal::confirm(store, &presented, &self.renewals[renewal].0, now).await?,
                ))
            }
            Deed::GiveUp { renewal, shown } => {
                let presented = self.presented(world, shown, false);
                let id = &self.renewals[renewal].0;
                Ok(staged(
                    &renewal::give_up(store, policy, &presented, id, now).await?,
                ))
            }
            Deed::Use { shown } => {
                renewal::confirm_if_pending(store, &self.presented(world, shown, false), now)
                    .await?;
                Ok(Real::Nothing)
            }
            Deed::Serials { shown } => {
                let serials = self.shown[shown].clone().unwrap().both();
                let card = self.card(self.card_of[shown]);
                Ok(Real::Set(
                    confirm::by_serials(store, &card, serials, now)
                        .await?
                        .set_id,
                ))
            }
            _ => Ok(Real::Nothing),
        }
    }

    async fn of_a_desk(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let (store, policy) = (self.house(world).store(), self.house(world).policy());
        match deed {
            Deed::Begin { card, by, kind } => {
                let kind: WorkKind = kind.parse().unwrap();
                let wanted = (self.card(card), kind);
                let begun = start_work(store, policy, wanted, self.session(world, by), now).await?;
                self.works.push((begun.work_id, begun.nonce, kind));
            }
            Deed::Second { work, by } => {
                second_work(
                    store,
                    policy,
                    &self.works[work].0,
                    self.session(world, by),
                    now,
                )
                .await?;
            }
            Deed::Written { work, by, shown } => {
                let serials = self.shown[shown].clone().unwrap().both();
                let by = self.session(world, by);
                let set = desk_card::confirm(store, &self.works[work].0, serials, &by, now).await?;
                return Ok(Real::Set(set.set_id));
            }
            Deed::Abandon { card, by } => {
                let by = self.session(world, by);
                desk_card::abandon(store, policy, &self.card(card), by, now).await?;
            }
            _ => {}
        }
        Ok(Real::Nothing)
    }

    async fn of_a_state(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let (store, policy) = (self.house(world).store(), self.house(world).policy());
        match deed {
            Deed::Activate {
                card,
                receipt,
                code,
            } => {
                let wanted = Activation {
                    card: self.card(card),
                    receipt_confirmed: receipt,
                    code: if code {
                        CodeFacts::Right { sent_at: now }
                    } else {
                        CodeFacts::Wrong
                    },
                };
                return Ok(Real::Set(
                    first_card::activate(store, policy, wanted, now)
                        .await?
                        .set_id,
                ));
            }
            Deed::Lock { card } => lock(store, &self.card(card), &Actor::System, now).await?,
            Deed::Unlock { card, by, seen } => {
                let wanted = AssistedUnlock {
                    card: self.card(card),
                    by: self.actor(world, by).into(),
                    holder_present: seen,
                    photo_compared: seen,
                };
                unlock_assisted(store, policy, wanted, now).await?;
            }
            Deed::Cancel { card, by, reason } => {
                let wanted = Cancellation {
                    card: self.card(card),
                    reason: reason.then_some(CancelReason::Lost),
                    by: match by {
                        None | Some(Who::Holder) => CancelledBy::Holder,
                        Some(by) => CancelledBy::Desk(self.actor(world, by).into()),
                    },
                };
                cancel_card(store, policy, wanted, now).await?;
            }
            Deed::Close { by } => {
                close_person(store, policy, &self.user_id, &self.actor(world, by), now).await?;
            }
            _ => {}
        }
        Ok(Real::Nothing)
    }

    async fn of_a_process(
        &mut self,
        world: &World,
        deed: Deed,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let issuing = &self.house(world).issuing;
        let ledger = CardLedger::new(issuing.clone(), now);
        match deed {
            Deed::Recover => {
                recovery::at_start(issuing, now).await?;
            }
            Deed::Tidy => {
                recovery::while_running(issuing, now).await?;
            }
            Deed::Slow(set) => {
                // Two may be begun in the same second, on a card that ended and on the next one.
                let meant = set.map(|set| self.sets[set].clone());
                let mut all = ledger.unfinished().await?.into_iter();
                let unfinished = all.find(|found| Some(&found.intent) == meant.as_ref());
                self.slow = unfinished.map(|found| {
                    let sign = |one: &ca::authority::Reserved| issuing.authority.sign(one).unwrap();
                    (found.intent, found.reserved.iter().map(sign).collect())
                });
            }
            Deed::Late(_) => {
                if let Some((intent, signed)) = self.slow.take() {
                    return Ok(Real::Set(ledger.record(intent, signed).await?.set_id));
                }
            }
            _ => {}
        }
        Ok(Real::Nothing)
    }
}
