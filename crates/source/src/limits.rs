//! How far an archive may grow before it is taken for an attack.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Bytes that may come out before the ratio is looked at: small files compress well without being bombs.
pub(crate) const RATIO_FREE_BYTES: u64 = 16 << 20;

/// Limits on what comes out of one outer file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes out for each byte in, looked at once more than 16 MiB came out.
    pub ratio: u64,
    /// Archives within archives.
    pub depth: u32,
    /// Bytes out of one outer file, all levels together.
    pub size_bytes: u64,
    /// Members of all archives within one outer file.
    pub members: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { ratio: 200, depth: 8, size_bytes: 1 << 40, members: 1_000_000 }
    }
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LimitHit {
    /// See [`Limits::ratio`].
    #[error("more than {0} bytes come out for each byte in")]
    Ratio(u64),
    /// See [`Limits::depth`].
    #[error("archives nested more than {0} deep")]
    Depth(u32),
    /// See [`Limits::size_bytes`].
    #[error("more than {0} bytes come out of one file")]
    Size(u64),
    /// See [`Limits::members`].
    #[error("more than {0} members in one file")]
    Members(u64),
}

impl LimitHit {
    /// Whether no further member of the outer file can be read either.
    pub(crate) fn ends_all(self) -> bool {
        matches!(self, LimitHit::Size(_) | LimitHit::Members(_))
    }
}

/// Bytes that went into one container, as far as known.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    consumed: Cell<u64>,
    size: Cell<u64>,
}

impl Meter {
    /// Notes `n` more bytes read.
    pub(crate) fn add(&self, n: u64) {
        self.consumed.set(self.consumed.get().saturating_add(n));
    }

    /// Notes the whole size, once known.
    pub(crate) fn set_size(&self, size: u64) {
        self.size.set(size);
    }

    fn bytes(&self) -> u64 {
        self.consumed.get().max(self.size.get())
    }
}

/// What came out of one outer file so far.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    outer: Rc<Meter>,
    total: Cell<u64>,
    members: Cell<u64>,
    by_depth: RefCell<Vec<u64>>,
    hit: Cell<Option<LimitHit>>,
}

impl Budget {
    pub(crate) fn new(limits: Limits, outer: Rc<Meter>) -> Budget {
        Budget {
            limits,
            outer,
            total: Cell::new(0),
            members: Cell::new(0),
            by_depth: RefCell::new(Vec::new()),
            hit: Cell::new(None),
        }
    }

    /// The limit reached since it was last asked: decoders between the levels may have hidden the error.
    pub(crate) fn take_hit(&self) -> Option<LimitHit> {
        let hit = self.hit.get();
        if !hit.is_some_and(LimitHit::ends_all) {
            self.hit.set(None);
        }
        hit
    }

    /// As [`Budget::take_hit`], leaving it.
    pub(crate) fn peek_hit(&self) -> Option<LimitHit> {
        self.hit.get()
    }

    fn refuse(&self, hit: LimitHit) -> LimitHit {
        self.hit.set(Some(hit));
        hit
    }

    /// Notes one more member at `depth` (1 = in the outer file).
    pub(crate) fn member(&self, depth: u32) -> Result<(), LimitHit> {
        if depth > self.limits.depth {
            return Err(LimitHit::Depth(self.limits.depth));
        }
        self.members.set(self.members.get() + 1);
        if self.members.get() > self.limits.members {
            return Err(self.refuse(LimitHit::Members(self.limits.members)));
        }
        Ok(())
    }
}

/// What came out of one container: its ratio is watched on its own, so that a bomb is found in a big file too.
#[derive(Debug)]
pub(crate) struct Level {
    budget: Rc<Budget>,
    container: Rc<Meter>,
    depth: u32,
    out: Cell<u64>,
}

impl Level {
    /// Members of the container read through `container`, themselves at `depth`.
    pub(crate) fn new(budget: Rc<Budget>, container: Rc<Meter>, depth: u32) -> Level {
        Level { budget, container, depth, out: Cell::new(0) }
    }

    /// Notes `n` more bytes out of a member.
    pub(crate) fn take(&self, n: u64) -> Result<(), LimitHit> {
        let budget = &self.budget;
        let limits = &budget.limits;
        self.out.set(self.out.get().saturating_add(n));
        budget.total.set(budget.total.get().saturating_add(n));
        let depth_out = {
            let mut by_depth = budget.by_depth.borrow_mut();
            let index = self.depth as usize;
            if by_depth.len() <= index {
                by_depth.resize(index + 1, 0);
            }
            match by_depth.get_mut(index) {
                Some(out) => {
                    *out = out.saturating_add(n);
                    *out
                }
                None => 0,
            }
        };
        if budget.total.get() > limits.size_bytes {
            return Err(budget.refuse(LimitHit::Size(limits.size_bytes)));
        }
        let over = |out: u64, meter: &Meter| {
            out > RATIO_FREE_BYTES && out > meter.bytes().saturating_mul(limits.ratio)
        };
        if over(self.out.get(), &self.container) || over(depth_out, &budget.outer) {
            return Err(budget.refuse(LimitHit::Ratio(limits.ratio)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level in a container of so many bytes within an outer file of so many.
    fn level(limits: Limits, outer_bytes: u64, container_bytes: u64) -> Level {
        let meter = |bytes| {
            let meter = Meter::default();
            meter.set_size(bytes);
            Rc::new(meter)
        };
        let budget = Rc::new(Budget::new(limits, meter(outer_bytes)));
        Level::new(budget, meter(container_bytes), 1)
    }

    #[test]
    fn each_limit_holds_from_its_first_byte_on() {
        let limits = Limits { ratio: 20, size_bytes: 100 << 20, ..Limits::default() };
        let mib = 1 << 20;
        // Below 16 MiB any ratio is good.
        let small = level(limits, 1, 1);
        assert_eq!(small.take(RATIO_FREE_BYTES), Ok(()));
        assert_eq!(small.take(1), Err(LimitHit::Ratio(20)));
        let big = level(limits, 2 * mib, 2 * mib);
        assert_eq!(big.take(40 * mib), Ok(()));
        assert_eq!(big.take(1), Err(LimitHit::Ratio(20)));
        // A bomb in a big file is known by its own container.
        let bomb = level(limits, 50 * mib, mib);
        assert_eq!(bomb.take(20 * mib), Ok(()));
        assert_eq!(bomb.take(1), Err(LimitHit::Ratio(20)));
        assert!(!LimitHit::Ratio(20).ends_all());
        let all = level(limits, 50 * mib, 50 * mib);
        assert_eq!(all.take(100 * mib), Ok(()));
        assert_eq!(all.take(1), Err(LimitHit::Size(100 * mib)));
        assert_eq!(all.budget.take_hit(), Some(LimitHit::Size(100 * mib)));
    }

    #[test]
    fn depth_and_members_are_counted() {
        let limits = Limits { depth: 2, members: 3, ..Limits::default() };
        let level = level(limits, 1, 1);
        assert_eq!(level.budget.member(3), Err(LimitHit::Depth(2)));
        for _ in 0..3 {
            assert_eq!(level.budget.member(2), Ok(()));
        }
        assert_eq!(level.budget.member(1), Err(LimitHit::Members(3)));
    }
}
