//! The end of a card as a calendar file (RFC 5545): when its window opens, and when it ends. In UTC,
//! so that every calendar shows its reader's own time.

use policies::time::Time;

/// A calendar of two moments: the first second of the window and the last second of the set `name`.
pub fn of_card(name: &str, (opens, ends): (Time, Time), now: Time) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Matron//Card dates//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
    ];
    let stamp = basic(now);
    for (part, at, summary) in [
        ("opens", opens, "Smartcard: renewal is possible from now"),
        ("ends", ends, "Smartcard ends: renew it before this moment"),
    ] {
        lines.extend([
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{name}-{part}@matron"),
            format!("DTSTAMP:{stamp}"),
            format!("DTSTART:{}", basic(at)),
            format!("SUMMARY:{summary}"),
            "TRANSP:TRANSPARENT".to_owned(),
            "BEGIN:VALARM".to_owned(),
            "ACTION:DISPLAY".to_owned(),
            format!("DESCRIPTION:{summary}"),
            "TRIGGER:-P1D".to_owned(),
            "END:VALARM".to_owned(),
            "END:VEVENT".to_owned(),
        ]);
    }
    lines.push("END:VCALENDAR".to_owned());
    let mut text = lines.join("\r\n");
    text.push_str("\r\n");
    text
}

/// RFC 5545 3.3.5, form 2: `20290310T090000Z`.
fn basic(at: Time) -> String {
    at.to_string()
        .chars()
        .filter(|letter| !matches!(letter, '-' | ':'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_short_and_ends_as_rfc_5545_wants() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let span = (at("2028-12-10T09:00:00Z"), at("2029-03-10T09:00:00Z"));
        let text = of_card("0a1b", span, at("2028-01-01T00:00:00Z"));
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        assert!(
            text.split("\r\n")
                .all(|line| line.len() <= 75 && !line.contains('\n'))
        );
        assert!(text.contains("DTSTART:20290310T090000Z\r\n"), "{text}");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
    }
}
