//! Text that is put together from pieces of XML parts, and the way back from a stretch of it to the pieces.

use super::xml;
use std::ops::Range;

/// Where the text of a node stands in its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Between tags; where the tag before it ends when it must say that blanks at the ends count.
    Text(Option<usize>),
    /// In a CDATA section, whose marks go when the text changes.
    CData,
    /// In the quotation marks of an attribute.
    Attribute,
}

/// One piece of text of a part.
pub(super) struct Node {
    pub(super) range: Range<usize>,
    stand: Stand,
    pub(super) text: String,
    edits: Vec<(Range<usize>, String)>,
    /// What stands here whatever the changes say.
    pub(super) fixed: Option<String>,
    /// Whether it is text that `source` does not read.
    pub(super) unread: bool,
}

impl Node {
    /// The text after the changes; `None` when nothing changes. Where changes meet, the first one counts.
    pub(super) fn changed(&self) -> Option<String> {
        if let Some(fixed) = &self.fixed {
            return (*fixed != self.text).then(|| fixed.clone());
        }
        if self.edits.is_empty() {
            return None;
        }
        let mut edits: Vec<_> = self.edits.iter().collect();
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut text, mut at) = (String::new(), 0);
        for (range, new) in edits {
            if range.end <= at && range.end > 0 {
                continue;
            }
            if range.start >= at {
                text.push_str(self.text.get(at..range.start).unwrap_or_default());
                text.push_str(new);
            }
            at = at.max(range.end);
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        Some(text)
    }
}

/// An XML part that is written again.
pub(super) struct Part {
    /// Its number in the package.
    pub(super) member: usize,
    pub(super) name: String,
    pub(super) xml: String,
    pub(super) nodes: Vec<Node>,
    /// Bytes of the part and what to write for them, beside the nodes.
    pub(super) splices: Vec<(Range<usize>, String)>,
}

impl Part {
    pub(super) fn new(member: usize, name: String, xml: String) -> Part {
        Part { member, name, xml, nodes: Vec::new(), splices: Vec::new() }
    }

    /// Notes a piece of text as it is written at `range`; gives its number.
    pub(super) fn node(&mut self, range: Range<usize>, stand: Stand) -> usize {
        let raw = self.xml.get(range.clone()).unwrap_or_default();
        let text = if stand == Stand::CData { raw.to_owned() } else { xml::decode(raw) };
        self.nodes.push(Node { range, stand, text, edits: Vec::new(), fixed: None, unread: false });
        self.nodes.len() - 1
    }

    /// The text of a node.
    pub(super) fn text_of(&self, node: usize) -> &str {
        self.nodes.get(node).map_or("", |node| node.text.as_str())
    }

    /// Sets what stands in a node whatever the changes say.
    pub(super) fn fix(&mut self, node: usize, text: &str) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.fixed = Some(text.to_owned());
        }
    }

    /// The part with its changes; `None` when it stays as it is.
    pub(super) fn render(&self) -> Option<String> {
        let mut splices: Vec<(Range<usize>, String)> = self.splices.clone();
        for node in &self.nodes {
            let Some(text) = node.changed() else { continue };
            let written = xml::escape(&text);
            match node.stand {
                Stand::CData => {
                    splices.push((node.range.start - 9..node.range.end + 3, written));
                    continue;
                }
                Stand::Text(Some(tag_end)) if text.trim() != text => {
                    splices.push((tag_end..tag_end, " xml:space=\"preserve\"".to_owned()));
                }
                Stand::Text(_) | Stand::Attribute => {}
            }
            splices.push((node.range.clone(), written));
        }
        if splices.is_empty() {
            return None;
        }
        Some(splice(&self.xml, splices))
    }
}

/// Writes `text` with some ranges replaced. A range within another one is lost with it.
pub(super) fn splice(text: &str, mut splices: Vec<(Range<usize>, String)>) -> String {
    splices.sort_by(|a, b| {
        (a.0.start, std::cmp::Reverse(a.0.end)).cmp(&(b.0.start, std::cmp::Reverse(b.0.end)))
    });
    let (mut written, mut at) = (String::with_capacity(text.len()), 0);
    for (range, new) in splices {
        if range.start < at {
            continue;
        }
        written.push_str(text.get(at..range.start).unwrap_or_default());
        written.push_str(&new);
        at = range.end;
    }
    written.push_str(text.get(at..).unwrap_or_default());
    written
}

/// A stretch of woven text.
#[derive(Clone, Debug)]
struct Span {
    /// Bytes in the woven text.
    range: Range<usize>,
    part: usize,
    node: usize,
    /// Where the stretch begins in the node's text.
    offset: usize,
}

/// Text put together from nodes and from characters that stand for marks.
#[derive(Clone, Debug, Default)]
pub(super) struct Woven {
    pub(super) text: String,
    spans: Vec<Span>,
}

