//! The progress bar: only on a terminal, only when the work takes longer than two seconds.

use crate::language::pick;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use zhunsheng_engine::{Phase, Progress};
use zhunsheng_report::Language;

/// Runs `work` and shows its `progress` meanwhile.
pub(crate) fn shown<R>(progress: &Progress, quiet: bool, lang: Language, work: impl FnOnce() -> R) -> R {
    let template = "{spinner} {msg} {wide_bar} {percent:>3}% {binary_bytes_per_sec} {eta}";
    let update = |bar: &ProgressBar| {
        let now = progress.snapshot();
        bar.set_length(now.total.max(1));
        bar.set_position(now.done.min(now.total));
        bar.set_message(match now.phase {
            Phase::Reading => format!(
                "{} {}/{} · {} {}",
                pick(lang, "读取", "reading"),
                now.files_done,
                now.files_total,
                now.records,
                pick(lang, "组", "records")
            ),
            Phase::Counting => pick(lang, "清点", "counting").to_owned(),
            Phase::Writing => pick(lang, "写出", "writing").to_owned(),
        });
    };
    beside(quiet, template, update, work)
}

/// Runs `work` with a bar of that template beside it, which `update` keeps true.
pub(crate) fn beside<R>(
    quiet: bool,
    template: &str,
    update: impl Fn(&ProgressBar) + Sync,
    work: impl FnOnce() -> R,
) -> R {
    if quiet || !std::io::stderr().is_terminal() {
        return work();
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let bar = scope.spawn(|| draw(template, &update, &done));
        // The bar must end even when the work panics, or the scope would wait for ever.
        let guard = SetOnDrop(&done);
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

fn draw(template: &str, update: &impl Fn(&ProgressBar), done: &AtomicBool) {
    let tick = Duration::from_millis(100);
    for _ in 0..20 {
        thread::sleep(tick);
        if done.load(Ordering::SeqCst) {
            return;
        }
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    while !done.load(Ordering::SeqCst) {
        update(&bar);
        thread::sleep(tick);
    }
    bar.finish_and_clear();
}
