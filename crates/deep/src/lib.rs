//! Reads names and places in Chinese text with the LAC model: slow, careful, and only where it is asked for.
//!
//! Knows the model's files and how to run them, and how to weigh what it says against the fast tagger. Opens
//! the files of the model and nothing else; reads no clock and takes no random number. All sums are taken in
//! the same order on any machine, so the same text gives the same spans everywhere.
//!
//! Start reading at [`Deep`], which weighs both readers, and [`Lac`], which runs the model; `network` and `crf` do
//! the work, `store` keeps the files.

mod careful;
mod crf;
mod error;
mod lac;
mod math;
mod names;
mod network;
mod passage;
pub mod store;
mod weights;
mod wheel;
mod words;

pub use careful::Deep;
pub use error::DeepError;
pub use lac::{Lac, Likely, Reading};
pub use words::Class;
