#![doc = include_str!("../README.md")]

pub mod activate;
pub mod card;
pub mod certificate;
pub mod cli;
pub mod desk;
pub mod failure;
pub mod keys;
pub mod renew;
pub mod seal;
pub mod secret;
pub mod serve;
pub mod server;
pub mod show;
pub mod state;
pub mod tls;
pub mod unlock;
