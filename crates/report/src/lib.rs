//! Zhunsheng report.
