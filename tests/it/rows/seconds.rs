//! Edge cases of dates: the clock stands at the second itself (E1 to E7, E18 to E24, E30, E33, E45).

use policies::time::Time;
use serde_json::json;

use super::{status, to, used, validity, worked};
use crate::clock::not_after;
use crate::support::letters::{address, letters, plain};
use crate::support::soft::{Api, Card};
use crate::support::{Agent, Matron, Options, Reader, pages};

const DAY: i64 = 86_400;

fn unix(text: &str) -> i64 {
    text.parse::<Time>().expect("an instant").unix()
}

fn text(second: i64) -> String {
    Time::from_unix(second).to_string()
}

#[tokio::test]
async fn e1_e2_the_window_opens_in_its_second_and_not_before() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "amara");
    let end = not_after(&matron, "amara");
    to(&matron, end - 90 * DAY - 1);
    let early = card.renew().await.1;
    assert_eq!(early.code(), "renewal_window_not_open");
    assert_eq!(early.text("opens_at"), text(end - 90 * DAY));
    to(&matron, end - 90 * DAY);
    let set = card.renew().await.1.good();
    // E6, E33: from the second of arrival, and nothing of the old time is added.
    let months = Time::from_unix(end - 90 * DAY).plus_calendar_months(36);
    assert_eq!(validity(&set), (end - 90 * DAY, months.unix() - 1));
}

#[tokio::test]
async fn e3_e4_e5_the_last_second_counts_whole_and_the_next_one_is_too_late() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let end = not_after(&matron, "noah");
    matron.set_clock(&text(end).replace('Z', ".9Z"));
    let set = card.renew().await.1.good();
    assert_eq!(validity(&set).0, end, "E5: cut off at entry");
    let this = json!({ "renewal_id": set.text("renewal_id") });
    card.post("/api/v1/renewals/abandon", &this).await.good();
    to(&matron, end);
    let this = json!({ "renewal_id": card.renew().await.1.good().text("renewal_id") });
    card.post("/api/v1/renewals/abandon", &this).await.good();
    to(&matron, end + 1);
    let late = card.renew().await.1;
    assert_eq!(late.code(), "certificate_expired");
    assert_eq!(late.text("not_after"), text(end));
    assert_eq!(
        late.body["helper_roles"].as_array().map(Vec::len),
        Some(3),
        "{late:?}"
    );
}

#[tokio::test]
async fn e7_a_sponsor_has_thirty_days_here_to_the_second() {
    let matron = Matron::start(Options::default());
    let end = not_after(&matron, "noah");
    to(&matron, end - 30 * DAY - 1);
    let joan = Api::of(&matron, "joan").await;
    let early = joan.work(&matron, "noah", "renew").await.1;
    assert_eq!(early.code(), "renewal_window_not_open");
    assert_eq!(early.text("opens_at"), text(end - 30 * DAY));
    to(&matron, end - 30 * DAY);
    worked(&matron, &joan, "noah", "renew").await;
}

/// A card repaired at this instant: the last second of its set.
async fn repaired_at(matron: &Matron, alias: &str, clock: &str) -> i64 {
    matron.set_clock(clock);
    let ruth = Api::of(matron, "ruth").await;
    let done = ruth.work(matron, alias, "repair").await.1.good();
    let (begins, ends) = validity(&done);
    assert_eq!(begins, unix(clock));
    ruth.confirm(&done).await.good();
    ends
}

#[tokio::test]
async fn e18_e19_e20_three_calendar_years_less_a_second_also_over_leap_days() {
    let matron = super::at("2024-02-28T09:00:00Z");
    for (alias, begins, ends, days) in [
        (
            "noah",
            "2024-02-28T09:00:00Z",
            "2027-02-28T08:59:59Z",
            1_096,
        ),
        (
            "hana",
            "2024-02-29T09:00:00Z",
            "2027-02-28T08:59:59Z",
            1_095,
        ),
        ("mei", "2024-03-01T09:00:00Z", "2027-03-01T08:59:59Z", 1_095),
        (
            "leila",
            "2025-01-31T23:59:59Z",
            "2028-01-31T23:59:58Z",
            1_095,
        ),
    ] {
        let end = repaired_at(&matron, alias, begins).await;
        assert_eq!(text(end), ends, "{alias}");
        assert_eq!(end + 1 - unix(begins), days * DAY, "{alias}");
    }
}

#[tokio::test]
async fn e21_e22_windows_across_the_29th_of_february_open_on_the_measured_day() {
    let matron = super::at("2024-03-01T09:00:00Z");
    for (alias, begins, opens) in [
        ("noah", "2024-03-01T09:00:00Z", "2026-12-01T08:59:59Z"),
        ("hana", "2025-03-01T09:00:00Z", "2027-12-02T08:59:59Z"),
        ("mei", "2025-05-29T09:00:00Z", "2028-02-29T08:59:59Z"),
    ] {
        matron.set_clock(begins);
        let ruth = Api::of(&matron, "ruth").await;
        let card = worked(&matron, &ruth, alias, "repair").await;
        assert_eq!(
            status(&card).await["window_opens_at"],
            json!(opens),
            "{alias}"
        );
    }
}

