//! English: the trail in words, as the person it is about reads it. Names stand on no line: the
//! trail has none.

use enrolment::audit::{Actor, Event};
use policies::permit::IssueKind;

use crate::messages::EN;

/// One line.
pub(super) fn words(event: &Event) -> String {
    signing_in(event)
        .or_else(|| card(event))
        .or_else(|| in_whose_hands(event))
        .or_else(|| authenticator(event))
        .or_else(|| person(event))
        .or_else(|| deputy(event))
        .unwrap_or_else(|| format!("Recorded: {}.", event.kind().replace('_', " ")))
}

fn signing_in(event: &Event) -> Option<String> {
    Some(match event {
        Event::SignedIn { method, .. } => format!("You signed in {}.", how(method.as_str())),
        Event::SignInRefused {
            code, reference, ..
        } => format!(
            "A sign-in was refused: {}. Reference {}.",
            lower(EN.refusals.of_act(*code).title),
            reference.as_str()
        ),
        Event::RoleChosen { organisation, .. } => {
            format!("You chose a role at organisation {organisation}.")
        }
        Event::SessionEnded { reason, .. } => match reason.as_str() {
            "replaced" => "Your session ended: somebody else signed in with that browser.",
            "federation_off" => {
                "Your session ended: signing in by way of that organisation was switched off."
            }
            "session_limit" => {
                "Your session ended: you have signed in at many other places since you used it."
            }
            "authenticator_lost" => {
                "A session ended: what had opened it was lost, and you found it."
            }
            "misuse_reported" => "A session ended: you reported that your card was misused.",
            "signed_out" => "You signed out.",
            _ => "A session of yours ended.",
        }
        .to_owned(),
        Event::CodeIssued { client, .. } => {
            format!("The application {client} received your details.")
        }
        Event::CodeReplayed { client, .. } => {
            format!("A used code of the application {client} came again; its access was ended.")
        }
        _ => return None,
    })
}

/// How, from the word of `amr`.
fn how(method: &str) -> String {
    match method {
        "N3_SMARTCARD" => "with your smartcard",
        "FIDO2" => "with a security key",
        "WINDOWS_HELLO" => "with Windows Hello",
        "PASSKEY" | "IOS" => "with a passkey",
        "TOTP" => "with password and authenticator app",
        "FEDERATED" => "by way of another organisation",
        other => return format!("({other})"),
    }
    .to_owned()
}

fn card(event: &Event) -> Option<String> {
    Some(match event {
        Event::CertificatesIssued { .. } => {
            "New certificates were issued for your card.".to_owned()
        }
        Event::CertificatesWithheld { .. } => {
            "New certificates were made but not handed out: the card had ended.".to_owned()
        }
        Event::CertificatesConfirmed { .. } => {
            "The new certificates are on your card and in use.".to_owned()
        }
        Event::CardRequested { actor, .. } => {
            format!("A smartcard was requested for you{}.", by(actor))
        }
        Event::CardActivated { actor, .. } => format!("Your smartcard was activated{}.", by(actor)),
        Event::CardLocked { .. } => "Your smartcard was locked.".to_owned(),
        Event::CardUnlocked { actor, .. } => format!("Your smartcard was unlocked{}.", by(actor)),
        Event::CardCancelled { actor, reason, .. } => format!(
            "Your smartcard was cancelled{}: {}.",
            by(actor),
            reason.as_str().replace('_', " ")
        ),
        Event::Reminded { .. } => "You were reminded that your card ends.".to_owned(),
        Event::DeskWorkStarted { actor, .. } => {
            format!("Work on your smartcard began{}.", by(actor))
        }
        Event::DeskWorkSeconded { .. } => {
            "A second person at the desk stood behind the work on your smartcard.".to_owned()
        }
        Event::DeskActed { ground, .. } => {
            format!("Your smartcard was {} at a desk.", done(*ground))
        }
        _ => return None,
    })
}

