//! What lies in dev's outbox, and the codes in it.

use std::collections::BTreeSet;
use std::fs;

use super::Matron;

/// The letters in dev's outbox that hold this text, oldest first.
pub(crate) fn letters(matron: &Matron, text: &str) -> Vec<String> {
    let names: BTreeSet<_> = fs::read_dir(matron.folder().join("outbox"))
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    names
        .iter()
        .filter(|path| path.extension().is_some())
        .filter_map(|path| fs::read_to_string(path).ok())
        .filter(|letter| letter.contains(text))
        .collect()
}

/// The newest code that went to this address.
pub(crate) fn code_to(matron: &Matron, address: &str) -> String {
    let letters = letters(matron, address);
    let line = letters.iter().rev().find_map(|letter| {
        letter
            .lines()
            .find_map(|line| line.strip_prefix("Your code is "))
    });
    line.expect("a code").trim().to_owned()
}

/// Where a person's mail goes.
pub(crate) fn address(matron: &Matron, alias: &str) -> String {
    matron.text(&format!("/people/{alias}/email"))
}

/// Undoes quoted-printable (RFC 2045 6.7) far enough to read.
pub(crate) fn plain(mail: &str) -> String {
    mail.replace("=\r\n", "")
        .replace("=3D", "=")
        .replace("=E2=80=99", "'")
}
