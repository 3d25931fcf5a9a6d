//! What the doctor looks at, one question after the other; a question that cannot be asked is a
//! finding too, and stops no other.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ca::issuer::Issuer;
use ca::keys::FileKey;
use enrolment::audit::{self, checkpoint::CheckpointKey};
use enrolment::clock_mark;
use enrolment::desk_cover;
use enrolment::journeys::JourneyError;
use enrolment::store::{Store, StoreError};
use policies::rbac::Rbac;
use policies::reminder::Shortage;
use policies::time::{Clock, Span, Time};
use policies::values::Policy;

use super::{Finding, Standing};
use crate::config::{AuthenticatorFiles, Backup, Config, IssuerFiles};
use crate::door::clock::MachineClock;
use crate::serve;
use crate::webauthn::Models;
use crate::webauthn::models::{ModelList, write_aaguid};

/// An issuer must outlive the cards it issues; below this it must be followed by the next one:
/// three years of a card and one to make the change.
const ISSUER_NOTICE: Span = Span::days(4 * 365);

/// Free space below which the trail may soon have nowhere to go.
const DISK_NOTICE: u64 = 5 * 1024 * 1024 * 1024;
/// Free space below which it is a fault.
const DISK_FAULT: u64 = 500 * 1024 * 1024;

/// Asks everything.
pub(super) async fn everything(config: &Config) -> Vec<Finding> {
    let now = MachineClock.now();
    let mut findings = vec![
        issuer(&config.authority.issuers, now),
        backups(config.backup.as_ref()),
        authenticators(&config.authenticators, &config.rules.rbac, now),
    ];
    findings.extend(disk(&config.database));
    match Store::open_to_read(&config.database).await {
        Ok(store) => {
            findings.push(tables(&store).await);
            findings.push(clock(&store, now, config.rules.policy.clone()).await);
            findings.push(trail(&store, &config.checkpoint_key).await);
            findings.push(desks(&store, now, config.rules.rbac.clone()).await);
        }
        Err(error) => findings.push(Finding::new("database", Standing::Fault, error)),
    }
    findings
}

/// The oldest issuer: the one that ends first.
fn issuer(files: &[IssuerFiles], now: Time) -> Finding {
    const WHAT: &str = "oldest issuer";
    let mut ends = Vec::new();
    for file in files {
        match opened(file) {
            Ok(issuer) => ends.push(issuer.validity().not_after),
            Err(words) => return Finding::new(WHAT, Standing::Fault, words),
        }
    }
    match ends.into_iter().min() {
        None => Finding::new(WHAT, Standing::Fault, "there is none"),
        Some(end) if end < now => Finding::new(WHAT, Standing::Fault, format!("ended at {end}")),
        Some(end) if end < now.plus(ISSUER_NOTICE) => Finding::new(
            WHAT,
            Standing::Attend,
            format!("ends at {end}; prepare the next one"),
        ),
        Some(end) => Finding::new(WHAT, Standing::Well, format!("ends at {end}")),
    }
}

fn opened(file: &IssuerFiles) -> Result<Issuer, &'static str> {
    let pem = std::str::from_utf8(&file.key).map_err(|_| "its key is not PEM")?;
    let key = FileKey::from_pem(pem).map_err(|_| "its key cannot be used")?;
    Issuer::new(file.certificate.to_vec(), Arc::new(key))
        .map_err(|_| "certificate and key do not belong together, or it is no issuer")
}

/// What is in vain in the groups: roles that the catalogue does not know, and models on a list of
/// allowed ones whose maker is not known, so that no device of theirs can prove itself.
fn vain(list: &ModelList, models: &Models, rbac: &Rbac) -> Option<String> {
    if let Some(roles) = list.groups().strangers(rbac).next() {
        return Some(format!("a group of {roles}, which no job role is in"));
    }
    let mut allowed = list.groups().allowed();
    let unproven = allowed.find(|model| !models.groups().allowed().any(|one| one == *model))?;
    let number = write_aaguid(unproven);
    Some(format!("a group allows {number}, whose maker is not known"))
}

