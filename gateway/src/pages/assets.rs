//! The style sheet, the icon and the scripts, built into the binary and named by their contents, so that a
//! browser keeps them for a year and a new release is seen at once.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};

use crate::error::Failure;

/// The one style sheet of every page.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "matron",
        "css",
        "text/css; charset=utf-8",
        include_str!("../../static/matron.css"),
    )
});

/// The icon of the browser's tab.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "mark",
        "svg",
        "image/svg+xml",
        include_str!("../../static/mark.svg"),
    )
});

/// Speaks with security keys and passkeys for the pages that need it.
pub static KEY_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "key",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../static/key.js"),
    )
});

/// Marks the ways to sign in that this device cannot go.
pub static WAYS_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "ways",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../static/ways.js"),
    )
});

/// A file that never changes under its name.
pub struct Asset {
    name: String,
    media_type: &'static str,
    contents: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, contents: &'static str) -> Self {
        let hash = hex::encode(digest(&SHA256, contents.as_bytes()));
        let short: String = hash.chars().take(12).collect();
        Self {
            name: format!("{stem}.{short}.{extension}"),
            media_type,
            contents,
        }
    }

    /// The path on the gateway.
    pub fn path(&self) -> String {
        format!("/static/{}", self.name)
    }
}

/// `GET /static/{name}`.
///
/// # Errors
/// [`Failure::NotFound`] for every other name.
pub async fn serve(Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = [&*STYLE, &*ICON, &*KEY_SCRIPT, &*WAYS_SCRIPT]
        .into_iter()
        .find(|asset| asset.name == name);
    let asset = asset.ok_or(Failure::NotFound)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        // The card listener's pages use the gateway's sheet: same site, another origin.
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-site"),
        ),
    ];
    Ok((headers, asset.contents).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_contents() {
        let one = Asset::new("a", "css", "text/css", "one");
        let two = Asset::new("a", "css", "text/css", "two");
        assert_ne!(one.path(), two.path());
    }

    #[tokio::test]
    async fn only_known_names_are_served() {
        let name = STYLE.path().replace("/static/", "");
        assert!(serve(Path(name)).await.is_ok());
        assert!(serve(Path("../Cargo.toml".to_owned())).await.is_err());
    }

    #[test]
    fn the_scripts_write_no_markup_and_speak_with_nobody_else() {
        for word in [
            "innerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "://",
        ] {
            assert!(!KEY_SCRIPT.contents.contains(word), "{word}");
            assert!(!WAYS_SCRIPT.contents.contains(word), "{word}");
        }
    }

    #[test]
    fn the_sheet_fetches_nothing() {
        for word in ["url(", "@import", "expression"] {
            assert!(!STYLE.contents.contains(word), "{word}");
        }
    }
}
