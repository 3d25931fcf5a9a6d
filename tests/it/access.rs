//! Who may do what to whom at the desk: every operation that a desk token opens, asked by every role about somebody of
//! its own authority, of another one, and about herself, against the copy in `access.txt`. Generated from the operations:
//! a new one without a question here fails this test.

use std::fmt::Write;

use gateway::router::{self, Access};
use serde_json::{Value, json};

use crate::support::soft::{Api, Said};
use crate::support::{Matron, Options};

const STORED: &str = include_str!("access.txt");

/// Who asks, by alias.
const ASKING: [&str; 10] = [
    "ruth", "rae", "sam", "joan", "dina", "ivan", "theo", "priya", "noah", "nadia",
];

/// Whom it is about: somebody of the own authority (a holder, one without a card, one who left), of
/// another one, herself.
const RELATIONS: [&str; 3] = ["own area", "other area", "herself"];

pub(crate) struct Subject {
    card: String,
    user_id: String,
}

impl Subject {
    pub(crate) fn of(matron: &Matron, alias: &str) -> Self {
        Self {
            card: matron.text(&format!("/people/{alias}/card/number")),
            user_id: matron.text(&format!("/people/{alias}/user_id")),
        }
    }
}

/// What the answer says about access: no person, not for oneself, not this role; anything else means that access was
/// granted and the guards of the act spoke.
fn verdict(said: &Said) -> &'static str {
    let code = said.body["code"].as_str().unwrap_or_default();
    match code {
        "not_found" => "hidden",
        "actor_is_subject" => "not herself",
        "actor_role_missing" => "role",
        _ => "may",
    }
}

/// Asks for the operation so that it changes nothing, or nothing that another question notices.
pub(crate) async fn ask(api: &Api<'_>, operation: &str, subject: &Subject) -> Said {
    let (card, person) = (&subject.card, &subject.user_id);
    let post =
        async |path: &str, body: Value| api.post(&format!("/api/v1/desk/{path}"), &body).await;
    let this = json!({ "card_number": card });
    let with = |name: &str, value: &str| json!({ "card_number": card, name: value });
    match operation {
        "getCard" => api.get(&format!("/api/v1/desk/cards/{card}")).await,
        "findPeople" => {
            let said = api.get(&format!("/api/v1/desk/people?q={person}")).await;
            match said.body["people"].as_array() {
                Some(found) if found.is_empty() => nobody(said),
                _ => said,
            }
        }
        "requestCard" => post("cards/request", json!({ "user_id": person })).await,
        "dispatchCard" => post("cards/dispatch", with("org_code", "NONE")).await,
        "confirmReceipt" => post("cards/receipt", this).await,
        "cancelCard" => post("cards/cancel", this).await,
        "replaceCard" => post("cards/replace", this).await,
        "clearCard" => post("cards/clear", this).await,
        "unlockCardAssisted" => post("cards/unlock", this).await,
        "abandonCardRenewal" => post("cards/abandon", this).await,
        // An open profile is reopened by doing nothing; closing is asked last and of nobody who asks again.
        "reopenPerson" => post("people/reopen", json!({ "user_id": person })).await,
        "closePerson" => post("people/close", json!({ "user_id": person })).await,
        "startDeskCardWork" | "renewCardAssisted" => work(api, card, "renew", "renew").await,
        "reissueCardInPerson" => work(api, card, "reissue", "reissue").await,
        "repairCard" => work(api, card, "repair", "repair").await,
        "produceCard" => work(api, card, "issue", "produce").await,
        "restartDeskCardWork" => work(api, card, "renew", "restart").await,
        "secondDeskCardWork" | "confirmDeskCardWork" => work(api, card, "reissue", "").await,
        "inviteAuthenticator" => {
            post("people/authenticators/invite", json!({ "user_id": person })).await
        }
        "listDeputies" | "nameDeputy" | "endDeputy" => deputies(api, operation, person).await,
        "changePersonAuthenticator" => {
            let suspend =
                json!({ "user_id": person, "authenticator_id": "none", "state": "suspended" });
            post("people/authenticators/change", suspend).await
        }
        "raisePersonAuthenticator" => {
            let raise = json!({ "user_id": person, "authenticator_id": "none" });
            post("people/authenticators/raise", raise).await
        }
        "listPersonAuthenticators" => {
            api.get(&format!(
                "/api/v1/desk/people/authenticators?user_id={person}"
            ))
            .await
        }
        "listUnusedAuthenticators" => api.get("/api/v1/desk/authenticators/unused").await,
        other => {
            panic!("no question for {other}: say how to ask it, and what access.txt says then")
        }
    }
}

