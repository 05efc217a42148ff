//! DOCX (ECMA-376, WordprocessingML) from [`Piece`]s, and the report of findings as such a document.
//!
//! Only what a reader needs is written: paragraphs, headings that show in the outline, tables that repeat their head,
//! page numbers. The date in the properties is fixed, so that the same report gives the same bytes.

use crate::finding::Report;
use crate::paper::{Piece, escaped};
use crate::pieces;
use crate::words::Lang;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The document could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the document cannot be packed: {0}")]
pub struct DocxError(#[from] zip::result::ZipError);

impl From<std::io::Error> for DocxError {
    fn from(error: std::io::Error) -> DocxError {
        DocxError(error.into())
    }
}

/// The report of findings.
///
/// # Errors
/// [`DocxError`] when packing fails, which it does not in memory.
pub fn report(report: &Report, lang: Lang) -> Result<Vec<u8>, DocxError> {
    document(&pieces::report(report, lang), lang)
}

/// A document of pieces.
///
/// # Errors
/// [`DocxError`] when packing fails, which it does not in memory.
pub fn document(pieces: &[Piece], lang: Lang) -> Result<Vec<u8>, DocxError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let body = body(pieces);
    let title = pieces.iter().find_map(|piece| match piece {
        Piece::Title(title) => Some(title.as_str()),
        _ => None,
    });
    for (name, content) in [
        ("[Content_Types].xml", TYPES.to_owned()),
        ("_rels/.rels", RELATIONS.to_owned()),
        ("docProps/core.xml", core(title.unwrap_or_default())),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS.to_owned()),
        ("word/styles.xml", styles(lang)),
        ("word/footer1.xml", FOOTER.to_owned()),
        ("word/document.xml", body),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/><Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";
const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>";
const DOCUMENT_RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/></Relationships>";
const FOOTER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:ftr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:ftr>";
/// A4 with margins of 25 mm, in twentieths of a point.
const SECTION: &str = "<w:sectPr><w:footerReference w:type=\"default\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" r:id=\"rId2\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1418\" w:right=\"1418\" w:bottom=\"1418\" w:left=\"1418\" w:header=\"851\" w:footer=\"851\" w:gutter=\"0\"/></w:sectPr>";
/// The width between the margins.
const WIDTH: u32 = 9_070;

fn core(title: &str) -> String {
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>Zhunsheng \
         准绳</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">2000-01-01T00:00:00Z</dcterms:created>\
         </cp:coreProperties>",
        escaped(title)
    )
}

fn styles(lang: Lang) -> String {
    let tag = lang.tag();
    let mut out = format!(
        "{HEAD}<w:styles xmlns:w=\"{MAIN}\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts \
         w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"SimSun\" w:cs=\"Times New Roman\"/>\
         <w:sz w:val=\"22\"/><w:szCs w:val=\"22\"/><w:lang w:val=\"{tag}\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:spacing w:after=\"80\" w:line=\"312\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault>\
         </w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>"
    );
    for (id, name, size, bold, before, outline, colour) in [
        ("Title", "Title", 36, true, 0, None, "000000"),
        ("Heading1", "heading 1", 30, true, 360, Some(0), "000000"),
        ("Heading2", "heading 2", 25, true, 280, Some(1), "000000"),
        ("Heading3", "heading 3", 22, true, 200, Some(2), "1F3B4D"),
        ("Note", "Note", 18, false, 0, None, "5F6B73"),
        ("Quote", "Quote", 21, false, 0, None, "1F3B4D"),
    ] {
        let outline = outline.map(|level| format!("<w:keepNext/><w:outlineLvl w:val=\"{level}\"/>"));
        let indent = if id == "Quote" { "<w:ind w:left=\"420\" w:right=\"420\"/>" } else { "" };
        let font = if bold { "<w:rFonts w:eastAsia=\"SimHei\"/>" } else { "" };
        let weight = if bold { "<w:b/>" } else { "" };
        // Parts of pPr stand in the order that the schema asks for.
        let (keep, level) = match outline.as_deref().and_then(|text| text.split_once("/>")) {
            Some((keep, level)) => (format!("{keep}/>"), level.to_owned()),
            None => (String::new(), String::new()),
        };
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:pPr>{keep}<w:spacing w:before=\"{before}\" w:after=\"100\"/>{indent}{level}</w:pPr><w:rPr>{font}{weight}\
             <w:color w:val=\"{colour}\"/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr></w:style>"
        );
    }
    out.push_str("</w:styles>");
    out
}

