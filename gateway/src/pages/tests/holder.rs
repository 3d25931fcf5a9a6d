//! The holder's pages with hostile text in every field.

use askama::Template;
use enrolment::helpers::Helper;
use policies::refusal::RefusalCode;

use super::super::my::{
    ActivityPage, CardFacts, DeskLine, FindRaPage, MyCardPage, Progress, ReadingPage, RenewPage,
    SessionLine, SessionsPage,
};
use super::{Frame, HOSTILE, face, line};

fn hostile() -> String {
    HOSTILE.to_owned()
}

pub(super) fn helper() -> Helper {
    Helper {
        name: hostile(),
        organisation: hostile(),
        hours: hostile(),
        contact: hostile(),
    }
}

fn card() -> CardFacts {
    CardFacts {
        number: hostile(),
        state: "Active",
        expired: true,
        certificates: vec![("Signing in", hostile())],
        window_opens: Some(hostile()),
        left: hostile(),
        pending: true,
        opens_at: None,
        refused: None,
        helpers: vec![helper()],
    }
}

fn renew(progress: Progress) -> String {
    RenewPage {
        frame: Frame::gateway(),
        progress,
        ends: Some(hostile()),
        left: hostile(),
        card_program: hostile(),
        commands: (hostile(), hostile()),
        helpers: vec![helper()],
        waiting: Some(hostile()),
    }
    .render()
    .unwrap()
}

fn my_card(card: Option<CardFacts>) -> String {
    let (frame, face) = (Frame::gateway(), face());
    MyCardPage { frame, face, card }.render().unwrap()
}

fn find_ra(desks: Vec<DeskLine>, too_short: bool) -> String {
    FindRaPage {
        frame: Frame::gateway(),
        typed: hostile(),
        too_short,
        searched: !too_short,
        desks,
    }
    .render()
    .unwrap()
}

fn reading() -> String {
    let frame = Frame::gateway();
    ReadingPage {
        text: &frame.m.my.contact,
        frame,
        name: "contact",
        said: vec![hostile()],
        act: Some(("/unlock", "Set a new passcode")),
    }
    .render()
    .unwrap()
}

pub(super) fn pages() -> Vec<String> {
    let m = Frame::gateway().m;
    let text = m.refusals.of_act(RefusalCode::SelfRenewalLimitReached);
    let refused = Progress::Refused {
        code: "self_renewal_limit_reached",
        text,
        opens_at: Some(hostile()),
    };
    let session = SessionLine {
        sid: hostile(),
        current: true,
        since: hostile(),
        active: hostile(),
        way: hostile(),
        with: Some(hostile()),
        place: hostile(),
        role: Some(line()),
    };
    let desk = DeskLine {
        organisation: hostile(),
        code: hostile(),
        hosted: Some(hostile()),
        hours: hostile(),
        contact: hostile(),
    };
    let activity = ActivityPage {
        frame: Frame::gateway(),
        lines: vec![(hostile(), hostile())],
        next: Some(hostile()),
        first: false,
    };
    let sessions = SessionsPage {
        frame: Frame::gateway(),
        lines: vec![session],
        token: "token".to_owned(),
    };
    vec![
        my_card(Some(card())),
        my_card(Some(CardFacts {
            refused: Some(text),
            ..card()
        })),
        my_card(None),
        renew(Progress::Ready),
        renew(Progress::Begun),
        renew(Progress::Pending),
        renew(Progress::Done),
        renew(refused),
        activity.render().unwrap(),
        sessions.render().unwrap(),
        reading(),
        find_ra(vec![desk], false),
        find_ra(Vec::new(), false),
        find_ra(Vec::new(), true),
    ]
}

#[test]
fn the_header_leads_away_where_somebody_is_signed_in_and_nowhere_else() {
    for (frame, leads) in [(Frame::signed_in(), true), (Frame::gateway(), false)] {
        let face = face();
        let page = MyCardPage {
            frame,
            face,
            card: None,
        };
        let page = page.render().unwrap();
        let header = page.split("<main").next().unwrap();
        assert_eq!(header.contains("href=\"/\""), leads, "{header}");
        assert_eq!(header.contains("href=\"/oauth2/end_session\""), leads);
    }
    let found = find_ra(Vec::new(), false);
    assert!(found.contains("<a href=\"/\">"), "{found}");
}

#[test]
fn two_sessions_in_one_role_are_told_apart_by_when_they_began() {
    let session = |since: &str| SessionLine {
        sid: hostile(),
        current: false,
        since: since.to_owned(),
        active: hostile(),
        way: hostile(),
        with: None,
        place: hostile(),
        role: Some(line()),
    };
    let page = SessionsPage {
        frame: Frame::signed_in(),
        lines: vec![session("at nine"), session("at ten")],
        token: "token".to_owned(),
    };
    let page = page.render().unwrap();
    for (number, since) in [(1, "at nine"), (2, "at ten")] {
        let label = format!("aria-labelledby=\"session-{number} since-{number}\"");
        let began = format!("id=\"since-{number}\">{since}<");
        assert!(page.contains(&label) && page.contains(&began), "{page}");
    }
}
