//! `CARD_URL/login?t=`: what the card listener says about the card in this handshake. It completes
//! nothing itself: a card that may sign in gets a ticket, which the gateway redeems only in the
//! browser that began the sign-in; every other gets its page (contract 4.2). No cookie is read or
//! set here, and the chain was judged by the TLS verifier before (house decision 10).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ca::verify::{ForeignReason, Presented};
use enrolment::audit::{CertificateName, Event, Reference as TrailReference};
use enrolment::authenticators;
use enrolment::cards;
use enrolment::helpers::{self, Helper};
use enrolment::store::{Key, StoreError, Tx};
use policies::ids::{Serial, UserId};
use policies::rbac::Rbac;
use policies::refusal::{Refusal, RefusalCode};
use policies::signin::{Method, judge_card};
use policies::time::{Span, Time};
use policies::values::Policy;
use ring::digest::{SHA256, digest};

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::my::overview::who_helps;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::trail;
use crate::signin::transaction::{self, Handle, WAYS, see_other};
use crate::store::transactions::{self, NewTicket};

/// Life of a ticket: 60 seconds, the last one included (contract 4.2).
const TICKET_LIFE: Span = Span::seconds(60);

/// The handler.
///
/// # Errors
/// What the store says.
pub async fn login(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let handle = parameters.clean("t").and_then(Handle::parse);
    let shown = Shown::of(arrival.presented.as_deref());
    let ticket: [u8; 32] = house.random()?;
    let errand = Errand {
        now: arrival.now,
        handshake_at: arrival.handshake_at,
        reference: trail::reference(&arrival)?,
        handle: handle.clone(),
        shown,
        ticket_hash: digest(&SHA256, &ticket).as_ref().to_vec(),
        policy: house.policy.clone(),
        rbac: house.rbac.clone(),
    };
    let verdict = match &errand.shown {
        Shown::Nothing {
            code,
            certificate: None,
        } if !arrival.may_leave_a_line() => Verdict::Refused(*code, None),
        _ => errand.judge(&house).await?,
    };
    match (verdict, handle) {
        (Verdict::HandOver, Some(handle)) => see_other(&format!(
            "{}/signin/card?t={}&ticket={}",
            house.names.issuer,
            handle.as_str(),
            URL_SAFE_NO_PAD.encode(ticket),
        )),
        (Verdict::HandOver | Verdict::NoSignIn, _) => {
            let next = NextSteps::default();
            Ok(refusal(&house, &arrival, Stop::SignInOver, next))
        }
        (Verdict::Refused(code, known), handle) => {
            let ways =
                handle.map(|handle| format!("{}/signin?t={}", house.names.issuer, handle.as_str()));
            // Whoever is known to have no other way is not sent to look for one.
            let looks = known.as_ref().is_none_or(|known| !known.others.is_empty());
            let other_way = ways.as_ref().map(|ways| format!("{ways}{WAYS}"));
            let next = NextSteps {
                again: ways,
                other_way: other_way.filter(|_| looks),
                known: known.is_some(),
                other_methods: known.as_ref().map(Known::in_words).unwrap_or_default(),
                helpers: known.map(|known| known.helpers).unwrap_or_default(),
                codes: house.vault.is_some(),
            };
            Ok(refusal(&house, &arrival, Stop::Law(code), next))
        }
    }
}

/// The page; its links lead to the gateway, where every way to sign in is.
fn refusal(house: &Shared, arrival: &Arrival, stop: Stop, next: NextSteps) -> Response {
    let frame = Frame::elsewhere(&house.names.issuer);
    stop_page(frame, stop, &Reference::from(arrival), next)
}

/// What the connection showed, as the books name it.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// A certificate of ours for signing in.
    Ours { issuer: String, serial: Serial },
    /// Nothing that could sign in.
    Nothing {
        code: RefusalCode,
        certificate: Option<CertificateName>,
    },
}

impl Shown {
    /// Tells ours from everything else.
    pub(crate) fn of(presented: Option<&Presented>) -> Self {
        match presented {
            None | Some(Presented::NoCertificate) => Self::Nothing {
                code: RefusalCode::NoCertificate,
                certificate: None,
            },
            Some(Presented::Ours(card)) => Self::Ours {
                issuer: card.issuer().to_string(),
                serial: card.serial().clone(),
            },
            Some(Presented::Foreign(ForeignReason::WrongPurpose { issuer, serial })) => {
                Self::Nothing {
                    code: RefusalCode::CertificateWrongPurpose,
                    certificate: name(issuer.as_str(), serial),
                }
            }
            Some(Presented::Foreign(
                ForeignReason::TooMany
                | ForeignReason::TooLarge
                | ForeignReason::Malformed
                | ForeignReason::NotIssuedHere,
            )) => Self::Nothing {
                code: RefusalCode::CertificateUntrusted,
                certificate: None,
            },
        }
    }
}

