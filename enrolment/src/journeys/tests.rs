//! Every journey, on both engines: what it does, what it refuses, what is left after a stop, and
//! what the schema refuses whatever the code does.

mod activation;
mod any_hour;
mod authenticator_app;
mod books;
mod deputy;
mod desk;
mod desk_work;
mod ending;
mod federated;
mod first;
mod house;
mod invitation;
mod model;
mod nodes;
mod public_key;
mod publishing;
mod races;
mod recovery;
mod register;
mod reminders;
mod renewal;
mod role_keys;
mod schema;
mod secrets;
mod spraying;
mod unlock;
