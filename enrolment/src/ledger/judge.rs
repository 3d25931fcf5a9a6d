//! Facts and law of each ground on which a set may be asked for. Answers with the permit and what
//! the intent needs to know besides.

mod first;

use policies::card::CertificateState;
use policies::ids::IntentId;
use policies::issuance::KeyFacts;
use policies::permit::{IssueKind, IssuePermit, Validity};
use policies::refusal::RefusalCode;
use policies::renewal::{
    DeskFacts, RenewalFacts, RestartFacts, SecondActor, SetFacts, assisted, reissue, repair,
    restart, self_renew,
};
use policies::time::Time;

use super::{DeskWish, Ground, Issuing, Presented, Wish};
use crate::cards::Standing;
use crate::desk::{Attested, Desk, WORK_LIFE, WorkKind};
use crate::desk_parts;
use crate::journeys::{DeskActor, JourneyError, Subject, abandon, self_renew as renewing};
use crate::store::desk_works::Work;
use crate::store::intents::Intent;
use crate::store::{StoreError, Tx, certificates, desk_works, intents, renewals};

/// A permit with what its intent needs to know.
pub(super) struct Judged {
    pub(super) permit: IssuePermit,
    /// The set that the new one follows.
    pub(super) predecessor: Option<IntentId>,
    /// The pending set that the new one takes the place of.
    pub(super) replaces: Option<Intent>,
    /// What the desk attested.
    pub(super) attested: Option<Attested>,
}

impl Judged {
    fn plain(permit: IssuePermit) -> Self {
        Self {
            permit,
            predecessor: None,
            replaces: None,
            attested: None,
        }
    }
}

/// Asks the law.
pub(super) async fn judge(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    now: Time,
) -> Result<Judged, JourneyError> {
    let judged = judge_ground(tx, issuing, wish, now).await?;
    // Last of all questions (T9): a set between its two transactions is nobody's to take the place
    // of, however long it has been there.
    let pending = intents::pending(tx, &wish.card).await?;
    if pending.is_some_and(|set| set.state != CertificateState::Delivered) {
        return Err(RefusalCode::RenewalInProgress.into());
    }
    Ok(judged)
}

async fn judge_ground(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    now: Time,
) -> Result<Judged, JourneyError> {
    match &wish.ground {
        Ground::First {
            user_id,
            by,
            work_id,
        } => {
            let first = (user_id, by, work_id.as_deref());
            let permit = first::judge_first(tx, issuing, wish, first, now).await?;
            Ok(Judged::plain(permit))
        }
        Ground::SelfRenewal {
            renewal_id,
            presented,
        } => judge_renewal(tx, issuing, wish, (renewal_id, presented), now).await,
        Ground::SelfRestart {
            renewal_id,
            presented,
        } => judge_restart(tx, issuing, wish, (renewal_id, presented), now).await,
        Ground::Desk(desk) => judge_desk(tx, issuing, wish, desk, now).await,
    }
}

/// Facts and law of a renewal by the holder.
async fn judge_renewal(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    renewal: (&String, &Presented),
    now: Time,
) -> Result<Judged, JourneyError> {
    let (renewal_id, presented) = renewal;
    // First what ends by itself: it may be the very set that the card proved.
    abandon::if_forgotten(tx, &wish.card, &issuing.policy, now).await?;
    let standing = own_card(tx, presented, wish).await?;
    let begun = renewals::find(tx, renewal_id)
        .await?
        .filter(|begun| begun.card == wish.card);
    let unspent = begun.is_some_and(|begun| begun.intent_id.is_none());
    let facts = renewal_facts(tx, issuing, wish, set_of(&standing), unspent).await?;
    Ok(Judged {
        permit: self_renew(&facts, now, &issuing.policy)?,
        predecessor: Some(standing.set_id),
        replaces: None,
        attested: None,
    })
}

