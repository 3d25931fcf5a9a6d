//! The named deputy of a ward, through the front door: she gives a colleague temporary access, does
//! nothing else, and is deputy no longer than she was named and works there.

mod moved;

use reqwest::StatusCode;
use serde_json::json;

use crate::app::standing;
use crate::invitations::{invite, open, set_up, sign_in, told_everywhere};
use crate::support::agent::Page;
use crate::support::app::CALLBACK;
use crate::support::desk::{number, on_card, on_person, user_id};
use crate::support::soft::{Api, Said};
use crate::support::{Agent, Matron, Options, Reader, pages};

/// The ward of the demo nurses.
const WARD: [&str; 2] = ["DEM01", "555653110100"];

/// Signed in at the desk, in the n-th of her roles.
async fn at_desk(matron: &Matron, alias: &'static str, role: usize) -> (Agent, Page) {
    let mut agent = Agent::with_card(matron, alias);
    let page = agent
        .sign_in(&format!("{}/desk", matron.issuer()), "none", role)
        .await;
    (agent, page)
}

async fn name(api: &Api<'_>, person: &str, ends_at: Option<&str>) -> Said {
    let mut body = json!({ "user_id": person, "org_code": WARD[0], "workgroup": WARD[1] });
    if let Some(ends_at) = ends_at {
        body["ends_at"] = json!(ends_at);
    }
    api.post("/api/v1/desk/people/deputies", &body).await
}

async fn end(api: &Api<'_>, person: &str, named: &Said) -> Said {
    let body = json!({ "user_id": person, "deputy_id": named.text("deputy_id") });
    api.post("/api/v1/desk/people/deputies/end", &body).await
}

/// The numbers of whom she finds.
async fn finds(api: &Api<'_>, text: &str) -> Vec<String> {
    let said = api.get(&format!("/api/v1/desk/people?q={text}")).await;
    let people = said.good().body["people"].clone();
    let people = people.as_array().expect("a list").iter();
    people
        .map(|one| one["user_id"].as_str().expect("a number").to_owned())
        .collect()
}

/// From the page of a colleague, where there is one thing to do, to the link.
async fn link_from_page(nadia: &mut Agent, noah: &str) -> String {
    let page = nadia.get(&format!("/desk/people/{noah}")).await;
    assert!(
        page.body.contains("data-act=\"temporary\""),
        "{}",
        page.body
    );
    for act in ["invite", "close", "cancel", "request", "deputy", "suspend"] {
        assert!(!page.body.contains(&format!("data-act=\"{act}\"")), "{act}");
    }
    assert!(!page.body.contains("Card number"), "{}", page.body);
    let photo = nadia.get(&format!("/desk/people/{noah}/photo")).await;
    assert_eq!(photo.status, StatusCode::OK);
    let act = nadia
        .get(&format!("/desk/act/temporary?person={noah}"))
        .await;
    let form = pages::form_with(&act.body, "holder_present");
    let refused = nadia.submit(&form, &[("photo_compared", "yes")]).await;
    assert_eq!(refused.refusal().as_deref(), Some("holder_not_present"));
    let seen = [("holder_present", "yes"), ("photo_compared", "yes")];
    let given = nadia.submit(&form, &seen).await;
    assert!(given.body.contains("data-desk=\"link\""), "{}", given.body);
    let (_, link) = given.body.split_once("data-link>").expect("the link");
    link.split('<').next().expect("the link").to_owned()
}

#[tokio::test]
async fn at_night_the_nurse_in_charge_helps_a_colleague_on_pages_alone() {
    let matron = standing();
    let noah = user_id(&matron, "noah");
    let (mut nadia, list) = at_desk(&matron, "nadia", 0).await;
    assert!(
        list.body.contains("The people of your ward"),
        "{}",
        list.body
    );
    assert!(list.body.contains("Noah Whitfield"), "{}", list.body);
    for (hidden, why) in [
        ("Hana", "no ward"),
        ("Wren", "another hospital"),
        ("Paul", "on leave"),
        ("Card number", "no card"),
        ("/desk/unused", "no desk"),
    ] {
        assert!(!list.body.contains(hidden), "{why}: {}", list.body);
    }
    let found = nadia.get("/desk?q=whit").await;
    assert!(found.body.contains(&noah), "{}", found.body);
    let link = link_from_page(&mut nadia, &noah).await;
    told_everywhere(&matron, "noah", "gave you a link");

    let mut phone = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut phone, &link).await;
    let (known, done) = set_up(&matron, &mut phone, &visit, "Borrowed").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    matron.set_clock("2026-11-25T09:01:00Z");
    let mut ward = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&matron, &mut ward, &noah, &known).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    ward.follow(page, CALLBACK).await;
    let mine = ward
        .get(&format!("{}/my/authenticators", matron.issuer()))
        .await;
    assert!(
        mine.body.contains("Temporary, until 9:00pm today"),
        "{}",
        mine.body
    );
    // Once in seven days, as from anybody but the registration authority.
    let again = Api::of(&matron, "nadia").await;
    let again = invite(&again, &noah, "temporary").await;
    assert_eq!(again.code(), "temporary_access_used");
}

