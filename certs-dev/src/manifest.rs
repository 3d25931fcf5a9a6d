//! `DIR/dev.json`: what programs and people need to know about a running `matron dev` (contract 3).
//!
//! The file holds every demo secret, so it is 0600 inside a folder of 0700. Paths in it are relative to the folder.
//! It is also the mark of a finished first start: a folder without it is not ours to continue or to reset.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Manifest {
    /// The gateway: OIDC issuer.
    pub issuer: String,
    /// The card listener.
    pub card_url: String,
    /// Ward 7.
    pub app_url: String,
    /// CRL and CA certificates.
    pub pki_url: String,
    /// The one certificate that a browser is asked to trust.
    pub tls_root_certificate: String,
    /// Root of the cards.
    pub card_root_certificate: String,
    /// Issuer of the cards.
    pub issuing_certificate: String,
    /// Folder of the mails and text messages of dev.
    pub outbox: String,
    /// The clock file; may be absent.
    pub clock: String,
    /// Address of the database; `sqlite:` paths are relative to the folder.
    pub database: String,
    /// The instant from which the days of the demo people count, RFC 3339.
    pub first_start: String,
    /// Every demo person by alias, in the order of the contract.
    #[serde(with = "in_order")]
    pub people: Vec<(String, PersonEntry)>,
    /// Every demo client by alias.
    #[serde(with = "in_order")]
    pub clients: Vec<(String, ClientEntry)>,
}

/// A demo person.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PersonEntry {
    /// 12 digits.
    pub user_id: String,
    /// The name pages show.
    pub name: String,
    /// What she does.
    pub profession: String,
    /// Address for mail.
    pub email: String,
    /// Mobile number.
    pub mobile: String,
    /// Password, once there is a way in with one.
    pub password: Option<String>,
    /// Secret of the authenticator app, once there is a way in with one.
    pub totp_secret: Option<String>,
    /// Roles as registered, suspended and ended ones too.
    pub roles: Vec<RoleEntry>,
    /// Her card.
    pub card: Option<CardEntry>,
}

/// A role held.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RoleEntry {
    /// 12 digits.
    pub role_id: String,
    /// Where.
    pub org_code: String,
    /// `S…:G…:R…`.
    pub job_role: String,
}

/// A card.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CardEntry {
    /// Number printed on it.
    pub number: String,
    /// State at the end of the first start.
    pub state: String,
    /// Passcode.
    pub passcode: String,
    /// PKCS#12 with the authentication key.
    pub p12: String,
    /// Its password.
    pub p12_password: String,
    /// Certificate and key for signing in.
    pub authentication: KeyEntry,
    /// Certificate and key for signatures.
    pub signature: KeyEntry,
    /// Certificates that were issued but not yet confirmed on the card.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pending: Option<PendingEntry>,
}

/// Certificates issued, not yet confirmed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PendingEntry {
    /// PKCS#12 with the authentication key; same password as the card's.
    pub p12: String,
    /// Certificate and key for signing in, as in the card's `authentication` beside which this stands.
    #[serde(flatten)]
    pub sign_in: KeyEntry,
    /// The same, under its name.
    pub authentication: KeyEntry,
    /// Certificate and key for signatures.
    pub signature: KeyEntry,
}

/// A certificate and its private key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct KeyEntry {
    /// PEM; the issuing certificate follows the card's own.
    pub certificate: String,
    /// PKCS#8 PEM.
    pub key: String,
}

/// A demo client.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ClientEntry {
    /// Client id.
    pub client_id: String,
    /// Secret; none for a public client.
    pub client_secret: Option<String>,
    /// Redirect addresses.
    pub redirect_uris: Vec<String>,
    /// Addresses a browser may be sent to after sign-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// What it is.
    pub note: String,
}

impl Manifest {
    /// The person with this alias.
    pub fn person(&self, alias: &str) -> Option<&PersonEntry> {
        self.people
            .iter()
            .find(|(name, _)| name == alias)
            .map(|(_, person)| person)
    }

    /// The client with this alias.
    pub fn client(&self, alias: &str) -> Option<&ClientEntry> {
        self.clients
            .iter()
            .find(|(name, _)| name == alias)
            .map(|(_, client)| client)
    }

    /// The port of the gateway.
    pub fn port(&self) -> Option<u16> {
        url::Url::parse(&self.issuer).ok()?.port()
    }
}

/// A JSON object whose members keep the order of the list.
mod in_order {
    use serde::de::DeserializeOwned;
    use serde::ser::SerializeMap as _;
    use serde::{Deserialize as _, Deserializer, Serialize, Serializer};

    use super::BTreeMap;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        list: &[(String, T)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(list.len()))?;
        for (alias, entry) in list {
            object.serialize_entry(alias, entry)?;
        }
        object.end()
    }

    pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, T)>, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str) -> ClientEntry {
        ClientEntry {
            client_id: id.to_owned(),
            client_secret: None,
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            note: String::new(),
        }
    }

    #[test]
    fn people_and_clients_are_objects_by_alias() {
        let manifest = Manifest {
            issuer: "https://localhost:8443".to_owned(),
            card_url: String::new(),
            app_url: String::new(),
            pki_url: String::new(),
            tls_root_certificate: String::new(),
            card_root_certificate: String::new(),
            issuing_certificate: String::new(),
            outbox: String::new(),
            clock: String::new(),
            database: String::new(),
            first_start: String::new(),
            people: vec![],
            clients: vec![
                ("ward7".to_owned(), client("a")),
                ("spa".to_owned(), client("b")),
            ],
        };
        let text = serde_json::to_string(&manifest).unwrap();
        assert!(
            text.contains(r#""clients":{"ward7":{"client_id":"a","client_secret":null"#),
            "{text}"
        );
        let read: Manifest = serde_json::from_str(&text).unwrap();
        assert_eq!(read.client("spa").unwrap().client_id, "b");
        assert_eq!(read.port(), Some(8443));
    }
}
