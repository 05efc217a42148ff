//! DOCX and XLSX: parts of XML in a zip. What does not change keeps its bytes.
//!
//! Text is found again in the parts by reading them as `source` does, with the way back to each piece. Where the
//! two readings differ the document is refused: nothing is written at a place that is not certain.
//!
//! Beyond what `source` reads, every other text of the parts is handed over too (field codes, custom XML, second
//! renderings, cached values of charts), the names of authors are taken out, and a replaced value that stands
//! once more in an attribute goes there as well.

mod docx;
mod package;
mod parts;
mod sheet;
mod sweep;
mod weave;
mod xlsx;
mod xml;

use super::{Change, Hands, Place, Rewriter, Spot, any_slot};
use crate::content::Content;
use crate::error::{RewriteError, WarningKind};
use package::Package;
use parts::{Class, class_of};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use sweep::Sweep;
use weave::{Part, Stand, Woven};
use zhunsheng_model::{Fragment, Problem, Step, TableFragment, TextFragment, TextShape};
use zhunsheng_source::{Limits, ReadOptions, Sink, read_stream};

/// A document up to this size is written again; it is held in memory.
const FILE_BYTES_MAX: u64 = 512 << 20;
/// A picture of one clear dot, in place of pictures that are left out.
const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\x03\0\x08\xfc\x02\xfe\xa7\x9a\xa0\xa0\0\0\0\0IEND\xaeB`\x82";

/// Word documents and Excel workbooks in XML.
pub(super) struct Office;

impl Rewriter for Office {
    fn formats(&self) -> &'static [&'static str] {
        &["docx", "xlsx"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let bytes = content.bytes(place.name, place.format, FILE_BYTES_MAX)?;
        let fragments = read(&bytes, place)?;
        let package = Package::open(bytes, place.name)?;
        let mut document = Document::new(package, place)?;
        document.prepare(hands, place)?;
        document.protect(fragments, hands, place)?;
        document.save(hands, place, out)
    }
}

/// Every fragment that `source` reads from the document itself, without the files inside it.
///
/// # Errors
/// When `source` cannot read all of it.
pub(super) fn read(bytes: &[u8], place: &Place<'_>) -> Result<Vec<Fragment>, RewriteError> {
    let options =
        ReadOptions { limits: Limits::default(), temp_dir: place.temp.to_owned(), ..ReadOptions::default() };
    let mut taker = Taker { name: place.file(), fragments: Vec::new(), problem: None };
    let mut reader = bytes;
    read_stream(place.name, &mut reader, &options, &mut taker);
    match taker.problem {
        Some(detail) => Err(RewriteError::unreadable(place.name, detail)),
        None => Ok(taker.fragments),
    }
}

struct Taker {
    name: Arc<str>,
    fragments: Vec<Fragment>,
    problem: Option<String>,
}

impl Sink for Taker {
    fn opened(&mut self, _: &zhunsheng_model::Place, _: &'static str) {}

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        // What a file inside holds comes with that file.
        let is_own = match &fragment {
            Fragment::Text(text) => text.place.file == self.name,
            Fragment::Table(table) => table.place.file == self.name,
            Fragment::Lazy(_) => false,
        };
        if is_own {
            self.fragments.push(fragment);
        }
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) {
        if problem.place.file == self.name {
            self.problem.get_or_insert(problem.detail);
        }
    }
}

/// A row of cells.
type Row = Vec<Woven>;

/// The texts of a document by the places that `source` gives them.
#[derive(Default)]
pub(super) struct Streams {
    /// Text, and how much of it was handed over.
    texts: BTreeMap<Vec<Step>, (Woven, usize)>,
    /// Rows of tables, the first with number 1.
    tables: BTreeMap<Vec<Step>, Vec<Row>>,
}

impl Streams {
    fn add(&mut self, other: Streams) {
        for (steps, (woven, _)) in other.texts {
            self.texts.entry(steps).or_default().0.append(&woven);
        }
        self.tables.extend(other.tables);
    }
}

/// The text of a part that `source` does not read, a line for each paragraph or value.
#[derive(Default)]
pub(super) struct Note {
    woven: Woven,
    line: Woven,
    /// Whether the last mark was text.
    fresh: bool,
}

impl Note {
    fn text(&mut self, part: usize, node: usize, text: &str) {
        self.line.node(part, node, text);
        self.fresh = true;
    }

    /// An element ends: a line ends with what holds text itself, but for runs.
    fn close(&mut self, name: &str) {
        let holds_text = self.fresh && !matches!(name, "t" | "delText" | "instrText" | "delInstrText");
        self.fresh = false;
        if holds_text || matches!(name, "p" | "comment" | "si") {
            self.end();
        }
    }

    fn end(&mut self) {
        if !self.line.text.is_empty() {
            self.woven.append(&self.line);
            self.woven.plain("\n");
            self.line.clear();
        }
    }

    /// A value that is a line of its own.
    fn alone(&mut self, part: usize, node: usize, text: &str) {
        self.woven.node(part, node, text);
        self.woven.plain("\n");
    }
}

/// A document under work.
pub(super) struct Document {
    package: Package,
    parts: Vec<Part>,
    streams: Streams,
    /// Text that `source` does not read, by the number of the part.
    rests: BTreeMap<usize, Woven>,
    book: Option<xlsx::Book>,
    authors: BTreeMap<String, usize>,
    sweep: Sweep,
}

impl Document {
    fn new(package: Package, place: &Place<'_>) -> Result<Document, RewriteError> {
        let mut parts = Vec::new();
        for (member, name) in package.names() {
            if class_of(&name) == Class::Xml {
                let xml = package.text(member, place.name)?;
                let declared = xml.get(..200.min(xml.len())).unwrap_or_default().to_ascii_lowercase();
                if declared.contains("encoding=") && !declared.contains("utf-8") {
                    let detail = "a part of the document states another encoding than UTF-8";
                    return Err(RewriteError::unreadable(place.name, detail));
                }
                parts.push(Part::new(member, name, xml));
            }
        }
        Ok(Document {
            package,
            parts,
            streams: Streams::default(),
            rests: BTreeMap::new(),
            book: None,
            authors: BTreeMap::new(),
            sweep: Sweep::default(),
        })
    }

    /// Refuses what cannot be protected, takes out what may go, and reads the parts.
    fn prepare(&mut self, hands: &mut dyn Hands, place: &Place<'_>) -> Result<(), RewriteError> {
        for (member, name) in self.package.names() {
            match class_of(&name) {
                Class::Macros | Class::Binary => {
                    let format = match class_of(&name) {
                        Class::Macros => "office document with macros",
                        _ => "xlsb",
                    };
                    let place = place.name.to_owned();
                    return Err(RewriteError::Unsupported { place, format: format.to_owned() });
                }
                Class::Dropped => {
                    self.drop_part(member, &name);
                    hands.warn(WarningKind::PartDropped, 1);
                }
                Class::Xml | Class::Kept | Class::Member => {}
            }
        }
        let done = match place.format {
            "docx" => docx::read(self, place.name)?,
            _ => xlsx::read(self, place.name)?,
        };
        for index in 0..self.parts.len() {
            if !done.contains(&index) {
                self.read_other(index, place.name)?;
            }
        }
        Ok(())
    }

    /// Takes the text that `source` does not read of a part.
    fn rest(&mut self, part: usize, mut note: Note) {
        note.end();
        note.woven.mark_unread(&mut self.parts);
        self.rests.entry(part).or_default().append(&note.woven);
    }

    /// Takes each fragment to the hands, and writes down what they want.
    fn protect(
        &mut self,
        fragments: Vec<Fragment>,
        hands: &mut dyn Hands,
        place: &Place<'_>,
    ) -> Result<(), RewriteError> {
        let lost = || RewriteError::NoPlace { place: place.name.to_owned() };
        for fragment in fragments {
            let changes = match &fragment {
                Fragment::Table(table) => {
                    if let Some(mut book) = self.book.take() {
                        // The book's cells are not woven; it has ways of its own.
                        let result = book.protect(self, table, &fragment, hands, place);
                        self.book = Some(book);
                        result?;
                        continue;
                    }
                    self.locate_table(table).ok_or_else(lost)?;
                    hands.changes(&fragment, &any_slot)?
                }
                Fragment::Text(text) => {
                    self.locate_text(text).ok_or_else(lost)?;
                    hands.changes(&fragment, &any_slot)?
                }
                Fragment::Lazy(_) => return Err(lost()),
            };
            for change in &changes {
                self.apply(&fragment, change).ok_or_else(lost)?;
            }
        }
        let rests = std::mem::take(&mut self.rests);
        for (part, woven) in &rests {
            if woven.text.trim().is_empty() {
                continue;
            }
            let name = self.parts.get(*part).map(|part| part.name.clone()).unwrap_or_default();
            let at = zhunsheng_model::Place::file(place.file()).step(Step::Section(name));
            let fragment = Fragment::Text(TextFragment {
                place: Arc::new(at),
                text: woven.text.clone(),
                shape: TextShape::Prose,
                segments: Vec::new(),
                origin: None,
            });
            for change in hands.changes(&fragment, &any_slot)? {
                let new = change.new.as_deref().unwrap_or_default();
                self.sweep.note(woven.text.get(change.range.clone()).unwrap_or_default(), new);
                if !woven.apply(change.range, new, &mut self.parts) {
                    return Err(lost());
                }
            }
        }
        Ok(())
    }

    /// Whether the rows of a fragment are those that were read here.
    fn locate_table(&self, table: &TableFragment) -> Option<()> {
        let rows = self.streams.tables.get(&table.place.steps)?;
        let first = usize::try_from(table.first_row).ok()?.checked_sub(1)?;
        for index in 0..table.cells.len() {
            let row = rows.get(first + index)?;
            if !table.cells.row(index).eq(row.iter().map(|cell| cell.text.as_str())) {
                return None;
            }
        }
        Some(())
    }

    /// Whether the text of a fragment follows in what was read here.
    fn locate_text(&mut self, text: &TextFragment) -> Option<()> {
        let (woven, at) = self.streams.texts.get_mut(&text.place.steps)?;
        woven.text.get(*at..)?.starts_with(&text.text).then_some(())?;
        *at += text.text.len();
        Some(())
    }

    fn apply(&mut self, fragment: &Fragment, change: &Change) -> Option<()> {
        let new = change.new.as_deref().unwrap_or_default();
        let (woven, range): (&Woven, Range<usize>) = match (fragment, change.spot) {
            (Fragment::Text(text), Spot::Text) => {
                let (woven, at) = self.streams.texts.get(&text.place.steps)?;
                let start = at.checked_sub(text.text.len())?;
                (woven, change.range.start + start..change.range.end + start)
            }
            (Fragment::Table(table), Spot::Cell(row, column)) => {
                let first = usize::try_from(table.first_row).ok()?.checked_sub(1)?;
                let rows = self.streams.tables.get(&table.place.steps)?;
                (rows.get(first + row)?.get(column)?, change.range.clone())
            }
            _ => return None,
        };
        self.sweep.note(woven.text.get(range.clone())?, new);
        (range.is_empty() || woven.apply(range, new, &mut self.parts)).then_some(())
    }

    /// Writes the document.
    fn save(
        mut self,
        hands: &mut dyn Hands,
        place: &Place<'_>,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        if let Some(mut book) = self.book.take() {
            let formulas = book.finish(&mut self);
            if formulas > 0 {
                hands.warn(WarningKind::FormulaDropped, formulas);
                if let Some(chain) = self.package.find("xl/calcChain.xml") {
                    self.drop_part(chain, "xl/calcChain.xml");
                }
            }
        }
        self.sweep_parts(place)?;
        for part in &self.parts {
            if let Some(xml) = part.render() {
                // A part that was taken out stays out.
                if self.package.find(&part.name) == Some(part.member) {
                    self.package.put(part.member, xml.into_bytes());
                }
            }
        }
        for (member, name) in self.package.names() {
            match class_of(&name) {
                Class::Member => {
                    let content = Content::of(self.package.read(member, place.name)?);
                    match hands.member(&name, content)? {
                        Some(new) => {
                            let bytes = new.bytes(place.name, place.format, FILE_BYTES_MAX)?;
                            if bytes != self.package.read(member, place.name)? {
                                self.package.put(member, bytes);
                            }
                        }
                        None => {
                            let is_picture = name.contains("/media/");
                            self.package.put(member, if is_picture { DOT.to_vec() } else { Vec::new() });
                            hands.warn(WarningKind::PartDropped, 1);
                        }
                    }
                }
                Class::Kept => {
                    let bytes = self.package.read(member, place.name)?;
                    if self.sweep.is_in_bytes(&bytes) {
                        return Err(RewriteError::NoPlace { place: place.name.to_owned() });
                    }
                }
                _ => {}
            }
        }
        self.package.write(out)
    }

    /// Replaced values that stand once more in attributes, formulas and other text that is not handed over.
    fn sweep_parts(&mut self, place: &Place<'_>) -> Result<(), RewriteError> {
        if self.sweep.is_empty() {
            return Ok(());
        }
        for part in &mut self.parts {
            // A name that stands alone may not have been known as one there.
            for node in part.nodes.iter_mut().filter(|node| node.unread && node.fixed.is_none()) {
                let now = node.changed().unwrap_or_else(|| node.text.clone());
                if let Some(new) = self.sweep.clean(&now) {
                    node.fixed = Some(new);
                }
            }
            let found = sweep::attributes(part, &self.sweep)
                .map_err(|_| RewriteError::unreadable(place.name, "a part of the document is damaged"))?;
            for (range, new) in found {
                let node = part.node(range, Stand::Attribute);
                part.fix(node, &new);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
