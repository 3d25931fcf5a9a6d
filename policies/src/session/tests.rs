use super::*;
use crate::samples::at;
use crate::time::Span;

fn standing(aal: Aal, age: Span, idle: Span) -> SessionStanding {
    let authenticated_at = at("2029-01-15T08:00:00Z");
    let now = authenticated_at.plus(age);
    let facts = SessionFacts {
        aal,
        authenticated_at,
        last_active_at: now.minus(idle),
        ended: false,
    };
    judge(&facts, now, &Policy::default_file())
}

fn is_live(standing: SessionStanding) -> bool {
    matches!(standing, SessionStanding::Live { .. })
}

#[test]
fn s1_a_session_is_over_after_twelve_hours_however_busy() {
    let almost = Span::seconds(12 * 3_600 - 1);
    for aal in [Aal::Aal2, Aal::Aal3] {
        assert!(is_live(standing(aal, almost, Span::ZERO)));
        assert_eq!(
            standing(aal, Span::hours(12), Span::ZERO),
            SessionStanding::Over
        );
    }
}

#[test]
fn s1_a_session_is_idle_after_fifteen_minutes_at_aal3_and_thirty_at_aal2() {
    let age = Span::hours(2);
    assert!(is_live(standing(Aal::Aal3, age, Span::seconds(899))));
    assert_eq!(
        standing(Aal::Aal3, age, Span::minutes(15)),
        SessionStanding::Idle
    );
    assert!(is_live(standing(Aal::Aal2, age, Span::seconds(1_799))));
    assert_eq!(
        standing(Aal::Aal2, age, Span::minutes(30)),
        SessionStanding::Idle
    );
}

#[test]
fn s2_a_fresh_proof_is_offered_from_eleven_and_a_half_hours() {
    let ends_at = at("2029-01-15T20:00:00Z");
    let before = standing(Aal::Aal3, Span::seconds(41_399), Span::ZERO);
    assert_eq!(
        before,
        SessionStanding::Live {
            ends_at,
            reauthenticate_soon: false
        }
    );
    let from = standing(Aal::Aal3, Span::minutes(690), Span::ZERO);
    assert_eq!(
        from,
        SessionStanding::Live {
            ends_at,
            reauthenticate_soon: true
        }
    );
}

#[test]
fn an_ended_session_stays_ended() {
    let now = at("2029-01-15T08:00:00Z");
    let facts = SessionFacts {
        aal: Aal::Aal3,
        authenticated_at: now,
        last_active_at: now,
        ended: true,
    };
    assert_eq!(
        judge(&facts, now, &Policy::default_file()),
        SessionStanding::Ended
    );
}

#[test]
fn signing_in_never_stops_because_a_clock_fell_back() {
    assert!(is_live(standing(Aal::Aal3, Span::minutes(-10), Span::ZERO)));
}

/// Sessions of which the one was used so many minutes ago, all at this level.
fn used_ago(aal: Aal, minutes: &[i64]) -> Vec<SessionFacts> {
    let now = at("2029-01-15T12:00:00Z");
    let facts = |ago: &i64| SessionFacts {
        aal,
        authenticated_at: now.minus(Span::hours(1)),
        last_active_at: now.minus(Span::minutes(*ago)),
        ended: false,
    };
    minutes.iter().map(facts).collect()
}

fn crowded(others: &[SessionFacts]) -> Vec<usize> {
    crowded_out(others, at("2029-01-15T12:00:00Z"), &Policy::default_file())
}

#[test]
fn s10_ten_sessions_live_and_the_one_used_longest_ago_makes_room() {
    assert!(crowded(&[]).is_empty());
    assert!(crowded(&used_ago(Aal::Aal3, &[1, 2, 3, 4, 5, 6, 7, 8, 9])).is_empty());
    let ten = used_ago(Aal::Aal3, &[1, 2, 3, 9, 5, 6, 7, 8, 4, 5]);
    assert_eq!(crowded(&ten), [3]);
    let twelve = used_ago(Aal::Aal3, &[1, 2, 14, 9, 5, 6, 7, 8, 4, 5, 13, 1]);
    assert_eq!(crowded(&twelve), [3, 10, 2], "the later used first");
}

#[test]
fn s10_what_is_idle_takes_up_no_place() {
    let mut some = used_ago(Aal::Aal3, &[1, 15, 3, 9, 5, 6, 7, 20, 8, 4]);
    assert!(crowded(&some).is_empty(), "eight of them live");
    some.extend(used_ago(Aal::Aal2, &[16, 29, 31]));
    assert_eq!(crowded(&some), [11], "AAL2 lives on without use for longer");
}
