//! What real devices said, recorded by others, judged with the clock, origin and challenge of the
//! recording; and what becomes of it when it is altered.

pub(crate) mod alliance;
mod metadata;
mod origins;
mod real;
mod robust;
mod signing;
mod soft;
mod soft_tpm;
mod tampered;
mod vectors;
