//! Command lines of the card's client, as the pages print them; the client's tests parse each.
//!
//! `root.pem` is the file with the servers' roots, `token` the one with the desk person's access token; both lie on
//! the workstation and have the names that it gives them.

/// The kinds of work at a desk that have a command.
pub const DESK_KINDS: [&str; 5] = ["issue", "renew", "reissue", "repair", "unlock"];

/// Work on the card of that number in the desk's second reader. What the desk person attests is part of
/// the command; a first issue has nothing to attest.
pub fn desk(kind: &str, card_number: &str, issuer: &str) -> String {
    let attested = match kind {
        "issue" => "",
        "reissue" => " --holder-present --photo-compared --evidence REFERENCE",
        "repair" => " --holder-present --photo-compared --reason cannot_sign_in",
        _ => " --holder-present --photo-compared",
    };
    format!(
        "matron-card desk {kind} --card {card_number}{attested} --reader '' --issuer {issuer} --ca root.pem \
         --token-file token"
    )
}

/// Waits for the holder's renewal in her browser.
pub fn serve(issuer: &str, card_url: &str) -> String {
    format!("matron-card serve --reader '' --issuer {issuer} --card-url {card_url} --ca root.pem")
}

/// Renews in the terminal.
pub fn renew(card_url: &str) -> String {
    format!("matron-card renew --reader '' --card-url {card_url} --ca root.pem")
}

/// Where [`serve`] listens, unless it is told otherwise.
pub const SERVE_ADDRESS: &str = "127.0.0.1:8777";
