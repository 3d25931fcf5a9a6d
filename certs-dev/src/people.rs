//! The demo people: who they are, what they hold and how their card came to be as it is (contract 3).
//!
//! Aliases are pinned. Every surname ends in DEMO, every address is of a reserved domain, every mobile number is of
//! the block kept for fiction. `history` turns these rows into a register by the real journeys.

mod cast;

use crate::organisations::{Job, Organisation};
use crate::photos::Face;

pub use cast::PEOPLE;

/// A demo person.
pub struct DemoPerson {
    /// The pinned alias.
    pub alias: &'static str,
    /// Her number in the cast; user, role and card numbers and the mobile number come from it.
    pub number: u16,
    /// Title, given name, middle names and surname.
    pub name: Name,
    /// What she does, in a few words.
    pub profession: &'static str,
    /// What she is there to show, in one line.
    pub why: &'static str,
    /// The face that `photos` draws.
    pub face: Face,
    /// Where she stands in the register.
    pub profile: Profile,
    /// Her card, and how it came to be as it is.
    pub card: Option<CardStory>,
    /// Her jobs.
    pub roles: &'static [(&'static Organisation, &'static Job)],
}

/// The parts of a name.
pub struct Name {
    /// "Dr", "Mr" ...
    pub title: &'static str,
    /// First name.
    pub given: &'static str,
    /// Other names between, may be empty.
    pub middle: &'static str,
    /// Surname without the mark.
    pub family: &'static str,
}

/// Where a person stands in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Identity verified, at work.
    Open,
    /// At home for a while; her positions are suspended.
    OnLeave,
    /// Left yesterday.
    ClosedYesterday,
    /// Has applied; her identity is not verified yet.
    Applied,
}

/// How a card came to be as it is.
#[derive(Clone, Copy, Debug)]
pub struct CardStory {
    /// Days from the first start to the end of the current certificates; negative when they have ended.
    pub ends_in_days: i64,
    /// Self-renewals in a row that led to the current certificates.
    pub self_renewals: u8,
    /// What happened to it last.
    pub last: LastEvent,
}

/// What happened to a card last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastEvent {
    /// Nothing: it is in use.
    InUse,
    /// Renewed an hour ago, the new certificates not yet confirmed on the card.
    RenewalUnconfirmed,
    /// Three wrong passcodes, two hours ago.
    Locked,
    /// Reported lost and cancelled yesterday.
    CancelledAsLost,
}

impl DemoPerson {
    /// The 12-digit user id. Two of them begin with 0, as real ones do (domain 2.5).
    pub fn user_id(&self) -> String {
        let beginning = if self.number.is_multiple_of(9) {
            "0216"
        } else {
            "9100"
        };
        format!("{beginning}{:08}", 1_000 + u32::from(self.number))
    }

    /// The surname with its mark.
    pub fn family_name(&self) -> String {
        format!("{}-DEMO", self.name.family)
    }

    /// "Dr Amara Osei-DEMO".
    pub fn display_name(&self) -> String {
        format!(
            "{} {} {}",
            self.name.title,
            self.name.given,
            self.family_name()
        )
    }

    /// Initials of the middle names, as the directory keeps them.
    pub fn initials(&self) -> String {
        self.name
            .middle
            .split_whitespace()
            .filter_map(|name| name.chars().next())
            .collect()
    }

    /// An address of a domain that cannot receive mail (RFC 2606).
    pub fn email(&self) -> String {
        format!(
            "{}.{}@demo.example",
            self.alias,
            self.name.family.to_lowercase()
        )
    }

    /// A number of the block that the regulator keeps for fiction: 07700 900000 to 900999.
    pub fn mobile(&self) -> String {
        format!("+447700900{:03}", 100 + self.number)
    }

    /// The 16-digit number printed on her card.
    pub fn card_number(&self) -> String {
        format!("9900000000{:06}", 1_000 + u32::from(self.number))
    }

    /// Her role ids, in the order of `roles`. Every second begins with 0.
    pub fn role_ids(&self) -> impl Iterator<Item = String> {
        let number = self.number;
        (1..=self.roles.len()).map(move |ordinal| {
            let beginning = if ordinal.is_multiple_of(2) {
                "0938955"
            } else {
                "5552542"
            };
            format!("{beginning}{number:03}{ordinal:02}")
        })
    }

    /// The ward that she works in: organisation and workgroup.
    pub fn ward(&self) -> Option<(&'static str, &'static str)> {
        let mut wards = self.roles.iter().flat_map(|(organisation, job)| {
            let groups = job.workgroups.iter();
            groups.map(|(code, _)| (organisation.code, *code))
        });
        wards.next()
    }

    /// Her person-in-organisation id for the `ordinal`-th job, counted from 1.
    pub fn person_orgid(&self, ordinal: usize) -> String {
        format!("5552541{:03}{ordinal:02}", self.number)
    }
}

/// The person with this alias.
pub fn by_alias(alias: &str) -> Option<&'static DemoPerson> {
    PEOPLE.iter().find(|person| person.alias == alias)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_cast_is_complete_and_nobody_shares_a_number() {
        let pinned = [
            "amara", "noah", "hana", "mei", "tomasz", "grace", "iris", "luca", "leila", "omar",
            "paul", "nina", "kofi", "ben", "ruth", "sam", "rae", "dina", "joan", "ivan", "theo",
            "priya", "nadia", "wren", "ida",
        ];
        assert_eq!(
            PEOPLE.iter().map(|person| person.alias).collect::<Vec<_>>(),
            pinned
        );
        let numbers: HashSet<_> = PEOPLE.iter().map(|person| person.number).collect();
        assert_eq!(numbers.len(), pinned.len());
    }

    #[test]
    fn numbers_have_the_lengths_of_the_real_ones() {
        for person in PEOPLE {
            assert_eq!(person.user_id().len(), 12);
            assert_eq!(person.card_number().len(), 16);
            assert!(person.role_ids().all(|id| id.len() == 12));
            assert_eq!(person.person_orgid(1).len(), 12);
        }
    }

    #[test]
    fn some_ids_begin_with_a_zero() {
        assert!(
            PEOPLE
                .iter()
                .any(|person| person.user_id().starts_with('0') && person.card.is_some())
        );
        assert!(
            by_alias("amara")
                .unwrap()
                .role_ids()
                .any(|id| id.starts_with('0'))
        );
    }

    #[test]
    fn roles_are_as_many_as_the_table_says() {
        for (alias, roles) in [("amara", 2), ("leila", 12), ("omar", 0), ("noah", 1)] {
            assert_eq!(by_alias(alias).unwrap().roles.len(), roles, "{alias}");
        }
    }
}
