//! A work on somebody's certificates, from its number to its receipt: the same journeys as the API,
//! for a desk whose card client hands over requests and takes certificates as text.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use enrolment::cards::CertificateSet;
use enrolment::desk::{self, Attestation, WorkKind};
use enrolment::journeys::JourneyError;
use enrolment::journeys::desk_card::{self, DeskCard};
use enrolment::requests::CertificateRequest;
use enrolment::work_view::{self, WorkView};
use http::HeaderMap;
use policies::card::KeyRole;
use policies::ids::{CardNumber, Serial};
use policies::renewal::RepairReason;
use policies::time::Time;

use super::{Visitor, grouped, leading_back, visitor, visitor_by_form, whom};
use crate::api::outcome::{About, settle};
use crate::api::pem;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::desk::{Fact, Open, ReceiptPage, Stage, WorkPage};
use crate::signin::transaction::{self, see_other};

/// The operation of the API that issues for this kind.
const fn operation(kind: WorkKind, restart: bool) -> &'static str {
    match kind {
        _ if restart => "restartDeskCardWork",
        WorkKind::Issue => "produceCard",
        WorkKind::Renew => "renewCardAssisted",
        WorkKind::Reissue => "reissueCardInPerson",
        WorkKind::Repair => "repairCard",
    }
}

fn address(work_id: &str, restart: bool) -> String {
    let query = if restart { "?restart=1" } else { "" };
    format!("/desk/works/{work_id}{query}")
}

/// `POST /desk/works`: begins a work.
///
/// # Errors
/// The refusal; what the store says.
pub(super) async fn begin(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let card = form.clean("card").and_then(|text| text.parse().ok());
    let card: CardNumber = card.ok_or(Failure::BadRequest("card_malformed"))?;
    let kind = form.clean("kind").and_then(|text| text.parse().ok());
    let kind: WorkKind = kind.ok_or(Failure::BadRequest("kind_malformed"))?;
    let about = About::desk(visitor.user_id(), Some(card.clone()));
    let page = format!("/desk/cards/{card}");
    let desk = visitor.desk;
    let begun =
        desk::start_work(&house.store, &house.policy, (card, kind), desk, arrival.now).await;
    let begun = settle(&house, &arrival, "startDeskCardWork", about, begun).await;
    let begun = begun.map_err(|failure| leading_back(failure, &page))?;
    see_other(&address(&begun.work_id, form.clean("restart").is_some()))
}

/// `GET /desk/works/{work_id}`: where the work stands.
///
/// # Errors
/// [`Failure::NotFound`] for somebody else's; what the store says.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(work_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let visitor = visitor(&house, &arrival, &headers).await?;
    let view = own(&house, &arrival, &visitor, work_id).await?;
    if view.is_confirmed() {
        return see_other(&format!("/desk/works/{}/receipt", view.work_id));
    }
    let restart = query.clean("restart").is_some();
    let shown = (restart, house.names.issuer.as_str());
    Ok(draw(&visitor, &view, shown, arrival.now).respond())
}

/// The work, which this desk person began.
async fn own(
    house: &Shared,
    arrival: &Arrival,
    visitor: &Visitor,
    work_id: String,
) -> Result<WorkView, Failure> {
    let about = About::work(house, visitor.user_id(), &work_id).await?;
    let view = read(house, arrival, visitor, work_id).await;
    let view = settle(house, arrival, "startDeskCardWork", about, view).await?;
    if view.is_own {
        Ok(view)
    } else {
        Err(Failure::NotFound)
    }
}

/// The work as this desk person may see it.
pub(super) async fn read(
    house: &Shared,
    arrival: &Arrival,
    visitor: &Visitor,
    work_id: String,
) -> Result<WorkView, JourneyError> {
    let (policy, desk, now) = (house.policy.clone(), visitor.desk.clone(), arrival.now);
    let read = house.store.read("desk.work_page", move |tx| {
        let (policy, desk, work_id) = (policy.clone(), desk.clone(), work_id.clone());
        Box::pin(async move { work_view::of(tx, &policy, &work_id, desk, now).await })
    });
    read.await
}

fn draw(
    visitor: &Visitor,
    view: &WorkView,
    (restart, issuer): (bool, &str),
    now: Time,
) -> WorkPage {
    let m = &EN.desk;
    let card = view.card.to_string();
    let back = format!("/desk/cards/{card}");
    let stage = match &view.set {
        Some(set) => Stage::Issued(certificates(set)),
        None if now > view.expires_at => Stage::Over,
        None => Stage::Open(open(view, issuer)),
    };
    let mut facts = vec![
        Fact::number(m.person.labels.number, grouped(&card)),
        Fact::number(m.work.number, grouped(&view.work_id)),
    ];
    if view.set.is_none() {
        facts.push(Fact::words(m.work.until, (m.stamp)(view.expires_at)));
    }
    WorkPage {
        frame: Frame::signed_in(),
        token: visitor.token(),
        title: (m.work.title)(view.kind.as_str(), &view.holder.display_name),
        whom: whom(&view.holder, &back),
        facts,
        stage,
        work_id: view.work_id.clone(),
        card,
        kind: view.kind.as_str(),
        restart,
        back,
    }
}

