//! The card desk's pages (contract 5, domain 3.4): find somebody, see her card, do what is offered.
//! Every act is the journey that the API calls; a refusal is recorded and shown as it is there.

mod act;
mod deputy;
mod find;
mod invitation;
mod person;
mod photo;
mod second;
mod ways;
mod work;

use axum::body::Bytes;
use enrolment::desk::DeskSession;
use enrolment::journeys::JourneyError;
use enrolment::register::{self, Person};
use http::{HeaderMap, Method};
use policies::access::{ActorRole, CardAction, PersonAction, may};
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::role::offered;
use policies::values::Policy;

use crate::api::caller::Caller;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::desk::{NonePage, Whom};
use crate::pages::people::{Face, RoleLine};
use crate::router::{Access, Routes};
use crate::signin::own::{self, OwnPage};
use crate::signin::session::Opened;
use crate::signin::transaction;

/// The purpose of the desk's form tokens.
const PURPOSE: &str = "desk";

/// Every URL of the desk's pages.
pub(crate) fn routes() -> Routes {
    use Access::Session;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    Routes::new()
        .at(GET, "/desk", Session, find::page)
        .at(GET, "/desk/people/{user_id}", Session, person::by_number)
        .at(
            GET,
            "/desk/people/{user_id}/photo",
            Session,
            photo::of_person,
        )
        .at(GET, "/desk/cards/{card_number}", Session, person::by_card)
        .at(
            GET,
            "/desk/cards/{card_number}/photo",
            Session,
            photo::of_holder,
        )
        .at(GET, "/desk/act/{act}", Session, act::page)
        .at(POST, "/desk/act/{act}", Session, act::post)
        .at(GET, "/desk/ways/{act}", Session, ways::page)
        .at(POST, "/desk/ways/{act}", Session, ways::post)
        .at(GET, "/desk/unused", Session, ways::unused)
        .at(GET, "/desk/deputies", Session, deputy::page)
        .at(POST, "/desk/deputies", Session, deputy::name)
        .at(POST, "/desk/deputies/end", Session, deputy::end)
        .at(POST, "/desk/works", Session, work::begin)
        .at(POST, "/desk/works/issue", Session, work::issue)
        .at(POST, "/desk/works/confirm", Session, work::confirm)
        .at(GET, "/desk/works/{work_id}", Session, work::page)
        .at(GET, "/desk/works/{work_id}/receipt", Session, work::receipt)
        .at(GET, "/desk/second", Session, second::page)
        .at(POST, "/desk/second", Session, second::post)
}

/// Somebody at the desk.
struct Visitor {
    opened: Opened,
    desk: DeskSession,
    /// Her name and her role, in words.
    acting: (String, String),
    /// Whether she may see the ways to sign in that nobody uses.
    sees_unused: bool,
    /// Whether she has another role to act in.
    other_roles: bool,
    /// Whether she is nothing at the desk but the deputy of her ward.
    only_deputy: bool,
}

impl Visitor {
    fn user_id(&self) -> &UserId {
        &self.desk.user_id
    }

    fn token(&self) -> String {
        self.opened.key.form_token(PURPOSE)
    }
}

/// A "no" that another way to sign in, or a fresh one, helps against leads to it.
fn with_sign_in(failure: Failure) -> Failure {
    let Failure::Refused(mut refused) = failure else {
        return failure;
    };
    if matches!(
        refused.refusal.code,
        RefusalCode::AuthenticatorTooNew
            | RefusalCode::ReauthenticationNeeded
            | RefusalCode::SessionLevelTooLow
            | RefusalCode::ModelNotAllowed
            | RefusalCode::AttestationMissing
    ) {
        refused.another_way = Some(OwnPage::Desk.sign_in_again_url());
    }
    Failure::Refused(refused)
}

/// Who visits. Whoever is not signed in is led to the sign-in; whoever has no part at the desk is
/// told so, and which roles have.
async fn visitor(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
) -> Result<Visitor, Failure> {
    let opened = own::visitor(house, arrival, headers, OwnPage::Desk).await?;
    if opened.session.role_id.is_none() {
        return Err(without_role(house, arrival, &opened).await?);
    }
    let desk = Caller::from(opened.session.clone()).desk(house, arrival.now);
    let desk = desk.map_err(with_sign_in)?;
    let (session, now) = (desk.clone(), arrival.now);
    let (roles, person, held) = house
        .store
        .read::<_, JourneyError, _>("desk.visitor", move |tx| {
            let session = session.clone();
            Box::pin(async move {
                let standing = session.standing(tx, now).await?;
                let person = register::person(tx, &session.user_id).await?;
                let held = register::roles(tx, &session.user_id).await?;
                Ok((standing.parts(), person, held))
            })
        })
        .await
        .map_err(|error| with_sign_in(error.into()))?;
    let role = held.iter().find(|role| role.role_id == desk.role_id);
    let role = role.map(|role| RoleLine::of(role, now, &EN));
    let role = role.map_or_else(String::new, |line| {
        format!("{}, {}", line.job, line.organisation)
    });
    let other_roles = offered(&held, now).len() > 1;
    if !has_part(&house.policy, &roles) {
        let lead = (EN.desk.none.lead)(&role);
        return Err(no_part(&house.policy, lead, other_roles));
    }
    let name = person.map(|person| person.display_name).unwrap_or_default();
    Ok(Visitor {
        opened,
        desk,
        acting: (name, role),
        sees_unused: may(&house.policy, &roles, PersonAction::ManageAuthenticators),
        other_roles,
        only_deputy: !may(&house.policy, &roles, PersonAction::Find)
            && roles.contains(&ActorRole::WardDeputy),
    })
}

