//! Reads pages as a browser would: forms, hidden fields, attributes. Knows HTML only as far as Matron writes it.

/// One form of a page.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) text: String,
    pub(crate) hidden: Vec<(String, String)>,
}

/// The value of `name` in a start tag, with the five HTML entities undone.
pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let rest = tag.get(at..)?;
    Some(unescape(rest.get(..rest.find('"')?)?))
}

fn unescape(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&#38;", "&"),
        ("&amp;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&quot;", "\""),
    ] {
        plain = plain.replace(entity, character);
    }
    plain
}

/// Every start tag of this name.
pub(crate) fn tags<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let open = format!("<{name}");
    page.match_indices(&open)
        .filter(|(at, _)| page[at + open.len()..].starts_with([' ', '>', '\n']))
        .map(|(at, _)| &page[at..=at + page[at..].find('>').unwrap_or(0)])
        .collect()
}

/// Every form of the page.
pub(crate) fn forms(page: &str) -> Vec<Form> {
    page.match_indices("<form")
        .map(|(at, _)| {
            let text = &page[at..at + page[at..].find("</form>").unwrap_or(0)];
            let open = tags(text, "form")
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned();
            let hidden = tags(text, "input")
                .into_iter()
                .filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"))
                .filter_map(|tag| {
                    Some((
                        attribute(tag, "name")?,
                        attribute(tag, "value").unwrap_or_default(),
                    ))
                })
                .collect();
            Form {
                action: attribute(&open, "action").unwrap_or_default(),
                text: text.to_owned(),
                hidden,
            }
        })
        .collect()
}

/// The refusal code that a page carries on its main element.
pub(crate) fn refusal(page: &str) -> Option<String> {
    tags(page, "main")
        .first()
        .and_then(|tag| attribute(tag, "data-refusal"))
}
