//! Applications that are held to some roles and some levels (laws P9 and S11; attack table 49), as
//! registered at the moment, whatever they ask for.

use serde_json::{Value, json};

use crate::keys::AAL2;
use crate::support::agent::{Page, role_ids};
use crate::support::app::{Answer, CALLBACK};
use crate::support::pages::form_with;
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options, Reader, phone};

/// What joan is at the hospital, by its place in the national catalogue.
const NURSE: &str = "S8000:G8000";
const SPONSOR: &str = "S8001:G8002:R8008";
/// Nothing that she is.
const LABORATORY: &str = "S8003";
/// Lists of roles, and nothing about the one of the session.
const LISTS: (&str, &str) = ("scope", "openid nationalrbacaccess associatedorgs");

/// Holds an application to this list, as another node would.
pub(crate) fn hold(matron: &Matron, alias: &str, list: &str, values: &[&str]) {
    set(matron, alias, list, json!(values));
}

fn set(matron: &Matron, alias: &str, setting: &str, value: Value) {
    let id = matron.text(&format!("/clients/{alias}/client_id"));
    let read = format!("SELECT settings FROM oidc_client WHERE client_id = '{id}'");
    let settings = matron.texts(&read).pop().expect("a registration");
    let mut settings: Value = serde_json::from_str(&settings).expect("JSON");
    settings[setting] = value;
    let write = format!(
        "UPDATE oidc_client SET settings = '{settings}' WHERE client_id = '{id}' RETURNING client_id"
    );
    assert_eq!(matron.change(&write), [id]);
}

/// The application's page, through "Continue as?" where there is a session.
async fn open(agent: &mut Agent, url: &str) -> Page {
    let page = agent.get(url).await;
    let page = agent.follow(page, CALLBACK).await;
    if !page.body.contains("data-choice=\"continue\"") {
        return page;
    }
    let page = agent
        .submit(&form_with(&page.body, "data-choice=\"continue\""), &[])
        .await;
    agent.follow(page, CALLBACK).await
}

async fn choose(agent: &mut Agent, picker: &Page, role: &str) -> Page {
    let form = form_with(&picker.body, "name=\"role_id\"");
    let page = agent.submit(&form, &[("role_id", role)]).await;
    agent.follow(page, CALLBACK).await
}

fn code(page: &Page) -> String {
    let no_code = || panic!("{} {:?} {}", page.url, page.location, page.body);
    page.parameter("code").unwrap_or_else(no_code)
}

async fn userinfo(app: &App<'_>, tokens: &Answer) -> Value {
    let answer = app.userinfo(&tokens.text("access_token")).await;
    assert!(answer.status.is_success(), "{:?}", answer.body);
    answer.body
}

fn job_roles(userinfo: &Value) -> Vec<&str> {
    let roles = userinfo["nhsid_nrbac_roles"].as_array();
    let codes = roles.into_iter().flatten().map(|role| &role["role_code"]);
    codes.filter_map(Value::as_str).collect()
}

/// The number of the role that she has by this job.
fn role_of(matron: &Matron, person: &str, job_role: &str) -> String {
    let person = matron.text(&format!("/people/{person}/user_id"));
    let sql = format!(
        "SELECT role_id FROM role WHERE user_id = '{person}' AND job_role LIKE '{job_role}%'"
    );
    matron.texts(&sql).pop().expect("a role")
}

/// Joan in an application that may be told of everything, as the sponsor that she is.
async fn as_sponsor(matron: &Matron) -> (Agent, Answer) {
    let free = App::new(matron, "spa");
    let mut agent = Agent::with_card(matron, "joan");
    let page = agent.present_card(&free.url(&[])).await;
    let picker = agent.follow(page, CALLBACK).await;
    assert_eq!(role_ids(&picker.body).len(), 2, "{}", picker.body);
    assert!(!picker.body.contains("untold-roles"), "{}", picker.body);
    let back = choose(&mut agent, &picker, &role_of(matron, "joan", SPONSOR)).await;
    let tokens = free.exchange(&code(&back)).await;
    assert_eq!(job_roles(&userinfo(&free, &tokens).await), [SPONSOR]);
    (agent, tokens)
}

