//! What is wrong with a configuration, and on which line. All problems are collected before any is
//! shown: a person mends a file once, not once per mistake.

use std::fmt;
use std::path::PathBuf;

use crate::oidc::registration::RegistrationProblem;

/// The least likeness (Jaro-Winkler, 0 to 1) at which a key is offered as the one meant.
const ALIKE: f64 = 0.75;

/// One problem and where it stands.
#[derive(Debug)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

/// The named faults of a configuration.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file is not TOML.
    #[error("not TOML: {}", .0.message())]
    Syntax(#[source] toml::de::Error),
    /// The file cannot be read.
    #[error("the configuration cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// A key nobody knows.
    #[error("unknown key `{key}`{}", meant(.nearest.as_deref()))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The known key most like it.
        nearest: Option<&'static str>,
    },
    /// A key that must be there.
    #[error("`{key}` is missing: {wanted}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A value of another type.
    #[error("`{key}` holds {found}; wanted: {wanted}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What belongs there.
        wanted: &'static str,
        /// The TOML type that is there.
        found: &'static str,
    },
    /// A value of the right type that makes no sense.
    #[error("`{key}` cannot be used; wanted: {wanted}")]
    Unusable {
        /// The key.
        key: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A file that cannot be read.
    #[error("`{key}` names {}, which cannot be read: {source}", path.display())]
    File {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("`{key}` names {}, which is not {wanted}", path.display())]
    Contents {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What should be in it.
        wanted: &'static str,
    },
    /// A private key that belongs to another certificate.
    #[error("`key` names {}, which is not the key of {}", path.display(), certificate.display())]
    ForeignKey {
        /// The key's file.
        path: PathBuf,
        /// The file of the certificate it stands beside.
        certificate: PathBuf,
    },
    /// Something that belongs to `matron dev` (decision 17; design rule 30).
    #[error("{0}")]
    Dev(#[from] DevRemains),
    /// The authority's description of itself.
    #[error("[authority]: {0}")]
    Authority(#[source] ca::publishing::PublishingError),
    /// A value of the policy file.
    #[error("`policy`: {0}")]
    Policy(#[source] policies::values::PolicyProblem),
    /// The role-based access database.
    #[error("`rbac`: {0}")]
    Rbac(#[source] policies::rbac::RbacProblem),
    /// The list of authenticators.
    #[error("`models`: {0}")]
    Models(#[source] crate::webauthn::models::ListError),
    /// A client's registration that contradicts itself.
    #[error("[[client]]: {0}")]
    Client(#[source] RegistrationProblem),
}

/// What `serve` refuses because only `matron dev` may have it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DevRemains {
    /// A clock file beside the configuration.
    #[error("{} stands beside the configuration; only `matron dev` follows a clock file", .0.display())]
    ClockFile(PathBuf),
    /// A certificate of a dev PKI.
    #[error("{} belongs to a dev PKI", .0.display())]
    Certificate(PathBuf),
    /// A key kept in a folder of `matron dev`.
    #[error("{} lies in a folder of `matron dev`", .0.display())]
    Key(PathBuf),
    /// The root of authenticators that are programs for tests.
    #[error("{} is the root of authenticators for tests; only `matron dev` may trust it", .0.display())]
    AuthenticatorRoot(PathBuf),
    /// The arc that is set aside for documentation (RFC 5612).
    #[error("`policy_arc` lies under 1.3.6.1.4.1.32473, which is for documentation; use your own")]
    DocumentationArc,
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}

/// The known key most like `key`, if any is alike.
pub(super) fn nearest(key: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(key, candidate), *candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// Collects problems while a configuration is read.
#[derive(Debug)]
pub(super) struct Problems {
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    found: Vec<Problem>,
}

impl Problems {
    pub(super) fn of(text: &str) -> Self {
        let lines = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, b)| *b == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Self {
            lines,
            found: Vec::new(),
        }
    }

    /// Notes a fault at a byte offset of the text.
    pub(super) fn note(&mut self, at: usize, fault: impl Into<Fault>) {
        let line = self.lines.partition_point(|begin| *begin <= at);
        self.found.push(Problem {
            line,
            fault: fault.into(),
        });
    }

    /// Everything found, in the order of the lines.
    pub(super) fn into_list(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| problem.line);
        self.found
    }
}
