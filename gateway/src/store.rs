//! Protocol tables on enrolment's doors.
pub mod clients;
pub mod grants;
pub mod keys;
pub mod sessions;
pub mod transactions;
