//! Every page: names can do no harm, one heading, nothing inline, tokens in every form, and a
//! refusal says its code, its reference and the next step.

mod desk;
mod holder;

use askama::Template;
use axum::response::Response;
use http_body_util::BodyExt;
use policies::refusal::RefusalCode;
use policies::signin::Method;

use super::people::{Face, RoleLine};
use super::sign_in::{
    ContinueAsPage, Hidden, MethodsPage, RenewalNoticePage, RolesPage, SignedIn, SoftCardChoice,
    SoftCardForm, SoftCardProblem, StartPage, StepUp, Way, WayLine,
};
use super::{Frame, NextSteps, Reference, SignOutForm, sign_out_page, signed_out_page, stop_page};
use crate::messages::RefusalText;
use crate::signin::{Stop, TicketFault};

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}&amp;";

/// The refusals of contract 4.2, in their order.
const OF_A_SIGN_IN: [RefusalCode; 12] = [
    RefusalCode::NoCertificate,
    RefusalCode::CertificateUntrusted,
    RefusalCode::CertificateWrongPurpose,
    RefusalCode::CertificateUnknown,
    RefusalCode::IdentityClosed,
    RefusalCode::CardCancelled,
    RefusalCode::CardLocked,
    RefusalCode::CardNotActive,
    RefusalCode::CertificateRevoked,
    RefusalCode::CertificateSuperseded,
    RefusalCode::CertificateNotYetValid,
    RefusalCode::CertificateExpired,
];

fn hidden() -> Hidden {
    Hidden {
        t: "handle".to_owned(),
        token: "token".to_owned(),
    }
}

fn line() -> RoleLine {
    RoleLine {
        role_id: HOSTILE.to_owned(),
        job: HOSTILE.to_owned(),
        organisation: HOSTILE.to_owned(),
        code: HOSTILE.to_owned(),
        until: Some(HOSTILE.to_owned()),
        current: true,
    }
}

fn face() -> Face {
    Face {
        user_id: HOSTILE.to_owned(),
        name: HOSTILE.to_owned(),
        initials: "<>".to_owned(),
        photo: true,
        role: Some(line()),
    }
}

fn reference() -> Reference {
    Reference {
        at: "2026-11-22T16:18:00Z".parse().unwrap(),
        correlation: "00ff".to_owned(),
    }
}

fn way(method: Method, way: Way) -> WayLine {
    WayLine {
        method,
        name: HOSTILE.to_owned(),
        hint: "hint",
        way,
        last: true,
    }
}

fn methods() -> MethodsPage {
    let problem = SoftCardProblem {
        field: "passcode",
        text: HOSTILE.to_owned(),
    };
    let card = SoftCardChoice {
        alias: HOSTILE.to_owned(),
        name: HOSTILE.to_owned(),
        note: HOSTILE.to_owned(),
        chosen: true,
    };
    let open = || Way::Open("https://card.example/login?t=handle".to_owned());
    MethodsPage {
        frame: Frame::gateway(),
        client: HOSTILE.to_owned(),
        again: true,
        step_up: Some(StepUp {
            face: face(),
            now: HOSTILE.to_owned(),
            enough: vec!["way"],
            without: (hidden(), HOSTILE.to_owned()),
        }),
        ways: Method::ALL
            .iter()
            .map(|method| way(*method, open()))
            .collect(),
        soft_card: Some(SoftCardForm {
            hidden: hidden(),
            open: true,
            cards: vec![card],
            problem: Some(problem),
        }),
        keys: true,
        codes: true,
    }
}

fn roles(search: Option<&str>, shown: Vec<RoleLine>) -> RolesPage {
    RolesPage {
        closed: vec![line()],
        untold: true,
        frame: Frame::gateway(),
        hidden: hidden(),
        client: HOSTILE.to_owned(),
        face: face(),
        all: 12,
        shown,
        search: search.map(str::to_owned),
    }
}