impl Woven {
    /// Appends characters that stand in no node.
    pub(super) fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends the text of a node.
    pub(super) fn node(&mut self, part: usize, node: usize, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.spans.push(Span { range: start..self.text.len(), part, node, offset: 0 });
    }

    /// Marks the nodes as text that `source` does not read.
    pub(super) fn mark_unread(&self, parts: &mut [Part]) {
        for span in &self.spans {
            if let Some(node) = parts.get_mut(span.part).and_then(|part| part.nodes.get_mut(span.node)) {
                node.unread = true;
            }
        }
    }

    /// Appends another woven text.
    pub(super) fn append(&mut self, other: &Woven) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.spans.extend(
            other
                .spans
                .iter()
                .map(|span| Span { range: span.range.start + start..span.range.end + start, ..span.clone() }),
        );
    }

    /// The lines without their ends.
    pub(super) fn lines(&self) -> Vec<Woven> {
        let mut at = 0;
        let mut lines = Vec::new();
        for line in self.text.split('\n') {
            lines.push(self.slice(at..at + line.len()));
            at += line.len() + 1;
        }
        lines
    }

    fn slice(&self, range: Range<usize>) -> Woven {
        let mut woven =
            Woven { text: self.text.get(range.clone()).unwrap_or_default().to_owned(), spans: Vec::new() };
        for span in &self.spans {
            let (start, end) = (span.range.start.max(range.start), span.range.end.min(range.end));
            if start < end {
                woven.spans.push(Span {
                    range: start - range.start..end - range.start,
                    offset: span.offset + (start - span.range.start),
                    ..span.clone()
                });
            }
        }
        woven
    }

    /// Without line ends at its end.
    pub(super) fn trimmed(&self) -> Woven {
        self.slice(0..self.text.trim_end_matches('\n').len())
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }

    /// Writes `new` in place of a range: into the first node that has a part of it, and cuts the rest from the
    /// others. Marks within the range (a tab, a line break) stay. Whether there was such a node.
    #[must_use]
    pub(super) fn apply(&self, range: Range<usize>, new: &str, parts: &mut [Part]) -> bool {
        let mut new = Some(new);
        let first = self.spans.partition_point(|span| span.range.end <= range.start);
        for span in self.spans.get(first..).unwrap_or_default() {
            if span.range.start >= range.end {
                break;
            }
            let (start, end) = (span.range.start.max(range.start), span.range.end.min(range.end));
            let node = parts.get_mut(span.part).and_then(|part| part.nodes.get_mut(span.node));
            let (Some(node), true) = (node, start < end) else { continue };
            let from = span.offset + (start - span.range.start);
            node.edits.push((from..from + (end - start), new.take().unwrap_or_default().to_owned()));
        }
        new.is_none()
    }
}

/// Lines of a part, put together as the reader of the format does it.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) woven: Woven,
}

impl Lines {
    /// Appends a line; blank ones are left out.
    pub(super) fn push(&mut self, line: &Woven) {
        if !line.text.trim().is_empty() {
            self.woven.append(line);
            self.woven.plain("\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> Part {
        let xml = "<t>张</t><t>三 A&amp;B</t><t><![CDATA[<138>]]></t><p a=\"李四\"/>";
        let mut part = Part::new(0, "a.xml".into(), xml.into());
        let text = |needle: &str| {
            let start = xml.find(needle).expect("it is there");
            start..start + needle.len()
        };
        part.node(text("张"), Stand::Text(Some(2)));
        part.node(text("三 A&amp;B"), Stand::Text(None));
        part.node(text("<138>"), Stand::CData);
        part.node(text("李四"), Stand::Attribute);
        part
    }

    fn woven(part: &Part) -> Woven {
        let mut woven = Woven::default();
        for node in 0..part.nodes.len() {
            woven.node(0, node, part.text_of(node));
        }
        woven
    }

    #[test]
    fn a_value_over_several_nodes_is_replaced_in_the_first() {
        let mut parts = [part()];
        let woven = woven(&parts[0]);
        assert_eq!(woven.text, "张三 A&B<138>李四");
        assert!(woven.apply(0.."张三".len(), "某人 ", &mut parts));
        let start = woven.text.find("138").expect("there");
        assert!(woven.apply(start..start + 3, "***", &mut parts));
        let written = parts[0].render().expect("changed");
        assert_eq!(
            written,
            "<t xml:space=\"preserve\">某人 </t><t> A&amp;B</t><t>&lt;***&gt;</t><p a=\"李四\"/>"
        );
    }

    #[test]
    fn nothing_changes_without_changes_and_fixed_text_wins() {
        let mut part = part();
        assert!(part.render().is_none());
        part.fix(3, "Author 1");
        assert!(part.render().expect("changed").contains("a=\"Author 1\""));
    }

    #[test]
    fn a_range_without_a_node_is_no_place() {
        let mut parts = [part()];
        let mut woven = Woven::default();
        woven.plain("\t\t");
        assert!(!woven.apply(0..1, "x", &mut parts));
        assert!(parts[0].render().is_none());
    }
}
