//! One program for all targets; `ZHUNSHENG_FUZZ_TARGET` names the one to run.
#![no_main]

#[path = "../targets.rs"]
mod targets;

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fuzz_target!(|data: &[u8]| {
    static TARGET: OnceLock<&'static targets::Target> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        // The fuzzer's own hook ends the program at every panic, also at those of libraries that the readers
        // catch and turn into problems. Without it, a panic that nobody catches still does.
        let _ = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let name = std::env::var("ZHUNSHENG_FUZZ_TARGET").unwrap_or_default();
        let found = targets::TARGETS.iter().find(|target| target.name == name);
        found.unwrap_or_else(|| panic!("ZHUNSHENG_FUZZ_TARGET is one of {:?}", targets::names()))
    });
    (target.run)(target.name, data);
});