async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn signed_in() -> SignedIn {
    SignedIn {
        face: face(),
        role_chosen: true,
        level: HOSTILE.to_owned(),
        since: HOSTILE.to_owned(),
        until: HOSTILE.to_owned(),
        card: Some(HOSTILE.to_owned()),
        has_card: true,
        idle: HOSTILE.to_owned(),
        at_desk: true,
        token: "token".to_owned(),
    }
}

fn sign_out_form() -> SignOutForm {
    SignOutForm {
        action: "/oauth2/end_session".to_owned(),
        hidden: vec![("form_token".to_owned(), HOSTILE.to_owned())],
        face: face(),
        client_name: Some(HOSTILE.to_owned()),
        stay: None,
        leads_to: None,
    }
}

fn notice(refused: Option<&'static RefusalText>) -> RenewalNoticePage {
    RenewalNoticePage {
        frame: Frame::gateway(),
        hidden: hidden(),
        client: HOSTILE.to_owned(),
        days: 61,
        moment: HOSTILE.to_owned(),
        refused,
        helpers: vec![holder::helper()],
    }
}

fn start(person: Option<SignedIn>) -> String {
    StartPage {
        frame: Frame::gateway(),
        app_url: person.is_none().then(|| "http://127.0.0.1:1".to_owned()),
        codes: person.is_none(),
        person,
    }
    .render()
    .unwrap()
}

/// Every page, with hostile text wherever a person, an organisation or an app could put some.
async fn all_pages() -> Vec<String> {
    let frame = Frame::gateway;
    let continue_as = ContinueAsPage {
        frame: frame(),
        hidden: hidden(),
        client: HOSTILE.to_owned(),
        face: face(),
        ends: Some(HOSTILE.to_owned()),
    };
    let limit = frame()
        .m
        .refusals
        .of_act(RefusalCode::SelfRenewalLimitReached);
    let next = NextSteps {
        again: Some(HOSTILE.to_owned()),
        other_way: Some("/signin?t=handle".to_owned()),
        other_methods: vec!["Smartcard"],
        known: true,
        helpers: vec![holder::helper()],
        codes: true,
    };
    let locked = Stop::Law(RefusalCode::CardLocked);
    let mut pages = desk::all();
    pages.extend(vec![
        methods().render().unwrap(),
        MethodsPage {
            ways: vec![way(Method::Smartcard, Way::NotEnough)],
            step_up: None,
            soft_card: None,
            ..methods()
        }
        .render()
        .unwrap(),
        continue_as.render().unwrap(),
        notice(None).render().unwrap(),
        notice(Some(limit)).render().unwrap(),
        roles(None, vec![line()]).render().unwrap(),
        roles(Some(HOSTILE), vec![line(), line()]).render().unwrap(),
        roles(Some(HOSTILE), Vec::new()).render().unwrap(),
        start(Some(signed_in())),
        start(None),
        body(sign_out_page(sign_out_form())).await,
        body(signed_out_page(Some(HOSTILE.to_owned()))).await,
        body(stop_page(frame(), locked, &reference(), next)).await,
    ]);
    pages.extend(holder::pages());
    pages
}

#[tokio::test]
async fn no_name_can_become_a_tag_or_leave_its_attribute() {
    for page in all_pages().await {
        let scripts = page.split("<script").skip(1);
        for ours in scripts {
            assert!(ours.starts_with(" src=\"/static/"), "{page}");
        }
        assert!(!page.contains("<img src=x"), "{page}");
        assert!(!page.contains("\"\"'>"), "{page}");
    }
}