/// Whether security keys can reach AAL3, and by metadata of today.
fn authenticators(files: &AuthenticatorFiles, rbac: &Rbac, now: Time) -> Finding {
    const WHAT: &str = "authenticators";
    let metadata = match files.metadata(now) {
        Ok(metadata) => metadata,
        Err(error) => return Finding::new(WHAT, Standing::Fault, error),
    };
    let models = Models::new(&files.list, metadata.as_ref());
    let (known, allowed, denied) = models.counts();
    let groups = files.list.groups().len();
    let words = format!(
        "{known} models, {allowed} allowed for AAL3, {denied} denied, {groups} groups of roles"
    );
    if let Some(vain) = vain(&files.list, &models, rbac) {
        return Finding::new(WHAT, Standing::Attend, format!("{words}; {vain}"));
    }
    match metadata {
        Some(metadata) if metadata.is_late(now) => Finding::new(
            WHAT,
            Standing::Attend,
            format!(
                "{words}; metadata number {} was to be followed on {}: run `matron metadata update`",
                metadata.number(),
                metadata.next_update()
            ),
        ),
        Some(metadata) => Finding::new(
            WHAT,
            Standing::Well,
            format!("{words}; metadata number {}", metadata.number()),
        ),
        None => Finding::new(WHAT, Standing::Well, words),
    }
}

async fn tables(store: &Store) -> Finding {
    match serve::is_migrated(store).await {
        Ok(true) => Finding::new("tables", Standing::Well, "up to date"),
        Ok(false) => Finding::new("tables", Standing::Fault, "run `matron migrate`"),
        Err(error) => Finding::new("tables", Standing::Fault, error),
    }
}

/// Whether the machine's clock has fallen behind the highest time this database has seen.
async fn clock(store: &Store, now: Time, policy: Arc<Policy>) -> Finding {
    let asked = store
        .read("doctor.clock", move |tx| {
            let policy = policy.clone();
            Box::pin(async move { clock_mark::check(tx, now, &policy).await })
        })
        .await;
    match asked {
        Ok(()) => Finding::new(
            "clock",
            Standing::Well,
            format!("{now}, not behind its mark"),
        ),
        Err(JourneyError::Refused(_)) => {
            let words = format!("{now} is behind the highest time seen; nothing is issued");
            Finding::new("clock", Standing::Fault, words)
        }
        Err(error) => Finding::new("clock", Standing::Fault, error),
    }
}

/// Whether every registration authority has two people who can help, and will have.
async fn desks(store: &Store, now: Time, rbac: Arc<Rbac>) -> Finding {
    const WHAT: &str = "desks";
    let (mut short, mut after) = (Vec::new(), String::new());
    loop {
        let (rbac, from) = (rbac.clone(), after.clone());
        let asked = store
            .read::<_, StoreError, _>("doctor.desks", move |tx| {
                let (rbac, from) = (rbac.clone(), from.clone());
                Box::pin(async move { desk_cover::short_after(tx, &from, &rbac, now).await })
            })
            .await;
        match asked {
            Ok((found, next)) => {
                short.extend(found.iter().map(in_words));
                match next {
                    Some(code) => after = code.to_string(),
                    None => break,
                }
            }
            Err(error) => return Finding::new(WHAT, Standing::Fault, error),
        }
    }
    if short.is_empty() {
        return Finding::new(WHAT, Standing::Well, "each has two people who can help");
    }
    Finding::new(WHAT, Standing::Attend, short.join("; "))
}

fn in_words(short: &desk_cover::Short) -> String {
    let code = &short.org_code;
    match short.why {
        Shortage::TooFew => format!("{code} has {} usable card(s) in its desk", short.usable),
        Shortage::EndTogether => format!("all cards of the desk of {code} end within four weeks"),
    }
}

