//! Doing the deeds: each one through its journey, at its instant, by somebody who may.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use enrolment::audit::Actor;
use enrolment::cards::{CertificateSet, HeldCertificate};
use enrolment::journeys::cancel_card::{self, Cancellation, CancelledBy};
use enrolment::journeys::deputy::{NameDeputy, name_deputy};
use enrolment::journeys::first_card::{self, Activation, FirstCard};
use enrolment::journeys::grant_role::{self, NewRole};
use enrolment::journeys::register_person::{self, NewPerson};
use enrolment::journeys::self_renew::{self, SelfRenewal};
use enrolment::journeys::{
    DeskActor, close_person, confirm, lock, register_organisation, suspend_roles,
};
use enrolment::ledger::{Issuing, Presented};
use enrolment::register::{self, ProfessionalBody, ProfessionalNumber};
use enrolment::requests::CertificateRequest;
use policies::access::ActorRole;
use policies::card::{CancelReason, KeyRole};
use policies::deputy::Ward;
use policies::lifecycle::CodeFacts;
use policies::role::CodedName;
use policies::time::{Span, Time};

use super::plan::Deed;
use super::{CardSet, HeldCard};
use crate::cards::{CardCertificates, CardKeys, signing_request};
use crate::organisations::{HOSPITAL, Organisation};
use crate::people::{DemoPerson, PEOPLE, Profile, by_alias};
use crate::photos;

/// Who registers people and issues cards: the manager of the registration authority. Her own entry and card are the
/// one thing that nobody else could have made; the system did.
pub(crate) const REGISTRAR: &str = "ruth";

/// The version of the terms that everybody has accepted.
const TERMS: &str = "demo-1";

/// Does all deeds in the order given; gives back what lies on the cards at the end, in the order of the cast.
pub(super) async fn all(issuing: &Issuing, deeds: Vec<(Time, Deed)>) -> Result<Vec<HeldCard>> {
    let mut drawer = Drawer {
        issuing: issuing.clone(),
        cards: HashMap::new(),
    };
    for (now, deed) in deeds {
        drawer
            .enact(deed, now)
            .await
            .with_context(|| deed.sentence(now))?;
    }
    let mut cards = drawer.cards;
    let held = PEOPLE
        .iter()
        .filter_map(|person| cards.remove(person.alias));
    Ok(held
        .map(|card| HeldCard {
            alias: card.alias,
            current: card.current,
            pending: card.pending.map(|(set, _)| set),
        })
        .collect())
}

/// The cards as they are at this moment of the past.
struct Drawer {
    issuing: Issuing,
    cards: HashMap<&'static str, Lying>,
}

struct Lying {
    alias: &'static str,
    current: CardSet,
    presented: Presented,
    pending: Option<(CardSet, CertificateSet)>,
}

impl Deed {
    /// For whoever reads why a first start failed.
    fn sentence(self, now: Time) -> String {
        let (act, whom) = match self {
            Self::Found(organisation) => ("registering", organisation.code),
            Self::Register(person) => ("registering", person.alias),
            Self::GrantRoles(person) => ("granting roles to", person.alias),
            Self::IssueFirstCard(person) => ("issuing the first card of", person.alias),
            Self::Activate(person) => ("activating the card of", person.alias),
            Self::Renew(person) => ("renewing the card of", person.alias),
            Self::Confirm(person) => ("confirming the card of", person.alias),
            Self::Lock(person) => ("locking the card of", person.alias),
            Self::CancelAsLost(person) => ("cancelling the card of", person.alias),
            Self::NameDeputy(person) => ("naming as ward deputy", person.alias),
            Self::SuspendRoles(person) => ("suspending the roles of", person.alias),
            Self::Close(person) => ("closing the profile of", person.alias),
        };
        format!("{act} {whom} at {now}")
    }
}