fn open(view: &WorkView, issuer: &str) -> Open {
    let m = &EN.desk;
    let seconded = view.second_actor.as_ref();
    let reasons = RepairReason::ALL.iter();
    let reasons = reasons.filter(|_| view.kind == WorkKind::Repair);
    Open {
        nonce: view.nonce.clone().unwrap_or_default(),
        command: wire::command::desk(view.kind.as_str(), view.card.as_str(), issuer),
        reasons: reasons
            .map(|one| (one.as_str(), (m.repair)(*one)))
            .collect(),
        second_missing: view.second_actor_needed && seconded.is_none(),
        seconded: seconded.map(|second| (m.work.seconded)(&second.display_name)),
    }
}

fn certificates(set: &CertificateSet) -> Vec<(&'static str, String, String)> {
    let one = |held: &enrolment::cards::HeldCertificate| {
        let serial = held.serial.to_string();
        (held.key_role.as_str(), serial, pem(&held.der))
    };
    set.certificates.iter().map(one).collect()
}

/// `POST /desk/works/issue`: attestation and requests.
///
/// # Errors
/// The refusal; what the store says.
pub(super) async fn issue(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let view = own(&house, &arrival, &visitor, work_of(&form)?).await?;
    let restart = form.clean("restart").is_some();
    let ticked = |name: &str| form.clean(name) == Some("yes");
    let wanted = DeskCard {
        work_id: view.work_id.clone(),
        requests: requests(&form)?,
        attestation: Attestation {
            holder_present: ticked("holder_present"),
            photo_compared: ticked("photo_compared"),
            reason: form.clean("reason").and_then(|word| word.parse().ok()),
            evidence: Vec::new(),
        },
        restart,
        idempotency_key: None,
    };
    let about = About::desk(visitor.user_id(), Some(view.card.clone()));
    let (issuing, desk, now) = (house.issuing(), visitor.desk, arrival.now);
    let set = if restart {
        desk_card::restart(&issuing, wanted, desk, now).await
    } else {
        desk_card::issue(&issuing, view.kind, wanted, desk, now).await
    };
    let page = address(&view.work_id, restart);
    let task = operation(view.kind, restart);
    let set = settle(&house, &arrival, task, about, set).await;
    set.map_err(|failure| leading_back(failure, &page))?;
    see_other(&page)
}

fn work_of(form: &Parameters) -> Result<String, Failure> {
    let work = form
        .clean("work")
        .ok_or(Failure::BadRequest("work_missing"))?;
    Ok(work.to_owned())
}

/// The two requests as they were pasted; whether they are what they should be is for the law to say.
fn requests(form: &Parameters) -> Result<Vec<CertificateRequest>, Failure> {
    let request = |key_role, name: &str| -> Result<CertificateRequest, Failure> {
        let text = form
            .single(name)
            .ok_or(Failure::BadInput("csrs_malformed"))?;
        Ok(CertificateRequest {
            key_role,
            csr: text.trim().as_bytes().to_vec(),
        })
    };
    Ok(vec![
        request(KeyRole::Authentication, "csr_authentication")?,
        request(KeyRole::Signature, "csr_signature")?,
    ])
}

/// `POST /desk/works/confirm`: the certificates are on the card.
///
/// # Errors
/// The refusal; what the store says.
pub(super) async fn confirm(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let work_id = work_of(&form)?;
    let serials: Vec<Serial> = KeyRole::ALL
        .iter()
        .filter_map(|role| form.clean(&format!("serial_{role}"))?.parse().ok())
        .collect();
    let about = About::work(&house, visitor.user_id(), &work_id).await?;
    let done =
        desk_card::confirm(&house.store, &work_id, serials, &visitor.desk, arrival.now).await;
    let done = settle(&house, &arrival, "confirmDeskCardWork", about, done).await;
    done.map_err(|failure| leading_back(failure, &address(&work_id, false)))?;
    see_other(&format!("/desk/works/{work_id}/receipt"))
}

/// `GET /desk/works/{work_id}/receipt`: what was done, to keep.
///
/// # Errors
/// [`Failure::NotFound`] for a work of somebody else, or one that has issued nothing.
pub(super) async fn receipt(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(work_id): Path<String>,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    let view = own(&house, &arrival, &visitor, work_id).await?;
    let set = view.set.as_ref().ok_or(Failure::NotFound)?;
    let (m, labels) = (&EN.desk, &EN.desk.person.labels);
    let card = view.card.to_string();
    let mut facts = vec![
        Fact::words(m.work.holder, view.holder.display_name.clone()),
        Fact::number(labels.user_id, view.holder.user_id.to_string()),
        Fact::number(labels.number, grouped(&card)),
    ];
    let end = set.certificates.first().map(|one| (m.stamp)(one.not_after));
    facts.extend(end.map(|end| Fact::words(labels.valid_until, end)));
    for one in &set.certificates {
        let label = (m.work.serial)(one.key_role.as_str());
        facts.push(Fact::number(label, one.serial.to_string()));
    }
    let by = format!("{} ({})", view.begun_by.display_name, visitor.acting.1);
    facts.push(Fact::words(m.work.by, by));
    let second = view.second_actor.as_ref();
    facts.extend(second.map(|one| Fact::words(m.work.second, one.display_name.clone())));
    facts.push(Fact::words(m.work.at, (m.stamp)(view.started_at)));
    facts.push(Fact::number(m.work.number, grouped(&view.work_id)));
    let next = (view.kind == WorkKind::Issue).then(|| {
        (
            (m.act)("dispatch").button,
            format!("/desk/act/dispatch?card={card}"),
        )
    });
    let page = ReceiptPage {
        frame: Frame::signed_in(),
        lead: (m.work.receipt_lead)(view.kind.as_str()),
        facts,
        back: format!("/desk/cards/{card}"),
        next,
    };
    Ok(page.respond())
}
