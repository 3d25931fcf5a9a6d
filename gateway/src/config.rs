//! The configuration of `matron serve`: one TOML file, one struct per concern, secrets by file path.
//! It is read whole and checked whole; a value that exists here has passed (house style 13), and a
//! configuration with problems names all of them at once (contract 1).

mod client;
mod credentials;
mod problem;
mod remains;
mod section;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca::publishing::{Assurance, Publishing, PublishingFacts};
use policies::rbac::Rbac;
use policies::values::Policy;
use rustls_pki_types::CertificateDer;
use toml::de::DeTable;
use zeroize::Zeroizing;

pub use client::ClientEntry;
pub use problem::{DevRemains, Fault, Problem};

use crate::door::limits::Limits;
use crate::door::tls::Credentials;
use crate::tokens::Standing;
use problem::Problems;
use section::Section;

/// An origin, as it stands in the file.
const HTTPS: &str = "an origin such as https://id.example, without a path or a trailing slash";
/// A socket address, as it stands in the file.
const LISTEN: &str = "an address and port such as 0.0.0.0:443";

/// A nightly backup and two hours to make it.
const BACKUP_HOURS: u32 = 26;

/// A whole, checked configuration.
#[derive(Debug)]
pub struct Config {
    /// The gateway's name, address and certificate.
    pub gateway: Site,
    /// The card listener's name, address and certificate.
    pub card: Site,
    /// Where revocation lists and CA certificates are published.
    pub publishing: PublishingSite,
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub database: Zeroizing<String>,
    /// The certification authority.
    pub authority: AuthorityFiles,
    /// The rules.
    pub rules: Rules,
    /// PKCS#8 DER of the key that signs the audit trail's checkpoints.
    pub checkpoint_key: Zeroizing<Vec<u8>>,
    /// Token keys an operator keeps in files; empty when the database keeps them.
    pub token_keys: Vec<TokenKeyFile>,
    /// How many connections each listener holds.
    pub limits: Limits,
    /// Where backups land, for `matron doctor`.
    pub backup: Option<Backup>,
    /// Applications registered by file.
    pub clients: Vec<ClientEntry>,
}

/// The rules of the house, from their versioned files.
#[derive(Debug)]
pub struct Rules {
    /// The policy file's values.
    pub policy: Arc<Policy>,
    /// The role-based access database.
    pub rbac: Arc<Rbac>,
}

/// Where backups land.
#[derive(Debug)]
pub struct Backup {
    /// The folder.
    pub folder: PathBuf,
    /// How old the newest may be, in hours.
    pub max_age_hours: u32,
}

/// One TLS listener.
#[derive(Debug)]
pub struct Site {
    /// Its origin.
    pub url: String,
    /// Where it listens. Both sites may share an address; SNI then tells them apart.
    pub listen: SocketAddr,
    /// Its certificate chain and key.
    pub credentials: Credentials,
}

/// The plain listener for revocation lists.
#[derive(Debug)]
pub struct PublishingSite {
    /// Its origin, which stands in every certificate.
    pub url: String,
    /// Where it listens.
    pub listen: SocketAddr,
}

/// The certification authority's files and what it says of itself.
#[derive(Debug)]
pub struct AuthorityFiles {
    /// The root certificate, only published.
    pub root: CertificateDer<'static>,
    /// Issuing certificates with their keys, the one that signs today first.
    pub issuers: Vec<IssuerFiles>,
    /// What stands in every certificate.
    pub publishing: Publishing,
}

/// One issuing certificate and its key.
#[derive(Debug)]
pub struct IssuerFiles {
    /// DER of the certificate.
    pub certificate: CertificateDer<'static>,
    /// PKCS#8 PEM of the key.
    pub key: Zeroizing<Vec<u8>>,
}

/// A token key in a file.
#[derive(Debug)]
pub struct TokenKeyFile {
    /// Where it stands in its life.
    pub standing: Standing,
    /// PKCS#8 PEM.
    pub pem: Zeroizing<Vec<u8>>,
}

impl Config {
    /// Reads and checks a file, and refuses what belongs to `matron dev` (decision 17).
    ///
    /// # Errors
    /// Every problem, in the order of its line.
    pub fn read(file: &Path) -> Result<Self, Vec<Problem>> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| vec![Problem { line: 1, fault: Fault::Unreadable(source) }])?;
        let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
        Self::parse(&text, &folder)
    }

    /// Checks a configuration's text; its relative paths count from `folder`.
    ///
    /// # Errors
    /// Every problem, in the order of its line.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::of(text);
        let (table, faults) = DeTable::parse_recoverable(text);
        for fault in faults {
            let at = fault.span().map_or(0, |span| span.start);
            problems.note(at, Fault::Syntax(fault));
        }
        remains::clock_file(folder, &mut problems);
        let config = Reader { folder, problems: &mut problems }.config(table.get_ref());
        let problems = problems.into_list();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

