//! Runs numbered jobs on a few threads.

use crate::CountError;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Runs `work` for 0, 1 … `jobs - 1` on `threads` threads and folds what comes out. The fold must not depend on
/// the order. `tick` is called after every job with the number done.
pub(crate) fn fold<T: Default + Send>(
    threads: usize,
    jobs: u32,
    work: impl Fn(u32) -> Result<T, CountError> + Sync,
    add: impl Fn(&mut T, T) + Sync,
    tick: impl Fn(u32) -> ControlFlow<()> + Sync,
) -> Result<T, CountError> {
    let (next, done, stop) = (AtomicU32::new(0), AtomicU32::new(0), AtomicBool::new(false));
    let one = || -> Result<T, CountError> {
        let mut sum = T::default();
        while !stop.load(Relaxed) {
            let job = next.fetch_add(1, Relaxed);
            if job >= jobs {
                break;
            }
            let result = work(job).and_then(|part| {
                add(&mut sum, part);
                match tick(done.fetch_add(1, Relaxed) + 1) {
                    ControlFlow::Continue(()) => Ok(()),
                    ControlFlow::Break(()) => Err(CountError::Stopped),
                }
            });
            if let Err(error) = result {
                stop.store(true, Relaxed);
                return Err(error);
            }
        }
        Ok(sum)
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(one)).collect();
        let mut total = one();
        for other in others {
            let part = other.join().map_err(|_| CountError::ThreadFailed).and_then(|part| part);
            total = match (total, part) {
                (Ok(mut total), Ok(part)) => {
                    add(&mut total, part);
                    Ok(total)
                }
                (Err(error), _) | (Ok(_), Err(error)) => Err(error),
            };
        }
        total
    })
}
