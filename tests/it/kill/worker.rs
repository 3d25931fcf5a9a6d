//! The process that dies: a small house with a key that keeps a journal of its own, one card, one renewal.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca::keys::{Algorithm, FileKey, KeyError, Repeats, SigningKey};
use ca::publishing::{Assurance, Publishing, PublishingFacts};
use ca::{Authority, Issuer, ceremony};
use enrolment::audit::Actor;
use enrolment::cards::{self, CertificateSet};
use enrolment::clock_mark::ClockTrust;
use enrolment::journeys::first_card::{Activation, FirstCard};
use enrolment::journeys::register_person::{NewPerson, register_person};
use enrolment::journeys::self_renew::{self, Begun, SelfRenewal};
use enrolment::journeys::{DeskActor, confirm, first_card};
use enrolment::ledger::{Issuing, Presented};
use enrolment::requests::CertificateRequest;
use enrolment::store::{Store, StoreError};
use enrolment::{recovery, schema};
use policies::access::ActorRole;
use policies::card::KeyRole;
use policies::ids::{CardNumber, UserId};
use policies::lifecycle::CodeFacts;
use policies::permit::Validity;
use policies::time::{Span, Time};
use policies::values::Policy;

use super::Facts;

/// What the key signed: SHA-256 of each text, hex, one a line. On disk before the signature exists.
pub(super) const JOURNAL: &str = "key.journal";
/// The serials that the holder was given last.
pub(super) const CLAIMS: &str = "claims";

pub(super) const RECORDED: &str = "SELECT tbs_sha256 FROM certificate";
pub(super) const ACTIVE: &str = "SELECT serial FROM certificate WHERE state = 'active'";
pub(super) const NUMBERS: [&str; 6] = [
    "SELECT COUNT(*) FROM certificate WHERE state IN ('reserved', 'signed')",
    "SELECT COUNT(*) FROM certificate",
    "SELECT COUNT(DISTINCT serial) FROM certificate",
    "SELECT COUNT(*) FROM intent WHERE state = 'active'",
    "SELECT COUNT(*) FROM certificate WHERE state = 'active'",
    "SELECT self_renewals FROM card",
];

/// 2026-01-05T09:00:00Z, and a day in the last 90 of the first set.
const FIRST: Time = Time::from_unix(1_767_603_600);
const LATER: Time = Time::from_unix(1_767_603_600 + 1_060 * 86_400);

/// A key that writes down what it signs before it does.
struct Witness {
    key: FileKey,
    journal: PathBuf,
    repeats: Repeats,
}

impl SigningKey for Witness {
    fn spki_der(&self) -> &[u8] {
        self.key.spki_der()
    }

    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn repeats(&self) -> Repeats {
        self.repeats
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut journal = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.journal)
            .expect("the journal");
        let hash = hex::encode(ring::digest::digest(&ring::digest::SHA256, octets));
        writeln!(journal, "{hash}")
            .and_then(|()| journal.sync_all())
            .expect("the journal");
        self.key.sign(octets)
    }
}

