//! Holds operators, keys and policies to what they promise.

mod attack;
mod keys;
mod operators;
mod policies;
mod support;
