//! What the gateway told us, read for the page: the person, her role, and each claim with its explanation.
//!
//! The names are those of domain.md 2.4 and 2.5, exactly; the words are for somebody who writes an application.

use policies::time::Time;
use serde_json::{Map, Value};

/// Verified ID token and userinfo, as JSON objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Payload of the ID token.
    pub(super) id_token: Map<String, Value>,
    /// Answer of userinfo.
    pub(super) userinfo: Map<String, Value>,
}

/// A claim as the table shows it.
pub(super) struct Line {
    /// Name of the claim.
    pub(super) name: String,
    /// Its value; structures as indented JSON.
    pub(super) value: String,
    /// The value is a structure.
    pub(super) structured: bool,
    /// What it means and what to do with it.
    pub(super) explanation: &'static str,
}

/// The role of this session in words.
pub(super) struct Role {
    /// "Nurse Access Role".
    pub(super) name: String,
    /// "DEMO Northmoor General Hospital".
    pub(super) organisation: String,
    /// "DEM01".
    pub(super) org_code: String,
    /// "S8000:G8000:R8001".
    pub(super) code: String,
    /// "Respiratory Medicine" and the like, from the workgroups.
    pub(super) workgroups: Vec<String>,
    /// Activities beyond the baseline, by name.
    pub(super) activities: Vec<String>,
}

impl Told {
    /// The name to greet with.
    pub(super) fn name(&self) -> &str {
        let names = ["display_name", "name", "sub"];
        names
            .iter()
            .find_map(|claim| text(&self.userinfo, claim))
            .unwrap_or("somebody without a name")
    }

    /// The user id.
    pub(super) fn user_id(&self) -> &str {
        text(&self.id_token, "sub").unwrap_or_default()
    }

    /// How sure the gateway is that it is her: `AAL3_ANY`.
    pub(super) fn level(&self) -> &str {
        text(&self.id_token, "acr").unwrap_or_default()
    }

    /// The role she chose, looked up where the directory lists it. None: she has no role.
    pub(super) fn role(&self) -> Option<Role> {
        let chosen = text(&self.id_token, "selected_roleid").filter(|id| !id.is_empty())?;
        let role = list(&self.userinfo, "nhsid_nrbac_roles")
            .find(|role| text(role, "person_roleid") == Some(chosen))?;
        let org_code = text(role, "org_code").unwrap_or_default();
        let organisation = list(&self.userinfo, "nhsid_user_orgs")
            .find(|org| text(org, "org_code") == Some(org_code));
        let full_name = text(role, "role_name").unwrap_or_default();
        Some(Role {
            name: full_name
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .trim_matches('"')
                .to_owned(),
            organisation: organisation
                .and_then(|org| text(org, "org_name"))
                .unwrap_or(org_code)
                .to_owned(),
            org_code: org_code.to_owned(),
            code: text(role, "role_code").unwrap_or_default().to_owned(),
            workgroups: texts(role, "workgroups"),
            activities: texts(role, "activities"),
        })
    }

    /// The ID token, claim by claim.
    pub(super) fn id_token_lines(&self) -> Vec<Line> {
        lines(&self.id_token)
    }

    /// Userinfo, claim by claim.
    pub(super) fn userinfo_lines(&self) -> Vec<Line> {
        lines(&self.userinfo)
    }
}

fn lines(object: &Map<String, Value>) -> Vec<Line> {
    let line = |(name, value): (&String, &Value)| Line {
        name: name.clone(),
        structured: value.is_array() || value.is_object(),
        value: shown(name, value),
        explanation: explanation(name),
    };
    object.iter().map(line).collect()
}

fn shown(name: &str, value: &Value) -> String {
    match (name, value) {
        ("exp" | "iat" | "auth_time" | "updated_at", Value::Number(seconds)) => {
            match seconds.as_i64() {
                Some(unix) => format!("{unix} ({})", Time::from_unix(unix)),
                None => seconds.to_string(),
            }
        }
        (_, Value::String(text)) if text.is_empty() => "\"\" (empty)".to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, structure) => serde_json::to_string_pretty(structure).unwrap_or_default(),
    }
}

fn text<'a>(object: &'a Map<String, Value>, claim: &str) -> Option<&'a str> {
    object.get(claim)?.as_str()
}

