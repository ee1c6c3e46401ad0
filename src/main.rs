//! Arguments, telemetry, exit code.

fn main() {}
