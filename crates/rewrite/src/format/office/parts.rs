//! What the parts of a package are, and what of them is cleaned whatever the policy says.

use super::weave::{Lines, Part, Stand, Woven};
use super::xml::{Lexer, Token, attribute, attributes};
use super::{Document, Note};
use crate::error::RewriteError;
use std::ops::Range;
use zhunsheng_model::Step;

/// What is done with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// XML: read and written again.
    Xml,
    /// A file of its own.
    Member,
    /// Fonts and settings of printers: kept, after a look whether a value stands in them.
    Kept,
    /// Preview pictures and signatures, which show or seal what was there.
    Dropped,
    /// Programs: what they hold cannot be told.
    Macros,
    /// The binary form of a workbook.
    Binary,
}

/// What a part is, by its name.
pub(super) fn class_of(name: &str) -> Class {
    let lower = name.to_ascii_lowercase();
    let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
    if lower.starts_with("docprops/thumbnail") || lower.starts_with("_xmlsignatures/") {
        return Class::Dropped;
    }
    if lower.contains("vbaproject") || lower.contains("vbadata") {
        return Class::Macros;
    }
    match extension {
        _ if lower.ends_with('/') => Class::Kept,
        _ if lower.contains("/embeddings/") && !matches!(extension, "rels") => Class::Member,
        "xml" | "rels" | "vml" => Class::Xml,
        "odttf" | "ttf" | "fntdata" => Class::Kept,
        "bin" if lower.contains("printersettings") => Class::Kept,
        "bin" if lower.starts_with("xl/") => Class::Binary,
        _ => Class::Member,
    }
}

/// Attributes that hold text of people.
fn holds_text(element: &str, name: &str, tag: &str) -> bool {
    match (element, name) {
        (_, "descr" | "title" | "alt" | "prompt" | "promptTitle" | "error" | "errorTitle") => true,
        (_, "display" | "tooltip" | "location" | "instr" | "string") => true,
        ("Relationship", "Target") => attribute(tag, "TargetMode").as_deref() == Some("External"),
        ("alias" | "tag" | "filter" | "docVar", "val") => true,
        ("s", "v") | ("cNvPr" | "docPr", "name") => true,
        _ => false,
    }
}

impl Document {
    /// Notes the attributes of a tag that hold text; gives the node of the author, whose name is taken out.
    pub(super) fn attributes(
        &mut self,
        index: usize,
        range: &Range<usize>,
        element: &str,
        tag: &str,
        rest: &mut Note,
    ) -> Option<usize> {
        let mut author = None;
        for (name, value) in attributes(tag) {
            let at = range.start + 1 + value.start..range.start + 1 + value.end;
            match name {
                // The columns of tables have display names too.
                "author" | "displayName"
                    if !value.is_empty() && (name == "author" || element == "person") =>
                {
                    author = Some(self.author(index, at, Stand::Attribute)?);
                }
                "initials" if !value.is_empty() => self.fixed(index, at, "A"),
                "userId" if !value.is_empty() => self.fixed(index, at, "None"),
                _ if holds_text(element, name, tag) => {
                    let part = self.parts.get_mut(index)?;
                    let node = part.node(at, Stand::Attribute);
                    let text = part.text_of(node).to_owned();
                    if !text.trim().is_empty() {
                        rest.alone(index, node, &text);
                    }
                }
                _ => {}
            }
        }
        author
    }

    fn fixed(&mut self, index: usize, at: Range<usize>, text: &str) {
        if let Some(part) = self.parts.get_mut(index) {
            let node = part.node(at, Stand::Attribute);
            part.fix(node, text);
        }
    }

    /// The name of an author: a number stands for it, the same in all parts.
    pub(super) fn author(&mut self, index: usize, at: Range<usize>, stand: Stand) -> Option<usize> {
        let part = self.parts.get_mut(index)?;
        let node = part.node(at, stand);
        let name = part.text_of(node).to_owned();
        let next = self.authors.len() + 1;
        let number = *self.authors.entry(name.clone()).or_insert(next);
        let new = format!("Author {number}");
        part.fix(node, &new);
        self.sweep.note(&name, &new);
        Some(node)
    }

