//! The `zhunsheng` program.
fn main() {}