fn texts(object: &Map<String, Value>, claim: &str) -> Vec<String> {
    let values = object.get(claim).and_then(Value::as_array);
    values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn list<'a>(
    object: &'a Map<String, Value>,
    claim: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    object
        .get(claim)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

/// One sentence or two per claim.
fn explanation(claim: &str) -> &'static str {
    match claim {
        "iss" => "Who made this token. Compare it, as it stands, with the issuer you configured.",
        "sub" => {
            "The person: a 12-digit user id, for life. Keep it as text, for it may begin with 0."
        }
        "aud" => {
            "Who the token is for: your client id. Refuse a token that names another application."
        }
        "azp" => "The application that asked for the token.",
        "exp" => "Not valid after this second.",
        "iat" => "When the token was made.",
        "auth_time" => {
            "When the person last proved who they are, card and passcode included. Use it to ask for a fresh proof before a risky act."
        }
        "nonce" => {
            "What you sent with the request, back again. It ties the token to this sign-in and stops replays."
        }
        "sid" => "The single sign-on session. A sign-out message will name it.",
        "acr" => {
            "The assurance level really reached, never the one asked for: AAL3_ANY or AAL2_ANY."
        }
        "amr" => {
            "How the person signed in. One method, the one that happened, such as N3_SMARTCARD, FIDO2, PASSKEY or TOTP."
        }
        "id_assurance_level" | "idassurancelevel" => {
            "How thoroughly the identity was verified, 0 to 3. Text, not a number."
        }
        "authentication_assurance_level" => {
            "The digit of acr, for applications that compare numbers."
        }
        "selected_roleid" => {
            "The role chosen for this session: one person_roleid below. Empty means no role, so decide what a person without one may see."
        }
        "at_hash" => "Ties the access token to this ID token.",
        "c_hash" => "Ties the code to this ID token.",
        "s_hash" => "Ties the state to this ID token.",
        "jti" => "The token's own number.",
        "matron_session_role" => {
            "The chosen role with everything you need to decide: organisation, job role, effective activities (baseline, extra and included ones, worked out) and the version of the rules that gave them."
        }
        "name" => "Surname, given name, title: the way the directory writes it.",
        "display_name" => "The name to show on a page.",
        "given_name" | "family_name" | "middle_names" | "initials" | "title" => {
            "A part of the name."
        }
        "email" => {
            "The work address, if the directory has one. Never a key: addresses change hands."
        }
        "uid" | "nhsid_useruid" => "The user id again, under a name that older applications read.",
        "nhsid_nrbac_roles" => {
            "The roles with their extra activities. This application is told of the chosen one only."
        }
        "nhsid_user_orgs" => "The organisations of those roles, with names.",
        "nhsid_org_roles" | "nhsid_org_memberships" => {
            "Membership in the organisations, for applications that read it there."
        }
        "gmc_id" | "nmc_id" | "gphc_id" | "gdc_id" | "gmp_id" | "gdp_id" | "rcn_id"
        | "consultant_id" => "The number in a professional register.",
        _ => "Not one of the documented claims; ignore what you do not know.",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn told(chosen: &str) -> Told {
        Told {
            id_token: object(
                json!({"sub": "021600000009", "selected_roleid": chosen, "exp": 1_800_000_000}),
            ),
            userinfo: object(json!({
                "display_name": "Dr Amara Osei-DEMO",
                "nhsid_nrbac_roles": [{"person_roleid": "555254200101", "org_code": "DEM02", "role_code": "S8000:G8000:R8000",
                    "role_name": "\"Clinical\":\"Clinical Provision\":\"Clinical Practitioner Access Role\""}],
                "nhsid_user_orgs": [{"org_code": "DEM02", "org_name": "DEMO Larkfield Surgery"}],
            })),
        }
    }

    #[test]
    fn the_role_is_found_by_its_id_and_named_by_its_last_part() {
        let role = told("555254200101").role().unwrap();
        assert_eq!(role.name, "Clinical Practitioner Access Role");
        assert_eq!(role.organisation, "DEMO Larkfield Surgery");
    }

    #[test]
    fn an_empty_or_unknown_role_is_no_role() {
        assert!(told("").role().is_none());
        assert!(told("555254299999").role().is_none());
    }

    #[test]
    fn instants_are_shown_in_both_spellings() {
        let lines = told("").id_token_lines();
        let exp = lines.iter().find(|line| line.name == "exp").unwrap();
        assert_eq!(exp.value, "1800000000 (2027-01-15T08:00:00Z)");
    }
}
