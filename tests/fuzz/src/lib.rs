//! Fuzz targets of what browsers, devices and keyboards send. `asked` says what must hold; `tests/it/fuzzed.rs` asks it too.

mod asked;

pub use asked::{answer, attestation, client_data, code_text, seeds};

/// Writes the seeds of a target into the folder that `MATRON_FUZZ_CORPUS` names, if it does.
///
/// # Panics
/// If they cannot be written.
pub fn plant(target: &str) {
    let Some(folder) = std::env::var_os("MATRON_FUZZ_CORPUS") else {
        return;
    };
    for (number, seed) in seeds(target).into_iter().enumerate() {
        let path = std::path::Path::new(&folder).join(format!("seed-{number}"));
        std::fs::write(path, seed).expect("a seed in the corpus");
    }
}