impl Drawer {
    async fn enact(&mut self, deed: Deed, now: Time) -> Result<()> {
        let (store, policy) = (&self.issuing.store, &self.issuing.policy);
        match deed {
            Deed::Found(organisation) => found(&self.issuing, organisation, now).await,
            Deed::Register(person) => {
                let (new, by) = (new_person(person)?, registrar_of(person)?);
                register_person::register_person(store, policy, new, &by, now).await?;
                Ok(())
            }
            Deed::GrantRoles(person) => self.grant_roles(person, now).await,
            Deed::IssueFirstCard(person) => self.issue_first_card(person, now).await,
            Deed::Activate(person) => {
                first_card::activate(store, policy, activation(person, now)?, now).await?;
                Ok(())
            }
            Deed::Renew(person) => self.renew(person, now).await,
            Deed::Confirm(person) => self.confirm(person, now).await,
            Deed::Lock(person) => {
                let holder = Actor::Holder(person.user_id().parse()?);
                Ok(lock::lock(store, &person.card_number().parse()?, &holder, now).await?)
            }
            Deed::CancelAsLost(person) => {
                let (card, reason) = (person.card_number().parse()?, Some(CancelReason::Lost));
                let lost = Cancellation {
                    card,
                    reason,
                    by: CancelledBy::Holder,
                };
                Ok(cancel_card::cancel_card(store, policy, lost, now).await?)
            }
            Deed::NameDeputy(person) => self.name_deputy(person, now).await,
            Deed::SuspendRoles(person) => {
                let (user_id, by) = (person.user_id().parse()?, registrar_of(person)?);
                suspend_roles::suspend_roles(store, policy, &user_id, &by, now).await?;
                Ok(())
            }
            Deed::Close(person) => {
                let user_id = person.user_id().parse()?;
                Ok(
                    close_person::close_person(
                        store,
                        policy,
                        &user_id,
                        &registrar_of(person)?,
                        now,
                    )
                    .await?,
                )
            }
        }
    }

    async fn grant_roles(&self, person: &DemoPerson, now: Time) -> Result<()> {
        for (ordinal, (role_id, (organisation, job))) in
            (1..).zip(person.role_ids().zip(person.roles))
        {
            let role = NewRole {
                role_id: role_id.parse()?,
                user_id: person.user_id().parse()?,
                org_code: organisation.code.parse()?,
                person_orgid: person.person_orgid(ordinal).parse()?,
                job_role: job.code.parse()?,
                role_name: job.name.to_owned(),
                activities: coded(job.activities),
                areas_of_work: coded(job.areas_of_work),
                workgroups: coded(job.workgroups),
                starts_at: now,
                ends_at: None,
            };
            let (store, policy) = (&self.issuing.store, &self.issuing.policy);
            grant_role::grant_role(store, policy, role, &registrar_of(person)?, now).await?;
        }
        Ok(())
    }

    async fn name_deputy(&self, person: &DemoPerson, now: Time) -> Result<()> {
        let (org_code, workgroup) = person.ward().context("she works in no ward")?;
        let named = NameDeputy {
            user_id: person.user_id().parse()?,
            ward: Ward {
                org_code: org_code.parse()?,
                workgroup: workgroup.parse()?,
            },
            ends_at: None,
            by: registrar_of(person)?.into(),
        };
        let (store, policy) = (&self.issuing.store, &self.issuing.policy);
        name_deputy(store, policy, named, now).await?;
        Ok(())
    }

    async fn issue_first_card(&mut self, person: &'static DemoPerson, now: Time) -> Result<()> {
        let keys = CardKeys::generate()?;
        let wanted = FirstCard {
            user_id: person.user_id().parse()?,
            card: person.card_number().parse()?,
            requests: requests(&keys, None)?,
            nonce: None,
            idempotency_key: format!("dev-first-{}", person.alias).parse()?,
        };
        let set = first_card::issue(&self.issuing, wanted, &registrar_of(person)?, now).await?;
        let presented = self.presented(&set)?;
        let current = CardSet {
            keys,
            certificates: certificates(&set)?,
        };
        self.cards.insert(
            person.alias,
            Lying {
                alias: person.alias,
                current,
                presented,
                pending: None,
            },
        );
        Ok(())
    }

    async fn renew(&mut self, person: &DemoPerson, now: Time) -> Result<()> {
        let presented = self.card(person)?.presented.clone();
        let begun = self_renew::start(&self.issuing.store, &presented, now).await?;
        let keys = CardKeys::generate()?;
        let wanted = SelfRenewal {
            presented,
            idempotency_key: format!("dev-{}", begun.renewal_id).parse()?,
            requests: requests(&keys, Some(&begun.nonce))?,
            renewal_id: begun.renewal_id,
        };
        let set = self_renew::renew(&self.issuing, wanted, now).await?;
        let renewed = CardSet {
            keys,
            certificates: certificates(&set)?,
        };
        self.card(person)?.pending = Some((renewed, set));
        Ok(())
    }

    async fn confirm(&mut self, person: &DemoPerson, now: Time) -> Result<()> {
        let (renewed, set) = self
            .card(person)?
            .pending
            .take()
            .context("nothing is pending")?;
        let serials = set
            .certificates
            .iter()
            .map(|certificate| certificate.serial.clone())
            .collect();
        confirm::by_serials(&self.issuing.store, &set.card, serials, now).await?;
        let presented = self.presented(&set)?;
        let card = self.card(person)?;
        (card.current, card.presented) = (renewed, presented);
        Ok(())
    }

    fn card(&mut self, person: &DemoPerson) -> Result<&mut Lying> {
        self.cards
            .get_mut(person.alias)
            .context("there is no card yet")
    }

