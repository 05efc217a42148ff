//! Zhunsheng count.
