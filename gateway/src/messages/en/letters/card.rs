//! English: what people are told before their card ends and when it changes, and what managers of a
//! registration authority are told about their desk.

use enrolment::helpers::Helper;
use enrolment::home::Helped;
use enrolment::notices::Notice;
use policies::permit::IssueKind;
use policies::time::Time;

use crate::messages::EN;

/// Subject and text; empty for the notices whose words stand elsewhere.
pub(super) fn words(notice: &Notice, issuer: &str) -> (String, String) {
    match notice {
        Notice::CardEnds {
            days,
            not_after,
            opens_at,
            self_renewals_left,
            helpers,
            ..
        } => (
            format!("Your smartcard ends in {}", in_days(*days)),
            ends(
                (*not_after, *opens_at),
                *self_renewals_left,
                helpers,
                issuer,
            ),
        ),
        Notice::CardRenewed { ground, not_after } => renewed(*ground, *not_after, issuer),
        Notice::CardLocked => (
            "Your smartcard is locked".to_owned(),
            format!(
                "A wrong passcode was entered three times in a row, so your smartcard is locked. \
                 Your certificates and end dates stay as they are.\n\nSet a new passcode \
                 yourself:\n\n{issuer}/unlock\n\nIf it was not you who tried, somebody may have \
                 your card: cancel it at any hour:\n\n{issuer}/cancel"
            ),
        ),
        Notice::CardUnlockedAtDesk => (
            "Your smartcard was unlocked at a desk".to_owned(),
            format!(
                "Somebody at a desk has unlocked your smartcard, with you and the card there. If \
                 that was not you, cancel the card at any hour:\n\n{issuer}/cancel"
            ),
        ),
        Notice::HelpedElsewhere { helped, card, desk } => {
            let what = match helped {
                Helped::Unlocked => "set a new passcode on",
                Helped::Renewed => "renewed",
                Helped::Reissued => "gave new certificates to",
            };
            (
                "Another desk has helped somebody you look after".to_owned(),
                format!(
                    "The desk of {desk} {what} the smartcard {card}. It says that the holder was \
                     there with the card and was compared with the photo. You look after this \
                     person: if this should not have happened, cancel the card:\n\n{issuer}/desk"
                ),
            )
        }
        Notice::DeskShort {
            organisation,
            usable,
            end_together,
        } => (
            format!("Too few people can help at the desk of {organisation}"),
            desk_short(organisation, *usable, *end_together),
        ),
        _ => (String::new(), String::new()),
    }
}

fn renewed(ground: IssueKind, not_after: Time, issuer: &str) -> (String, String) {
    let (subject, what) = match ground {
        IssueKind::Reissue => (
            "Your smartcard works again",
            "has new certificates and works again",
        ),
        IssueKind::Repair => (
            "Your smartcard was repaired",
            "was repaired and has new certificates",
        ),
        _ => ("Your smartcard has been renewed", "has been renewed"),
    };
    let until = (EN.moment_with_zone)(not_after);
    let text = format!(
        "Your smartcard {what}. It ends {until}.\n\nIf that was not you, cancel the card at any \
         hour:\n\n{issuer}/cancel"
    );
    (subject.to_owned(), text)
}

/// A text message says when, and what to do; the rest is on the page.
pub(super) fn short(notice: &Notice, issuer: &str) -> Option<String> {
    let Notice::CardEnds {
        days,
        not_after,
        self_renewals_left,
        helpers,
        ..
    } = notice
    else {
        return None;
    };
    let (left, when) = (in_days(*days), (EN.moment_with_zone)(*not_after));
    let next = match (self_renewals_left, helpers.first()) {
        (0, Some(helper)) => format!(
            "Somebody must renew it with you, for example {}, {}.",
            helper.name, helper.contact
        ),
        (0, None) => {
            format!("Your registration authority must renew it with you: {issuer}/find-your-ra")
        }
        _ => format!("Renew it yourself: {issuer}/my/renew"),
    };
    Some(format!("Your smartcard ends in {left}, {when}. {next}"))
}

