//! Replays every file that once broke a reader or recogniser, and fuzzes each target for a moment.

use crate::fuzz_targets::{TARGETS, names};
use std::fs;

#[test]
fn what_once_broke_a_target_does_not_break_it_again() {
    let folder = zhunsheng_testkit::root().join("fuzz/regressions");
    for entry in fs::read_dir(&folder).into_iter().flatten().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let target = TARGETS.iter().find(|target| target.name == name);
        let target = target.unwrap_or_else(|| panic!("fuzz/regressions/{name} is none of {:?}", names()));
        for file in fs::read_dir(entry.path()).unwrap().map(Result::unwrap) {
            (target.run)(target.name, &fs::read(file.path()).unwrap());
        }
    }
}

/// A short run: each file of the sample, cut and with bytes changed, goes to the target of its ending.
#[test]
fn changed_samples_break_no_target() {
    let mut seeds = Vec::new();
    let mut folders = vec![crate::samples()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.metadata().unwrap().len() < 50_000 {
                seeds.push(entry.path());
            }
        }
    }
    seeds.sort();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut runs = 0;
    for seed in seeds {
        let ending = seed.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let bytes = fs::read(&seed).unwrap();
        for target in
            TARGETS.iter().filter(|t| t.name == ending || ["text", "detect", "acts"].contains(&t.name))
        {
            for _ in 0..4 {
                let mut changed = bytes[..random(bytes.len() + 1)].to_vec();
                for _ in 0..random(12) {
                    let at = random(changed.len());
                    if let Some(byte) = changed.get_mut(at) {
                        *byte = random(256) as u8;
                    }
                }
                (target.run)(target.name, &changed);
                runs += 1;
            }
        }
    }
    assert!(runs > 400, "{runs} runs only");
}