#[tokio::test]
async fn every_page_has_one_heading_its_landmarks_and_nothing_inline() {
    for page in all_pages().await {
        assert_eq!(page.matches("<h1").count(), 1, "{page}");
        assert_eq!(page.matches("<main ").count(), 1, "{page}");
        assert!(
            page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
            "{page}"
        );
        assert!(
            page.contains("<header ") && page.contains("<footer "),
            "{page}"
        );
        assert!(
            !page.contains(" style=") && !page.contains("<style"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn every_form_that_changes_something_carries_its_token() {
    for page in all_pages().await {
        for form in page.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            // Whoever opens a link has no cookie yet: its 256 bits are what nobody else can send.
            let own = form.contains("name=\"form_token\"") || form.contains("name=\"link\"");
            assert!(own || !form.contains("method=\"post\""), "{form}");
        }
    }
}

#[tokio::test]
async fn every_refusal_of_a_sign_in_has_words_of_its_own() {
    let mut titles = std::collections::BTreeSet::new();
    for code in OF_A_SIGN_IN {
        let next = NextSteps {
            again: Some("/signin?t=h".to_owned()),
            ..NextSteps::default()
        };
        let next = NextSteps {
            other_way: next.again.clone(),
            ..next
        };
        let response = stop_page(
            Frame::elsewhere("https://id.example"),
            Stop::Law(code),
            &reference(),
            next,
        );
        assert_eq!(response.status(), 403);
        let page = body(response).await;
        assert!(
            page.contains(&format!("data-refusal=\"{}\"", code.as_str())),
            "{page}"
        );
        let line = format!("2026-11-22T16:18:00Z {} 00ff", code.as_str());
        assert!(page.contains(&line), "{line}");
        assert!(page.contains("<ol class=\"steps\">"), "{page}");
        let leads_on = page.contains("href=\"/signin?t=h\"");
        assert_eq!(leads_on, code != RefusalCode::IdentityClosed, "{page}");
        assert!(page.contains("href=\"https://id.example/static/"), "{page}");
        assert!(titles.insert(Frame::gateway().m.refusals.of(Stop::Law(code)).title));
    }
}

#[tokio::test]
async fn no_certificate_also_says_that_the_card_may_have_expired() {
    let stop = Stop::Law(RefusalCode::NoCertificate);
    let page = body(stop_page(
        Frame::gateway(),
        stop,
        &reference(),
        NextSteps::default(),
    ))
    .await;
    assert!(page.contains("or your card has expired"));
}

#[tokio::test]
async fn a_locked_card_gets_a_new_passcode_where_the_house_sends_codes() {
    for codes in [true, false] {
        let next = NextSteps {
            codes,
            ..NextSteps::default()
        };
        let stop = Stop::Law(RefusalCode::CardLocked);
        let page = body(stop_page(Frame::gateway(), stop, &reference(), next)).await;
        assert_eq!(page.contains("data-choice=\"unlock\""), codes);
    }
}

#[tokio::test]
async fn who_has_no_other_way_is_told_so_and_nothing_of_a_card_that_is_none() {
    for (code, says) in [
        (RefusalCode::CardLocked, Some("no other way to sign in yet")),
        (
            RefusalCode::AuthenticatorTooWeak,
            Some("no other way that is strong enough yet"),
        ),
        (RefusalCode::IdentityClosed, None),
    ] {
        let next = NextSteps {
            known: true,
            other_way: Some("/signin?t=h".to_owned()),
            ..NextSteps::default()
        };
        let page = body(stop_page(
            Frame::gateway(),
            Stop::Law(code),
            &reference(),
            next,
        ))
        .await;
        assert!(!page.contains("only way to sign in"), "{page}");
        assert!(says.is_none_or(|says| page.contains(says)), "{page}");
        assert_eq!(page.contains("You have no other"), says.is_some(), "{page}");
    }
}

#[tokio::test]
async fn a_ticket_of_another_browser_offers_no_way_on() {
    let stop = Stop::Ticket(TicketFault::OtherBrowser);
    let page = body(stop_page(
        Frame::gateway(),
        stop,
        &reference(),
        NextSteps::default(),
    ))
    .await;
    assert!(page.contains("data-refusal=\"ticket_other_browser\""));
    assert!(!page.contains("data-choice="));
}

#[test]
fn a_search_box_appears_only_where_it_is_asked_for() {
    assert!(
        !roles(None, vec![line()])
            .render()
            .unwrap()
            .contains("type=\"search\"")
    );
    let searched = roles(Some("nurse"), vec![line()]).render().unwrap();
    assert!(searched.contains("type=\"search\" value=\"nurse\""));
    assert!(searched.contains("1 of 12 roles"));
}
