//! The link that a desk gives in a meeting: as a picture for a phone and in letters, shown this once.

use axum::response::Response;
use enrolment::journeys::invitation::{Invite, invite};
use policies::ids::UserId;
use policies::invitation::{InvitationKind, Meeting};

use super::person::{address, read_person};
use super::{Visitor, leading_back, whom};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::enrol;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::app::Picture;
use crate::pages::desk::Fact;
use crate::pages::invitation::GivenPage;

/// What the word of an offer gives, if it gives a link.
pub(super) fn kind_of(word: &str) -> Option<InvitationKind> {
    match word {
        "invite" => Some(InvitationKind::Lasting),
        "temporary" => Some(InvitationKind::Temporary),
        _ => None,
    }
}

/// What the tick boxes of a form say.
pub(super) fn meeting(form: &Parameters) -> Meeting {
    let ticked = |name: &str| form.clean(name) == Some("yes");
    Meeting {
        holder_present: ticked("holder_present"),
        photo_compared: ticked("photo_compared"),
    }
}

/// Gives the link and shows it.
pub(super) async fn give(
    house: &Shared,
    arrival: &Arrival,
    (kind, operation): (InvitationKind, &'static str),
    (visitor, person, form): (&Visitor, UserId, &Parameters),
) -> Result<Response, Failure> {
    let about = About::person(visitor.user_id(), person.clone());
    let wanted = Invite {
        user_id: person.clone(),
        kind,
        meeting: meeting(form),
        by: visitor.desk.clone(),
    };
    let back = format!("/desk/people/{person}");
    let given = invite(&house.store, &house.policy, wanted, arrival.now).await;
    let given = settle(house, arrival, operation, about.clone(), given).await;
    let given = given.map_err(|failure| leading_back(failure, &back))?;
    let view = read_person(house, arrival, person, visitor.desk.clone()).await;
    let view = settle(house, arrival, operation, about, view).await?;
    let (m, stamp) = (&EN.invitations, EN.desk.stamp);
    let link = format!("{}{}", house.names.issuer, enrol::path_of(&given.secret));
    let mut facts = vec![Fact::words(m.works_until, stamp(given.expires_at))];
    facts.extend(given.ends_at.map(|at| Fact::words(m.ends, stamp(at))));
    Ok(GivenPage {
        frame: Frame::signed_in(),
        title: (m.given)(&view.person.display_name),
        whom: whom(&view.person, &address(&view)),
        facts,
        picture: Picture::of(&link)?,
        link,
        back,
    }
    .respond())
}
