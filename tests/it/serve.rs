//! `matron serve` as an operator meets it: an authority of her own, two names, one configuration, and the real
//! program as a process (contract 1 and 2; house decision 17).

mod commands;
mod folder;
mod letters;
mod log;
mod people;
mod process;
mod refused;
mod signing_in;
mod stopping;
mod ward;