pub(super) fn name(issuer: &str, serial: &Serial) -> Option<CertificateName> {
    let issuer = issuer.parse().ok()?;
    Some(CertificateName {
        issuer,
        serial: serial.clone(),
    })
}

/// What the books say.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    HandOver,
    NoSignIn,
    /// With what helps her, where the card has shown whose it is.
    Refused(RefusalCode, Option<Known>),
}

/// What helps a person whose card is refused: her other ways in, and who can help now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    others: Vec<Method>,
    helpers: Vec<Helper>,
}

impl Known {
    fn in_words(&self) -> Vec<&'static str> {
        let name = |method: &Method| (EN.methods.way)(*method).name;
        self.others.iter().map(name).collect()
    }
}

/// What the write closure owns.
struct Errand {
    now: Time,
    handshake_at: Time,
    reference: TrailReference,
    handle: Option<Handle>,
    shown: Shown,
    ticket_hash: Vec<u8>,
    policy: Arc<Policy>,
    rbac: Arc<Rbac>,
}

impl Errand {
    async fn judge(self, house: &Shared) -> Result<Verdict, Failure> {
        let errand = Arc::new(self);
        let write = house
            .store
            .write::<_, StoreError, _>("signin.card", Key::none(), move |tx| {
                let errand = errand.clone();
                Box::pin(async move { errand.within(tx).await })
            });
        Ok(write.await?)
    }

    async fn within(&self, tx: Tx<'_>) -> Result<Verdict, StoreError> {
        let (issuer, serial) = match &self.shown {
            Shown::Ours { issuer, serial } => (issuer, serial),
            Shown::Nothing { code, certificate } => {
                return self
                    .refuse(tx, (*code).into(), None, certificate.clone())
                    .await;
            }
        };
        let certificate = name(issuer, serial);
        let Some(standing) = cards::standing(tx, issuer, serial).await? else {
            let unknown = RefusalCode::CertificateUnknown.into();
            return self.refuse(tx, unknown, None, certificate).await;
        };
        if let Err(refusal) = judge_card(&standing.facts(), self.now) {
            return self
                .refuse(tx, refusal, Some(standing.person), certificate)
                .await;
        }
        let Some(handle) = &self.handle else {
            return Ok(Verdict::NoSignIn);
        };
        if !transactions::is_under_way(tx, handle, self.now).await? {
            return Ok(Verdict::NoSignIn);
        }
        let ticket = NewTicket {
            hash: self.ticket_hash.clone(),
            handle: handle.clone(),
            issuer: issuer.clone(),
            serial: serial.clone(),
            handshake_at: self.handshake_at,
        };
        transactions::hand_over(tx, &ticket, self.now, self.now.plus(TICKET_LIFE)).await?;
        Ok(Verdict::HandOver)
    }

    async fn refuse(
        &self,
        tx: Tx<'_>,
        refusal: Refusal,
        person: Option<UserId>,
        certificate: Option<CertificateName>,
    ) -> Result<Verdict, StoreError> {
        let reference = self.reference.clone();
        let event = Event::SignInRefused {
            code: refusal.code,
            person: person.clone(),
            certificate,
            reference,
        };
        tx.audit(self.now, &event).await?;
        let Some(person) = person else {
            return Ok(Verdict::Refused(refusal.code, None));
        };
        let wanted = who_helps(&refusal, &self.policy);
        let others = authenticators::usable(tx, &person, None, self.now).await?;
        let about = (Some(person), None);
        let known = Known {
            others: others.into_iter().map(|(method, _)| method).collect(),
            helpers: helpers::near(tx, about, &wanted, &self.rbac, self.now).await?,
        };
        Ok(Verdict::Refused(refusal.code, Some(known)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(presented: Option<&Presented>) -> Option<RefusalCode> {
        match Shown::of(presented) {
            Shown::Ours { .. } => None,
            Shown::Nothing { code, .. } => Some(code),
        }
    }

    #[test]
    fn whatever_is_not_ours_is_told_apart_before_the_books_are_opened() {
        assert_eq!(code(None), Some(RefusalCode::NoCertificate));
        assert_eq!(
            code(Some(&Presented::NoCertificate)),
            Some(RefusalCode::NoCertificate)
        );
        for reason in [
            ForeignReason::TooMany,
            ForeignReason::TooLarge,
            ForeignReason::Malformed,
            ForeignReason::NotIssuedHere,
        ] {
            let foreign = Presented::Foreign(reason);
            assert_eq!(
                code(Some(&foreign)),
                Some(RefusalCode::CertificateUntrusted)
            );
        }
    }
}