#[test]
#[ignore = "the body of the processes that the kill tests start"]
#[expect(
    clippy::disallowed_methods,
    reason = "told by its environment what to do"
)]
fn the_worker() {
    let folder = PathBuf::from(std::env::var("MATRON_KILL_FOLDER").expect("a folder"));
    let url = std::env::var("MATRON_KILL_DATABASE").expect("a database");
    let repeats = match std::env::var("MATRON_KILL_REPEATS").as_deref() {
        Ok("no") => Repeats::Randomised,
        _ => Repeats::Deterministic,
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(work(&folder, &url, repeats));
}

async fn work(folder: &Path, url: &str, repeats: Repeats) {
    let store = Store::open(url).await.expect("the store opens");
    store
        .migrate(schema::ROOM, schema::MIGRATIONS)
        .await
        .expect("tables");
    let authority = Arc::new(authority(folder, repeats));
    let policy = Arc::new(Policy::default_file());
    let issuing = Issuing {
        store,
        authority,
        policy,
        clock: ClockTrust::Guarded,
    };
    // On a database that others may use, a start waits a minute before it gives up serials: it has passed.
    let started = LATER.plus(Span::seconds(61));
    let recovered = recovery::at_start(&issuing, started)
        .await
        .expect("recovery");
    drop(recovered);

    let user_id: UserId = "555000000001".parse().expect("an id");
    let card: CardNumber = "9000000000000001".parse().expect("a number");
    if person(&issuing.store, &user_id).await.is_none() {
        register_person(
            &issuing.store,
            &issuing.policy,
            somebody(&user_id),
            &desk(),
            FIRST,
        )
        .await
        .expect("registered");
    }
    let first = first_set(folder, &issuing, &user_id, &card).await;
    renewed_set(folder, &issuing, &card, &first).await;
    let current = current(&issuing.store, &card).await.expect("a set in use");
    let serials: Vec<String> = current
        .certificates
        .iter()
        .map(|c| c.serial.to_string())
        .collect();
    fs::write(folder.join(CLAIMS), serials.join("\n")).expect("claims");
}

/// The first set, issued once and put to use once, however often this is asked.
async fn first_set(
    folder: &Path,
    issuing: &Issuing,
    user_id: &UserId,
    card: &CardNumber,
) -> Presented {
    let kept = folder.join("first.serial");
    if let Ok(serial) = fs::read_to_string(&kept) {
        return presented(issuing, serial.parse().expect("a serial"));
    }
    let wanted = FirstCard {
        user_id: user_id.clone(),
        card: card.clone(),
        requests: requests(folder, "first", None),
        nonce: None,
        idempotency_key: "first".parse().expect("a key"),
    };
    first_card::issue(issuing, wanted, &desk(), FIRST)
        .await
        .expect("issued");
    if current(&issuing.store, card).await.is_none() {
        let activation = Activation {
            card: card.clone(),
            receipt_confirmed: true,
            code: CodeFacts::Right { sent_at: FIRST },
        };
        first_card::activate(&issuing.store, &issuing.policy, activation, FIRST)
            .await
            .expect("activated");
    }
    let set = current(&issuing.store, card).await.expect("a set in use");
    let serial = set
        .certificate(KeyRole::Authentication)
        .expect("a certificate")
        .serial
        .clone();
    write_durably(&kept, serial.as_str());
    presented(issuing, serial)
}

/// One self-renewal, begun once, asked for with the same keys and key, confirmed once.
async fn renewed_set(folder: &Path, issuing: &Issuing, card: &CardNumber, first: &Presented) {
    let kept = folder.join("renewal");
    let begun = if let Ok(text) = fs::read_to_string(&kept) {
        let (renewal_id, nonce) = text.split_once('\n').expect("two lines");
        Begun {
            renewal_id: renewal_id.to_owned(),
            nonce: nonce.to_owned(),
            expires_at: LATER,
        }
    } else {
        let begun = self_renew::start(&issuing.store, first, LATER)
            .await
            .expect("begun");
        write_durably(&kept, &format!("{}\n{}", begun.renewal_id, begun.nonce));
        begun
    };
    let in_use = current(&issuing.store, card).await.expect("a set in use");
    if in_use
        .certificate(KeyRole::Authentication)
        .is_some_and(|c| c.serial != first.serial)
    {
        return;
    }
    let wanted = SelfRenewal {
        presented: first.clone(),
        renewal_id: begun.renewal_id,
        requests: requests(folder, "second", Some(&begun.nonce)),
        idempotency_key: "second".parse().expect("a key"),
    };
    let set = self_renew::renew(issuing, wanted, LATER)
        .await
        .expect("renewed");
    let serials = set.certificates.iter().map(|c| c.serial.clone()).collect();
    confirm::by_serials(&issuing.store, card, serials, LATER)
        .await
        .expect("confirmed");
}

fn presented(issuing: &Issuing, serial: policies::ids::Serial) -> Presented {
    let issuer = issuing
        .authority
        .current()
        .expect("an issuer")
        .id()
        .as_str()
        .to_owned();
    Presented { issuer, serial }
}

async fn person(store: &Store, user_id: &UserId) -> Option<enrolment::register::Person> {
    let user_id = user_id.clone();
    let found = store.read::<_, StoreError, _>("person", move |tx| {
        let user_id = user_id.clone();
        Box::pin(async move { enrolment::register::person(tx, &user_id).await })
    });
    found.await.expect("read")
}

async fn current(store: &Store, card: &CardNumber) -> Option<CertificateSet> {
    let card = card.clone();
    let found = store.read::<_, StoreError, _>("current", move |tx| {
        let card = card.clone();
        Box::pin(async move { cards::current_set(tx, &card).await })
    });
    found.await.expect("read")
}

fn desk() -> DeskActor {
    DeskActor {
        actor: Actor::Operator("tester".parse().expect("a name")),
        roles: vec![ActorRole::RaManager],
        in_scope: true,
    }
}

fn somebody(user_id: &UserId) -> NewPerson {
    NewPerson {
        user_id: user_id.clone(),
        title: "Dr".into(),
        given_name: "Demo".into(),
        middle_names: String::new(),
        family_name: "Person".into(),
        initials: String::new(),
        display_name: "Demo Person".into(),
        email: None,
        mobile: None,
        id_assurance_level: 3,
        photo_svg: None,
        terms_version: Some("2026-01".into()),
        professional_numbers: Vec::new(),
        home_ra: None,
    }
}

/// The requests of one wish: the keys stay on disk, as they would on a card, so that a retry asks for the same.
fn requests(folder: &Path, name: &str, nonce: Option<&str>) -> Vec<CertificateRequest> {
    let request = |key_role: KeyRole| {
        let file = folder.join(format!("{name}-{}.csr", key_role.as_str()));
        let csr = fs::read(&file).unwrap_or_else(|_| {
            let key = rcgen::KeyPair::generate().expect("a key");
            let csr = certs_dev::cards::signing_request(&key, nonce).expect("a request");
            File::create(&file)
                .and_then(|mut f| f.write_all(&csr).and_then(|()| f.sync_all()))
                .expect("kept");
            csr
        });
        CertificateRequest { key_role, csr }
    };
    KeyRole::ALL.iter().copied().map(request).collect()
}

/// The same authority at each start: key and certificates lie in the folder.
fn authority(folder: &Path, repeats: Repeats) -> Authority {
    let facts = PublishingFacts {
        pki_url: "http://127.0.0.1:8446".into(),
        country: "GB".into(),
        organisation: "DEMO".into(),
        upn_realm: "demo.example".into(),
        policy_arc: "1.3.6.1.4.1.32473".into(),
        assurance: Assurance::Software,
    };
    let publishing = Publishing::new(facts).expect("facts");
    let (key_file, certificate_file) = (folder.join("issuing.key"), folder.join("issuing.der"));
    let witness = |key| {
        Arc::new(Witness {
            key,
            journal: folder.join(JOURNAL),
            repeats,
        })
    };
    if let (Ok(pem), Ok(der)) = (fs::read_to_string(&key_file), fs::read(&certificate_file)) {
        let key = FileKey::from_pem(&pem).expect("a key");
        let issuer = Issuer::new(der, witness(key)).expect("an issuer");
        return Authority::new(vec![issuer], publishing).expect("an authority");
    }
    let years = |n: i64| Validity {
        not_before: FIRST.minus(Span::days(365)),
        not_after: FIRST.plus(Span::days(365 * n)),
    };
    let root_key = Arc::new(FileKey::generate(Algorithm::P256).expect("a key"));
    let root = ceremony::make_root(&publishing, "DEMO Root", root_key, years(40)).expect("a root");
    let key = FileKey::generate(Algorithm::P256).expect("a key");
    let pem = key.to_pem().expect("PEM");
    let issuer =
        ceremony::make_issuing(&root, &publishing, "DEMO Issuing", witness(key), years(30))
            .expect("an issuer");
    fs::write(&certificate_file, issuer.der()).expect("kept");
    write_durably(&key_file, &pem);
    let _ = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(JOURNAL))
        .expect("the journal");
    Authority::new(vec![issuer], publishing).expect("an authority")
}

/// Whole or not at all.
fn write_durably(path: &Path, text: &str) {
    let new = path.with_extension("new");
    File::create(&new)
        .and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()))
        .expect("written");
    fs::rename(new, path).expect("named");
}

pub(super) fn sqlite_facts(path: &Path) -> Facts {
    let file =
        rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the database");
    let texts = |sql: &str| {
        let mut all = file.prepare(sql).expect("a statement");
        let rows = all
            .query_map([], |row| row.get::<_, String>(0))
            .expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    let mut facts = Facts {
        recorded: texts(RECORDED),
        active: texts(ACTIVE),
        ..Facts::default()
    };
    let numbers: Vec<i64> = NUMBERS
        .iter()
        .map(|sql| file.query_row(sql, [], |row| row.get(0)).expect("a number"))
        .collect();
    facts.fill(&numbers);
    facts
}
