//! A desk gives somebody a link in a meeting, with which she adds one authenticator: for good, or
//! for the shift of a card left at home (domain 5.7; attack table 29, 30, 40). The link works once,
//! for 15 minutes, in the browser that opens it first; what it opens is a visit that can add one
//! authenticator and nothing else, never a session. Of the link only the hash is kept.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policies::authenticator::Standing;
use policies::ids::{AuthenticatorId, InvitationId, SessionId, UserId};
use policies::invitation::{self as law, InvitationKind, InviteFacts, LinkFacts, Meeting};
use policies::permit::InvitePermit;
use policies::refusal::RefusalCode;
use policies::signin::Method;
use policies::time::Time;
use policies::values::Policy;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::{DeskActor, JourneyError, fresh_id};
use crate::audit::{Actor, Code, Event};
use crate::authenticators::{AddedBy, Authenticator};
use crate::codes::hash;
use crate::desk::{Desk, DeskSession};
use crate::notices::{self, Notice};
use crate::register::Person;
use crate::store::{Key, Store, StoreError, Tx, authenticators, invitations, people};

/// A link that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its name in the books.
    pub id: InvitationId,
    /// For whom.
    pub user_id: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// What for.
    pub kind: InvitationKind,
    /// Who gave it.
    pub invited_by: UserId,
    /// When.
    pub invited_at: Time,
    /// Its last second.
    pub expires_at: Time,
    /// The last second of what it adds, where that is temporary.
    pub ends_at: Option<Time>,
    /// SHA-256 of the secret of the browser that opened it.
    pub browser: Option<[u8; 32]>,
    /// Whether it has added its authenticator.
    pub spent: bool,
    /// Whether a newer one took its place.
    pub withdrawn: bool,
}

impl Invitation {
    /// What the law asks about it, from this browser.
    fn facts(&self, browser: Option<[u8; 32]>) -> LinkFacts {
        LinkFacts {
            person_open: self.person_open,
            expires_at: self.expires_at,
            withdrawn: self.withdrawn,
            spent: self.spent,
            opened_here: self.browser.map(|first| Some(first) == browser),
        }
    }
}

/// Whom a desk wants to give a link, and what for.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Whom.
    pub user_id: UserId,
    /// What for.
    pub kind: InvitationKind,
    /// What the desk says about the meeting.
    pub meeting: Meeting,
    /// Who gives it.
    pub by: DeskSession,
}

/// A link, as it is shown once. No `Debug`: whoever has it can add an authenticator.
#[derive(Clone)]
pub struct Given {
    /// The end of the link: 256 random bits.
    pub secret: Zeroizing<String>,
    /// Its last second.
    pub expires_at: Time,
    /// The last second of what it adds, where that is temporary.
    pub ends_at: Option<Time>,
}

/// What the law asks about giving a link, inside a transaction.
///
/// # Errors
/// What the engine says.
pub(crate) async fn facts(
    tx: Tx<'_>,
    person: &Person,
    (kind, meeting): (InvitationKind, Meeting),
    (desk, actor): (&Desk, &DeskActor),
    (now, policy): (Time, &Policy),
) -> Result<InviteFacts, StoreError> {
    let all = authenticators::of_person(tx, &person.user_id).await?;
    let every = policy.temporary_every();
    Ok(InviteFacts {
        user_id: person.user_id.clone(),
        person_open: person.open,
        identity_verified: person.id_assurance_level > 0,
        ra_staff: desk.is_ra_staff(tx, &person.user_id, now).await?,
        kind,
        meeting,
        count: count(&all),
        temporary_from: invitations::temporary_from(tx, &person.user_id, every, now).await?,
        actor: actor.facts(&person.user_id),
    })
}

/// How many of hers count towards the limit: those for one shift end by themselves.
pub(crate) fn count(all: &[Authenticator]) -> u32 {
    let lasting = all.iter().filter(|one| one.ends_at.is_none());
    u32::try_from(lasting.count()).unwrap_or(u32::MAX)
}

