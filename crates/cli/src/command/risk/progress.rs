//! The progress bar of `risk`: only on a terminal, only when the work takes longer than two seconds.

use crate::language::pick;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
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
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let bar = scope.spawn(|| draw(watch, &ended, lang));
        // The bar must end even when the work panics, or the scope would wait for ever.
        let guard = SetOnDrop(&ended);
        let result = work();
        drop(guard);
        let _ = bar.join();
        result
    })
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn draw(watch: &Watch, ended: &AtomicBool, lang: Language) {
    let tick = Duration::from_millis(100);
    for _ in 0..20 {
        thread::sleep(tick);
        if ended.load(Ordering::SeqCst) {
            return;
        }
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {percent:>3}%") {
        bar.set_style(style);
    }
    while !ended.load(Ordering::SeqCst) {
        let total = watch.total.load(Ordering::Relaxed).max(1);
        bar.set_length(total);
        bar.set_position(watch.done.load(Ordering::Relaxed).min(total));
        bar.set_message(watch.word(lang));
        thread::sleep(tick);
    }
    bar.finish_and_clear();
}
