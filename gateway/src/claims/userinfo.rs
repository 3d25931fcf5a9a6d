//! The claims of the userinfo endpoint, each granted by a scope (domain 2.3 and 2.5).
//!
//! Lists appear only when they hold something and are always arrays. For clients limited to the
//! chosen role (contract 4) the lists hold that role and its organisation, or nothing: leaving out
//! `selectedrole` must not be a way to see every role of a person.

use enrolment::register::{self, Membership, Person, ProfessionalNumber};
use enrolment::store::{StoreError, Tx};
use policies::ids::{OrgCode, PersonOrgId, RoleId, UserId};
use policies::rbac::Rbac;
use policies::role::{RoleHeld, offered};
use policies::time::Time;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::claims::roles::{self, RoleClaim};
use crate::claims::scope::Scope;
use crate::claims::snapshot::SessionRoleClaim;

/// Everything the register says about a person that a claim may need, read in one transaction.
#[derive(Debug)]
pub struct About {
    /// Her record.
    pub person: Person,
    /// Every role she ever held.
    pub roles: Vec<RoleHeld>,
    /// Her organisations.
    pub memberships: Vec<Membership>,
    /// Her numbers at professional bodies.
    pub numbers: Vec<ProfessionalNumber>,
}

impl About {
    /// Reads the register; `None` for a person it does not know or whose record is closed.
    pub async fn open_person(tx: Tx<'_>, user_id: &UserId) -> Result<Option<Self>, StoreError> {
        let Some(person) = register::person(tx, user_id).await? else {
            return Ok(None);
        };
        if !person.open {
            return Ok(None);
        }
        Ok(Some(Self {
            person,
            roles: register::roles(tx, user_id).await?,
            memberships: register::organisations(tx, user_id).await?,
            numbers: register::professional_numbers(tx, user_id).await?,
        }))
    }
}

/// How much of it this client may see.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The scopes of the access token.
    pub scope: &'a [Scope],
    /// The role of the grant.
    pub role_id: Option<&'a RoleId>,
    /// Whether lists hold the chosen role only.
    pub limit_roles: bool,
    /// The instant of the request.
    pub now: Time,
}

/// The claims as one JSON object, `sub` first.
pub fn claims(about: &About, view: &View<'_>, rbac: &Rbac) -> Map<String, Value> {
    let mut claims = Claims(Map::new());
    claims.text("sub", about.person.user_id.as_str());
    for scope in view.scope {
        match scope {
            Scope::Profile => profile(&mut claims, &about.person),
            Scope::Email => claims.text("email", about.person.email.as_deref().unwrap_or_default()),
            Scope::NhsPerson => nhs_person(&mut claims, &about.person),
            Scope::NationalRbacAccess => {
                let shown = shown(about, view);
                let shown = shown.into_iter().map(|role| RoleClaim::of(role, rbac));
                claims.list("nhsid_nrbac_roles", shown.collect::<Vec<_>>());
            }
            Scope::AssociatedOrgs => claims.list("nhsid_user_orgs", organisations(about, view)),
            Scope::OrganisationalMemberships => {
                claims.list("nhsid_org_memberships", memberships(about, view));
            }
            Scope::ProfessionalMemberships => {
                for number in &about.numbers {
                    claims.text(&format!("{}_id", number.body.as_str()), &number.number);
                }
            }
            Scope::OpenId
            | Scope::SelectedRole
            | Scope::ChangedRole
            | Scope::SelfService
            | Scope::Desk => {}
        }
    }
    if let Some(role) = chosen(about, view) {
        claims.value("matron_session_role", &SessionRoleClaim::of(role, rbac));
    }
    claims.0
}

fn profile(claims: &mut Claims, person: &Person) {
    claims.text("uid", person.user_id.as_str());
    // Surname, given name, title: the order of the national service (domain 2.5).
    let parts = [&person.family_name, &person.given_name, &person.title];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    claims.text("name", &parts.join(" "));
    claims.text("given_name", &person.given_name);
    claims.text("family_name", &person.family_name);
}

fn nhs_person(claims: &mut Claims, person: &Person) {
    claims.text("nhsid_useruid", person.user_id.as_str());
    claims.text("title", &person.title);
    claims.text("idassurancelevel", &person.id_assurance_level.to_string());
    claims.text("initials", &person.initials);
    claims.text("middle_names", &person.middle_names);
    claims.text("display_name", &person.display_name);
}

fn chosen<'a>(about: &'a About, view: &View<'_>) -> Option<&'a RoleHeld> {
    view.role_id
        .and_then(|role_id| roles::held_now(&about.roles, role_id, view.now))
}

fn shown<'a>(about: &'a About, view: &View<'_>) -> Vec<&'a RoleHeld> {
    if view.limit_roles {
        return chosen(about, view).into_iter().collect();
    }
    offered(&about.roles, view.now)
}

#[derive(Serialize)]
struct OrganisationClaim<'a> {
    org_code: &'a OrgCode,
    org_name: &'a str,
}

/// One organisation per shown role at least, each once: apps look the role's organisation up here.
fn organisations<'a>(about: &'a About, view: &View<'_>) -> Vec<OrganisationClaim<'a>> {
    let mut claims: Vec<OrganisationClaim<'a>> = Vec::new();
    for role in shown(about, view) {
        if !claims.iter().any(|claim| *claim.org_code == role.org_code) {
            claims.push(OrganisationClaim {
                org_code: &role.org_code,
                org_name: &role.org_name,
            });
        }
    }
    claims
}

#[derive(Serialize)]
struct MembershipClaim<'a> {
    person_orgid: &'a PersonOrgId,
    org_code: &'a OrgCode,
    org_name: &'a str,
}

fn memberships<'a>(about: &'a About, view: &View<'_>) -> Vec<MembershipClaim<'a>> {
    let shown = shown(about, view);
    let of_a_shown_role = |membership: &&Membership| {
        shown
            .iter()
            .any(|role| role.org_code == membership.org_code)
    };
    about
        .memberships
        .iter()
        .filter(of_a_shown_role)
        .map(|membership| MembershipClaim {
            person_orgid: &membership.person_orgid,
            org_code: &membership.org_code,
            org_name: &membership.org_name,
        })
        .collect()
}

/// The object being filled; what is empty is left out.
struct Claims(Map<String, Value>);

impl Claims {
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.0.insert(name.to_owned(), Value::from(text));
        }
    }

    fn list<T: Serialize>(&mut self, name: &str, items: Vec<T>) {
        if !items.is_empty() {
            self.value(name, &items);
        }
    }

    /// Our claim types are plain structs of texts and lists, which always become JSON.
    fn value(&mut self, name: &str, value: &impl Serialize) {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.insert(name.to_owned(), value);
        }
    }
}
