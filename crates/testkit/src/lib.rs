//! Zhunsheng testkit.
