//! How the words of the law are written into columns: instants as seconds, ids and closed lists
//! as their text. Reading parses again, so a hand-edited row is an error and never a surprise.

use policies::authenticator::{Attestation, AuthenticatorState};
use policies::card::{
    CancelReason, CardState, CertificateState, KeyRole, PlasticState, RevocationReason,
};
use policies::ids::{
    AuthenticatorId, CardNumber, ClientId, DeputyId, FederationId, IntentId, InvitationId, OrgCode,
    PersonOrgId, RoleId, Serial, SessionId, UserId, WorkgroupCode,
};
use policies::invitation::InvitationKind;
use policies::signin::{Aal, Method};
use policies::time::Time;

use super::value::{FromValue, Value};

impl From<Time> for Value {
    fn from(instant: Time) -> Self {
        Self::Integer(instant.unix())
    }
}

impl FromValue for Time {
    const WANTED: &'static str = "an instant in seconds";

    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(Self::from_unix)
    }
}

macro_rules! ids {
    ($($id:ident),+ $(,)?) => { $(
        impl From<&$id> for Value {
            fn from(id: &$id) -> Self {
                Self::from(id.as_str())
            }
        }

        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Text(id.into())
            }
        }

        impl FromValue for $id {
            const WANTED: &'static str = stringify!($id);

            fn from_value(value: Value) -> Option<Self> {
                Self::try_from(String::from_value(value)?).ok()
            }
        }
    )+ };
}

ids!(
    UserId,
    RoleId,
    PersonOrgId,
    OrgCode,
    CardNumber,
    Serial,
    IntentId,
    SessionId,
    ClientId,
    AuthenticatorId,
    FederationId,
    InvitationId,
    WorkgroupCode,
    DeputyId
);

macro_rules! lists {
    ($($list:ident),+ $(,)?) => { $(
        impl From<$list> for Value {
            fn from(word: $list) -> Self {
                Self::from(word.as_str())
            }
        }

        impl FromValue for $list {
            const WANTED: &'static str = stringify!($list);

            fn from_value(value: Value) -> Option<Self> {
                String::from_value(value)?.parse().ok()
            }
        }
    )+ };
}

lists!(
    CardState,
    CancelReason,
    KeyRole,
    CertificateState,
    RevocationReason,
    PlasticState,
    AuthenticatorState,
    InvitationKind,
    Attestation,
    Method
);

/// Levels are stored as their number.
impl From<Aal> for Value {
    fn from(level: Aal) -> Self {
        Self::Integer(i64::from(level.level()))
    }
}

impl FromValue for Aal {
    const WANTED: &'static str = "a level of 1 to 3";

    fn from_value(value: Value) -> Option<Self> {
        match i64::from_value(value)? {
            1 => Some(Self::Aal1),
            2 => Some(Self::Aal2),
            3 => Some(Self::Aal3),
            _ => None,
        }
    }
}