#[tokio::test]
async fn p9_an_application_is_told_of_the_roles_on_its_list_alone() {
    let matron = Matron::start(Options::default());
    let (mut agent, _) = as_sponsor(&matron).await;
    let nurse = role_of(&matron, "joan", NURSE);
    let app = App::new(&matron, "ward7");
    set(&matron, "ward7", "limit_roles", json!(false));
    let page = open(&mut agent, &app.url(&[LISTS])).await;
    let all = userinfo(&app, &app.exchange(&code(&page)).await).await;
    assert_eq!(job_roles(&all).len(), 2, "{all}");
    hold(&matron, "ward7", "roles", &[NURSE]);
    // Lists alone: what she chose for another application is not said, nor is any list longer.
    let page = open(&mut agent, &app.url(&[LISTS])).await;
    let tokens = app.exchange(&code(&page)).await;
    assert_eq!(tokens.claims().get("matron_session_role"), None);
    let told = userinfo(&app, &tokens).await;
    assert_eq!(job_roles(&told), ["S8000:G8000:R8001"], "{told}");
    assert_eq!(told.get("matron_session_role"), None, "{told}");
    // A role: she is asked for one that it is told of, and is offered no other.
    let silent = agent.get(&app.url(&[("prompt", "none")])).await;
    let error = silent.parameter("error");
    assert_eq!(error.as_deref(), Some("interaction_required"));
    let picker = open(&mut agent, &app.url(&[])).await;
    assert_eq!(role_ids(&picker.body), [nurse.as_str()], "{}", picker.body);
    assert!(picker.body.contains("untold-roles"), "{}", picker.body);
    let no = choose(&mut agent, &picker, &role_of(&matron, "joan", SPONSOR)).await;
    assert_eq!(no.refusal().as_deref(), Some("role_not_held"));
    assert_eq!(matron.audit_lines("sign_in_refused", "role_not_held"), 1);
    let picker = open(&mut agent, &app.url(&[])).await;
    let back = choose(&mut agent, &picker, &nurse).await;
    let tokens = app.exchange(&code(&back)).await;
    assert_eq!(tokens.claims()["selected_roleid"], json!(nurse));
}

/// She goes in as somebody without a role would, and is no other in the applications that know more.
#[tokio::test]
async fn p9_an_application_that_is_told_of_none_of_her_roles_changes_nothing_for_others() {
    let matron = Matron::start(Options::default());
    let (mut agent, _) = as_sponsor(&matron).await;
    let app = App::new(&matron, "ward7");
    hold(&matron, "ward7", "roles", &[LABORATORY]);
    let back = open(&mut agent, &app.url(&[])).await;
    let tokens = app.exchange(&code(&back)).await;
    assert_eq!(tokens.claims()["selected_roleid"], json!(""));
    let told = userinfo(&app, &tokens).await;
    for claim in [
        "nhsid_nrbac_roles",
        "nhsid_user_orgs",
        "matron_session_role",
    ] {
        assert_eq!(told.get(claim), None, "{told}");
    }
    let free = App::new(&matron, "spa");
    let back = open(&mut agent, &free.url(&[])).await;
    let claims = free.exchange(&code(&back)).await.claims();
    let sponsor = role_of(&matron, "joan", SPONSOR);
    assert_eq!(claims["selected_roleid"], json!(sponsor));
}

#[tokio::test]
async fn p9_a_list_that_grows_shorter_takes_codes_tokens_and_the_desk_with_it() {
    let matron = Matron::start(Options::default());
    let free = App::new(&matron, "spa");
    let (mut agent, tokens) = as_sponsor(&matron).await;
    let late = code(&open(&mut agent, &free.url(&[])).await);
    let console = App::new(&matron, "console");
    let desk = console.url(&[("scope", "openid self desk selectedrole")]);
    let back = open(&mut agent, &desk).await;
    let token = console.exchange(&code(&back)).await.text("access_token");
    let api = Api::with_token(&matron, token);
    let find = "/api/v1/desk/people?q=555";
    api.get(find).await.good();
    hold(&matron, "console", "acr_values", &["AAL3_FIDO2"]);
    assert_eq!(api.get(find).await.status.as_u16(), 401);
    hold(&matron, "console", "acr_values", &["AAL3_SMARTCARD"]);
    api.get(find).await.good();
    hold(&matron, "spa", "roles", &[NURSE]);
    hold(&matron, "console", "roles", &[NURSE]);
    let answer = free.userinfo(&tokens.text("access_token")).await;
    assert_eq!(answer.body["error"], "invalid_token", "{:?}", answer.body);
    let answer = free.exchange(&late).await;
    assert_eq!(answer.body["error"], "invalid_grant", "{:?}", answer.body);
    assert_eq!(api.get(find).await.code(), "role_not_held");
    // Nor does the desk of the API fall back on the role of the session.
    hold(&matron, "console", "roles", &[LABORATORY]);
    let back = open(&mut agent, &desk).await;
    let token = console.exchange(&code(&back)).await.text("access_token");
    let api = Api::with_token(&matron, token);
    assert_eq!(api.get(find).await.code(), "role_not_held");
}