    /// What the card proves in its handshake from now on.
    fn presented(&self, set: &CertificateSet) -> Result<Presented> {
        let issuer = self.issuing.authority.current()?.id().as_str().to_owned();
        Ok(Presented {
            issuer,
            serial: authentication(set)?.serial.clone(),
        })
    }
}

async fn found(issuing: &Issuing, organisation: &Organisation, now: Time) -> Result<()> {
    let entry = register::Organisation {
        org_code: organisation.code.parse()?,
        name: organisation.name.to_owned(),
        hosted_by: organisation.hosted_by.map(str::parse).transpose()?,
        desk_hours: organisation.desk_hours.to_owned(),
        desk_contact: organisation.desk_contact.to_owned(),
        address: organisation.address.to_owned(),
    };
    Ok(
        register_organisation::register_organisation(&issuing.store, entry, &Actor::System, now)
            .await?,
    )
}

/// Who acts for this person at the desk: the registrar; for the registrar, the system.
fn registrar_of(person: &DemoPerson) -> Result<DeskActor> {
    let actor = if person.alias == REGISTRAR {
        Actor::System
    } else {
        Actor::Person(
            by_alias(REGISTRAR)
                .context("the registrar is not in the cast")?
                .user_id()
                .parse()?,
        )
    };
    Ok(DeskActor {
        actor,
        roles: vec![ActorRole::RaManager],
        in_scope: true,
    })
}

/// She said that the card has come, was sent a code, and typed it ten minutes later.
fn activation(person: &DemoPerson, now: Time) -> Result<Activation> {
    let code = CodeFacts::Right {
        sent_at: now.minus(Span::minutes(10)),
    };
    Ok(Activation {
        card: person.card_number().parse()?,
        receipt_confirmed: true,
        code,
    })
}

fn new_person(person: &DemoPerson) -> Result<NewPerson> {
    let applied = person.profile == Profile::Applied;
    let words = format!("Drawn portrait of {}", person.display_name());
    Ok(NewPerson {
        user_id: person.user_id().parse()?,
        title: person.name.title.to_owned(),
        given_name: person.name.given.to_owned(),
        middle_names: person.name.middle.to_owned(),
        family_name: person.family_name(),
        initials: person.initials(),
        display_name: person.display_name(),
        email: Some(person.email()),
        mobile: Some(person.mobile()),
        id_assurance_level: if applied { 0 } else { 3 },
        photo_svg: Some(photos::draw(&person.face, &words)),
        terms_version: (!applied).then(|| TERMS.to_owned()),
        professional_numbers: professional_number(person).into_iter().collect(),
        home_ra: Some(home_ra(person).parse()?),
    })
}

/// The registration authority of her first job's organisation; the hospital's where she has none.
fn home_ra(person: &DemoPerson) -> &'static str {
    let organisation = person.roles.first().map_or(HOSPITAL, |(first, _)| *first);
    organisation.hosted_by.unwrap_or(organisation.code)
}

/// An invented number in the register that goes with the job.
fn professional_number(person: &DemoPerson) -> Option<ProfessionalNumber> {
    let (_, job) = person.roles.first()?;
    let (body, number) = match job.code.rsplit(':').next()? {
        "R8000" => (
            ProfessionalBody::Gmc,
            format!("{}", 9_990_000 + u32::from(person.number)),
        ),
        "R8001" => (ProfessionalBody::Nmc, format!("99Z{:04}X", person.number)),
        "R8003" => (
            ProfessionalBody::Gphc,
            format!("{}", 2_990_000 + u32::from(person.number)),
        ),
        _ => return None,
    };
    Some(ProfessionalNumber { body, number })
}

fn coded(pairs: &[(&str, &str)]) -> Vec<CodedName> {
    pairs
        .iter()
        .map(|(code, name)| CodedName {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
        })
        .collect()
}

fn requests(keys: &CardKeys, nonce: Option<&str>) -> Result<Vec<CertificateRequest>> {
    Ok(vec![
        CertificateRequest {
            key_role: KeyRole::Authentication,
            csr: signing_request(&keys.authentication, nonce)?,
        },
        CertificateRequest {
            key_role: KeyRole::Signature,
            csr: signing_request(&keys.signature, nonce)?,
        },
    ])
}

fn certificates(set: &CertificateSet) -> Result<CardCertificates> {
    let signature = set
        .certificate(KeyRole::Signature)
        .context("the set has no signature certificate")?;
    Ok(CardCertificates {
        authentication: authentication(set)?.der.clone(),
        signature: signature.der.clone(),
    })
}

fn authentication(set: &CertificateSet) -> Result<&HeldCertificate> {
    set.certificate(KeyRole::Authentication)
        .context("the set has no authentication certificate")
}
