//! The `alumx` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    alumx_api::cli::run()
}
