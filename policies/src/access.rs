//! Who may do what (domain 2.14 with contract 5): the table itself is data, in `policy.toml`;
//! here are its words and the order of the questions asked of every desk actor:
//! organisation, actor is subject, role (contract 5). The guards of the act follow elsewhere.

use crate::refusal::{Refusal, RefusalCode, require};
use crate::values::Policy;
use crate::words::{UnknownWord, words};

words! {
    /// A part that a person plays towards another person's card, profile or positions.
    pub enum ActorRole {
        /// Leads a registration authority.
        RaManager => "ra_manager",
        /// Agent who may also manage authenticators of others.
        RaAgentAdvanced => "ra_agent_advanced",
        /// Agent of a registration authority.
        RaAgent => "ra_agent",
        /// Vouches for need; assigns positions marked assignable.
        Sponsor => "sponsor",
        /// Verifies identity evidence.
        IdChecker => "id_checker",
        /// Unlocks and renews on the ward.
        LocalSmartcardAdmin => "local_smartcard_admin",
        /// First line of help, day and night.
        ServiceDesk => "service_desk",
        /// Reads the trail; changes nothing.
        PrivacyOfficer => "privacy_officer",
        /// Named for a ward: gives its people temporary access. No role carries it; it is played
        /// towards the people of that ward alone (law G26).
        WardDeputy => "ward_deputy",
        /// The person herself.
        Holder => "holder",
    }
}

impl ActorRole {
    /// Whether this is a role of the registration authority itself. Holders with one need a
    /// second actor at an in-person reissue (contract 5).
    pub const fn is_ra_staff(self) -> bool {
        matches!(
            self,
            Self::RaManager | Self::RaAgentAdvanced | Self::RaAgent
        )
    }
}

words! {
    /// What can be done to another person's card.
    pub enum CardAction {
        /// Approve and produce a first card, or its replacement.
        Issue => "issue_card",
        /// Unblock the passcode, the holder being present.
        Unlock => "unlock_card",
        /// Replace everything on the chip.
        Repair => "repair_card",
        /// Make returned plastic ready for stock.
        Clear => "clear_card",
        /// Renew inside the window, the holder being present.
        Renew => "renew_card",
        /// Reissue after expiry, the holder being present.
        Reissue => "reissue_card",
        /// End it for ever.
        Cancel => "cancel_card",
    }
}

words! {
    /// What can be done to another person's profile, authenticators and positions.
    pub enum PersonAction {
        /// Look somebody up.
        Find => "find_people",
        /// Open a profile.
        Create => "create_profile",
        /// Record an identity check.
        CheckIdentity => "check_identity",
        /// Change name or contact details.
        ChangeDetails => "change_details",
        /// Close a profile.
        Close => "close_profile",
        /// Reopen a closed profile.
        Reopen => "reopen_profile",
        /// Register or remove authenticators other than cards.
        ManageAuthenticators => "manage_authenticators",
        /// Stop an authenticator that is thought lost.
        SuspendAuthenticators => "suspend_authenticators",
        /// Give somebody a way to sign in for one shift, her card being at home.
        GiveTemporaryAccess => "give_temporary_access",
        /// Name the deputy of a ward, or end that.
        NameDeputy => "name_deputy",
        /// Assign any position.
        AssignPosition => "assign_position",
        /// Assign a position that is marked assignable.
        AssignAssignablePosition => "assign_assignable_position",
        /// Change the dates of a position, suspend it or end it.
        EditPosition => "edit_position",
        /// Read the audit trail.
        ReadAudit => "read_audit",
    }
}

/// One row of the access table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Done to a card.
    Card(CardAction),
    /// Done to a person.
    Person(PersonAction),
}

impl Task {
    /// The word of this row in the policy file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card(action) => action.as_str(),
            Self::Person(action) => action.as_str(),
        }
    }

    /// Whether its rule asks for the holder with her card at the desk.
    pub(crate) const fn is_done_in_presence(self) -> bool {
        match self {
            Self::Card(action) => matches!(
                action,
                CardAction::Unlock | CardAction::Repair | CardAction::Renew | CardAction::Reissue
            ),
            Self::Person(_) => false,
        }
    }

    /// Every row: cards first, then people.
    pub fn all() -> impl Iterator<Item = Self> {
        let cards = CardAction::ALL.iter().copied().map(Self::Card);
        cards.chain(PersonAction::ALL.iter().copied().map(Self::Person))
    }
}

impl std::str::FromStr for Task {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let card = word.parse().map(Self::Card);
        card.or_else(|_| word.parse().map(Self::Person))
            .map_err(|unknown| UnknownWord {
                list: "Task",
                ..unknown
            })
    }
}

impl From<CardAction> for Task {
    fn from(action: CardAction) -> Self {
        Self::Card(action)
    }
}

impl From<PersonAction> for Task {
    fn from(action: PersonAction) -> Self {
        Self::Person(action)
    }
}

/// What is known about the person who acts, read in the transaction that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorFacts {
    /// The parts she plays under the session role she chose, re-read now.
    pub roles: Vec<ActorRole>,
    /// Whether she is the person acted upon.
    pub is_subject: bool,
    /// Whether her registration authority hosts an organisation in which the person holds or
    /// held a position (E41).
    pub in_scope: bool,
}

/// How far an allowed act reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A person of the actor's own registration authority.
    Home,
    /// Somebody else's person, present with her card; the home authority is told (contract 5).
    OutOfArea,
}

/// Whether one of `roles` has this task in the access table (law A1).
pub fn may(policy: &Policy, roles: &[ActorRole], task: impl Into<Task>) -> bool {
    let allowed = policy.roles_for(task.into());
    roles.iter().any(|role| allowed.contains(role))
}

/// Whether the deputies of wards have anything to do under this policy: where they have not, they
/// see nobody either (law G26).
pub fn has_deputies(policy: &Policy) -> bool {
    let deputy = [ActorRole::WardDeputy];
    may(policy, &deputy, PersonAction::GiveTemporaryAccess)
}

/// The three questions of contract 5 that come before the guards of an act.
///
/// # Errors
/// `actor_out_of_scope`, `actor_is_subject`, `actor_role_missing` (naming who could), in this
/// order.
pub fn ask(policy: &Policy, actor: &ActorFacts, task: impl Into<Task>) -> Result<Reach, Refusal> {
    let task = task.into();
    let reach = if actor.in_scope {
        Reach::Home
    } else {
        Reach::OutOfArea
    };
    let reachable = actor.in_scope || policy.is_open_to_any_area(task);
    require(reachable, RefusalCode::ActorOutOfScope)?;
    require(!actor.is_subject, RefusalCode::ActorIsSubject)?;
    if may(policy, &actor.roles, task) {
        return Ok(reach);
    }
    Err(Refusal::new(RefusalCode::ActorRoleMissing).helped_by(policy.roles_for(task)))
}

#[cfg(test)]
mod tests;
