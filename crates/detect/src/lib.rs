//! Zhunsheng detect.
