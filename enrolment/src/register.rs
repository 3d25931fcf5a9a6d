//! The register: people, organisations, and the roles people hold (domain words: Care Identity
//! profile, ODS code, role profile). Reading only; what changes the register is a journey. A closed
//! person keeps her row for ever: a user id is lifelong and never given to anybody else.

use policies::ids::{CardNumber, OrgCode, PersonOrgId, UserId};
use policies::role::RoleHeld;
use policies::time::Time;

use crate::store::{StoreError, Tx, organisations, people, roles};

/// A person's national record.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The 12-digit number, for life.
    pub user_id: UserId,
    /// Moves with every change of the record; decisions are compared by it.
    pub version: i64,
    /// False from the instant the profile was closed.
    pub open: bool,
    /// "Dr", "Ms"; may be empty.
    pub title: String,
    /// First name.
    pub given_name: String,
    /// Further names; may be empty.
    pub middle_names: String,
    /// Surname.
    pub family_name: String,
    /// Initials of the middle names, as the claim `initials` carries them; may be empty.
    pub initials: String,
    /// The name as the person wants to be shown.
    pub display_name: String,
    /// Verified mail address.
    pub email: Option<String>,
    /// Verified mobile number.
    pub mobile: Option<String>,
    /// Confidence in the identity, 0 to 3 (claim `idassurancelevel`); 0 is a starter who is not
    /// verified yet.
    pub id_assurance_level: u8,
    /// A drawn portrait.
    pub photo_svg: Option<String>,
    /// The version of the terms that the person accepted.
    pub terms_version: Option<String>,
    /// When the record began.
    pub registered_at: Time,
    /// When it was closed.
    pub closed_at: Option<Time>,
}

impl std::fmt::Debug for Person {
    /// Names nobody: personal data stays out of logs.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Person")
            .field("version", &self.version)
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

/// A number that a professional body gave to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfessionalNumber {
    /// Who gave it.
    pub body: ProfessionalBody,
    /// The number, as text.
    pub number: String,
}

/// The bodies whose numbers the claims can carry (`gmc_id`, `nmc_id` and so on).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfessionalBody {
    /// General Medical Council.
    Gmc,
    /// Nursing and Midwifery Council.
    Nmc,
    /// General Pharmaceutical Council.
    Gphc,
    /// General Dental Council.
    Gdc,
    /// General medical practitioner code.
    Gmp,
    /// General dental practitioner code.
    Gdp,
    /// Royal College of Nursing.
    Rcn,
    /// Consultant code.
    Consultant,
}

impl ProfessionalBody {
    const ALL: [Self; 8] = [
        Self::Gmc,
        Self::Nmc,
        Self::Gphc,
        Self::Gdc,
        Self::Gmp,
        Self::Gdp,
        Self::Rcn,
        Self::Consultant,
    ];

    /// The word of the database; the claim is this word followed by `_id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gmc => "gmc",
            Self::Nmc => "nmc",
            Self::Gphc => "gphc",
            Self::Gdc => "gdc",
            Self::Gmp => "gmp",
            Self::Gdp => "gdp",
            Self::Rcn => "rcn",
            Self::Consultant => "consultant",
        }
    }

    /// The body of that word, if there is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|body| body.as_str() == word)
    }
}

/// An organisation of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// ODS code.
    pub org_code: OrgCode,
    /// Its name.
    pub name: String,
    /// The organisation whose registration authority looks after it; none is its own.
    pub hosted_by: Option<OrgCode>,
    /// When its desk is open, in words; empty where it has none.
    pub desk_hours: String,
    /// How its desk is reached, in words; empty where it has none.
    pub desk_contact: String,
    /// Where cards may be sent.
    pub address: String,
}

/// A person's membership of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Identifies this person in this organisation.
    pub person_orgid: PersonOrgId,
    /// The organisation's code.
    pub org_code: OrgCode,
    /// The organisation's name.
    pub org_name: String,
}

/// The person of that number.
pub async fn person(tx: Tx<'_>, user_id: &UserId) -> Result<Option<Person>, StoreError> {
    people::find(tx, user_id).await
}

/// The open person whose verified address this is.
pub async fn person_by_email(tx: Tx<'_>, email: &str) -> Result<Option<Person>, StoreError> {
    people::find_by_email(tx, email).await
}

/// The person who holds or held that card.
pub async fn holder(tx: Tx<'_>, card: &CardNumber) -> Result<Option<Person>, StoreError> {
    people::holder(tx, card).await
}

/// The numbers that professional bodies gave to the person, in a fixed order.
pub async fn professional_numbers(
    tx: Tx<'_>,
    user_id: &UserId,
) -> Result<Vec<ProfessionalNumber>, StoreError> {
    people::numbers(tx, user_id).await
}

/// Every role the person ever held, ended and suspended ones included, oldest first;
/// `policies::role::offered` says which of them may be chosen.
pub async fn roles(tx: Tx<'_>, user_id: &UserId) -> Result<Vec<RoleHeld>, StoreError> {
    roles::held(tx, user_id).await
}

/// The organisations that the person belongs to, by code.
pub async fn organisations(tx: Tx<'_>, user_id: &UserId) -> Result<Vec<Membership>, StoreError> {
    organisations::of_person(tx, user_id).await
}

/// The organisation of that code.
pub async fn organisation(
    tx: Tx<'_>,
    org_code: &OrgCode,
) -> Result<Option<Organisation>, StoreError> {
    organisations::find(tx, org_code).await
}

/// At most 20 organisations whose code is `typed` or whose name holds it, each with the one whose
/// desk looks after it. Names nobody.
pub async fn find_organisations(
    tx: Tx<'_>,
    typed: &str,
) -> Result<Vec<(Organisation, Organisation)>, StoreError> {
    const AT_MOST: i64 = 20;
    let found = organisations::search(tx, &typed.to_lowercase(), AT_MOST).await?;
    let mut all = Vec::with_capacity(found.len());
    for organisation in found {
        let desk = match &organisation.hosted_by {
            Some(host) => organisations::find(tx, host).await?,
            None => None,
        };
        all.push((organisation.clone(), desk.unwrap_or(organisation)));
    }
    Ok(all)
}