/// Gives the link; what she was given before works no more.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::invitation::invite` does.
pub async fn invite(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: Invite,
    now: Time,
) -> Result<Given, JourneyError> {
    let id: InvitationId = fresh_id()?.parse()?;
    let mut bits = Zeroizing::new([0_u8; 32]);
    SystemRandom::new()
        .fill(bits.as_mut_slice())
        .map_err(|_| JourneyError::NoChance)?;
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(bits.as_slice()));
    let secret_hash = hash(&secret);
    let (policy, key) = (
        Arc::clone(policy),
        Key::of("person", wanted.user_id.as_str()),
    );
    let (expires_at, ends_at) = store
        .write("authenticator.invite", key, move |tx| {
            let (policy, wanted, id) = (Arc::clone(&policy), wanted.clone(), id.clone());
            Box::pin(async move {
                let person = people::find(tx, &wanted.user_id)
                    .await?
                    .ok_or(RefusalCode::NotFound)?;
                let asked = (wanted.kind, wanted.meeting);
                let by = wanted.by.user_id.clone();
                let desk = Desk::from(wanted.by);
                let actor = desk.actor(tx, &person.user_id, now).await?;
                let by_whom = (&desk, &actor);
                let facts = facts(tx, &person, asked, by_whom, (now, &policy)).await?;
                let permit = law::invite(&facts, now, &policy)?;
                spend(tx, permit, (id, secret_hash), by).await
            })
        })
        .await?;
    Ok(Given {
        secret,
        expires_at,
        ends_at,
    })
}

async fn spend(
    tx: Tx<'_>,
    permit: InvitePermit,
    (id, secret_hash): (InvitationId, [u8; 32]),
    by: UserId,
) -> Result<(Time, Option<Time>), JourneyError> {
    let now = permit.decided_at();
    let new = Invitation {
        id,
        user_id: permit.user_id().clone(),
        person_open: true,
        kind: permit.kind(),
        invited_by: by.clone(),
        invited_at: now,
        expires_at: permit.expires_at(),
        ends_at: permit.ends_at(),
        browser: None,
        spent: false,
        withdrawn: false,
    };
    invitations::withdraw(tx, &new.user_id, now).await?;
    invitations::insert(tx, &new, secret_hash).await?;
    let event = Event::AuthenticatorInvited {
        actor: Actor::Person(by),
        person: new.user_id.clone(),
        invitation: new.id.clone(),
        task: Code::of(new.kind.as_str()),
    };
    tx.audit(now, &event).await?;
    let notice = Notice::AuthenticatorInvited {
        ends_at: new.ends_at,
    };
    notices::tell(tx, &new.user_id, &notice, now).await?;
    Ok((new.expires_at, new.ends_at))
}

/// Looks at a link without opening it: mail programs and cameras follow links by themselves.
///
/// # Errors
/// Refuses with `invitation_unknown`, and as `policies::invitation::judge_link` does.
pub async fn look(
    store: &Store,
    secret: &str,
    browser: Option<[u8; 32]>,
    now: Time,
) -> Result<Invitation, JourneyError> {
    let secret = hash(secret);
    store
        .read("invitation.look", move |tx| {
            Box::pin(async move {
                let found = invitations::by_secret(tx, secret).await?;
                let found = found.ok_or(RefusalCode::InvitationUnknown)?;
                law::judge_link(&found.facts(browser), now)?;
                Ok(found)
            })
        })
        .await
}

/// Opens a link in this browser, whose from now on it is. Opening it there again changes nothing.
///
/// # Errors
/// As [`look`].
pub async fn open(
    store: &Store,
    secret: &str,
    browser: [u8; 32],
    now: Time,
) -> Result<Invitation, JourneyError> {
    let secret = hash(secret);
    store
        .write("invitation.open", Key::none(), move |tx| {
            Box::pin(async move {
                let found = invitations::by_secret(tx, secret).await?;
                let found = found.ok_or(RefusalCode::InvitationUnknown)?;
                law::judge_link(&found.facts(Some(browser)), now)?;
                if found.browser.is_some() {
                    return Ok(found);
                }
                if !invitations::open(tx, &found.id, browser, now).await? {
                    return Err(RefusalCode::InvitationOpenedElsewhere.into());
                }
                let event = Event::InvitationOpened {
                    person: found.user_id.clone(),
                    invitation: found.id.clone(),
                };
                tx.audit(now, &event).await?;
                Ok(found)
            })
        })
        .await
}

