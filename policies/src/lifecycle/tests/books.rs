//! Our books and the card may disagree on a blocked passcode.

use super::*;

#[test]
fn l3_what_our_books_say_of_the_passcode_does_not_matter() {
    for state in [CardState::Active, CardState::Locked] {
        let facts = UnlockFacts {
            subject: in_state(state),
            not_after: at(NOW),
            verified_contact: true,
            codes_this_hour: 1,
            code: CodeFacts::Right { sent_at: at(NOW) },
        };
        assert!(unlock(&facts, at(NOW), &policy()).is_ok(), "{state}");
        assert!(unlocked(&facts.subject, at(NOW)).is_ok(), "{state}");
        assert!(report_misuse(&facts.subject, at(NOW)).is_ok(), "{state}");
    }
    for state in [
        CardState::Requested,
        CardState::Produced,
        CardState::Dispatched,
    ] {
        let refused = |judged: Result<_, Refusal>| judged.map(drop).unwrap_err().code;
        let subject = in_state(state);
        let code = refused(unlocked(&subject, at(NOW)).map(drop));
        assert_eq!(code, RefusalCode::CardNotActive, "{state}");
        let code = refused(report_misuse(&subject, at(NOW)).map(drop));
        assert_eq!(code, RefusalCode::CardNotActive, "{state}");
    }
}
