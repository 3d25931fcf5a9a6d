#![doc = include_str!("../README.md")]

pub mod calendar;
pub mod cards;
mod chance;
pub mod clients;
pub mod clock;
pub mod first_start;
pub mod folder;
mod history;
pub mod manifest;
pub mod organisations;
mod other_ways;
pub mod people;
pub mod photos;
pub mod pki;
pub mod soft_card;
pub mod start;
pub mod virtual_keys;
pub mod ward7;