fn in_days(days: u32) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

fn ends(
    (not_after, opens_at): (Time, Time),
    left: u32,
    helpers: &[Helper],
    issuer: &str,
) -> String {
    let (when, from) = (
        (EN.moment_with_zone)(not_after),
        (EN.moment_with_zone)(opens_at),
    );
    let mut text = format!(
        "Your smartcard signs you in for the last time {when}. It can be renewed from the moment \
         its window opens, {from}."
    );
    text.push_str(&how_to_renew(left, helpers, issuer));
    text.push_str(
        "\n\nAfter that moment it can only be renewed in person. Both dates are in the \
                   calendar file that comes with this mail.",
    );
    text
}

fn desk_short(organisation: &str, usable: u32, end_together: bool) -> String {
    if end_together {
        return format!(
            "The cards of everybody at the registration authority of {organisation} end within \
             four weeks of each other. Have some of them renewed now, so that there is always \
             somebody who can help."
        );
    }
    let people = match usable {
        0 => "nobody has a card that works".to_owned(),
        1 => "one person has a card that works".to_owned(),
        usable => format!("{usable} people have cards that work"),
    };
    format!(
        "At the registration authority of {organisation}, {people}. Nobody can renew or reissue \
         their own card at a desk: at least two are needed. Ask for another agent, or have an \
         expired card reissued."
    )
}

fn how_to_renew(left: u32, helpers: &[Helper], issuer: &str) -> String {
    if left > 0 {
        return format!(
            "\n\nYou can renew it yourself, in about two minutes, at any computer with a card \
             reader:\n\n{issuer}/my/renew"
        );
    }
    let near: Vec<String> = helpers
        .iter()
        .map(|helper| {
            let Helper {
                name,
                organisation,
                hours,
                contact,
            } = helper;
            format!("{name}, {organisation}\n{hours}\n{contact}")
        })
        .collect();
    let who = if near.is_empty() {
        format!("{issuer}/find-your-ra")
    } else {
        near.join("\n\n")
    };
    format!(
        "\n\nYou have renewed it yourself as often as the rules allow, so this time somebody must \
         see you with your card. These people can help:\n\n{who}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(left: u32, helpers: Vec<Helper>) -> Notice {
        Notice::CardEnds {
            days: 90,
            set: "0a".to_owned(),
            not_after: "2028-11-20T23:30:00Z".parse().unwrap(),
            opens_at: "2028-08-22T23:30:00Z".parse().unwrap(),
            self_renewals_left: left,
            helpers,
        }
    }

    #[test]
    fn e24_the_reminder_names_the_local_date_with_its_zone() {
        let (subject, text) = words(&notice(2, Vec::new()), "https://id.example");
        assert_eq!(subject, "Your smartcard ends in 90 days");
        assert!(text.contains("on 23 August 2028 at 12:30am BST"), "{text}");
        assert!(
            text.contains("on 20 November 2028 at 11:30pm GMT"),
            "{text}"
        );
        assert!(text.contains("https://id.example/my/renew"));
    }

    #[test]
    fn whoever_has_used_both_self_renewals_is_told_who_can_help() {
        let helper = Helper {
            name: "Ruth Abara".to_owned(),
            organisation: "Northmoor".to_owned(),
            hours: "Monday 8 to 16".to_owned(),
            contact: "telephone 01632 960 214".to_owned(),
        };
        let told = notice(0, vec![helper]);
        let (_, text) = words(&told, "https://id.example");
        for part in ["Ruth Abara", "Northmoor", "Monday 8 to 16", "01632 960 214"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("/my/renew"));
        let text = short(&told, "https://id.example").unwrap();
        assert!(text.contains("Ruth Abara") && text.len() < 320, "{text}");
    }
}
