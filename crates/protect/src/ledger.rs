//! What was replaced and what was written, so that a second scan can tell its own from what was left.
//!
//! A scan of a protected copy finds things: invented names, shifted dates, age bands, numbers after a cue.
//! The ledger of the copy says of each whether it was written here, may stand, or was left by mistake.

use crate::cipher::{Mac, Suite};
use crate::{MentionView, Protector, Replacement};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use zhunsheng_model::Kind;

/// Longest written text of which parts are recognised; longer ones only whole.
const PARTS_CHARS_MAX: usize = 80;
/// Shorter values of ASCII characters stand in any text by chance.
const CHANCE_BYTES: usize = 6;

/// How a mention of the protected copy stands to what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Written here, whole or as part of a replacement.
    Written,
    /// The policy keeps it, or there is nothing to protect ([`MentionView::is_bare`]).
    Allowed,
    /// A value that was replaced elsewhere and stands here all the same.
    Left,
    /// A value that the first scan did not find.
    New,
}

impl Standing {
    /// Whether the proof fails.
    pub fn fails(self) -> bool {
        matches!(self, Standing::Left | Standing::New)
    }
}

/// What was replaced and written in a set of files. Holds no value that was replaced, only keyed codes.
pub struct Ledger {
    mac: Mac,
    /// Codes of replaced values in normal form.
    replaced: BTreeSet<[u8; 16]>,
    /// Written texts from each of their characters on, by the kind they were written for.
    written: BTreeMap<Kind, BTreeSet<Box<str>>>,
}

impl Ledger {
    /// An empty ledger; `session` is a fresh random key that goes with it.
    pub fn new(session: &[u8; 32]) -> Ledger {
        Ledger { mac: Mac::new(Suite::Aes, session), replaced: BTreeSet::new(), written: BTreeMap::new() }
    }

    /// Takes in one replacement.
    pub fn note(&mut self, mention: &MentionView<'_>, replacement: &Replacement) {
        if replacement.kept {
            return;
        }
        let code = self.code(mention);
        self.replaced.insert(code);
        let text = replacement.as_str();
        let written = self.written.entry(mention.kind).or_default();
        if text.is_empty() || written.contains(text) {
            return;
        }
        // A detector takes a run of letters and digits whole or not at all.
        let whole = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let parts = if whole || text.chars().count() > PARTS_CHARS_MAX { 1 } else { usize::MAX };
        let tails = text.char_indices().take(parts).filter_map(|(at, _)| text.get(at..));
        written.extend(tails.map(Box::from));
    }

    /// Adds what another thread noted under the same session.
    pub fn add(&mut self, other: Ledger) {
        self.replaced.extend(other.replaced);
        for (kind, texts) in other.written {
            self.written.entry(kind).or_default().extend(texts);
        }
    }

    /// How a mention that a scan of the copy finds stands to what was done.
    ///
    /// * What was written goes first: an invented name may be the true name of somebody else in the file.
    /// * A short value (under six ASCII characters) counts as written only when it was written for its kind.
    pub fn standing(&self, protector: &Protector, mention: &MentionView<'_>) -> Standing {
        if mention.is_bare() {
            return Standing::Allowed;
        }
        let raw = mention.value.raw.trim();
        let chance = raw.is_ascii() && raw.len() < CHANCE_BYTES;
        let mut sets = self.written.iter().filter(|(kind, _)| !chance || **kind == mention.kind);
        if sets.any(|(_, texts)| holds(texts, raw)) {
            return Standing::Written;
        }
        if protector.operator_of(mention.kind, None) == "keep"
            || mention.confidence < protector.policy().confidence_min
        {
            return Standing::Allowed;
        }
        if self.replaced.contains(&self.code(mention)) { Standing::Left } else { Standing::New }
    }

    fn code(&self, mention: &MentionView<'_>) -> [u8; 16] {
        let tag = self.mac.tag(&[mention.kind.id().as_bytes(), mention.value.key().as_bytes()]);
        let mut code = [0; 16];
        code.iter_mut().zip(tag).for_each(|(to, from)| *to = from);
        code
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({} values replaced)", self.replaced.len())
    }
}

/// Whether one of the texts begins with `part`.
fn holds(texts: &BTreeSet<Box<str>>, part: &str) -> bool {
    let from = (std::ops::Bound::Included(part), std::ops::Bound::Unbounded);
    texts.range::<str, _>(from).next().is_some_and(|text| text.starts_with(part))
}
