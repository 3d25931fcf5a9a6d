//! The desk's pages, with hostile text wherever somebody could put some.

use askama::Template;

use super::HOSTILE;
use crate::pages::Frame;
use crate::pages::app::Picture;
use crate::pages::deputy::{DeputyLine, DeputyPage, WardChoice};
use crate::pages::desk::{
    ActPage, CanDo, Cannot, Fact, FindPage, FoundRow, NonePage, Open, PersonPage, Question,
    ReceiptPage, SecondPage, SecondWork, Stage, Whom, WorkPage,
};
use crate::pages::invitation::{DeskWay, GivenPage, LinkPage, UnusedLine, UnusedPage, VisitPage};

fn text() -> String {
    HOSTILE.to_owned()
}

fn whom() -> Whom {
    Whom {
        name: text(),
        photo: Some(text()),
        initials: "<>".to_owned(),
    }
}

fn find() -> FindPage {
    let row = FoundRow {
        href: text(),
        name: text(),
        user_id: text(),
        card: Some("Active"),
        note: Some("Profile closed"),
    };
    FindPage {
        frame: Frame::gateway(),
        acting: text(),
        typed: text(),
        for_deputy: false,
        sees_unused: true,
        other_roles: true,
        found: Some(vec![row]),
        more: true,
    }
}

fn person() -> PersonPage {
    PersonPage {
        frame: Frame::gateway(),
        token: "token".to_owned(),
        done: Some("Done."),
        whom: whom(),
        notices: vec![text()],
        facts: vec![Fact::words("Works as", HOSTILE)],
        state: Some(vec![("Expired", true)]),
        card_facts: vec![Fact::number("Card number", HOSTILE)],
        pending: Some((text(), Some(text()))),
        ways: Some(vec![DeskWay {
            id: text(),
            name: text(),
            kind: "Authenticator app",
            level: "AAL2",
            state: ("In use", false),
            temporary: Some(text()),
            used: text(),
            can: vec![("suspend", "Stop it", text())],
        }]),
        person: text(),
        deputy_of: vec![DeputyLine {
            id: text(),
            ward: text(),
            until: text(),
        }],
        may_end_deputy: true,
        for_deputy: false,
        can: vec![CanDo {
            word: "renew",
            label: "Renew",
            href: None,
            card: text(),
            first: true,
        }],
        cannot: vec![Cannot {
            name: "Reissue",
            why: "No.",
            from: Some(text()),
            who: Some(text()),
        }],
    }
}

fn act(question: Question) -> String {
    let page = ActPage {
        frame: Frame::gateway(),
        token: "token".to_owned(),
        word: "dispatch".to_owned(),
        action: text(),
        text: (Frame::gateway().m.desk.act)("dispatch"),
        whom: whom(),
        facts: vec![Fact::words("State", HOSTILE)],
        hidden: vec![("card", text())],
        question,
        back: text(),
    };
    page.render().unwrap()
}

fn work(stage: Stage) -> String {
    let page = WorkPage {
        frame: Frame::gateway(),
        token: "token".to_owned(),
        title: text(),
        whom: whom(),
        facts: Vec::new(),
        stage,
        work_id: text(),
        card: text(),
        kind: "repair",
        restart: true,
        back: text(),
    };
    page.render().unwrap()
}

fn open() -> Stage {
    Stage::Open(Open {
        nonce: text(),
        command: text(),
        reasons: vec![("cannot_sign_in", "It does not sign in")],
        second_missing: true,
        seconded: Some(text()),
    })
}

fn second() -> SecondPage {
    SecondPage {
        frame: Frame::gateway(),
        token: "token".to_owned(),
        work: Some(SecondWork {
            work_id: text(),
            title: text(),
            whom: whom(),
            begun: text(),
        }),
        done: true,
    }
}

fn given() -> GivenPage {
    GivenPage {
        frame: Frame::gateway(),
        title: text(),
        whom: whom(),
        facts: vec![Fact::words("Works until", HOSTILE)],
        link: text(),
        picture: Picture::of(HOSTILE).unwrap(),
        back: text(),
    }
}

fn visit() -> VisitPage {
    VisitPage {
        frame: Frame::gateway(),
        whose: text(),
        until: Some(text()),
        finish_by: text(),
        apps: true,
        keys: true,
        token: "token".to_owned(),
    }
}

fn unused() -> UnusedPage {
    UnusedPage {
        frame: Frame::gateway(),
        lead: text(),
        lines: vec![UnusedLine {
            href: text(),
            owner: text(),
            kind: "Authenticator app",
            name: text(),
            used: text(),
            added: text(),
        }],
        next: Some(text()),
    }
}

fn deputy() -> DeputyPage {
    DeputyPage {
        frame: Frame::gateway(),
        token: "token".to_owned(),
        text: (Frame::gateway().m.desk.act)("deputy"),
        whom: whom(),
        facts: Vec::new(),
        person: text(),
        wards: vec![WardChoice {
            value: text(),
            label: text(),
            chosen: true,
        }],
        first_day: text(),
        last_day: text(),
        hint: text(),
        back: text(),
    }
}

/// All of them.
pub(super) fn all() -> Vec<String> {
    let receipt = ReceiptPage {
        frame: Frame::gateway(),
        lead: "Done.",
        facts: vec![Fact::words("Holder", HOSTILE)],
        back: text(),
        next: Some(("Send", text())),
    };
    let none = NonePage {
        frame: Frame::signed_in(),
        title: "title",
        lead: text(),
        gives: Some("who"),
        roles: vec!["RA manager"],
        again: true,
    };
    vec![
        find().render().unwrap(),
        person().render().unwrap(),
        receipt.render().unwrap(),
        second().render().unwrap(),
        none.render().unwrap(),
        given().render().unwrap(),
        unused().render().unwrap(),
        deputy().render().unwrap(),
        visit().render().unwrap(),
        LinkPage {
            frame: Frame::gateway(),
            secret: text(),
        }
        .render()
        .unwrap(),
        act(Question::Nothing),
        act(Question::Why(vec![("lost", "Lost")], true)),
        act(Question::Attest),
        act(Question::Reasons(vec![("lost", "Lost")])),
        act(Question::Addresses(vec![(text(), text(), text())])),
        work(Stage::Over),
        work(open()),
        work(Stage::Issued(vec![("authentication", text(), text())])),
    ]
}
