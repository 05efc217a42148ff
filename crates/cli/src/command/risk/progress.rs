//! How far `risk` is, for the progress bar.

use crate::language::pick;
use crate::progress::beside;
use indicatif::ProgressBar;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use zhunsheng_report::Language;

/// What is being done.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    Reading,
    Subsets,
    Searching,
    Writing,
    Checking,
}

/// How far the work is.
#[derive(Default)]
pub(super) struct Watch {
    phase: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
}

impl Watch {
    pub(super) fn phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.done(0, 0);
    }

    pub(super) fn done(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    fn word(&self, lang: Language) -> &'static str {
        let (zh, en) = match self.phase.load(Ordering::Relaxed) {
            0 => ("读取", "reading"),
            1 => ("比较各列", "comparing columns"),
            2 => ("搜索", "searching"),
            3 => ("写出", "writing"),
            _ => ("核对", "checking"),
        };
        pick(lang, zh, en)
    }
}

/// Runs `work` and shows how far it is meanwhile.
pub(super) fn shown<R>(watch: &Watch, lang: Language, work: impl FnOnce() -> R) -> R {
    let update = |bar: &ProgressBar| {
        let total = watch.total.load(Ordering::Relaxed).max(1);
        bar.set_length(total);
        bar.set_position(watch.done.load(Ordering::Relaxed).min(total));
        bar.set_message(watch.word(lang));
    };
    beside(false, "{spinner} {msg} {wide_bar} {percent:>3}%", update, work)
}
