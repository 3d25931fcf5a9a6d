//! Reads pages as a browser would: forms, hidden fields, attributes. Knows HTML only as far as Matron writes it.

/// One form of a page.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) text: String,
    pub(crate) hidden: Vec<(String, String)>,
}

impl Form {
    /// The same with another value in a hidden field, as no page of ours has it.
    pub(crate) fn forged(mut self, name: &str, value: &str) -> Self {
        self.hidden.retain(|(field, _)| field != name);
        self.hidden.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A list of ways to sign in that offers nothing which would be refused: it says why, and where one signs in again.
pub(crate) fn assert_offers_only_to_sign_in_again(list: &str, code: &str) {
    let why = format!("data-hindrance=\"{code}\"");
    assert!(list.contains(&why), "{list}");
    assert!(list.contains("page=ways&#38;again=1"), "{list}");
    for refused in ["add-key", "add-app", "add-federated", "remove"] {
        let offer = format!("data-choice=\"{refused}\"");
        assert!(!list.contains(&offer), "{refused} {list}");
    }
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

/// The first form that holds this text.
pub(crate) fn form_with(page: &str, text: &str) -> Form {
    forms(page)
        .into_iter()
        .find(|form| form.text.contains(text))
        .unwrap_or_else(|| panic!("no form with {text}: {page}"))
}

/// Where the link with this `data-choice` leads.
pub(crate) fn link(page: &str, choice: &str) -> Option<String> {
    tags(page, "a")
        .into_iter()
        .find(|tag| attribute(tag, "data-choice").as_deref() == Some(choice))
        .and_then(|tag| attribute(tag, "href"))
}

/// What a person reads: no tags, blanks folded.
pub(crate) fn text(page: &str) -> String {
    let mut plain = String::new();
    for part in page.split('<') {
        plain.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        plain.push(' ');
    }
    unescape(&plain)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The refusal code that a page carries on its main element.
pub(crate) fn refusal(page: &str) -> Option<String> {
    tags(page, "main")
        .first()
        .and_then(|tag| attribute(tag, "data-refusal"))
}
