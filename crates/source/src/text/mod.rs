//! Plain text: encodings, cutting into pieces, tables in text, kinds of text.
//!
//! Nothing here knows files or archives; [`crate::format`] joins it to inputs.

pub(crate) mod dialect;
pub(crate) mod encoding;
pub(crate) mod feed;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod piece;
pub(crate) mod shape;
pub(crate) mod split;
pub(crate) mod sql;
