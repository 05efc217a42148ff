//! 电子数据提取固定清单 as DOCX, for those who must put it on their own paper.

use super::listing::{COLUMNS, REMARKS, SIGNATURES, check_note, escape, head, row};
use super::zip_writer::zip_of;
use super::{Case, Input, Run};

/// The whole list. The same list gives the same bytes.
pub(super) fn docx(case: &Case, run: &Run, inputs: &[Input]) -> Vec<u8> {
    let head: String = head(case, run)
        .iter()
        .map(|(name, value)| table_row(&[(name, 3600, true), (value, 10800, false)], false))
        .collect();
    let widths = [700u32, 2200, 1000, 1000, 1300, 4600, 2200, 1400];
    let columns: Vec<(&str, u32, bool)> =
        COLUMNS.iter().zip(widths).map(|(name, width)| (*name, width, true)).collect();
    let mut list = table_row(&columns, true);
    for (number, input) in (1..).zip(inputs) {
        let texts = row(number, input);
        let cells: Vec<(&str, u32, bool)> =
            texts.iter().zip(widths).map(|(text, width)| (text.as_str(), width, false)).collect();
        list.push_str(&table_row(&cells, false));
    }
    let signatures: String = SIGNATURES
        .iter()
        .map(|who| {
            table_row(
                &[(who, 5000, true), ("\n", 5000, false), ("　　　　年　　月　　日", 4400, false)],
                false,
            )
        })
        .collect();
    let body = [
        paragraph("电子数据提取固定清单", true, true),
        table(&head, &[3600, 10800]),
        paragraph("", false, false),
        table(&list, &widths),
        paragraph(&check_note(inputs.len()), false, false),
        paragraph(REMARKS, false, false),
        paragraph("", false, false),
        table(&signatures, &[5000, 5000, 4400]),
        // A document ends with a paragraph, or some programs call it damaged.
        paragraph("", false, false),
    ]
    .concat();
    let document = format!(
        "{XML}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}\
         <w:sectPr><w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>\
         <w:pgMar w:top=\"850\" w:right=\"850\" w:bottom=\"850\" w:left=\"850\" w:header=\"400\" w:footer=\"400\" w:gutter=\"0\"/>\
         </w:sectPr></w:body></w:document>"
    );
    zip_of(&[
        ("[Content_Types].xml", &format!("{XML}{TYPES}")),
        ("_rels/.rels", &format!("{XML}{RELATIONS}")),
        ("word/document.xml", &document),
    ])
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
<Default Extension=\"xml\" ContentType=\"application/xml\"/>\
<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
</Types>";
const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>\
</Relationships>";

fn paragraph(text: &str, bold: bool, title: bool) -> String {
    let bold = if bold { "<w:b/>" } else { "" };
    let (align, size) = if title { ("<w:pPr><w:jc w:val=\"center\"/></w:pPr>", 36) } else { ("", 18) };
    let lines: Vec<String> =
        text.split('\n').map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escape(line))).collect();
    let fonts = "<w:rFonts w:ascii=\"SimSun\" w:hAnsi=\"SimSun\" w:eastAsia=\"SimSun\"/>";
    let size = format!("<w:sz w:val=\"{size}\"/>");
    format!("<w:p>{align}<w:r><w:rPr>{fonts}{bold}{size}</w:rPr>{}</w:r></w:p>", lines.join("<w:br/>"))
}

fn table_row(cells: &[(&str, u32, bool)], repeated: bool) -> String {
    let header = if repeated { "<w:tblHeader/>" } else { "" };
    let cells: String = cells
        .iter()
        .map(|(text, width, bold)| {
            let text = paragraph(text, *bold, false);
            format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{text}</w:tc>")
        })
        .collect();
    format!("<w:tr><w:trPr><w:cantSplit/>{header}</w:trPr>{cells}</w:tr>")
}

fn table(rows: &str, widths: &[u32]) -> String {
    let border =
        |side: &str| format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
    let columns: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(border).concat();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"14400\" w:type=\"dxa\"/><w:tblBorders>{borders}</w:tblBorders>\
         <w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )
}
