//! What the database says after a step: compared with the model, row by row, and asked by plain SQL
//! for the invariants of cards (security 3, I1 to I6).

use policies::ids::{IntentId, Serial, UserId};

use super::holder::{Holder, Shown};
use super::state::{Card, Model, Set};
use super::world::World;
use crate::params;
use crate::store::StoreError;

type CardRow = (String, String, i64, i64, i64, i64, i64, Option<i64>);
type IntentRow = (
    String,
    String,
    String,
    String,
    Option<String>,
    i64,
    i64,
    i64,
    i64,
    i64,
);
type CertificateRow = (Serial, String, String, String, Option<i64>, Option<String>);

/// The rows of one person.
pub(super) struct Facts {
    cards: Vec<CardRow>,
    intents: Vec<IntentRow>,
    certificates: Vec<CertificateRow>,
    /// When her profile was closed, and the mark of the clock.
    closed: Option<i64>,
    mark: i64,
    violations: Vec<&'static str>,
}

/// Each invariant as a question whose answer must be 0.
const INVARIANTS: [(&str, &str); 10] = [
    (
        "I1 a signature without its intent",
        "SELECT COUNT(*) FROM certificate LEFT JOIN intent ON intent.intent_id = certificate.intent_id
         WHERE certificate.user_id = $1 AND certificate.der IS NOT NULL
           AND (intent.intent_id IS NULL OR intent.state IN ('reserved', 'burned'))",
    ),
    (
        "I2 a serial twice",
        "SELECT COUNT(*) - COUNT(DISTINCT serial) FROM certificate WHERE user_id = $1",
    ),
    (
        "I3 two live cards",
        "SELECT CASE WHEN COUNT(*) > 1 THEN 1 ELSE 0 END FROM card WHERE user_id = $1 AND state <> 'cancelled'",
    ),
    (
        "I4 a count beyond two, or another than the slots of its epoch",
        "SELECT COUNT(*) FROM card WHERE user_id = $1 AND (self_renewals NOT BETWEEN 0 AND 2 OR self_renewals <>
            (SELECT COUNT(*) FROM renewal_slot WHERE renewal_slot.card_number = card.card_number
             AND renewal_slot.epoch = card.epoch))",
    ),
    (
        "I5 a self-renewal outside the window",
        "SELECT COUNT(*) FROM intent JOIN intent before ON before.intent_id = intent.predecessor
         WHERE intent.user_id = $1 AND intent.kind = 'self_renewal'
           AND NOT intent.decided_at BETWEEN before.not_after - 7776000 AND before.not_after",
    ),
    (
        "I6 out of expiry without another person's attestation",
        "SELECT COUNT(*) FROM intent JOIN intent before ON before.intent_id = intent.predecessor
         WHERE intent.user_id = $1 AND intent.decided_at > before.not_after AND NOT EXISTS
            (SELECT 1 FROM desk_act WHERE desk_act.intent_id = intent.intent_id AND desk_act.actor <> intent.user_id)",
    ),
    (
        "two current or two pending sets",
        "SELECT COUNT(*) FROM card WHERE user_id = $1 AND
            ((SELECT COUNT(*) FROM intent WHERE intent.card_number = card.card_number AND state = 'active') > 1
             OR (SELECT COUNT(*) FROM intent WHERE intent.card_number = card.card_number
                 AND state IN ('reserved', 'signed', 'delivered')) > 1)",
    ),
    (
        "a good set on a card that ended",
        "SELECT COUNT(*) FROM certificate JOIN card ON card.card_number = certificate.card_number
         JOIN person ON person.user_id = certificate.user_id
         WHERE certificate.user_id = $1 AND certificate.state IN ('delivered', 'active')
           AND (card.state = 'cancelled' OR person.state <> 'open')",
    ),
    (
        "a desk's set without its attestation",
        "SELECT COUNT(*) FROM intent WHERE user_id = $1 AND kind IN ('assisted', 'reissue', 'repair')
           AND NOT EXISTS (SELECT 1 FROM desk_act WHERE desk_act.intent_id = intent.intent_id)",
    ),
    (
        "an ended certificate that its list does not know of",
        "SELECT COUNT(*) FROM certificate WHERE user_id = $1 AND revoked_at IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM crl_head WHERE crl_head.issuer = certificate.issuer
             AND crl_head.shard = certificate.shard)",
    ),
];

/// A card as the database should have it.
fn meant(card: &Card) -> (&'static str, i64, i64, (bool, bool), i64, Option<i64>) {
    let [unblock, management] = card
        .secrets
        .map(|pair| i64::from(pair.current.is_some()) + 2 * i64::from(pair.next.is_some()));
    let way = (card.sent, card.arrived);
    {
        let secrets = unblock + 4 * management;
        (
            card.state,
            card.epoch,
            card.used,
            way,
            secrets,
            card.cancelled,
        )
    }
}

impl Facts {
    /// The same with the newest sets the other way round.
    pub(super) fn reversed(mut self) -> Self {
        self.intents.reverse();
        self
    }

