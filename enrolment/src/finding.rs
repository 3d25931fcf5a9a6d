//! Finding people at a desk: by number, by name, or by the number on a card that lies in the
//! reader. A desk finds the people of its own registration authority; a card in the hand also finds
//! its holder from elsewhere, for the acts that are open to every area (contract 5). The named deputy
//! of a ward finds the people who work there now, and nobody else (law G26).

use std::sync::Arc;

use policies::access::{self, ActorFacts, CardAction, PersonAction};
use policies::card::CardState;
use policies::deputy::{self, Ward};
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::time::Time;
use policies::values::Policy;

use crate::desk::DeskSession;
use crate::journeys::JourneyError;
use crate::store::finding::{self, Hit};
use crate::store::{Store, StoreError, Tx, cards, organisations, roles};

/// So many are shown; more is a question to be put more narrowly.
pub const AT_MOST: usize = 50;

/// The fewest letters that are looked for.
const SHORTEST: usize = 2;

/// The longest question, in words.
const MOST_WORDS: usize = 4;

/// Somebody found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Her number.
    pub user_id: UserId,
    /// The name she wants to be shown by.
    pub name: String,
    /// Whether her profile is open.
    pub open: bool,
    /// Her newest card and its state.
    pub card: Option<(CardNumber, CardState)>,
    /// Found by her card, and of another registration authority.
    pub out_of_area: bool,
}

impl Found {
    fn of(hit: Hit, out_of_area: bool) -> Self {
        Self {
            user_id: hit.user_id,
            name: hit.display_name,
            open: hit.open,
            card: hit.card,
            out_of_area,
        }
    }
}

/// What was found, and whether there is more.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundPeople {
    /// At most [`AT_MOST`], by name.
    pub people: Vec<Found>,
    /// Whether there are more than are shown.
    pub more: bool,
}

/// What a question asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Question {
    Number(UserId),
    Card(CardNumber),
    Name(Vec<String>),
}

impl Question {
    /// Twelve digits are a person, sixteen a card, blanks and dashes apart; all else is a name.
    fn read(text: &str) -> Option<Self> {
        let bare: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        if let Ok(user_id) = bare.parse() {
            return Some(Self::Number(user_id));
        }
        if let Ok(card) = bare.parse() {
            return Some(Self::Card(card));
        }
        let words: Vec<String> = text
            .split(|c: char| c.is_whitespace() || c == '-')
            .map(|word| word.replace(['%', '_', '\\'], "").to_lowercase())
            .filter(|word| !word.is_empty())
            .take(MOST_WORDS)
            .collect();
        let long = words.iter().any(|word| word.chars().count() >= SHORTEST);
        long.then_some(Self::Name(words))
    }
}

/// Finds people.
///
/// # Errors
/// Refuses with `role_not_held`, `identity_closed`, and with `actor_role_missing` for a role that
/// finds nobody.
pub async fn find_people(
    store: &Store,
    policy: &Arc<Policy>,
    text: &str,
    by: DeskSession,
    now: Time,
) -> Result<FoundPeople, JourneyError> {
    let (policy, question) = (Arc::clone(policy), Question::read(text));
    store
        .read("finding.people", move |tx| {
            let (policy, by, question) = (Arc::clone(&policy), by.clone(), question.clone());
            Box::pin(async move {
                let standing = by.standing(tx, now).await?;
                let anybody = ActorFacts {
                    roles: standing.roles,
                    is_subject: false,
                    in_scope: true,
                };
                let mut people = match access::ask(&policy, &anybody, PersonAction::Find) {
                    Ok(_) => {
                        let reach = Reach {
                            authority: standing.authority,
                            anywhere: may_act_anywhere(&policy, &anybody),
                        };
                        reach.find(tx, question).await?
                    }
                    Err(_) if !standing.wards.is_empty() && access::has_deputies(&policy) => {
                        let reach = WardReach {
                            me: by.user_id,
                            wards: standing.wards,
                        };
                        reach.find(tx, question, now).await?
                    }
                    Err(refusal) => return Err(refusal.into()),
                };
                let more = people.len() > AT_MOST;
                people.truncate(AT_MOST);
                Ok(FoundPeople { people, more })
            })
        })
        .await
}

/// Whether one of her parts may act on a card of any area, the holder being present.
fn may_act_anywhere(policy: &Policy, actor: &ActorFacts) -> bool {
    let stranger = ActorFacts {
        in_scope: false,
        ..actor.clone()
    };
    CardAction::ALL
        .iter()
        .any(|action| access::ask(policy, &stranger, *action).is_ok())
}

