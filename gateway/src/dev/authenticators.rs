//! The models that dev knows: those of a browser's virtual authenticators, so that every level can be
//! tried without a device.

use std::path::Path;

use certs_dev::virtual_keys::{AAGUID, BATCH, NAME};

use crate::dev::DevError;
use crate::webauthn::models::{ModelList, certificate};
use crate::webauthn::{Models, Standing};

/// The models of dev, allowed for AAL3.
pub fn models() -> Models {
    let root = certificate(BATCH.as_bytes());
    let list = ModelList::for_tests(AAGUID, NAME, &root, Standing::Allowed);
    Models::new(&list, None)
}

/// The models of a list of one's own, in the form of the `models` of `[authenticators]`; without
/// one, those of dev.
pub(super) fn listed(file: Option<&Path>) -> Result<Models, DevError> {
    let Some(file) = file else {
        return Ok(models());
    };
    let text = std::fs::read_to_string(file).map_err(super::demo)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let list = ModelList::parse(&text, folder).map_err(super::demo)?;
    Ok(Models::new(&list, None))
}

#[cfg(test)]
mod tests;