/// About the deputies of wards: a ward that is none, a naming that is none.
async fn deputies(api: &Api<'_>, operation: &str, person: &str) -> Said {
    let path = "/api/v1/desk/people/deputies";
    match operation {
        "listDeputies" => api.get(&format!("{path}?user_id={person}")).await,
        "nameDeputy" => {
            let none = json!({ "user_id": person, "org_code": "NONE", "workgroup": "none" });
            api.post(path, &none).await
        }
        _ => {
            let none = json!({ "user_id": person, "deputy_id": "none" });
            api.post(&format!("{path}/end"), &none).await
        }
    }
}

/// An empty list is how a search hides somebody.
fn nobody(said: Said) -> Said {
    Said {
        body: json!({ "code": "not_found" }),
        ..said
    }
}

/// Begins the work, where access is asked first, and sends it without attestation and keys.
async fn work(api: &Api<'_>, card: &str, kind: &str, path: &str) -> Said {
    let begun = json!({ "card_number": card, "kind": kind });
    let begun = api.post("/api/v1/desk/works", &begun).await;
    if !begun.status.is_success() || path.is_empty() {
        return begun;
    }
    let request = json!({ "key_role": "authentication", "pem": "none" });
    let body = json!({ "work_id": begun.text("work_id"), "csrs": [request],
                       "holder_present": false, "photo_compared": false });
    api.post(&format!("/api/v1/desk/works/{path}"), &body).await
}

#[tokio::test]
async fn the_access_matrix_is_as_stored() {
    let matron = Matron::start(Options::default());
    let gateway = router::gateway();
    let operations = gateway.operations().iter();
    let mut operations: Vec<&str> = operations
        .filter(|operation| operation.access == Access::DeskToken)
        .map(|operation| operation.id)
        .collect();
    operations.sort_by_key(|id| (*id == "closePerson", *id));
    let mut now = String::new();
    for asking in ASKING {
        let api = Api::of(&matron, asking).await;
        for operation in &operations {
            let mut line = format!("{asking:<6}{operation:<26}");
            // Whoever is closed by one is asked about by nobody after: each asks about somebody else.
            let own = if *operation == "closePerson" {
                "grace"
            } else {
                "noah"
            };
            let own = if asking == own { "hana" } else { own };
            for (relation, alias) in RELATIONS.iter().zip([own, "wren", asking]) {
                let subject = Subject::of(&matron, alias);
                let said = ask(&api, operation, &subject).await;
                write!(line, "{relation}: {:<13}", verdict(&said)).expect("a text grows");
            }
            writeln!(now, "{}", line.trim_end()).expect("a text grows");
        }
    }
    assert_eq!(
        now, STORED,
        "tests/it/access.txt is not what the program answers; it answers:\n{now}"
    );
}

/// The sentence of the whole table: nobody does any of it for herself, but for looking and for ending her own card.
#[test]
fn nobody_does_any_of_it_for_herself() {
    for line in STORED.lines() {
        let own = line.split("herself: ").nth(1).expect("a verdict").trim();
        let looks = [
            "getCard",
            "findPeople",
            "cancelCard",
            "listPersonAuthenticators",
            "listUnusedAuthenticators",
        ];
        if !looks.iter().any(|operation| line.contains(operation)) {
            assert_ne!(own, "may", "{line}");
        }
    }
}