/// The same for a form of the desk's own pages.
async fn visitor_by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Visitor, Parameters), Failure> {
    let parameters = transaction::read(body)?;
    let visitor = visitor(house, arrival, headers).await?;
    visitor.opened.key.must_vouch_for(PURPOSE, &parameters)?;
    Ok((visitor, parameters))
}

/// Whether one of these parts has anything to do at the desk.
fn has_part(policy: &Policy, roles: &[ActorRole]) -> bool {
    let mut acts = CardAction::ALL.iter();
    may(policy, roles, PersonAction::Find)
        || may(policy, roles, PersonAction::GiveTemporaryAccess)
        || acts.any(|act| may(policy, roles, *act))
}

/// The answer to somebody whose session has no role: to choose one, where there is one by now; and who
/// gives one, where there is none, since signing in again brings nobody any further.
async fn without_role(
    house: &Shared,
    arrival: &Arrival,
    opened: &Opened,
) -> Result<Failure, Failure> {
    let user_id = opened.session.user_id.clone();
    let read = house
        .store
        .read::<_, JourneyError, _>("desk.roles", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move { Ok(register::roles(tx, &user_id).await?) })
        });
    let held = read.await?;
    let m = &EN.desk.none;
    Ok(if offered(&held, arrival.now).is_empty() {
        let page = NonePage {
            frame: Frame::signed_in(),
            title: m.title_none,
            lead: m.lead_none.to_owned(),
            gives: Some(m.gives),
            roles: Vec::new(),
            again: false,
        };
        Failure::answer(page.respond())
    } else {
        no_part(&house.policy, m.lead_none.to_owned(), true)
    })
}

fn no_part(policy: &Policy, lead: String, again: bool) -> Failure {
    let parts = ActorRole::ALL.iter();
    let roles = parts.filter(|role| has_part(policy, &[**role]));
    let page = NonePage {
        frame: Frame::signed_in(),
        title: EN.desk.none.title,
        lead,
        gives: None,
        roles: roles.map(|role| (EN.desk.role)(*role)).collect(),
        again,
    };
    Failure::answer(page.respond())
}

/// Roles as a list in words.
fn in_words(roles: &[ActorRole]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| (EN.desk.role)(*role)).collect();
    names.join(", ")
}

/// A refusal that leads back to where it came from.
fn leading_back(failure: Failure, url: &str) -> Failure {
    match failure {
        Failure::Refused(mut refused) => {
            refused.back = Some(url.to_owned());
            Failure::Refused(refused)
        }
        other => other,
    }
}

/// A person as the desk recognises her; her photo is reached through what led to her.
fn whom(person: &Person, page: &str) -> Whom {
    let face = Face::of(person, None);
    Whom {
        name: face.name,
        photo: face.photo.then(|| format!("{page}/photo")),
        initials: face.initials,
    }
}

/// A card number as it stands on the plastic.
fn grouped(number: &str) -> String {
    let mut text = String::with_capacity(20);
    for (place, digit) in number.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refused;

    #[test]
    fn a_no_that_another_sign_in_helps_against_leads_to_it() {
        let leads = |code: RefusalCode| {
            let failure = with_sign_in(Refused::new(code.into()).into());
            let Failure::Refused(refused) = failure else {
                panic!("no refusal: {failure:?}")
            };
            refused.another_way
        };
        let sign_in = Some(OwnPage::Desk.sign_in_again_url());
        for code in [
            RefusalCode::AuthenticatorTooNew,
            RefusalCode::ReauthenticationNeeded,
            RefusalCode::SessionLevelTooLow,
            RefusalCode::ModelNotAllowed,
            RefusalCode::AttestationMissing,
        ] {
            assert_eq!(leads(code), sign_in, "{code:?}");
        }
        assert_eq!(leads(RefusalCode::IdentityClosed), None);
    }
}
