//! Orders of an operator to a running server. The embedded database belongs to one process, so that a
//! command cannot write to it beside the server: it leaves its order in a folder beside the database,
//! the server carries it out and takes it away. Whoever may write there may write to the database
//! itself. With PostgreSQL the command does it alone.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use enrolment::audit::{Actor, OperatorName};
use policies::ids::FederationId;
use serde::{Deserialize, Serialize};

use super::switch;
use crate::house::Shared;

/// The most that is read of an order, in octets.
const LONGEST: u64 = 1024;

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Which organisation.
    pub federation: FederationId,
    /// Whether to switch it on.
    pub on: bool,
    /// Who orders it.
    pub operator: OperatorName,
}

/// Where orders to the server of this database are left; `None` where none are needed.
pub fn folder_of(database: &str) -> Option<PathBuf> {
    let path = database.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (!path.is_empty()).then(|| PathBuf::from(format!("{path}-orders")))
}

/// Leaves an order; answers the file that is gone once it is carried out.
///
/// # Errors
/// What the operating system says; the folder is made by the server alone.
pub fn leave(folder: &Path, name: &str, order: &Order) -> io::Result<PathBuf> {
    let (draft, path) = (
        folder.join(format!("{name}.draft")),
        folder.join(format!("{name}.json")),
    );
    fs::write(&draft, serde_json::to_vec(order)?)?;
    fs::rename(&draft, &path)?;
    Ok(path)
}

/// Makes the folder, for this user alone.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// Carries out what lies there.
pub(super) async fn carry_out(house: &Shared, folder: &Path) {
    for path in waiting(folder) {
        match read(&path) {
            Ok(order) => {
                let stamp = (house.now(), Actor::Operator(order.operator));
                let done = switch::turn(&house.store, order.federation, order.on, stamp).await;
                match done {
                    Ok(turned) => tracing::warn!(?turned, "an operator's order was carried out"),
                    // It stays and is tried again.
                    Err(error) => {
                        tracing::error!(%error, "an operator's order was not carried out");
                        continue;
                    }
                }
            }
            Err(error) => tracing::error!(%error, "an order that cannot be read was thrown away"),
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::error!(%error, "an order that was carried out cannot be taken away");
        }
    }
}

fn waiting(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .take(16)
        .collect()
}

fn read(path: &Path) -> io::Result<Order> {
    if fs::symlink_metadata(path)?.len() > LONGEST {
        return Err(io::Error::other("too long"));
    }
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_lie_beside_an_embedded_database_and_nowhere_else() {
        let beside = Some(PathBuf::from("/var/lib/matron/matron.db-orders"));
        assert_eq!(folder_of("sqlite:/var/lib/matron/matron.db"), beside);
        assert_eq!(folder_of("postgres://db.example/matron"), None);
    }

    #[test]
    fn an_order_is_read_back_and_a_long_or_foreign_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let order = Order {
            federation: "nhs".parse().unwrap(),
            on: false,
            operator: "ruth.o".parse().unwrap(),
        };
        let path = leave(folder.path(), "one", &order).unwrap();
        assert_eq!(waiting(folder.path()), std::slice::from_ref(&path));
        assert_eq!(read(&path).unwrap(), order);
        fs::write(&path, vec![b' '; 2000]).unwrap();
        assert!(read(&path).is_err());
        fs::write(&path, br#"{"federation":"nhs","on":true,"operator":"A B"}"#).unwrap();
        assert!(read(&path).is_err());
    }
}
