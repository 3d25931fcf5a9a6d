//! Which models of security keys and built-in authenticators open which roles (law G27). A house may
//! ask more of some roles than of others: its registration authority comes with keys from its own
//! stock, and no role that prescribes is opened by a key that a telephone keeps in the cloud. What
//! is asked concerns devices with public keys; cards, codes and other organisations have levels.

use std::collections::BTreeSet;

use super::Attestation;
use crate::access::ActorRole;
use crate::rbac::{Rbac, actor_roles};
use crate::refusal::{RefusalCode, require};
use crate::role::{JobRoles, RoleHeld};

/// The number that makers give a model: its AAGUID (WebAuthn 6.5.1).
pub type Aaguid = [u8; 16];

/// Some roles, and what they ask of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleGroup {
    /// The roles by their place in the national catalogue.
    pub roles: Vec<JobRoles>,
    /// The roles by the part that they play at a desk.
    pub desk: Vec<ActorRole>,
    /// Only devices whose maker vouches for them.
    pub attestation: bool,
    /// Only these models, and only where their maker vouches for them: anybody can name a number.
    /// None: any.
    pub allow: Option<BTreeSet<Aaguid>>,
    /// Never these, whoever vouches.
    pub deny: BTreeSet<Aaguid>,
}

impl RoleGroup {
    fn contains(&self, role: &RoleHeld, rbac: &Rbac) -> bool {
        self.roles.iter().any(|some| some.contains(&role.job_role))
            || (!self.desk.is_empty()
                && actor_roles(role, rbac)
                    .iter()
                    .any(|part| self.desk.contains(part)))
    }

    fn judge(&self, device: Device) -> Result<(), RefusalCode> {
        let on = |list: &BTreeSet<Aaguid>| device.model.is_some_and(|model| list.contains(&model));
        let vouched_for = device.attestation != Attestation::None;
        let say = |fine, code: RefusalCode| require(fine, code).map_err(|refusal| refusal.code);
        say(!on(&self.deny), RefusalCode::ModelNotAllowed)?;
        let allowed = self.allow.as_ref().is_none_or(on);
        say(allowed, RefusalCode::ModelNotAllowed)?;
        say(
            vouched_for || !(self.attestation || self.allow.is_some()),
            RefusalCode::AttestationMissing,
        )
    }
}

/// A device with a public key, as far as a role cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// The model that it names.
    pub model: Option<Aaguid>,
    /// Who vouched for it when it was added.
    pub attestation: Attestation,
}

/// All groups of a house. A role may be in several, and then each must agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleGroups(Vec<RoleGroup>);

impl RoleGroups {
    /// These groups.
    pub fn new(groups: Vec<RoleGroup>) -> Self {
        Self(groups)
    }

    /// Whether nothing is asked of any role.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The same, with lists of allowed models cut to those whose own maker can vouch for them: a
    /// number that another maker's device gives itself proves nothing.
    #[must_use]
    pub fn cut_to(self, provable: impl Fn(&Aaguid) -> bool) -> Self {
        let cut = |group: RoleGroup| RoleGroup {
            allow: group
                .allow
                .map(|models| models.into_iter().filter(&provable).collect()),
            ..group
        };
        Self(self.0.into_iter().map(cut).collect())
    }

    /// Every model that some group allows.
    pub fn allowed(&self) -> impl Iterator<Item = &Aaguid> {
        self.0.iter().flat_map(|group| group.allow.iter().flatten())
    }

    /// The roles of groups that stand for no job role of this catalogue.
    pub fn strangers<'a>(&'a self, rbac: &'a Rbac) -> impl Iterator<Item = &'a JobRoles> {
        let named = self.0.iter().flat_map(|group| &group.roles);
        named.filter(|some| !rbac.job_roles().any(|job| some.contains(job)))
    }