fn body(pieces: &[Piece]) -> String {
    let mut out = format!("{HEAD}<w:document xmlns:w=\"{MAIN}\"><w:body>");
    for piece in pieces {
        match piece {
            Piece::Title(text) => paragraph(&mut out, "Title", "<w:jc w:val=\"center\"/>", &[(text, false)]),
            Piece::Heading(level, text) => {
                paragraph(&mut out, &format!("Heading{}", (*level).clamp(1, 3)), "", &[(text, false)]);
            }
            Piece::Text(text) => paragraph(&mut out, "Normal", "", &[(text, false)]),
            Piece::Note(text) => paragraph(&mut out, "Note", "", &[(text, false)]),
            Piece::Quote(text) => paragraph(&mut out, "Quote", "", &[(text, false)]),
            Piece::Field(label, text) => {
                let label = format!("{label}  ");
                paragraph(&mut out, "Normal", "", &[(&label, true), (text, false)]);
            }
            Piece::Tree(lines) => {
                for (depth, text) in lines {
                    let left = 300 + 300 * (*depth).min(12);
                    let indent =
                        format!("<w:spacing w:after=\"20\"/><w:ind w:left=\"{left}\" w:hanging=\"240\"/>");
                    paragraph(&mut out, "Normal", &indent, &[(text, false)]);
                }
            }
            Piece::Table { heads, widths, rows } => table(&mut out, heads, widths, rows),
            Piece::NewPage => out.push_str("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"),
        }
    }
    out.push_str(SECTION);
    out.push_str("</w:body></w:document>");
    out
}

/// Text parts with whether they are bold; line feeds become breaks.
fn paragraph(out: &mut String, style: &str, properties: &str, parts: &[(&str, bool)]) {
    let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{properties}</w:pPr>");
    for (text, bold) in parts {
        let weight = if *bold { "<w:rPr><w:b/></w:rPr>" } else { "" };
        for (at, line) in text.lines().enumerate() {
            let line_break = if at > 0 { "<w:br/>" } else { "" };
            let _ = write!(
                out,
                "<w:r>{weight}{line_break}<w:t xml:space=\"preserve\">{}</w:t></w:r>",
                escaped(line)
            );
        }
    }
    out.push_str("</w:p>");
}

fn table(out: &mut String, heads: &[String], widths: &[u32], rows: &[Vec<String>]) {
    out.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders>");
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(out, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"9AA4AB\"/>");
    }
    out.push_str("</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
    let width = |at: usize| widths.get(at).copied().unwrap_or(10) * WIDTH / 100;
    for at in 0..heads.len() {
        let _ = write!(out, "<w:gridCol w:w=\"{}\"/>", width(at));
    }
    out.push_str("</w:tblGrid>");
    let mut row = |cells: &[String], head: bool| {
        let properties = if head { "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" } else { "" };
        let _ = write!(out, "<w:tr>{properties}");
        for at in 0..heads.len() {
            let shade = if head { "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EEF1F3\"/>" } else { "" };
            let _ =
                write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/>{shade}</w:tcPr>", width(at));
            let text = cells.get(at).map(String::as_str).unwrap_or_default();
            let lines: Vec<&str> = if text.is_empty() { vec![""] } else { text.lines().collect() };
            for line in lines {
                let _ = write!(
                    out,
                    "<w:p><w:pPr><w:spacing w:after=\"20\" w:line=\"264\" w:lineRule=\"auto\"/></w:pPr><w:r><w:rPr>{}\
                     <w:sz w:val=\"18\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
                    if head { "<w:b/>" } else { "" },
                    escaped(line)
                );
            }
            out.push_str("</w:tc>");
        }
        out.push_str("</w:tr>");
    };
    row(heads, true);
    for cells in rows {
        row(cells, false);
    }
    // A table must be followed by a paragraph.
    out.push_str("</w:tbl><w:p><w:pPr><w:spacing w:after=\"60\"/></w:pPr></w:p>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn the_document_is_a_zip_of_well_formed_parts_and_always_the_same() {
        let pieces = [
            Piece::Title("标题 <&>".to_owned()),
            Piece::Heading(1, "一".to_owned()),
            Piece::Field("法条".to_owned(), "两\n行".to_owned()),
            Piece::Tree(vec![(0, "甲".to_owned()), (1, "乙\u{1}".to_owned())]),
            Piece::Table {
                heads: vec!["a".to_owned(), "b".to_owned()],
                widths: vec![30, 70],
                rows: vec![vec!["1".to_owned()], vec!["x\ny".to_owned(), String::new()]],
            },
            Piece::NewPage,
        ];
        let bytes = document(&pieces, Lang::Zh).unwrap();
        assert_eq!(bytes, document(&pieces, Lang::Zh).unwrap());
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(zip.len(), 7);
        for at in 0..zip.len() {
            let mut text = String::new();
            zip.by_index(at).unwrap().read_to_string(&mut text).unwrap();
            assert!(text.starts_with("<?xml"), "part {at}");
            well_formed(&format!("part {at}"), &text);
        }
    }

    /// Every element is closed in order, and no bare `&` or `<` stands in text.
    fn well_formed(name: &str, text: &str) {
        let mut open: Vec<&str> = Vec::new();
        for part in text.split('<').skip(1) {
            let (tag, after) = part.split_once('>').unwrap_or_else(|| panic!("{name}: {part}"));
            assert!(!after.contains('\u{1}'), "{name}");
            if tag.starts_with('?') || tag.ends_with('/') {
                continue;
            }
            match tag.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{name}"),
                None => open.push(tag.split(' ').next().unwrap_or_default()),
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}
