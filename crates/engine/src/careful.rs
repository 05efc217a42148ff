//! The careful reader as the detector takes it.

use std::path::Path;
use zhunsheng_deep::{Deep, DeepError};
use zhunsheng_detect::{NameReader, Tagged};
use zhunsheng_rules::Rules;

/// Reads names and addresses with the LAC model beside the fast tagger.
pub struct CarefulReader(Deep);

impl CarefulReader {
    /// The reader with the model whose files lie in `folder`.
    ///
    /// # Errors
    /// [`DeepError`] when the model is not there or not the right one.
    pub fn load(folder: &Path, rules: &Rules) -> Result<CarefulReader, DeepError> {
        Deep::load(folder, rules).map(CarefulReader)
    }
}

impl NameReader for CarefulReader {
    fn read(&self, text: &str, out: &mut Vec<Tagged>) {
        self.0.tag(text, out);
    }

    fn completeness(&self, address: &str) -> Option<u8> {
        Some(self.0.completeness(address))
    }
}