    /// The groups that a role is in.
    pub fn of<'a>(
        &'a self,
        role: &'a RoleHeld,
        rbac: &'a Rbac,
    ) -> impl Iterator<Item = &'a RoleGroup> {
        self.0.iter().filter(|group| group.contains(role, rbac))
    }

    /// Whether a device opens a role.
    ///
    /// # Errors
    /// `model_not_allowed`, `attestation_missing`.
    pub fn judge(&self, role: &RoleHeld, rbac: &Rbac, device: Device) -> Result<(), RefusalCode> {
        self.of(role, rbac)
            .try_for_each(|group| group.judge(device))
    }

    /// Why a device would open none of these roles, and so is not worth adding: that its maker does
    /// not vouch for it, if that is all that is missing for one of them. None where it opens one, or
    /// where there is none.
    pub fn opens_none<'a>(
        &self,
        roles: impl IntoIterator<Item = &'a RoleHeld>,
        rbac: &Rbac,
        device: Device,
    ) -> Option<RefusalCode> {
        let mut why = None;
        for role in roles {
            match self.judge(role, rbac, device) {
                Ok(()) => return None,
                Err(RefusalCode::AttestationMissing) => why = Some(RefusalCode::AttestationMissing),
                Err(code) => why = why.or(Some(code)),
            }
        }
        why
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    const KEY: Aaguid = [1; 16];
    const OTHER: Aaguid = [2; 16];

    fn role(job: &str) -> RoleHeld {
        RoleHeld {
            role_id: "555000000001".parse().unwrap(),
            person_orgid: "666000000001".parse().unwrap(),
            org_code: "A81001".parse().unwrap(),
            org_name: "Willow Lane Surgery".to_owned(),
            job_role: job.parse().unwrap(),
            role_name: String::new(),
            activities: Vec::new(),
            areas_of_work: Vec::new(),
            workgroups: Vec::new(),
            starts_at: Time::from_unix(0),
            ends_at: None,
            suspended: false,
        }
    }

    fn device(model: Option<Aaguid>, attestation: Attestation) -> Device {
        Device { model, attestation }
    }

    fn groups(group: RoleGroup) -> RoleGroups {
        RoleGroups::new(vec![RoleGroup {
            roles: vec!["S8000".parse().unwrap()],
            ..group
        }])
    }

    #[test]
    fn g27_a_role_is_in_a_group_by_each_part_of_its_code() {
        let rbac = Rbac::default_file();
        for (part, inside) in [
            ("S8000", true),
            ("S8000:G8000", true),
            ("S8000:G8000:R8000", true),
            ("S8001", false),
            ("S8000:G8001", false),
            ("S8000:G8000:R8001", false),
        ] {
            let group = RoleGroup {
                roles: vec![part.parse().unwrap()],
                ..RoleGroup::default()
            };
            assert_eq!(group.contains(&role("S8000:G8000:R8000"), &rbac), inside);
        }
    }

    #[test]
    fn g27_a_role_is_in_a_group_by_its_part_at_a_desk() {
        let rbac = Rbac::default_file();
        let (at_desk, not) = rbac
            .job_roles()
            .map(|job| role(&job.to_string()))
            .partition::<Vec<_>, _>(|role| {
                actor_roles(role, &rbac).contains(&ActorRole::RaManager)
            });
        let group = RoleGroup {
            desk: vec![ActorRole::RaManager],
            ..RoleGroup::default()
        };
        assert!(!at_desk.is_empty() && !not.is_empty());
        assert!(at_desk.iter().all(|role| group.contains(role, &rbac)));
        assert!(!not.iter().any(|role| group.contains(role, &rbac)));
    }

    #[test]
    fn g27_what_a_group_asks_of_a_device() {
        use Attestation::{Allowed, Known, None as Unsaid};
        let rbac = Rbac::default_file();
        let deny = groups(RoleGroup {
            deny: BTreeSet::from([KEY]),
            ..RoleGroup::default()
        });
        let allow = groups(RoleGroup {
            allow: Some(BTreeSet::from([KEY])),
            ..RoleGroup::default()
        });
        let attested = groups(RoleGroup {
            attestation: true,
            ..RoleGroup::default()
        });
        let (model, missing) = (
            Err(RefusalCode::ModelNotAllowed),
            Err(RefusalCode::AttestationMissing),
        );
        for (groups, named, attestation, said) in [
            (&deny, Some(KEY), Allowed, model),
            (&deny, Some(KEY), Unsaid, model),
            (&deny, Some(OTHER), Unsaid, Ok(())),
            (&deny, None, Unsaid, Ok(())),
            (&allow, Some(KEY), Allowed, Ok(())),
            (&allow, Some(KEY), Known, Ok(())),
            // Anybody can name a number.
            (&allow, Some(KEY), Unsaid, missing),
            (&allow, Some(OTHER), Allowed, model),
            (&allow, None, Known, model),
            (&attested, Some(OTHER), Known, Ok(())),
            (&attested, None, Known, Ok(())),
            (&attested, Some(KEY), Unsaid, missing),
        ] {
            let device = device(named, attestation);
            let nurse = role("S8000:G8000:R8000");
            assert_eq!(groups.judge(&nurse, &rbac, device), said, "{device:?}");
            let outside = role("S8001:G8000:R8000");
            assert_eq!(groups.judge(&outside, &rbac, device), Ok(()));
        }
    }

    #[test]
    fn g27_of_several_groups_each_must_agree() {
        let rbac = Rbac::default_file();
        let group = |group: RoleGroup| RoleGroup {
            roles: vec!["S8000".parse().unwrap()],
            ..group
        };
        let both = RoleGroups::new(vec![
            group(RoleGroup {
                attestation: true,
                ..RoleGroup::default()
            }),
            group(RoleGroup {
                deny: BTreeSet::from([KEY]),
                ..RoleGroup::default()
            }),
        ]);
        let judge = |named, attestation| {
            let device = device(Some(named), attestation);
            both.judge(&role("S8000:G8000:R8000"), &rbac, device)
        };
        assert_eq!(judge(OTHER, Attestation::Known), Ok(()));
        assert_eq!(
            judge(OTHER, Attestation::None),
            Err(RefusalCode::AttestationMissing)
        );
        assert_eq!(
            judge(KEY, Attestation::Known),
            Err(RefusalCode::ModelNotAllowed)
        );
    }

    #[test]
    fn g27_a_device_that_opens_one_role_is_worth_adding() {
        let rbac = Rbac::default_file();
        let groups = groups(RoleGroup {
            deny: BTreeSet::from([KEY]),
            attestation: true,
            ..RoleGroup::default()
        });
        let (inside, outside) = (role("S8000:G8000:R8000"), role("S8001:G8000:R8000"));
        let why = |roles: &[&RoleHeld], named| {
            let device = device(Some(named), Attestation::None);
            groups.opens_none(roles.iter().copied(), &rbac, device)
        };
        assert_eq!(why(&[], KEY), None);
        assert_eq!(why(&[&inside, &outside], KEY), None);
        assert_eq!(why(&[&inside], KEY), Some(RefusalCode::ModelNotAllowed));
        let missing = Some(RefusalCode::AttestationMissing);
        assert_eq!(why(&[&inside], OTHER), missing);
        // What one role misses is the maker's word alone, whichever comes first.
        let both = RoleGroups::new(vec![
            RoleGroup {
                roles: vec!["S8000".parse().unwrap()],
                deny: BTreeSet::from([KEY]),
                ..RoleGroup::default()
            },
            RoleGroup {
                roles: vec!["S8001".parse().unwrap()],
                attestation: true,
                ..RoleGroup::default()
            },
        ]);
        let unsaid = device(Some(KEY), Attestation::None);
        for roles in [[&inside, &outside], [&outside, &inside]] {
            assert_eq!(both.opens_none(roles, &rbac, unsaid), missing);
        }
    }
}
