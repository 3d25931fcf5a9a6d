//! English: what people are told when their ways to sign in change.

use enrolment::notices::Notice;

use super::deputy;
use crate::messages::EN;

/// Subject and text; empty for the notices whose words stand elsewhere.
pub(super) fn words(notice: &Notice, issuer: &str) -> (String, String) {
    match notice {
        Notice::AuthenticatorAdded { method, name } => {
            let kind = kind(method);
            (
                format!("A new way to sign in: {kind}"),
                format!(
                    "{kind}, called \u{201c}{name}\u{201d}, was added to your ways to sign in.{}",
                    not_you(issuer)
                ),
            )
        }
        Notice::AuthenticatorChanged {
            method,
            name,
            state,
        } => {
            let (kind, what) = (kind(method), became(state));
            (
                format!("{kind} was {what}"),
                format!(
                    "{kind}, called \u{201c}{name}\u{201d}, was {what}.{}",
                    not_you(issuer)
                ),
            )
        }
        Notice::AuthenticatorsClosed => closed(),
        Notice::SeenInTwoPlaces { here, there } => (
            "You are signed in in two places".to_owned(),
            format!(
                "You signed in with {here}, while you were signed in with {there} and that was in \
                 use. If both are yours, do nothing.\n\nIf one is not yours, end it and report \
                 misuse, at any hour:\n\n{issuer}/my/sessions\n{issuer}/cancel"
            ),
        ),
        Notice::AuthenticatorInvited { ends_at: None } => (
            "A desk gave you a link to add a way to sign in".to_owned(),
            format!(
                "Somebody at a desk, who had you in front of them, gave you a link with which one way to \
                 sign in can be added to your profile. It works once, for some minutes.{}",
                not_you(issuer)
            ),
        ),
        Notice::AuthenticatorInvited {
            ends_at: Some(ends_at),
        } => (
            "You were given a way to sign in for one shift".to_owned(),
            format!(
                "Because your card is not with you, somebody who saw you gave you a link with which \
                 a way to sign in can be added to your profile. It works until {} and then ends by \
                 itself.{}",
                (EN.desk.stamp)(*ends_at),
                not_you(issuer)
            ),
        ),
        _ => deputy::words(notice, issuer),
    }
}

fn closed() -> (String, String) {
    let text = "Your profile was closed, and all your ways to sign in were taken away with it: none of \
                them opens anything any more. If you did not expect that, ask your registration \
                authority.";
    (
        "Your ways to sign in were taken away".to_owned(),
        text.to_owned(),
    )
}

fn kind(method: &str) -> &'static str {
    match method {
        "security-key" => "A security key",
        "windows-hello" => "Windows Hello on a computer",
        "passkey" => "A passkey",
        "ios" => "An iPad",
        "authenticator-app" => "A password with an authenticator app",
        _ => "Another organisation\u{2019}s sign-in",
    }
}

fn became(state: &str) -> &'static str {
    match state {
        "suspended" => "reported lost: it opens nothing until it is found",
        "raised" => "raised to AAL3, by a stronger sign-in of yours or at a desk",
        "active" => "put back in use",
        "locked" => "locked, because there may be a copy of it",
        _ => "taken away",
    }
}

fn not_you(issuer: &str) -> String {
    format!(
        "\n\nIf that was not you, look at your ways to sign in now, and report misuse at any hour:\n\n\
         {issuer}/my/authenticators\n{issuer}/cancel"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_temporary_access_and_of_a_naming_reads_as_a_sentence() {
        let ends_at = "2026-11-27T21:00:00Z".parse().unwrap();
        let given = Notice::AuthenticatorInvited {
            ends_at: Some(ends_at),
        };
        let named = Notice::DeputyNamed {
            ward: "Ward 7".to_owned(),
            organisation: "Northmoor".to_owned(),
            ends_at,
        };
        for notice in [given, named] {
            let (_, text) = words(&notice, "https://id.example");
            assert!(
                text.contains("until 27 November 2026, 9:00pm GMT"),
                "{text}"
            );
        }
    }
}
