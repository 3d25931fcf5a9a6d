//! Written by its room.