    /// Reads a part that is no body, no sheet and no list of strings.
    pub(super) fn read_other(&mut self, index: usize, place: &str) -> Result<(), RewriteError> {
        let broken = || RewriteError::unreadable(place, "a part of the document is damaged");
        let Some((name, xml)) = self.parts.get(index).map(|part| (part.name.clone(), part.xml.clone()))
        else {
            return Ok(());
        };
        let is_core = name == "docProps/core.xml";
        let (mut rest, mut lines, mut value) = (Note::default(), Lines::default(), Woven::default());
        let mut element = String::new();
        for token in Lexer::new(&xml) {
            let (range, token) = token.map_err(|_| broken())?;
            match token {
                Token::Open { name, tag, empty } => {
                    element = name.to_owned();
                    value.clear();
                    self.attributes(index, &range, name, tag, &mut rest);
                    if empty {
                        rest.close(name);
                    }
                }
                Token::Close(name) => {
                    if is_core
                        && matches!(
                            name,
                            "creator" | "lastModifiedBy" | "title" | "subject" | "description" | "keywords"
                        )
                    {
                        lines.push(&value);
                    }
                    value.clear();
                    rest.close(name);
                    element.clear();
                }
                Token::Text(raw) | Token::CData(raw) => {
                    if raw.trim().is_empty() {
                        continue;
                    }
                    let stand =
                        if matches!(token, Token::CData(_)) { Stand::CData } else { Stand::Text(None) };
                    self.other_text(index, &element, range, stand, is_core, &mut rest, &mut value);
                }
                Token::Other => {}
            }
        }
        if is_core {
            let steps = vec![Step::Section("metadata".into())];
            self.streams.texts.entry(steps).or_default().0.append(&lines.woven);
        }
        self.rest(index, rest);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one walk")]
    fn other_text(
        &mut self,
        index: usize,
        element: &str,
        range: Range<usize>,
        stand: Stand,
        is_core: bool,
        rest: &mut Note,
        value: &mut Woven,
    ) {
        let Some(part) = self.parts.get_mut(index) else { return };
        let node = part.node(range, stand);
        let text = part.text_of(node).to_owned();
        match element {
            "creator" | "lastModifiedBy" | "Manager" | "Company" | "HyperlinkBase" => {
                part.fix(node, "");
                self.sweep.note(&text, "");
            }
            _ => {}
        }
        if is_core
            && matches!(
                element,
                "creator" | "lastModifiedBy" | "title" | "subject" | "description" | "keywords"
            )
        {
            value.node(index, node, &text);
        } else {
            rest.text(index, node, &text);
        }
    }

    /// Takes a part out, with what names it.
    pub(super) fn drop_part(&mut self, member: usize, name: &str) {
        self.package.remove(member);
        for part in &mut self.parts {
            let cuts = naming(part, name);
            part.splices.extend(cuts.into_iter().map(|range| (range, String::new())));
        }
    }
}

/// The elements of a part that name the part `name`: a relationship, or the type of its content.
fn naming(part: &Part, name: &str) -> Vec<Range<usize>> {
    let is_types = part.name == "[Content_Types].xml";
    if !is_types && !part.name.ends_with(".rels") {
        return Vec::new();
    }
    let (mut found, mut open) = (Vec::<Range<usize>>::new(), false);
    for token in Lexer::new(&part.xml).flatten() {
        let (range, Token::Open { name: element, tag, empty }) = token else {
            // The end of one that was not closed at once.
            if let ((range, Token::Close(_)), true, Some(last)) = (token, open, found.last_mut()) {
                last.end = range.end;
                open = false;
            }
            continue;
        };
        let target = match element {
            "Override" if is_types => attribute(tag, "PartName"),
            "Relationship" => attribute(tag, "Target").map(|target| resolve(&part.name, &target)),
            _ => None,
        };
        if target.is_some_and(|target| target.trim_start_matches('/').eq_ignore_ascii_case(name)) {
            found.push(range);
            open = !empty;
        }
    }
    found
}

/// The part that a relationship in `rels` means by `target`.
pub(super) fn resolve(rels: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let folder = rels.rsplit_once("_rels/").map_or("", |(folder, _)| folder);
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => {
                steps.pop();
            }
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relationships_are_resolved() {
        assert_eq!(
            resolve("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml"
        );
        assert_eq!(resolve("xl/worksheets/_rels/sheet1.xml.rels", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolve("_rels/.rels", "/docProps/core.xml"), "docProps/core.xml");
    }

    #[test]
    fn parts_are_told_by_their_names() {
        assert_eq!(class_of("word/document.xml"), Class::Xml);
        assert_eq!(class_of("word/embeddings/a.xml"), Class::Member);
        assert_eq!(class_of("word/media/image1.png"), Class::Member);
        assert_eq!(class_of("word/vbaProject.bin"), Class::Macros);
        assert_eq!(class_of("xl/workbook.bin"), Class::Binary);
        assert_eq!(class_of("xl/printerSettings/printerSettings1.bin"), Class::Kept);
        assert_eq!(class_of("docProps/thumbnail.jpeg"), Class::Dropped);
        assert_eq!(class_of("word/afchunk.htm"), Class::Member);
    }
}