/// Facts and law of a pending renewal that its holder begins again with fresh keys.
async fn judge_restart(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    renewal: (&String, &Presented),
    now: Time,
) -> Result<Judged, JourneyError> {
    let (renewal_id, presented) = renewal;
    abandon::if_forgotten(tx, &wish.card, &issuing.policy, now).await?;
    let standing = own_card(tx, presented, wish).await?;
    let pending = intents::pending(tx, &wish.card).await?;
    let begun = renewals::find(tx, renewal_id).await?;
    let its_own = begun.is_some_and(|begun| {
        begun.card == wish.card
            && begun.intent_id.is_some()
            && begun.intent_id.as_ref() == pending.as_ref().map(|set| &set.id)
    });
    let mut renewal = renewal_facts(tx, issuing, wish, set_of(&standing), its_own).await?;
    // Whoever proves the new set has begun to use it: its keys are not lost.
    let proves_it = |set: &Intent| set.id == standing.set_id;
    if pending.as_ref().is_some_and(proves_it) {
        renewal.pending = None;
    }
    let facts = RestartFacts {
        renewal,
        desk: None,
    };
    let permit = restart(&facts, now, &issuing.policy)?;
    Ok(Judged {
        permit,
        predecessor: pending.as_ref().and_then(|set| set.predecessor.clone()),
        replaces: pending,
        attested: None,
    })
}

/// Facts and law of a work at a desk: assisted renewal, reissue, repair, or one of them again.
async fn judge_desk(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    desk: &DeskWish,
    now: Time,
) -> Result<Judged, JourneyError> {
    let work = work_of(tx, wish, desk).await?;
    let actor = Desk::from(desk.by.clone())
        .actor(tx, &work.user_id, now)
        .await?;
    abandon::if_forgotten(tx, &wish.card, &issuing.policy, now).await?;
    let pending = released_pending(tx, wish).await?;
    let current = intents::current(tx, &wish.card).await?;
    let proven = work.intent_id.is_none() && now <= work.started_at.plus(WORK_LIFE);
    let set = set_at_desk(tx, wish, current.as_ref().or(pending.as_ref()), now).await?;
    let facts = renewal_facts(tx, issuing, wish, set, proven).await?;
    let said = DeskFacts {
        actor: actor.facts(&work.user_id),
        holder_present: desk.attestation.holder_present,
        photo_compared: desk.attestation.photo_compared,
    };
    let policy = &issuing.policy;
    let permit = match work.kind {
        _ if desk.restart => {
            let facts = RestartFacts {
                renewal: facts,
                desk: Some(said),
            };
            restart(&facts, now, policy)?
        }
        WorkKind::Issue => return Err(RefusalCode::CardNotActive.into()),
        WorkKind::Renew => assisted(&facts, &said, now, policy)?,
        WorkKind::Reissue => {
            let second = second_actor(tx, issuing, desk, &work, now).await?;
            reissue(&facts, &said, &second, now, policy)?
        }
        WorkKind::Repair => repair(&facts, &said, desk.attestation.reason, now, policy)?,
    };
    let replaces = pending.filter(|_| desk.restart || work.kind == WorkKind::Repair);
    Ok(Judged {
        attested: Some(attested(desk, &work, &actor, &permit)),
        predecessor: if desk.restart {
            replaces.as_ref().and_then(|set| set.predecessor.clone())
        } else {
            current.map(|set| set.id)
        },
        replaces,
        permit,
    })
}

/// The work that the wish is about; one of another card, or begun by somebody else, is not there.
async fn work_of(tx: Tx<'_>, wish: &Wish, desk: &DeskWish) -> Result<Work, JourneyError> {
    let work = desk_works::find(tx, &desk.work_id)
        .await?
        .filter(|work| work.card == wish.card && work.actor == desk.by.user_id);
    Ok(work.ok_or(RefusalCode::NotFound)?)
}

/// The set that a desk's act starts from: the current one, else the pending one, else the newest
/// that was ever released, for a repaired card whose new set was given up has neither.
async fn set_at_desk(
    tx: Tx<'_>,
    wish: &Wish,
    living: Option<&Intent>,
    now: Time,
) -> Result<SetFacts, StoreError> {
    let newest = match living {
        Some(_) => None,
        None => intents::newest(tx, &wish.card).await?,
    };
    Ok(match living.or(newest.as_ref()) {
        Some(set) => SetFacts {
            state: set.state,
            validity: Validity {
                not_before: set.not_before,
                not_after: set.not_after,
            },
        },
        // Nothing was ever on this card, so it is not active; the law asks that first.
        None => SetFacts {
            state: CertificateState::Burned,
            validity: Validity {
                not_before: now,
                not_after: now,
            },
        },
    })
}

