//! Zhunsheng rules.
