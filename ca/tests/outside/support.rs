//! A small hierarchy through the public doors alone, and the `openssl` command.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ca::keys::{Algorithm, FileKey, SigningKey};
use ca::publishing::PublishingFacts;
use ca::request::SubjectKey;
use ca::{Assurance, Authority, Issuer, Publishing, ceremony};
use policies::access::{ActorFacts, ActorRole};
use policies::card::{CardState, KeyRole};
use policies::issuance::{self, FirstCardFacts, KeyFacts, SubjectFacts};
use policies::permit::{IssuePermit, Validity};
use policies::time::{Span, Time};
use policies::values::Policy;
use tempfile::TempDir;

/// The instant of the tests: 2026-11-22T09:00:00Z.
pub(crate) const NOW: Time = Time::from_unix(1_795_338_000);

pub(crate) const USER_ID: &str = "555012345678";

pub(crate) fn publishing() -> Publishing {
    Publishing::new(PublishingFacts {
        pki_url: "http://pki.example".into(),
        country: "GB".into(),
        organisation: "DEMO Trust".into(),
        upn_realm: "cards.example".into(),
        policy_arc: "1.3.6.1.4.1.32473".into(),
        assurance: Assurance::Software,
    })
    .unwrap()
}

/// Dates of so many days from twelve years before now.
pub(crate) fn since_twelve_years(years: i64) -> Validity {
    let not_before = NOW.minus(Span::days(12 * 365));
    let not_after = not_before
        .plus(Span::days(years * 365))
        .minus(Span::seconds(1));
    Validity {
        not_before,
        not_after,
    }
}

/// A hierarchy, with the issuing key where OpenSSL can abuse it.
pub(crate) struct World {
    pub(crate) root: Issuer,
    pub(crate) authority: Authority,
    pub(crate) issuing_key: Arc<FileKey>,
}

pub(crate) fn world() -> World {
    let publishing = publishing();
    let root_key = Arc::new(FileKey::generate(Algorithm::P384).unwrap());
    let dates = since_twelve_years(60);
    let root = ceremony::make_root(&publishing, "DEMO Card Root", root_key, dates).unwrap();
    let issuing_key = Arc::new(FileKey::generate(Algorithm::P256).unwrap());
    let dates = since_twelve_years(45);
    let name = "DEMO Card Issuing 1";
    let issuing =
        ceremony::make_issuing(&root, &publishing, name, issuing_key.clone(), dates).unwrap();
    let authority = Authority::new(vec![issuing], publishing).unwrap();
    World {
        root,
        authority,
        issuing_key,
    }
}

impl World {
    pub(crate) fn issuing(&self) -> &Issuer {
        &self.authority.issuers()[0]
    }

    /// Issues a set for these keys the whole way, but for the books.
    pub(crate) fn issue(&self, keys: Vec<(KeyRole, SubjectKey)>) -> Vec<ca::Signed> {
        let set = self.authority.prepare(permit(), keys).unwrap();
        let sign = |one: &ca::PreparedCertificate| self.authority.sign(&one.to_reserved()).unwrap();
        set.certificates().iter().map(sign).collect()
    }

    /// One authentication certificate for a fresh key.
    pub(crate) fn card(&self) -> ca::Signed {
        self.issue(vec![(KeyRole::Authentication, fresh_key())])
            .remove(0)
    }
}

pub(crate) fn fresh_key() -> SubjectKey {
    SubjectKey::from_spki(FileKey::generate(Algorithm::P256).unwrap().spki_der()).unwrap()
}

/// The law's yes to a first card.
pub(crate) fn permit() -> IssuePermit {
    let facts = FirstCardFacts {
        subject: SubjectFacts {
            user_id: USER_ID.parse().unwrap(),
            person_version: 1,
            person_open: true,
            card: "9000000000000001".parse().unwrap(),
            card_version: 1,
            card_state: CardState::Requested,
        },
        identity_verified: true,
        terms_accepted: true,
        other_live_card: false,
        plastic_used_before: false,
        series_ended: false,
        actor: ActorFacts {
            roles: vec![ActorRole::RaManager],
            is_subject: false,
            in_scope: true,
        },
        keys: KeyFacts {
            fresh: true,
            proven: true,
            acceptable: true,
        },
        issuer_not_after: since_twelve_years(45).not_after,
    };
    issuance::first_card(&facts, NOW, &Policy::default_file()).unwrap()
}

/// A folder of its own in which `openssl` runs.
pub(crate) struct OpenSsl {
    folder: TempDir,
}

impl OpenSsl {
    /// `None`, said aloud, where there is no such command.
    pub(crate) fn find(test: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            let line = format!("left out: {test}, because the openssl command is not here");
            // Past the capture of the test runner.
            drop(writeln!(std::io::stderr(), "{line}"));
            return None;
        }
        Some(Self {
            folder: TempDir::new().unwrap(),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and gives its name back.
    pub(crate) fn write<'a>(&self, name: &'a str, content: &[u8]) -> &'a str {
        std::fs::write(self.path(name), content).unwrap();
        name
    }

    /// Writes DER as PEM.
    pub(crate) fn write_pem<'a>(&self, name: &'a str, label: &'static str, der: &[u8]) -> &'a str {
        let pem = der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap();
        self.write(name, pem.as_bytes())
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    /// Runs the command in the folder; arguments are separated by blanks.
    pub(crate) fn run(&self, arguments: &str) -> Output {
        Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// Runs the command, which must succeed, and gives its output.
    pub(crate) fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "openssl {arguments}: {}",
            said(&output)
        );
        said(&output)
    }

    /// Runs the command, which must fail and say so in these words.
    pub(crate) fn fail(&self, arguments: &str, words: &str) {
        let output = self.run(arguments);
        let said = said(&output);
        assert!(
            !output.status.success(),
            "openssl {arguments} succeeded: {said}"
        );
        assert!(said.contains(words), "openssl {arguments}: {said}");
    }
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&text).into_owned()
}