#[tokio::test]
async fn a_deputy_reaches_nobody_else_and_does_nothing_else() {
    let matron = Matron::start(Options::default());
    let nadia = Api::of(&matron, "nadia").await;
    let id = |alias| user_id(&matron, alias);
    let (noah, hana, wren) = (id("noah"), id("hana"), id("wren"));
    for (person, kind, code) in [
        (&noah, "lasting", "actor_role_missing"),
        (&hana, "temporary", "actor_role_missing"),
        (&wren, "temporary", "not_found"),
        (&id("nadia"), "temporary", "actor_is_subject"),
        (&id("paul"), "temporary", "actor_role_missing"),
    ] {
        assert_eq!(invite(&nadia, person, kind).await.code(), code, "{person}");
    }
    assert_eq!(finds(&nadia, "noah").await, std::slice::from_ref(&noah));
    assert_eq!(
        finds(&nadia, &number(&matron, "noah")).await,
        std::slice::from_ref(&noah)
    );
    for hidden in ["hana", "wren", "nadia", "paul", &hana, &wren] {
        assert!(finds(&nadia, hidden).await.is_empty(), "{hidden}");
    }
    let card = number(&matron, "noah");
    let cancel = on_card(&nadia, "cancel", &card, json!({ "reason": "lost" })).await;
    let path = format!("/api/v1/desk/people/authenticators?user_id={noah}");
    for refused in [
        nadia.get(&format!("/api/v1/desk/cards/{card}")).await,
        nadia.get(&path).await,
        nadia.get("/api/v1/desk/authenticators/unused").await,
        on_person(&nadia, "close", &noah).await,
        name(&nadia, &noah, None).await,
        cancel,
    ] {
        assert_eq!(refused.code(), "actor_role_missing");
    }
    let (mut nadia, _) = at_desk(&matron, "nadia", 0).await;
    for path in [
        format!("/desk/people/{hana}"),
        format!("/desk/cards/{card}"),
        format!("/desk/act/close?person={noah}"),
        format!("/desk/act/cancel?person={noah}"),
        format!("/desk/act/temporary?person={hana}"),
        format!("/desk/deputies?person={noah}"),
        "/desk/unused".to_owned(),
    ] {
        let page = nadia.get(&path).await;
        let code = page.refusal();
        assert_eq!(code.as_deref(), Some("actor_role_missing"), "{path}");
    }
    let photo = nadia.get(&format!("/desk/people/{hana}/photo")).await;
    assert_eq!(photo.status, StatusCode::NOT_FOUND);
    let wren = nadia.get(&format!("/desk/people/{wren}")).await;
    assert_eq!(wren.refusal().as_deref(), Some("not_found"));
    assert_eq!(matron.audit_lines("authenticator_invited", ""), 0);
}

