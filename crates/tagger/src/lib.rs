//! Finds personal names, places and addresses, organisations and positions in Chinese text.
//!
//! Knows words, places and the weights of a linear model, all embedded; opens no file, reads no clock,
//! and gives the same spans for the same text on any machine: inference is in whole numbers.
//!
//! Start reading at [`Tagger`]; `features` and `model` are public for the program that trains the weights.

pub mod address;
pub mod chars;
mod error;
pub mod features;
pub mod gate;
pub mod label;
pub mod lexicon;
pub mod model;
pub mod segment;
mod tagger;

pub use error::TaggerError;
pub use tagger::{Tagged, Tagger};
