//! The `alumx` binary.

use std::process::ExitCode;

/// Hashing a password takes 19 MiB for a moment: an allocator that gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    alumx_api::cli::run()
}