#[tokio::test]
async fn s11_an_application_asks_for_the_levels_on_its_list_alone() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    hold(&matron, "ward7", "acr_values", &["AAL3_ANY"]);
    let page = Agent::with_card(&matron, "noah")
        .get(&app.url(&[AAL2]))
        .await;
    let error = page.parameter("error");
    assert_eq!(error.as_deref(), Some("unmet_authentication_requirements"));
    let lines = matron.audit_lines("authorization_refused", "unmet_authentication_requirements");
    assert_eq!(lines, 1);
    // Asked for nothing, it is given no less than what it is held to.
    let mut agent = Agent::with_card(&matron, "noah");
    let page = agent.get(&app.url(&[])).await;
    let methods = agent.follow(page, CALLBACK).await;
    let off = "data-method=\"authenticator-app\" data-unavailable=\"acr\"";
    assert!(methods.body.contains(off), "{}", methods.body);
    let code = app.code_with(&mut agent, &[]).await;
    assert_eq!(app.exchange(&code).await.claims()["acr"], json!("AAL3_ANY"));
}

/// A role that ended since it was chosen is none, whatever else she is that this application is not told of.
#[tokio::test]
async fn p9_the_end_of_the_only_role_that_is_told_is_no_dead_end() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    hold(&matron, "ward7", "roles", &[NURSE]);
    let nurse = role_of(&matron, "joan", NURSE);
    let mut agent = Agent::with_card(&matron, "joan");
    let page = agent.present_card(&app.url(&[])).await;
    let picker = agent.follow(page, CALLBACK).await;
    let back = choose(&mut agent, &picker, &nurse).await;
    let claims = app.exchange(&code(&back)).await.claims();
    assert_eq!(claims["selected_roleid"], json!(nurse));
    let end = "UPDATE role SET ends_at = starts_at + 1 WHERE role_id";
    matron.change(&format!("{end} = '{nurse}' RETURNING role_id"));
    let back = open(&mut agent, &app.url(&[])).await;
    let claims = app.exchange(&code(&back)).await.claims();
    assert_eq!(claims["selected_roleid"], json!(""));
}

/// Nobody is carried in silently at a level below the list, and what was carried in before ends: kofi
/// came with his app.
#[tokio::test]
async fn s11_a_session_below_the_list_is_not_carried_in() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    let kofi = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (_, form) = phone::form(&mut agent, &app.url(&[])).await;
    let name = matron.text("/people/kofi/user_id");
    let password = matron.text("/people/kofi/password");
    let digits = phone::code(&matron, &kofi);
    let page = phone::send(&mut agent, &form, &name, &password, &digits).await;
    let tokens = app
        .exchange(&code(&agent.follow(page, CALLBACK).await))
        .await;
    userinfo(&app, &tokens).await;
    let silent = app.url(&[("prompt", "none")]);
    let late = code(&agent.get(&silent).await);
    // Whatever another application is held to is nothing to this one.
    hold(&matron, "ward7", "acr_values", &["AAL2_TOTP"]);
    userinfo(&app, &tokens).await;
    hold(&matron, "ward7", "acr_values", &["AAL3_ANY"]);
    let answer = app.userinfo(&tokens.text("access_token")).await;
    assert_eq!(answer.body["error"], "invalid_token", "{:?}", answer.body);
    let answer = app.exchange(&late).await;
    assert_eq!(answer.body["error"], "invalid_grant", "{:?}", answer.body);
    let page = agent.get(&silent).await;
    assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
}