/// Reads the tables of one file.
struct Reader<'p> {
    folder: &'p Path,
    problems: &'p mut Problems,
}

impl Reader<'_> {
    /// Every part is read even when an earlier one failed, so that all problems are found.
    fn config<'t>(&mut self, table: &'t DeTable<'t>) -> Option<Config> {
        let mut top = Section::new(table, 0);
        let gateway = top.table("gateway", self.problems).map(|section| self.site(section));
        let card = top.table("card", self.problems).map(|section| self.site(section));
        let publishing =
            top.table("publishing", self.problems).map(|section| self.publishing(section));
        let database = top.table("database", self.problems).map(|section| self.database(section));
        let url = publishing.as_ref().and_then(|site| site.as_ref()).map(|site| site.url.clone());
        let authority =
            top.table("authority", self.problems).map(|section| self.authority(section, url));
        let policy = self.policy(&mut top);
        let rbac = self.rbac(&mut top);
        let checkpoint_key = top
            .table("audit", self.problems)
            .map(|section| credentials::checkpoint_key(section, self.folder, self.problems));
        let token_keys = self.token_keys(&mut top);
        let limits = top
            .optional_table("limits", self.problems)
            .map_or_else(Limits::default, |section| self.limits(section));
        let backup = top
            .optional_table("backup", self.problems)
            .and_then(|section| self.backup(section));
        let clients = self.clients(&mut top);
        top.done(self.problems);
        Some(Config {
            gateway: gateway??,
            card: card??,
            publishing: publishing??,
            database: database??,
            authority: authority??,
            rules: Rules { policy: policy?, rbac: rbac? },
            checkpoint_key: checkpoint_key??,
            token_keys,
            limits,
            backup,
            clients,
        })
    }

    fn site(&mut self, mut section: Section<'_>) -> Option<Site> {
        let url = section.required("url", HTTPS, self.problems).and_then(|url| {
            let is_origin = is_origin(url.value, "https");
            if !is_origin {
                self.problems.note(url.at, Fault::Unusable { key: "url", wanted: HTTPS });
            }
            is_origin.then(|| url.value.to_owned())
        });
        let listen = section.parsed::<SocketAddr>("listen", LISTEN, self.problems);
        let credentials = credentials::server(&mut section, self.folder, self.problems);
        section.done(self.problems);
        Some(Site { url: url?, listen: listen?.value, credentials: credentials? })
    }

    fn publishing(&mut self, mut section: Section<'_>) -> Option<PublishingSite> {
        const WANTED: &str = "an origin such as http://pki.example; RFC 5280 wants plain http";
        let url = section.required("url", WANTED, self.problems).and_then(|url| {
            let is_origin = is_origin(url.value, "http");
            if !is_origin {
                self.problems.note(url.at, Fault::Unusable { key: "url", wanted: WANTED });
            }
            is_origin.then(|| url.value.to_owned())
        });
        let listen = section.parsed::<SocketAddr>("listen", LISTEN, self.problems);
        section.done(self.problems);
        Some(PublishingSite { url: url?, listen: listen?.value })
    }

    /// The address itself, or the file that holds it when it has a password.
    fn database(&mut self, mut section: Section<'_>) -> Option<Zeroizing<String>> {
        const WANTED: &str = "sqlite:PATH or postgres://HOST/NAME";
        let from_file = section.optional_file("url_file", self.folder, self.problems);
        let url = match from_file {
            Some(file) => {
                let _unused = section.text("url", WANTED, self.problems);
                let text = String::from_utf8_lossy(&file.value.bytes).trim().to_owned();
                Some((Zeroizing::new(text), file.at))
            }
            None => section
                .required("url", WANTED, self.problems)
                .map(|url| (Zeroizing::new(url.value.to_owned()), url.at)),
        };
        section.done(self.problems);
        let (url, at) = url?;
        if ["sqlite:", "postgres://", "postgresql://"].iter().any(|how| url.starts_with(how)) {
            return Some(url);
        }
        self.problems.note(at, Fault::Unusable { key: "url", wanted: WANTED });
        None
    }

    fn authority(&mut self, mut section: Section<'_>, url: Option<String>) -> Option<AuthorityFiles> {
        let at = section.at();
        let root = credentials::certificate(&mut section, "root", self.folder, self.problems);
        let mut facts = |key, wanted| {
            section.required(key, wanted, self.problems).map(|found| found.value.to_owned())
        };
        let country = facts("country", "two capital letters, such as GB");
        let organisation = facts("organisation", "the name that stands in every certificate");
        let upn_realm = facts("upn_realm", "the DNS name of your directory, such as ad.example");
        let policy_arc = facts("policy_arc", "the object identifier your policies hang under");
        let face_to_face = section.switch("face_to_face", self.problems).unwrap_or(true);
        if let Some(arc) = &policy_arc {
            remains::documentation_arc(arc, at, self.problems);
        }
        let mut issuers = Vec::new();
        let tables = section.tables("issuer", self.problems);
        if tables.is_empty() {
            const WANTED: &str = "[[authority.issuer]] with certificate and key";
            self.problems.note(at, Fault::Missing { key: "issuer", wanted: WANTED });
        }
        for table in tables {
            issuers.extend(credentials::issuer(table, self.folder, self.problems));
        }
        section.done(self.problems);
        let facts = PublishingFacts {
            pki_url: url?,
            country: country?,
            organisation: organisation?,
            upn_realm: upn_realm?,
            policy_arc: policy_arc?,
            assurance: if face_to_face { Assurance::CardFaceToFace } else { Assurance::CardRemote },
        };
        let publishing = Publishing::new(facts)
            .map_err(|error| self.problems.note(at, Fault::Authority(error)))
            .ok()?;
        Some(AuthorityFiles { root: root?, issuers, publishing })
    }

    fn limits(&mut self, mut section: Section<'_>) -> Limits {
        let usual = Limits::default();
        let limits = Limits {
            connections: section
                .count("connections", self.problems)
                .unwrap_or(usual.connections),
            per_address: section
                .count("connections_per_address", self.problems)
                .unwrap_or(usual.per_address),
            ..usual
        };
        section.done(self.problems);
        limits
    }

    fn backup(&mut self, mut section: Section<'_>) -> Option<Backup> {
        let folder = section.required("folder", "the path of a folder", self.problems);
        let hours = section.count("max_age_hours", self.problems);
        section.done(self.problems);
        let folder = self.folder.join(folder?.value);
        Some(Backup { folder, max_age_hours: hours.unwrap_or(BACKUP_HOURS) })
    }

    fn policy(&mut self, top: &mut Section<'_>) -> Option<Arc<Policy>> {
        let Some(file) = top.optional_file("policy", self.folder, self.problems) else {
            return Some(Arc::new(Policy::default_file()));
        };
        let text = String::from_utf8_lossy(&file.value.bytes);
        match Policy::parse(&text) {
            Ok(policy) => Some(Arc::new(policy)),
            Err(faults) => {
                for fault in faults {
                    self.problems.note(file.at, Fault::Policy(fault));
                }
                None
            }
        }
    }

    fn rbac(&mut self, top: &mut Section<'_>) -> Option<Arc<Rbac>> {
        let Some(file) = top.optional_file("rbac", self.folder, self.problems) else {
            return Some(Arc::new(Rbac::default_file()));
        };
        let text = String::from_utf8_lossy(&file.value.bytes);
        let rbac = Rbac::parse(&text);
        rbac.map(Arc::new).map_err(|fault| self.problems.note(file.at, Fault::Rbac(fault))).ok()
    }

    fn token_keys(&mut self, top: &mut Section<'_>) -> Vec<TokenKeyFile> {
        const WANTED: &str = "current, next or retired";
        let mut keys = Vec::new();
        for mut section in top.tables("token_key", self.problems) {
            let file = section.file("file", self.folder, self.problems);
            let standing = section.required("standing", WANTED, self.problems).and_then(|text| {
                let standing = Standing::parse(text.value);
                if standing.is_none() {
                    let fault = Fault::Unusable { key: "standing", wanted: WANTED };
                    self.problems.note(text.at, fault);
                }
                standing
            });
            if let Some(file) = &file {
                remains::key(file, self.problems);
            }
            section.done(self.problems);
            if let (Some(file), Some(standing)) = (file, standing) {
                keys.push(TokenKeyFile { standing, pem: file.value.bytes });
            }
        }
        keys
    }

    fn clients(&mut self, top: &mut Section<'_>) -> Vec<ClientEntry> {
        let tables = top.tables("client", self.problems);
        tables
            .into_iter()
            .filter_map(|section| client::read(section, self.folder, self.problems))
            .collect()
    }
}

/// Whether a text is exactly an origin of this scheme, so that it can be compared byte for byte.
fn is_origin(text: &str, scheme: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        url.scheme() == scheme && url.origin().is_tuple() && url.origin().ascii_serialization() == text
    })
}