/// How far this desk person sees.
struct Reach {
    authority: Option<OrgCode>,
    anywhere: bool,
}

impl Reach {
    async fn find(&self, tx: Tx<'_>, question: Option<Question>) -> Result<Vec<Found>, StoreError> {
        let Some(question) = question else {
            return Ok(Vec::new());
        };
        match question {
            Question::Name(words) => {
                let Some(authority) = &self.authority else {
                    return Ok(Vec::new());
                };
                let hits = finding::by_name(tx, authority, &words, most()).await?;
                Ok(hits.into_iter().map(|hit| Found::of(hit, false)).collect())
            }
            Question::Number(user_id) => self.one(tx, &user_id, false).await,
            Question::Card(number) => match cards::find(tx, &number).await? {
                Some(card) => self.one(tx, &card.user_id, self.anywhere).await,
                None => Ok(Vec::new()),
            },
        }
    }

    async fn one(
        &self,
        tx: Tx<'_>,
        user_id: &UserId,
        anywhere: bool,
    ) -> Result<Vec<Found>, StoreError> {
        let home = match &self.authority {
            Some(authority) => organisations::looks_after(tx, authority, user_id).await?,
            None => false,
        };
        if !home && !anywhere {
            return Ok(Vec::new());
        }
        let hit = finding::by_number(tx, user_id).await?;
        Ok(hit.map(|hit| Found::of(hit, !home)).into_iter().collect())
    }
}

/// One more than is shown, so that it is known whether there are more.
fn most() -> i64 {
    i64::try_from(AT_MOST + 1).unwrap_or(i64::MAX)
}

/// How far the deputy of these wards sees: all their people where nothing is asked. Cards are none of
/// her business; a number on one finds nobody that her ward does not.
struct WardReach {
    me: UserId,
    wards: Vec<Ward>,
}

impl WardReach {
    async fn find(
        &self,
        tx: Tx<'_>,
        question: Option<Question>,
        now: Time,
    ) -> Result<Vec<Found>, StoreError> {
        let words = match question {
            Some(Question::Name(words)) => words,
            None => Vec::new(),
            Some(Question::Number(user_id)) => return self.one(tx, user_id, now).await,
            Some(Question::Card(number)) => {
                return match cards::find(tx, &number).await? {
                    Some(card) => self.one(tx, card.user_id, now).await,
                    None => Ok(Vec::new()),
                };
            }
        };
        let mut people: Vec<Found> = Vec::new();
        for ward in &self.wards {
            // She is of her ward herself, and not shown.
            for hit in finding::of_ward(tx, ward, &words, (now, most() + 1)).await? {
                let known = people.iter().any(|one| one.user_id == hit.user_id);
                if !known && hit.user_id != self.me {
                    people.push(Found::of(hit, false));
                }
            }
        }
        people.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(people)
    }

    async fn one(&self, tx: Tx<'_>, user_id: UserId, now: Time) -> Result<Vec<Found>, StoreError> {
        let held = roles::held(tx, &user_id).await?;
        if user_id == self.me || !deputy::is_colleague(&self.wards, &held, now) {
            return Ok(Vec::new());
        }
        let hit = finding::by_number(tx, &user_id).await?;
        let found = hit.map(|hit| Found {
            card: None,
            ..Found::of(hit, false)
        });
        Ok(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_are_a_person_and_sixteen_a_card_however_they_are_written() {
        let person = Question::read(" 5550 0000 0012 ");
        assert!(matches!(person, Some(Question::Number(_))));
        let card = Question::read("9000-0000-0000-0012");
        assert!(matches!(card, Some(Question::Card(_))));
        assert!(matches!(Question::read("5550000"), Some(Question::Name(_))));
    }

    #[test]
    fn a_name_is_looked_for_by_its_words_and_never_as_a_pattern() {
        let words = |text: &str| match Question::read(text) {
            Some(Question::Name(words)) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(words("Tomasz  ZIELINSKI"), ["tomasz", "zielinski"]);
        assert_eq!(words("Smith-Jones"), ["smith", "jones"]);
        assert_eq!(words("a%b_ c\\d"), ["ab", "cd"]);
        for nothing in ["", "  ", "%", "a", "_ _"] {
            assert_eq!(Question::read(nothing), None, "{nothing}");
        }
    }
}