/// Somebody in the browser that opened her link.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    /// The link.
    pub invitation: Invitation,
    /// Who she is.
    pub person: Person,
}

/// Who visits with this browser.
///
/// # Errors
/// Refuses with `invitation_unknown` in any other browser, and as
/// `policies::invitation::judge_link` does.
pub async fn visit(store: &Store, browser: [u8; 32], now: Time) -> Result<Visit, JourneyError> {
    store
        .read("invitation.visit", move |tx| {
            Box::pin(async move {
                let invitation = live(tx, browser, now).await?;
                let person = people::find(tx, &invitation.user_id)
                    .await?
                    .ok_or(RefusalCode::NotFound)?;
                Ok(Visit { invitation, person })
            })
        })
        .await
}

async fn live(tx: Tx<'_>, browser: [u8; 32], now: Time) -> Result<Invitation, JourneyError> {
    let found = invitations::by_browser(tx, browser).await?;
    let found = found.ok_or(RefusalCode::InvitationUnknown)?;
    law::judge_link(&found.facts(Some(browser)), now)?;
    Ok(found)
}

/// The browser in which a link was opened: what its visitor stands on when she adds an
/// authenticator. Every kind of authenticator takes it in the place of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// SHA-256 of the browser's secret.
    pub browser: [u8; 32],
}

/// What a link makes of the authenticator that it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Who put it on record.
    pub(crate) by: AddedBy,
    /// Its last second, where it is temporary.
    pub(crate) ends_at: Option<Time>,
}

impl Ticket {
    /// How its visitor stands now, inside a transaction: at the level of the desk's act, which is
    /// fresh for as long as the link lives.
    ///
    /// # Errors
    /// As [`visit`]; `not_found` for anybody but the person who was invited.
    pub(crate) async fn standing(
        self,
        tx: Tx<'_>,
        user_id: &UserId,
        now: Time,
    ) -> Result<Standing, JourneyError> {
        let found = live(tx, self.browser, now).await?;
        if found.user_id != *user_id {
            return Err(RefusalCode::NotFound.into());
        }
        Ok(Standing {
            aal: found.kind.bound_at(),
            authenticated_at: now,
            // The desk's own, which no other organisation vouches for.
            method: Method::Smartcard,
            temporary: false,
        })
    }

    /// Whether what its visitor adds ends with a shift.
    ///
    /// # Errors
    /// As [`visit`].
    pub(crate) async fn is_for_one_shift(
        self,
        tx: Tx<'_>,
        now: Time,
    ) -> Result<bool, JourneyError> {
        let found = live(tx, self.browser, now).await?;
        Ok(found.kind == InvitationKind::Temporary)
    }

    /// Spends the link for this authenticator, inside the transaction that adds it.
    ///
    /// # Errors
    /// As [`visit`]; `invitation_used` when another was quicker.
    pub(crate) async fn spend(
        self,
        tx: Tx<'_>,
        authenticator: &AuthenticatorId,
        now: Time,
    ) -> Result<Origin, JourneyError> {
        let found = live(tx, self.browser, now).await?;
        let whose = (&found.id, self.browser);
        if !invitations::spend(tx, whose, authenticator, now).await? {
            return Err(RefusalCode::InvitationUsed.into());
        }
        let event = Event::InvitationSpent {
            person: found.user_id.clone(),
            invitation: found.id.clone(),
            authenticator: authenticator.clone(),
        };
        tx.audit(now, &event).await?;
        Ok(Origin {
            by: match found.kind {
                InvitationKind::Lasting => AddedBy::Desk,
                InvitationKind::Temporary => AddedBy::Temporary,
            },
            ends_at: found.ends_at,
        })
    }
}

/// The name under which ceremonies of a visit are kept, where a session's would stand.
///
/// # Errors
/// None that we know: the name of a link fits.
pub fn seat_of(invitation: &Invitation) -> Result<SessionId, JourneyError> {
    Ok(format!("invitation-{}", invitation.id).parse()?)
}

/// Forgets at most `piece` links of long ago; how many went.
///
/// # Errors
/// What the engine says.
pub async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    invitations::forget_ended(tx, now, piece).await
}
