//! A first start: PKI, histories, card files and secrets, and the manifest that names them all.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use enrolment::clock_mark::ClockTrust;
use enrolment::ledger::Issuing;
use enrolment::reminders::{self, Late, Reminding};
use enrolment::store::{Key, Store, StoreError};
use enrolment::{cards as register_cards, desk_cover, outbox, register};
use policies::ids::{CardNumber, UserId};
use policies::rbac::Rbac;
use policies::time::Time;
use policies::values::Policy;

use crate::cards::{pkcs12, write_pair};
use crate::chance;
use crate::clients::{self, CLIENTS, Proof};
use crate::folder::{CLOCK, Folder, OUTBOX};
use crate::history::{self, CardSet, HeldCard};
use crate::manifest::{
    CardEntry, ClientEntry, KeyEntry, Manifest, PendingEntry, PersonEntry, RoleEntry,
};
use crate::other_ways;
use crate::people::{DemoPerson, PEOPLE, by_alias};
use crate::pki::{self, DevPki};
use crate::start::{EMBEDDED, Start};

/// The two clocks at the first start.
#[derive(Clone, Copy)]
pub struct Instants {
    /// Dev's clock: from it the days of the table count.
    pub dev: Time,
    /// The machine's clock: TLS certificates follow it.
    pub machine: Time,
}

/// Makes everything but the last step: the caller registers the clients and then calls [`Folder::finish`].
pub async fn make(
    start: &Start,
    store: &Store,
    policy: Arc<Policy>,
    at: Instants,
) -> Result<(Manifest, DevPki)> {
    ensure!(
        is_empty(store).await?,
        "the database already holds the register of another folder, or of the one just reset; drop and create it, then start again"
    );
    start.folder.claim()?;
    let pki = DevPki::create(&start.folder, &start.ports.pki_url(), at.dev, at.machine)?;
    let authority = Arc::new(DevPki::open(&start.folder, &start.ports.pki_url())?.authority);
    let issuing = Issuing {
        store: store.clone(),
        authority,
        policy,
        clock: ClockTrust::FileIsTruth,
    };
    let held = history::make(&issuing, at.dev)
        .await
        .context("the demo histories")?;
    let other_way = other_ways::set_up(start, &issuing, at.dev).await?;
    remember(&issuing, at.dev).await?;
    let mut cards = HashMap::new();
    for card in held {
        let person = by_alias(card.alias).context("a card of nobody")?;
        let state = card_state(store, person).await?;
        cards.insert(
            card.alias,
            card_entry(&start.folder, &pki, person, card, state)?,
        );
    }
    let people = PEOPLE.iter().map(|person| {
        let mut entry = person_entry(person, cards.remove(person.alias));
        if person.alias == other_ways::ALIAS {
            entry.password = Some(other_way.password.clone());
            entry.totp_secret = Some(other_way.totp_secret.clone());
        }
        (person.alias.to_owned(), entry)
    });
    let people = people.collect();
    Ok((manifest(start, at.dev, people)?, pki))
}

/// Reminders and warnings of the past, and every message of it: sent in their time.
async fn remember(issuing: &Issuing, now: Time) -> Result<()> {
    let rbac = Arc::new(Rbac::default_file());
    let reminding = Reminding {
        store: issuing.store.clone(),
        policy: Arc::clone(&issuing.policy),
        rbac: Arc::clone(&rbac),
        late: Late::All,
    };
    reminders::run(&reminding, now).await?;
    desk_cover::warn(&issuing.store, &rbac, now).await?;
    let settled =
        issuing
            .store
            .write::<_, StoreError, _>("dev.past_messages", Key::none(), move |tx| {
                Box::pin(async move { outbox::settle_past(tx, now).await })
            });
    Ok(settled.await?)
}

/// Whether nobody is registered there yet. The registrar is in every register of ours.
async fn is_empty(store: &Store) -> Result<bool> {
    let registrar: UserId = by_alias(history::REGISTRAR)
        .context("the registrar is not in the cast")?
        .user_id()
        .parse()?;
    let found = store.read("dev.is_empty", move |tx| {
        let registrar = registrar.clone();
        Box::pin(
            async move { Ok::<_, StoreError>(register::person(tx, &registrar).await?.is_none()) },
        )
    });
    Ok(found.await?)
}

