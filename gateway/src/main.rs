//! The `matron` binary.

use std::process::ExitCode;

/// A write is put together on one thread and taken apart on another; this allocator takes memory
/// back from any thread without a lock (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gateway::cli::main()
}