#[tokio::test]
async fn e23_seconds_decide_and_the_page_shows_local_time_with_its_zone() {
    let matron = super::at("2025-05-01T09:00:00Z");
    let ruth = Api::of(&matron, "ruth").await;
    let (keys, done) = ruth.work(&matron, "noah", "repair").await;
    ruth.confirm(&done).await.good();
    let pem = done.body["certificates"][0]["pem"].as_str().expect("PEM");
    let pem = format!("{pem}{}", keys.authentication.serialize_pem());
    let mut agent = Agent::new(&matron, Reader::Foreign(pem.into_bytes()));
    let page = agent.present_card(&format!("{}/my", matron.issuer())).await;
    let page = pages::text(&agent.follow(page, "none").await.body);
    for shown in ["1 May 2028 at 9:59am BST", "1 February 2028 at 8:59am GMT"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test]
async fn e24_the_reminder_names_the_day_of_the_holders_clock() {
    let matron = super::at("2025-11-20T23:30:01Z");
    let end = repaired_at(&matron, "noah", "2025-11-20T23:30:01Z").await;
    assert_eq!(text(end), "2028-11-20T23:30:00Z");
    to(&matron, end - 90 * DAY);
    let mut anybody = Agent::new(&matron, Reader::Empty);
    anybody.get(&format!("{}/healthz", matron.issuer())).await;
    let told = letters(&matron, &address(&matron, "noah"));
    let told = told
        .iter()
        .map(|it| plain(it))
        .find(|it| it.contains("ends in 90 days"));
    let told = told.expect("a reminder");
    assert!(told.contains("23 August 2028 at 12:30am BST"), "{told}");
}

#[tokio::test]
async fn e33_an_early_renewal_loses_the_rest_of_the_old_time() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let old = not_after(&matron, "noah");
    let set = card.renew().await.1.good();
    let (begins, ends) = validity(&set);
    let months = Time::from_unix(begins).plus_calendar_months(36);
    assert_eq!(ends, months.unix() - 1);
    assert!(ends < Time::from_unix(old).plus_calendar_months(36).unix());
}

#[tokio::test]
async fn e45_a_certificate_that_ends_after_2049_writes_its_end_as_generalized_time() {
    let matron = super::at("2047-06-01T09:00:00Z");
    let ruth = Api::of(&matron, "ruth").await;
    let done = ruth.work(&matron, "noah", "repair").await.1.good();
    let pem = done.body["certificates"][0]["pem"].as_str().expect("PEM");
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).expect("PEM");
    // UTCTime (0x17) for the beginning in 2047, GeneralizedTime (0x18) for the end in 2050 (RFC 5280 4.1.2.5).
    for date in [
        &b"\x17\x0d470601090000Z"[..],
        &b"\x18\x0f20500601085959Z"[..],
    ] {
        let found = pem
            .contents
            .windows(date.len())
            .any(|octets| octets == date);
        assert!(found, "{}", String::from_utf8_lossy(&date[2..]));
    }
    ruth.confirm(&done).await.good();
}

/// Two agents keep each other's cards alive until the issuer has less than three years left.
#[tokio::test]
async fn e30_a_card_that_would_outlive_its_issuer_is_refused_and_not_shortened() {
    let matron = Matron::start(Options::default());
    let issuer = matron.file("/issuing_certificate");
    let (_, issuer) = x509_parser::pem::parse_x509_pem(&issuer).expect("PEM");
    let issuer = issuer.parse_x509().expect("a certificate");
    let issuer_ends = issuer.validity().not_after.timestamp();
    let start = matron.now();
    let mut pems = ["sam", "rae"].map(|alias| {
        let mut pem = matron.file(&format!("/people/{alias}/card/authentication/certificate"));
        pem.extend(matron.file(&format!("/people/{alias}/card/authentication/key")));
        pem
    });
    let mut ends = ["sam", "rae"].map(|alias| not_after(&matron, alias));
    let mut refused = None;
    let mut now = start;
    while refused.is_none() {
        // Whose card ends first is renewed by the other one, in the middle of its window.
        let (ill, well) = if ends[0] <= ends[1] { (0, 1) } else { (1, 0) };
        now = now.max(ends[ill] - 45 * DAY);
        to(&matron, now);
        let agent = Agent::new(&matron, Reader::Foreign(pems[well].clone()));
        let desk = Api::by(&matron, agent).await;
        let alias = ["sam", "rae"][ill];
        let (keys, done) = desk.work(&matron, alias, "renew").await;
        if done.status != reqwest::StatusCode::OK {
            refused = Some(done);
            continue;
        }
        ends[ill] = validity(&done).1;
        desk.confirm(&done).await.good();
        let pem = done.body["certificates"][0]["pem"].as_str().expect("PEM");
        pems[ill] = format!("{pem}{}", keys.authentication.serialize_pem()).into_bytes();
        assert!(now < issuer_ends, "nothing stopped it");
    }
    let refused = refused.expect("refused in the end");
    assert_eq!(refused.code(), "issuer_expires_first");
    let months = Time::from_unix(now).plus_calendar_months(36).unix() - 1;
    assert!(months > issuer_ends, "not before it must");
}

#[tokio::test]
async fn e37_somebody_on_leave_renews_in_her_window_and_e38_so_does_somebody_without_a_role() {
    let matron = Matron::start(Options::default());
    for alias in ["paul", "omar"] {
        to(&matron, not_after(&matron, alias) - 80 * DAY);
        let card = super::renewed(&matron, &Card::of(&matron, alias)).await;
        assert_eq!(used(&card).await, 1, "{alias}");
    }
}