/// The card on its way, and its passcode.
fn in_whose_hands(event: &Event) -> Option<String> {
    Some(match event {
        Event::CodeAsked { .. } => "A one-time code was asked for in your name.".to_owned(),
        Event::UnblockKeyReleased { .. } => {
            "A one-time code opened the way to a new passcode of your smartcard.".to_owned()
        }
        Event::CardUnlockedAtDesk { .. } => {
            "Your smartcard was given a new passcode at a desk.".to_owned()
        }
        Event::CardSecretsReleased {
            actor: Actor::Holder(_),
            ..
        } => "Your card program was given the key with which it renews your smartcard.".to_owned(),
        Event::CardSecretsReleased { .. } => {
            "A desk was given keys of your smartcard, to write on it or to set its passcode."
                .to_owned()
        }
        Event::CardDispatched { organisation, .. } => {
            format!("Your smartcard was sent to organisation {organisation}.")
        }
        Event::CardReceived { .. } => {
            "A desk recorded that you have your smartcard in your hands.".to_owned()
        }
        Event::PlasticRecorded { .. } => {
            "A desk recorded what became of a smartcard of yours.".to_owned()
        }
        Event::MisuseReported { .. } => {
            "It was reported in your name that your card or account was misused.".to_owned()
        }
        _ => return None,
    })
}

/// What became of a way to sign in.
fn changed(state: &str, reason: &str) -> &'static str {
    match state {
        "active" if reason == "tried" => "You tried a new way to sign in, and it works.",
        "suspended" if reason == "lost" => "A way to sign in was reported lost.",
        "suspended" => "A way to sign in was stopped.",
        "locked" => "A way to sign in was locked: there may be a copy of it.",
        "active" => "A way to sign in was found again.",
        _ => "A way to sign in was taken away.",
    }
}

/// Her ways to sign in beside the card.
fn authenticator(event: &Event) -> Option<String> {
    Some(match event {
        Event::AuthenticatorAdded { .. } => {
            "A way to sign in was added to your profile.".to_owned()
        }
        Event::AuthenticatorRaised { .. } => {
            "A way to sign in counts fully now, after your stronger sign-in.".to_owned()
        }
        Event::AuthenticatorRaisedAtDesk { .. } => "A desk raised a way to sign in.".to_owned(),
        Event::AuthenticatorInvited { task, .. } if task.as_str() == "temporary" => {
            "A desk gave you a link to a way to sign in for one shift.".to_owned()
        }
        Event::AuthenticatorInvited { .. } => {
            "A desk gave you a link to add a way to sign in.".to_owned()
        }
        Event::InvitationOpened { .. } => "The link of the desk was opened.".to_owned(),
        Event::InvitationSpent { .. } => "The link of the desk was used.".to_owned(),
        Event::AuthenticatorChanged {
            actor,
            state,
            reason,
            ..
        } => {
            let what = changed(state.as_str(), reason.as_str());
            match actor {
                Actor::Person(_) => format!("At a desk: {}", lower(what)),
                _ => what.to_owned(),
            }
        }
        _ => return None,
    })
}

fn person(event: &Event) -> Option<String> {
    Some(match event {
        Event::SeenInTwoPlaces { .. } => {
            "You signed in while you were signed in somewhere else.".to_owned()
        }
        Event::FederationEmailMatched { federation, .. } => format!(
            "An account at {federation} that nobody has linked came with your e-mail address; it \
             opened nothing."
        ),
        Event::FederationRefused {
            federation,
            code,
            reference,
            ..
        } => format!(
            "An answer of {federation} was refused: {}. Reference {}.",
            lower(EN.refusals.of_act(*code).title),
            reference.as_str()
        ),
        Event::PersonRegistered { .. } => "Your profile was opened.".to_owned(),
        Event::PersonClosed { .. } => "Your profile was closed.".to_owned(),
        Event::PersonReopened { .. } => "Your profile was opened again.".to_owned(),
        Event::ContactChanged { .. } => "You changed an address where you are reached.".to_owned(),
        Event::TermsAccepted { .. } => "You accepted the terms.".to_owned(),
        Event::RoleGranted { organisation, .. } => {
            format!("You were given a role at organisation {organisation}.")
        }
        Event::RoleSuspended { .. } => "A role of yours was suspended.".to_owned(),
        Event::RoleEnded { .. } => "A role of yours ended.".to_owned(),
        Event::ActRefused {
            code, reference, ..
        } => format!(
            "Something about you or your card was refused: {}. Reference {}.",
            lower(EN.refusals.of_act(*code).title),
            reference.as_str()
        ),
        Event::ActorOutOfScope { .. } => {
            "Somebody at a desk of another area looked for you and was refused.".to_owned()
        }
        _ => return None,
    })
}