async fn card_state(store: &Store, person: &DemoPerson) -> Result<String> {
    let number: CardNumber = person.card_number().parse()?;
    let card = store.read("dev.card_state", move |tx| {
        let number = number.clone();
        Box::pin(async move { register_cards::card(tx, &number).await })
    });
    let card = card
        .await?
        .with_context(|| format!("the register has no card of {}", person.alias))?;
    Ok(card.state.as_str().to_owned())
}

/// Writes the files of a card and names them.
fn card_entry(
    folder: &Folder,
    pki: &DevPki,
    person: &DemoPerson,
    held: HeldCard,
    state: String,
) -> Result<CardEntry> {
    let password = chance::password()?;
    let current = write_set(folder, pki, person, &held.current, ("", &password))?;
    let pending = held
        .pending
        .map(|set| write_set(folder, pki, person, &set, ("-pending", &password)))
        .transpose()?;
    Ok(CardEntry {
        number: person.card_number(),
        state,
        passcode: chance::passcode()?,
        p12: current.p12,
        p12_password: password,
        authentication: current.authentication,
        signature: current.signature,
        pending: pending.map(|set| PendingEntry {
            p12: set.p12,
            sign_in: set.authentication.clone(),
            authentication: set.authentication,
            signature: set.signature,
        }),
    })
}

/// The files of one set.
struct SetFiles {
    p12: String,
    authentication: KeyEntry,
    signature: KeyEntry,
}

fn write_set(
    folder: &Folder,
    pki: &DevPki,
    person: &DemoPerson,
    set: &CardSet,
    (suffix, password): (&str, &str),
) -> Result<SetFiles> {
    let stem = format!("cards/{}{suffix}", person.alias);
    let (keys, certificates) = (&set.keys, &set.certificates);
    let label = format!("{} (Matron DEMO card)", person.display_name());
    let chain = [
        certificates.authentication.as_slice(),
        &pki.issuing,
        &pki.card_root,
    ];
    let p12 = format!("{stem}.p12");
    folder.write_secret(
        &p12,
        pkcs12(&label, &keys.authentication, &chain, password)?,
    )?;
    let authentication = write_pair(
        folder,
        &format!("{stem}-auth"),
        &certificates.authentication,
        &pki.issuing,
        &keys.authentication,
    )?;
    let signature = write_pair(
        folder,
        &format!("{stem}-sign"),
        &certificates.signature,
        &pki.issuing,
        &keys.signature,
    )?;
    Ok(SetFiles {
        p12,
        authentication,
        signature,
    })
}

fn person_entry(person: &DemoPerson, card: Option<CardEntry>) -> PersonEntry {
    let role = |(role_id, (organisation, job)): (
        String,
        &(
            &crate::organisations::Organisation,
            &crate::organisations::Job,
        ),
    )| RoleEntry {
        role_id,
        org_code: organisation.code.to_owned(),
        job_role: job.code.to_owned(),
    };
    PersonEntry {
        user_id: person.user_id(),
        name: person.display_name(),
        profession: person.profession.to_owned(),
        email: person.email(),
        mobile: person.mobile(),
        password: None,
        totp_secret: None,
        roles: person.role_ids().zip(person.roles).map(role).collect(),
        card,
    }
}

fn manifest(
    start: &Start,
    first_start: Time,
    people: Vec<(String, PersonEntry)>,
) -> Result<Manifest> {
    let ports = start.ports;
    let embedded = start.database.starts_with("sqlite:");
    Ok(Manifest {
        issuer: ports.issuer(),
        card_url: ports.card_url(),
        app_url: ports.app_url(),
        pki_url: ports.pki_url(),
        tls_root_certificate: pki::TLS_ROOT.to_owned(),
        card_root_certificate: pki::CARD_ROOT.to_owned(),
        issuing_certificate: pki::ISSUING.to_owned(),
        outbox: OUTBOX.to_owned(),
        clock: CLOCK.to_owned(),
        database: if embedded {
            EMBEDDED.to_owned()
        } else {
            start.database.clone()
        },
        first_start: first_start.to_string(),
        people,
        clients: CLIENTS
            .iter()
            .map(|client| client_entry(client, &ports.app_url()))
            .collect::<Result<_>>()?,
    })
}

