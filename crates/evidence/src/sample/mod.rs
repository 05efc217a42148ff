//! Sampling: draw records by a published seed, take back a filled-in sheet, say what it proves.
//!
//! # How records are drawn
//! Every record gets the key `SHA-256("zhunsheng.draw/1\n" seed "\n" stratum "\n" record)`, with the record's
//! number in decimal and the stratum's name (empty without strata) as UTF-8. In each stratum the records with
//! the smallest keys are drawn. So the draw needs no random generator, does not depend on the order or on
//! the program, and anybody can repeat it with the seed; without knowing the seed beforehand nobody can
//! choose which records are drawn. The seed must therefore be fixed after the data: take it from something
//! that nobody controls (a lottery number, the hash of the sealed package), and write down where it is from.
//!
//! With strata the `n` draws are shared out evenly; a stratum smaller than its share is read whole and what
//! is left goes to the others.
//!
//! # What the answers prove
//! Within a stratum and tier the drawn records are a simple random sample without replacement, so the number
//! of true ones has an exact lower bound by the hypergeometric distribution; see [`bounds`]. Where a number
//! is a sum over several cells, each cell's bound holds with confidence `1 − 0.05/cells`, so that all hold
//! together with at least 95 %. A record that could not be verified counts as untrue.
//!
//! Start reading at [`Drawer`], then [`write_sheet`], [`read_sheet`] and [`assess`].

mod assess;
pub mod bounds;
mod draw;
mod sheet;

pub use assess::{Assessment, Bound, Line, LineState, assess};
pub use draw::{By, Cell, Draw, Drawer, Drawn, TierLine};
pub use sheet::{Answer, Row, Sheet, read_sheet, write_sheet};
