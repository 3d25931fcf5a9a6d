//! The models that dev knows: those of a browser's virtual authenticators, so that every level can be
//! tried without a device.

use certs_dev::virtual_keys::{AAGUID, BATCH, NAME};

use crate::webauthn::models::{ModelList, certificate};
use crate::webauthn::{Models, Standing};

/// The models of dev, allowed for AAL3.
pub fn models() -> Models {
    let root = certificate(BATCH.as_bytes());
    let list = ModelList::for_tests(AAGUID, NAME, &root, Standing::Allowed);
    Models::new(&list, None)
}

#[cfg(test)]
mod tests;