fn client_entry(client: &clients::DemoClient, app_url: &str) -> Result<(String, ClientEntry)> {
    let client_secret = match client.proof {
        Proof::SecretBasic | Proof::SecretPost => Some(chance::secret()?),
        Proof::Public => None,
    };
    let entry = ClientEntry {
        client_id: client.client_id.to_owned(),
        client_secret,
        redirect_uris: clients::redirect_uris(app_url),
        post_logout_redirect_uris: clients::post_logout_redirect_uris(app_url),
        note: client.note.to_owned(),
    };
    Ok((client.alias.to_owned(), entry))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use enrolment::audit::verify;
    use enrolment::schema;
    use policies::time::Span;

    use super::*;
    use crate::folder::Found;
    use crate::start::Options;

    fn at() -> Instants {
        let now: Time = "2026-11-22T10:00:00Z".parse().unwrap();
        Instants {
            dev: now,
            machine: now,
        }
    }

    fn options(dir: &Path) -> Options {
        Options {
            dir: dir.to_owned(),
            port: None,
            database: None,
            reset: false,
            authenticator_models: None,
        }
    }

    async fn begun(dir: &Path) -> (Start, Store, Manifest) {
        let start = Start::decide(&options(dir)).unwrap();
        let store = Store::open(&start.database).await.unwrap();
        store
            .migrate(schema::ROOM, schema::MIGRATIONS)
            .await
            .unwrap();
        let policy = Arc::new(Policy::default_file());
        let (manifest, _) = make(&start, &store, policy, at()).await.unwrap();
        start.folder.finish(&manifest).unwrap();
        (start, store, manifest)
    }

    #[tokio::test]
    async fn every_demo_person_ends_in_the_state_of_the_table() {
        let dir = tempfile::tempdir().unwrap();
        let (start, store, manifest) = begun(dir.path()).await;
        let state = |alias: &str| {
            manifest
                .person(alias)
                .unwrap()
                .card
                .as_ref()
                .map(|card| card.state.as_str())
        };
        for (alias, expected) in [
            ("amara", Some("active")),
            ("tomasz", Some("active")),
            ("grace", Some("cancelled")),
            ("nina", Some("cancelled")),
            ("luca", Some("locked")),
            ("iris", Some("active")),
            ("kofi", None),
            ("ben", None),
        ] {
            assert_eq!(state(alias), expected, "{alias}");
        }
        for (alias, person) in &manifest.people {
            let pending = person
                .card
                .as_ref()
                .is_some_and(|card| card.pending.is_some());
            assert_eq!(pending, alias == "iris", "{alias}");
        }
        for (alias, days, used) in [
            ("noah", 61, 0),
            ("hana", 20, 1),
            ("mei", 45, 2),
            ("tomasz", -10, 0),
        ] {
            let (card, not_after) = current(&store, alias).await;
            assert_eq!(not_after.since(at().dev), Span::days(days), "{alias}");
            assert_eq!(card.self_renewals, used, "{alias}");
        }
        assert!(matches!(start.folder.found().unwrap(), Found::Continued(_)));
    }

    async fn current(store: &Store, alias: &str) -> (register_cards::Card, Time) {
        let number: CardNumber = by_alias(alias).unwrap().card_number().parse().unwrap();
        let read = store.read("test.current", move |tx| {
            let number = number.clone();
            Box::pin(async move {
                let card = register_cards::card(tx, &number).await?;
                let set = register_cards::current_set(tx, &number).await?;
                Ok::<_, StoreError>((card, set))
            })
        });
        let (card, set) = read.await.unwrap();
        (card.unwrap(), set.unwrap().certificates[0].not_after)
    }

    #[tokio::test]
    async fn the_trail_of_the_histories_verifies_and_runs_forward() {
        let dir = tempfile::tempdir().unwrap();
        let (_, store, _) = begun(dir.path()).await;
        let report = verify(&store, None).await.unwrap();
        assert!(report.is_whole(), "{report:?}");
    }

    #[tokio::test]
    async fn a_register_of_another_folder_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (_, store, _) = begun(one.path()).await;
        let start = Start::decide(&options(two.path())).unwrap();
        let again = make(&start, &store, Arc::new(Policy::default_file()), at()).await;
        assert!(again.is_err_and(|error| error.to_string().contains("another folder")));
        assert!(!start.folder.path("keys").exists(), "nothing was made");
    }
}