    pub(super) async fn read(world: &World, user_id: &UserId) -> Self {
        let user_id = user_id.clone();
        let read = world
            .house
            .store().read::<_, StoreError, _>("model.facts", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move {
                let mut facts = Self {
                    cards: Vec::new(),
                    intents: Vec::new(),
                    certificates: Vec::new(),
                    closed: None,
                    mark: 0,
                    violations: Vec::new(),
                };
                let person = "SELECT closed_at, mark FROM person, clock_mark WHERE user_id = $1";
                if let Some(row) = tx.row(person, params![&user_id]).await? {
                    (facts.closed, facts.mark) = row.read()?;
                }
                // Of each card's secrets: 1 and 2 for unblocking, 4 and 8 for writing.
                let cards = "SELECT card_number, state, epoch, self_renewals,
                                 CASE WHEN dispatched_at IS NULL THEN 0 ELSE 1 END,
                                 CASE WHEN receipt_confirmed_at IS NULL THEN 0 ELSE 1 END,
                                 (SELECT CAST(COALESCE(SUM(CASE kind WHEN 'unblock' THEN 1 ELSE 4 END
                                                   * CASE standing WHEN 'current' THEN 1 ELSE 2 END), 0) AS BIGINT)
                                  FROM card_secret WHERE card_secret.card_number = card.card_number),
                                 cancelled_at
                             FROM card WHERE user_id = $1 ORDER BY card_number";
                for row in tx.rows(cards, params![&user_id]).await? {
                    facts.cards.push(row.read()?);
                }
                let intents = "SELECT intent_id, card_number, kind, state, origin, epoch, decided_at, not_before,
                                   not_after, (SELECT COUNT(*) FROM renewal_slot
                                               WHERE renewal_slot.intent_id = intent.intent_id)
                               FROM intent WHERE user_id = $1";
                for row in tx.rows(intents, params![&user_id]).await? {
                    facts.intents.push(row.read()?);
                }
                let certificates = "SELECT serial, intent_id, key_role, state, revoked_at, revocation_reason
                                    FROM certificate WHERE user_id = $1 ORDER BY key_role";
                for row in tx.rows(certificates, params![&user_id]).await? {
                    facts.certificates.push(row.read()?);
                }
                for (name, sql) in INVARIANTS {
                    let row = tx.row(sql, params![&user_id]).await?;
                    if row.map(crate::store::Row::read::<(i64,)>).transpose()? != Some((0,)) {
                        facts.violations.push(name);
                    }
                }
                Ok(facts)
            })
        });
        read.await.unwrap()
    }

    /// Learns the new sets of a holder, then compares everything.
    pub(super) fn check(&self, model: &Model, holder: &mut Holder) -> Result<(), String> {
        self.learn(model, holder);
        if !self.violations.is_empty() {
            return Err(format!("violated: {:?}", self.violations));
        }
        if (self.closed, self.mark) != (model.closed, model.mark) {
            let (found, meant) = ((self.closed, self.mark), (model.closed, model.mark));
            return Err(format!(
                "closed and mark are {found:?}, the model says {meant:?}"
            ));
        }
        let cards: Vec<_> = self
            .cards
            .iter()
            .map(|(_, state, epoch, used, sent, arrived, secrets, ended)| {
                let way = (*sent == 1, *arrived == 1);
                (state.as_str(), *epoch, *used, way, *secrets, *ended)
            })
            .collect();
        let meant: Vec<_> = model.cards.iter().map(meant).collect();
        if cards != meant {
            return Err(format!("cards are {cards:?}, the model says {meant:?}"));
        }
        if self.intents.len() != model.sets.len() || holder.sets.len() != model.sets.len() {
            return Err(format!(
                "{} sets, the model says {}",
                self.intents.len(),
                model.sets.len()
            ));
        }
        for (number, set) in model.sets.iter().enumerate() {
            self.check_set(holder, number, set)?;
        }
        Ok(())
    }

    fn learn(&self, model: &Model, holder: &mut Holder) {
        for (id, ..) in &self.intents {
            let id: IntentId = id.parse().unwrap();
            if !holder.sets.contains(&id) {
                holder.sets.push(id);
                holder.shown.push(None);
                holder.card_of.push(
                    model
                        .sets
                        .get(holder.sets.len() - 1)
                        .map_or(0, |set| set.card),
                );
            }
        }
        for number in 0..holder.sets.len() {
            let id = holder.sets[number].as_str();
            if holder.shown[number].is_none() {
                let mut serials = self
                    .certificates
                    .iter()
                    .filter(|row| row.1 == id)
                    .map(|row| row.0.clone());
                holder.shown[number] =
                    serials
                        .next()
                        .zip(serials.next())
                        .map(|(authentication, signature)| Shown {
                            authentication,
                            signature,
                        });
            }
        }
    }

    fn check_set(&self, holder: &Holder, number: usize, set: &Set) -> Result<(), String> {
        let id = holder.sets[number].as_str();
        let row = self
            .intents
            .iter()
            .find(|row| row.0 == id)
            .ok_or("a set is gone")?;
        let (_, card, kind, state, origin, epoch, decided, begins, ends, slot) = row;
        let found = (
            kind.as_str(),
            state.as_str(),
            origin.as_deref(),
            *epoch,
            *decided,
            *begins,
            *ends,
            *slot,
        );
        let slot = i64::from(set.slot);
        let meant = (
            set.kind,
            set.state,
            set.origin,
            set.epoch,
            set.decided,
            set.decided,
            set.ends,
            slot,
        );
        if found != meant || *card != holder.card(set.card).as_str() {
            return Err(format!(
                "set {number} is {found:?}, the model says {meant:?}"
            ));
        }
        let rows: Vec<_> = self.certificates.iter().filter(|row| row.1 == id).collect();
        let ended = |row: &CertificateRow| row.4.zip(row.5.clone());
        let meant = set.ended.map(|(at, why)| (at, why.to_owned()));
        let alike = |row: &&CertificateRow| row.3 == set.state && ended(row) == meant;
        if rows.len() != 2 || !rows.iter().all(alike) {
            return Err(format!(
                "certificates of set {number} are {:?}, not all {} {meant:?}",
                rows.iter()
                    .map(|row| (&row.3, ended(row)))
                    .collect::<Vec<_>>(),
                set.state
            ));
        }
        Ok(())
    }
}