fn deputy(event: &Event) -> Option<String> {
    Some(match event {
        Event::DeputyNamed { .. } => "You were named the deputy of your ward.".to_owned(),
        Event::DeputyEnded { .. } => "You are the deputy of your ward no more.".to_owned(),
        _ => return None,
    })
}

const fn by(actor: &Actor) -> &'static str {
    match actor {
        Actor::Holder(_) => " by yourself",
        Actor::Person(_) => " at a desk",
        Actor::Operator(_) => " by an operator",
        Actor::System => "",
    }
}

const fn done(ground: IssueKind) -> &'static str {
    match ground {
        IssueKind::Reissue => "given new certificates after it had expired",
        IssueKind::Repair => "repaired",
        IssueKind::First => "made",
        _ => "renewed",
    }
}

/// A title inside a sentence.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use enrolment::audit::Code;
    use policies::card::PlasticState;
    use policies::ids::{CardNumber, UserId};

    use super::*;

    fn her() -> UserId {
        "555000000007".parse().unwrap()
    }

    fn card() -> CardNumber {
        "9000000000000001".parse().unwrap()
    }

    #[test]
    fn what_a_desk_does_is_told_in_sentences() {
        let actor = || Actor::Person("555000000005".parse().unwrap());
        let (person, card) = (her, card);
        let all = [
            Event::CardUnlockedAtDesk {
                actor: actor(),
                person: person(),
                card: card(),
                out_of_area: false,
            },
            Event::CardSecretsReleased {
                actor: actor(),
                person: person(),
                card: card(),
            },
            Event::CardDispatched {
                actor: actor(),
                person: person(),
                card: card(),
                organisation: "NW1".parse().unwrap(),
            },
            Event::CardReceived {
                actor: actor(),
                person: person(),
                card: card(),
            },
            Event::PlasticRecorded {
                actor: actor(),
                person: person(),
                card: card(),
                plastic: PlasticState::Returned,
            },
            Event::PersonReopened {
                actor: actor(),
                person: person(),
            },
        ];
        for event in &all {
            let words = words(event);
            assert!(
                words.ends_with('.') && !words.starts_with("Recorded"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_renewal_of_ones_own_is_no_act_of_a_desk() {
        let released = |actor| Event::CardSecretsReleased {
            actor,
            person: her(),
            card: card(),
        };
        let own = words(&released(Actor::Holder(her())));
        assert!(own.starts_with("Your card program was given"), "{own}");
        let desk = Actor::Person("555000000005".parse().unwrap());
        assert!(words(&released(desk)).starts_with("A desk was given"));
    }

    #[test]
    fn a_desk_that_takes_a_way_to_sign_in_away_is_named() {
        let taken = |actor| Event::AuthenticatorChanged {
            actor,
            person: her(),
            authenticator: "a".parse().unwrap(),
            state: Code::of("removed"),
            reason: Code::of("removed"),
        };
        let desk = taken(Actor::Person("555000000005".parse().unwrap()));
        assert_eq!(words(&desk), "At a desk: a way to sign in was taken away.");
        assert_eq!(
            words(&taken(Actor::Holder(her()))),
            "A way to sign in was taken away."
        );
    }
}
