#![doc = include_str!("../README.md")]

pub mod card;
pub mod command;
pub mod desk;
pub mod problem;
pub mod renewal;
pub mod unlock;