async fn trail(store: &Store, key: &[u8]) -> Finding {
    let Ok(key) = CheckpointKey::from_pkcs8(key) else {
        return Finding::new(
            "audit trail",
            Standing::Fault,
            "the checkpoint key cannot be used",
        );
    };
    match audit::verify(store, Some(key.public_key())).await {
        Ok(report) if report.is_whole() => Finding::new(
            "audit trail",
            Standing::Well,
            format!("{} lines, whole", report.lines),
        ),
        Ok(report) => {
            let words = format!("{} faults; see `matron audit verify`", report.faults.len());
            Finding::new("audit trail", Standing::Fault, words)
        }
        Err(error) => Finding::new("audit trail", Standing::Fault, error),
    }
}

/// Free space beside the database file; a PostgreSQL server's disk is not seen from here.
fn disk(database: &str) -> Option<Finding> {
    const WHAT: &str = "disk";
    let path = Path::new(database.strip_prefix("sqlite:")?);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let finding = match rustix::fs::statvfs(folder.unwrap_or(Path::new("."))) {
        Err(error) => Finding::new(WHAT, Standing::Attend, error),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let standing = match free {
                0..DISK_FAULT => Standing::Fault,
                DISK_FAULT..DISK_NOTICE => Standing::Attend,
                DISK_NOTICE.. => Standing::Well,
            };
            Finding::new(WHAT, standing, format!("{} MiB free", free / (1024 * 1024)))
        }
    };
    Some(finding)
}

/// How old the newest file of the backup folder is.
fn backups(backup: Option<&Backup>) -> Finding {
    const WHAT: &str = "backups";
    let Some(backup) = backup else {
        return Finding::new(WHAT, Standing::Attend, "no [backup] folder is configured");
    };
    let allowed = Duration::from_secs(u64::from(backup.max_age_hours) * 3600);
    match youngest(&backup.folder) {
        Err(error) => Finding::new(WHAT, Standing::Fault, error),
        Ok(None) => Finding::new(WHAT, Standing::Fault, "the folder is empty"),
        Ok(Some(age)) if age > allowed => {
            let words = format!("the newest is {} hours old", age.as_secs() / 3600);
            Finding::new(WHAT, Standing::Fault, words)
        }
        Ok(Some(age)) => {
            let words = format!("the newest is {} hours old", age.as_secs() / 3600);
            Finding::new(WHAT, Standing::Well, words)
        }
    }
}

fn youngest(folder: &Path) -> std::io::Result<Option<Duration>> {
    let mut youngest = None;
    for entry in std::fs::read_dir(folder)? {
        // A file from the future is as young as can be.
        let age = entry?.metadata()?.modified()?.elapsed().unwrap_or_default();
        youngest = Some(youngest.map_or(age, |other: Duration| other.min(age)));
    }
    Ok(youngest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_vain_in_a_list_of_models_is_named() {
        let known = "[[model]]\naaguid = \"01020304-0506-0708-0102-030405060708\"\n\
            standing = \"known\"\n";
        let rbac = Rbac::default_file();
        for (group, said) in [
            ("roles = [\"S8000\"]\nattestation = true", None),
            ("desk = [\"sponsor\"]\nattestation = true", None),
            (
                "roles = [\"S8000\", \"S9999:G9999\"]\nattestation = true",
                Some("S9999:G9999"),
            ),
            (
                "roles = [\"S8000\"]\nallow = [\"01020304-0506-0708-0102-030405060708\"]",
                Some("01020304-0506-0708-0102-030405060708"),
            ),
        ] {
            let text = format!("{known}[[group]]\n{group}\n");
            let list = ModelList::parse(&text, Path::new(".")).unwrap();
            let words = vain(&list, &Models::new(&list, None), &rbac);
            assert_eq!(words.is_some(), said.is_some(), "{group}: {words:?}");
            let names = words.unwrap_or_default();
            assert!(names.contains(said.unwrap_or_default()), "{names}");
        }
    }
}
