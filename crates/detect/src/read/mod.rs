//! Names, addresses and places that nothing but the words around them announce: a reader finds them, and its
//! spans are put among what the scanner and the cues have found.
//!
//! [`NameReader`] is the door for any reader; the fast one is the tagger.

mod merge;

pub(crate) use merge::{Bare, add_all, add_personal};

use std::sync::Arc;
use zhunsheng_tagger::{Tagged, Tagger};

/// Finds names, addresses, places, organisations and positions in running text.
///
/// A reader says what stands where and how sure it is; the detector decides which of its spans stay beside
/// identifiers and cued names, and which of them are anybody's information.
pub trait NameReader: Send + Sync {
    /// Appends what is found in `text` to `out`.
    ///
    /// * Output: in the order of the text and without overlaps; byte offsets that stand between characters.
    ///   What `out` held before stays.
    /// * The same text must give the same spans, whatever was read before and on any number of threads.
    fn read(&self, text: &str, out: &mut Vec<Tagged>);

    /// How much of a full dwelling address `address` holds, 0 to 100; nothing when the reader cannot tell.
    fn completeness(&self, address: &str) -> Option<u8> {
        let _ = address;
        None
    }
}

impl NameReader for Tagger {
    fn read(&self, text: &str, out: &mut Vec<Tagged>) {
        self.tag(text, out);
    }

    fn completeness(&self, address: &str) -> Option<u8> {
        Some(zhunsheng_tagger::address::parse(address, self.lexicon()).completeness())
    }
}

impl<T: NameReader + ?Sized> NameReader for Arc<T> {
    fn read(&self, text: &str, out: &mut Vec<Tagged>) {
        (**self).read(text, out);
    }

    fn completeness(&self, address: &str) -> Option<u8> {
        (**self).completeness(address)
    }
}
