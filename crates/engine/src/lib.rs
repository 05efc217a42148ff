//! Zhunsheng engine.
