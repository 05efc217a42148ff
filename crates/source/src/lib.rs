//! Zhunsheng source.