/// Role and profile of the second actor are read again now, like those of the first.
async fn second_actor(
    tx: Tx<'_>,
    issuing: &Issuing,
    desk: &DeskWish,
    work: &Work,
    now: Time,
) -> Result<SecondActor, StoreError> {
    let rbac = &desk.by.rbac;
    if !desk_parts::is_ra_staff(tx, &work.user_id, rbac, now).await? {
        return Ok(SecondActor::NotNeeded);
    }
    let Some(second) = &work.second_actor else {
        return Ok(SecondActor::Missing);
    };
    let parts = desk_parts::parts_now(tx, second, rbac, now).await?;
    let may = policies::access::may(&issuing.policy, &parts, work.kind.task());
    Ok(if may && *second != work.user_id {
        SecondActor::Confirmed
    } else {
        SecondActor::Missing
    })
}

fn attested(desk: &DeskWish, work: &Work, actor: &DeskActor, permit: &IssuePermit) -> Attested {
    let evidence = &desk.attestation.evidence;
    Attested {
        actor: actor.person().unwrap_or(&work.actor).clone(),
        second_actor: work.second_actor.clone(),
        holder_present: desk.attestation.holder_present,
        photo_compared: desk.attestation.photo_compared,
        out_of_area: permit.reach() == policies::access::Reach::OutOfArea,
        reason: desk.attestation.reason,
        evidence: evidence.iter().map(ToString::to_string).collect(),
    }
}

/// The card that asks is the one that the wish is about.
async fn own_card(
    tx: Tx<'_>,
    presented: &Presented,
    wish: &Wish,
) -> Result<Standing, JourneyError> {
    let standing = renewing::proven_by(tx, presented).await?;
    if standing.card == wish.card {
        Ok(standing)
    } else {
        Err(RefusalCode::CertificateUnknown.into())
    }
}

fn set_of(standing: &Standing) -> SetFacts {
    SetFacts {
        state: standing.certificate_state,
        validity: Validity {
            not_before: standing.not_before,
            not_after: standing.not_after,
        },
    }
}

/// The pending set, if it was released; one that is between its two transactions is nobody's to
/// take the place of.
async fn released_pending(tx: Tx<'_>, wish: &Wish) -> Result<Option<Intent>, StoreError> {
    let pending = intents::pending(tx, &wish.card).await?;
    Ok(pending.filter(|set| set.state == CertificateState::Delivered))
}

/// What every later set has in common; `nonce_stands` when the requests carry a nonce that is
/// theirs to spend.
async fn renewal_facts(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    current: SetFacts,
    nonce_stands: bool,
) -> Result<RenewalFacts, JourneyError> {
    let subject = Subject::of_card(tx, &wish.card).await?;
    let pending = intents::pending(tx, &wish.card).await?;
    let keys = key_facts(tx, wish).await?;
    Ok(RenewalFacts {
        subject: subject.facts(),
        current,
        self_renewals_in_a_row: subject.card.self_renewals,
        pending: pending.map(|set| set.pending_facts()),
        keys: KeyFacts {
            proven: keys.proven && nonce_stands,
            ..keys
        },
        issuer_not_after: issuing.authority.current()?.validity().not_after,
    })
}

async fn key_facts(tx: Tx<'_>, wish: &Wish) -> Result<KeyFacts, StoreError> {
    let mut fresh = true;
    for (_, key) in wish.keys.keys() {
        fresh &= !certificates::key_is_known(tx, &hex::encode(key.spki_sha256())).await?;
    }
    Ok(wish.keys.facts(fresh))
}

/// Whether a set that a desk issues begins a new epoch of the card.
pub(super) const fn begins_epoch(kind: IssueKind) -> bool {
    matches!(
        kind,
        IssueKind::Assisted | IssueKind::Reissue | IssueKind::Repair
    )
}