/// Names somebody until Christmas Eve, twice, after all that is refused.
async fn name_on_pages(joan: &mut Agent, noah: &str) {
    let page = joan.get(&format!("/desk/people/{noah}")).await;
    let choice = format!("/desk/deputies?person={noah}");
    assert!(page.body.contains(&choice), "{}", page.body);
    let page = joan.get(&choice).await;
    assert!(page.body.contains("DEMO Ward 7 team"), "{}", page.body);
    let form = pages::form_with(&page.body, "name=\"ward\"");
    let ward = WARD.join(" ");
    let forged = form.clone().forged("form_token", &"A".repeat(43));
    let forged = joan.submit(&forged, &[("ward", &ward)]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for (ward, day, wanted) in [
        (ward.as_str(), "2026-11-24", "period_not_allowed"),
        (&ward, "2027-11-27", "period_not_allowed"),
        ("DEM01 1", "2026-12-24", "not_in_ward"),
    ] {
        let refused = joan
            .submit(&form, &[("ward", ward), ("last_day", day)])
            .await;
        assert_eq!(refused.refusal().as_deref(), Some(wanted), "{ward} {day}");
    }
    let december = [("ward", ward.as_str()), ("last_day", "2026-12-24")];
    for _ in 0..2 {
        let answer = joan.submit(&form, &december).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = joan.follow(answer, "none").await;
        assert!(page.body.contains("24 December 2026"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_sponsor_names_a_deputy_and_ends_it_on_pages() {
    let matron = standing();
    let noah = user_id(&matron, "noah");
    let (_, none) = at_desk(&matron, "noah", 0).await;
    assert_eq!(none.refusal().as_deref(), Some("actor_role_missing"));
    assert!(none.body.contains("ward deputy"), "{}", none.body);
    let (mut joan, _) = at_desk(&matron, "joan", 0).await;
    name_on_pages(&mut joan, &noah).await;
    assert_eq!(matron.audit_lines("deputy_named", &noah), 1);
    told_everywhere(&matron, "noah", "named the deputy of DEMO Ward 7 team");

    // His start page leads him to the desk now.
    let mut noahs = Agent::with_card(&matron, "noah");
    let start = format!("{}/desk", matron.issuer());
    let list = noahs.sign_in(&start, "none", 0).await;
    assert!(
        list.body.contains("The people of your ward"),
        "{}",
        list.body
    );
    let start = noahs.get(&format!("{}/", matron.issuer())).await;
    assert!(
        start.body.contains("data-choice=\"desk\""),
        "{}",
        start.body
    );
    let api = Api::of(&matron, "noah").await;
    let nadia = user_id(&matron, "nadia");
    invite(&api, &nadia, "temporary").await.good();

    let page = joan.get(&format!("/desk/people/{noah}")).await;
    let end = pages::form_with(&page.body, "data-act=\"end-deputy\"");
    let answer = joan.submit(&end, &[]).await;
    let page = joan.follow(answer, "none").await;
    assert!(page.body.contains("The naming has ended"), "{}", page.body);
    assert!(!page.body.contains("data-deputy"), "{}", page.body);
    assert_eq!(matron.audit_lines("deputy_ended", &noah), 1);
    told_everywhere(&matron, "noah", "no more");
    // What he has in his hands works no longer: it is read at each act.
    let refused = invite(&api, &nadia, "temporary").await;
    assert_eq!(refused.code(), "actor_role_missing");
    let list = noahs.get("/desk").await;
    assert_eq!(list.refusal().as_deref(), Some("actor_role_missing"));
}

#[tokio::test]
async fn a_naming_is_one_per_ward_counts_to_its_last_second_and_is_made_by_the_own_area() {
    let matron = standing();
    let (noah, nadia) = (user_id(&matron, "noah"), user_id(&matron, "nadia"));
    let joan = Api::of(&matron, "joan").await;
    let first = name(&joan, &noah, None).await.good();
    assert_eq!(first.text("ends_at"), "2027-11-26T09:00:00Z");
    let again = name(&joan, &noah, None).await.good();
    assert_eq!(again.text("deputy_id"), first.text("deputy_id"));
    assert_eq!(matron.audit_lines("deputy_named", &noah), 1);
    let short = name(&joan, &noah, Some("2026-11-25")).await.good();
    assert_eq!(short.text("ends_at"), "2026-11-25T23:59:59Z");
    let path = format!("/api/v1/desk/people/deputies?user_id={noah}");
    let all = joan.get(&path).await.good().body["deputies"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    assert_eq!(all[0]["deputy_id"], short.text("deputy_id"));
    // Nobody of another area names or ends, nobody herself.
    let ida = Api::of(&matron, "ida").await;
    assert_eq!(name(&ida, &noah, None).await.code(), "not_found");
    assert_eq!(end(&ida, &noah, &short).await.code(), "not_found");
    let herself = name(&joan, &user_id(&matron, "joan"), None).await;
    assert_eq!(herself.code(), "actor_is_subject");
    assert_eq!(matron.audit_lines("deputy_ended", &noah), 1);
    for (ward, person) in [("DEM01", "hana"), ("DEM02", "noah")] {
        let body = json!({ "user_id": user_id(&matron, person), "org_code": ward,
                           "workgroup": WARD[1] });
        let refused = joan.post("/api/v1/desk/people/deputies", &body).await;
        assert_eq!(refused.code(), "not_in_ward", "{ward} {person}");
    }
    matron.set_clock("2026-11-25T23:59:59Z");
    let api = Api::of(&matron, "noah").await;
    invite(&api, &nadia, "temporary").await.good();
    matron.set_clock("2026-11-26T00:00:00Z");
    let refused = invite(&api, &nadia, "temporary").await;
    assert_eq!(refused.code(), "actor_role_missing");
    // Ending what has run out is done already.
    let joan = Api::of(&matron, "joan").await;
    end(&joan, &noah, &short).await.good();
    assert_eq!(matron.audit_lines("deputy_ended", &noah), 1);
}

/// Ended roles leave their mark on people who are signed in already.
#[tokio::test]
async fn a_deputy_whose_profile_is_closed_helps_nobody_and_who_left_is_not_helped() {
    let matron = Matron::start(Options::default());
    let (noah, luca) = (user_id(&matron, "noah"), user_id(&matron, "luca"));
    let nadia = Api::of(&matron, "nadia").await;
    let ruth = Api::of(&matron, "ruth").await;
    on_person(&ruth, "close", &luca).await.good();
    let refused = invite(&nadia, &luca, "temporary").await;
    assert_eq!(refused.code(), "actor_role_missing");
    assert!(finds(&nadia, "luca").await.is_empty());
    on_person(&ruth, "close", &user_id(&matron, "nadia"))
        .await
        .good();
    let refused = invite(&nadia, &noah, "temporary").await;
    assert!(!refused.status.is_success(), "{refused:?}");
    assert_eq!(matron.audit_lines("deputy_ended", ""), 1);
    assert_eq!(matron.audit_lines("authenticator_invited", ""), 0);
}
