//! The `steward` binary: hands the command line to `cli` and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    steward::cli::main()
}
