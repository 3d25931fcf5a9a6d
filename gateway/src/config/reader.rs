//! Reads the tables of one file, every one of them even when an earlier one failed, so that all
//! problems are found at once.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use ca::publishing::{Assurance, Publishing, PublishingFacts};
use policies::rbac::Rbac;
use policies::values::Policy;
use toml::de::DeTable;
use zeroize::Zeroizing;

use super::problem::{Fault, Problems};
use super::section::Section;
use super::{
    AuthorityFiles, Backup, ClientEntry, Config, IssuerFiles, PublishingSite, Rules, Site,
    TokenKeyFile,
};
use super::{authenticators, client, credentials, federation, letters, remains};
use crate::door::limits::Limits;
use crate::tokens::Standing;

/// An origin, as it stands in the file.
const HTTPS: &str = "an origin such as https://id.example, without a path or a trailing slash";

/// A socket address, as it stands in the file.
const LISTEN: &str = "an address and port such as 0.0.0.0:443";

/// A nightly backup and two hours to make it.
const BACKUP_HOURS: u32 = 26;

/// Reads the tables of one file.
pub(super) struct Reader<'p> {
    pub(super) folder: &'p Path,
    pub(super) problems: &'p mut Problems,
}

impl Reader<'_> {
    /// Every part is read even when an earlier one failed, so that all problems are found.
    pub(super) fn config<'t>(&mut self, table: &'t DeTable<'t>) -> Option<Config> {
        let mut top = Section::new(table, 0);
        let gateway = top
            .table("gateway", self.problems)
            .map(|section| self.site(section));
        let card = top
            .table("card", self.problems)
            .map(|section| self.site(section));
        let publishing = top
            .table("publishing", self.problems)
            .map(|section| self.publishing(section));
        let database = top
            .table("database", self.problems)
            .map(|section| self.database(section));
        let url = publishing
            .as_ref()
            .and_then(|site| site.as_ref())
            .map(|site| site.url.clone());
        let authority = top
            .table("authority", self.problems)
            .map(|section| self.authority(section, url));
        let rules = self.rules(&mut top);
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
        let secrets_key = top
            .optional_table("cards", self.problems)
            .and_then(|section| letters::secrets_key(section, self.folder, self.problems));
        let (mail, sms) = letters::ways(&mut top, self.folder, self.problems);
        let authenticators = authenticators::read(&mut top, self.folder, self.problems);
        let clients = self.clients(&mut top);
        let federation = federation::all(&mut top, self.folder, false, self.problems);
        top.done(self.problems);
        Some(Config {
            gateway: gateway??,
            card: card??,
            publishing: publishing??,
            database: database??,
            authority: authority??,
            rules: rules?,
            checkpoint_key: checkpoint_key??,
            token_keys,
            limits,
            backup,
            secrets_key,
            mail,
            sms,
            authenticators,
            clients,
            federation,
        })
    }

    fn rules(&mut self, top: &mut Section<'_>) -> Option<Rules> {
        let (policy, rbac) = (self.policy(top), self.rbac(top));
        Some(Rules {
            policy: policy?,
            rbac: rbac?,
        })
    }

    fn site(&mut self, mut section: Section<'_>) -> Option<Site> {
        let url = section
            .required("url", HTTPS, self.problems)
            .and_then(|url| {
                let is_origin = is_origin(url.value, "https");
                if !is_origin {
                    self.problems.note(
                        url.at,
                        Fault::Unusable {
                            key: "url",
                            wanted: HTTPS,
                        },
                    );
                }
                is_origin.then(|| url.value.to_owned())
            });
        let listen = section.parsed::<SocketAddr>("listen", LISTEN, self.problems);
        let credentials = credentials::server(&mut section, self.folder, self.problems);
        section.done(self.problems);
        Some(Site {
            url: url?,
            listen: listen?.value,
            credentials: credentials?,
        })
    }

    fn publishing(&mut self, mut section: Section<'_>) -> Option<PublishingSite> {
        const WANTED: &str = "an origin such as http://pki.example; RFC 5280 wants plain http";
        let url = section
            .required("url", WANTED, self.problems)
            .and_then(|url| {
                let is_origin = is_origin(url.value, "http");
                if !is_origin {
                    self.problems.note(
                        url.at,
                        Fault::Unusable {
                            key: "url",
                            wanted: WANTED,
                        },
                    );
                }
                is_origin.then(|| url.value.to_owned())
            });
        let listen = section.parsed::<SocketAddr>("listen", LISTEN, self.problems);
        section.done(self.problems);
        Some(PublishingSite {
            url: url?,
            listen: listen?.value,
        })
    }

    /// The address itself, or the file that holds it when it has a password. A relative path of
    /// SQLite counts from the configuration's folder, like every other.
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
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = self.folder.join(path);
            return Some(Zeroizing::new(format!("sqlite:{}", path.display())));
        }
        if ["postgres://", "postgresql://"]
            .iter()
            .any(|how| url.starts_with(how))
        {
            return Some(url);
        }
        self.problems.note(
            at,
            Fault::Unusable {
                key: "url",
                wanted: WANTED,
            },
        );
        None
    }

    fn authority(
        &mut self,
        mut section: Section<'_>,
        url: Option<String>,
    ) -> Option<AuthorityFiles> {
        let at = section.at();
        let root = credentials::certificate(&mut section, "root", self.folder, self.problems);
        let root_list = credentials::root_list(&mut section, self.folder, self.problems);
        let mut facts = |key, wanted| {
            section
                .required(key, wanted, self.problems)
                .map(|found| found.value.to_owned())
        };
        let country = facts("country", "two capital letters, such as GB");
        let organisation = facts("organisation", "the name that stands in every certificate");
        let upn_realm = facts(
            "upn_realm",
            "the DNS name of your directory, such as ad.example",
        );
        let policy_arc = facts(
            "policy_arc",
            "the object identifier your policies hang under",
        );
        let face_to_face = section
            .switch("face_to_face", self.problems)
            .unwrap_or(true);
        if let Some(arc) = &policy_arc {
            remains::documentation_arc(arc, at, self.problems);
        }
        let issuers = self.issuers(&mut section);
        section.done(self.problems);
        let facts = PublishingFacts {
            pki_url: url?,
            country: country?,
            organisation: organisation?,
            upn_realm: upn_realm?,
            policy_arc: policy_arc?,
            assurance: if face_to_face {
                Assurance::CardFaceToFace
            } else {
                Assurance::CardRemote
            },
        };
        let publishing = Publishing::new(facts)
            .map_err(|error| self.problems.note(at, Fault::Authority(error)))
            .ok()?;
        Some(AuthorityFiles {
            root: root?,
            root_list,
            issuers,
            publishing,
        })
    }

    /// `[[authority.issuer]]`, at least one.
    fn issuers(&mut self, section: &mut Section<'_>) -> Vec<IssuerFiles> {
        let tables = section.tables("issuer", self.problems);
        if tables.is_empty() {
            const WANTED: &str = "[[authority.issuer]] with certificate and key";
            let fault = Fault::Missing {
                key: "issuer",
                wanted: WANTED,
            };
            self.problems.note(section.at(), fault);
        }
        tables
            .into_iter()
            .filter_map(|table| credentials::issuer(table, self.folder, self.problems))
            .collect()
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
        Some(Backup {
            folder,
            max_age_hours: hours.unwrap_or(BACKUP_HOURS),
        })
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
        match Rbac::parse(&text) {
            Ok(rbac) => Some(Arc::new(rbac)),
            Err(faults) => {
                for fault in faults {
                    self.problems.note(file.at, Fault::Rbac(fault));
                }
                None
            }
        }
    }

    fn token_keys(&mut self, top: &mut Section<'_>) -> Vec<TokenKeyFile> {
        const WANTED: &str = "current, next or retired";
        let mut keys = Vec::new();
        for mut section in top.tables("token_key", self.problems) {
            let file = section.file("file", self.folder, self.problems);
            let standing = section
                .required("standing", WANTED, self.problems)
                .and_then(|text| {
                    let standing = Standing::parse(text.value);
                    if standing.is_none() {
                        let fault = Fault::Unusable {
                            key: "standing",
                            wanted: WANTED,
                        };
                        self.problems.note(text.at, fault);
                    }
                    standing
                });
            if let Some(file) = &file {
                remains::key(file, self.problems);
            }
            section.done(self.problems);
            if let (Some(file), Some(standing)) = (file, standing) {
                keys.push(TokenKeyFile {
                    standing,
                    pem: file.value.bytes,
                });
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
        url.scheme() == scheme
            && url.origin().is_tuple()
            && url.origin().ascii_serialization() == text
    })
}
