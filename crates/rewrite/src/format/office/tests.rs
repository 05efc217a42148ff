//! Documents with values everywhere, written again: nothing is left, and what did not change is as it was.

use super::package::Package;
use crate::error::{RewriteError, WarningKind};
use crate::format::testing::{Values, left, rewritten, shown};

const PAIRS: &[(&str, &str)] = &[
    ("王小明", "王某"),
    ("13800138000", "138****8000"),
    ("11010519491231002X", "110105********002X"),
    ("zhang@example.cn", "z***@example.cn"),
    ("李丽华", "李某"),
];
const AUTHOR: &str = "赵编辑";
const RELS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn values() -> Vec<&'static str> {
    PAIRS.iter().map(|(old, _)| *old).chain([AUTHOR]).collect()
}

fn make(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let mut bytes = Vec::new();
    Package::of(&parts).write(&mut bytes).expect("written");
    bytes
}

fn part(bytes: &[u8], name: &str) -> String {
    let package = Package::open(bytes.to_vec(), "file").expect("a package");
    package.text(package.find(name).expect("it is there"), "file").expect("text")
}

/// Values left in any part, unpacked.
fn left_in(bytes: &[u8]) -> Vec<String> {
    let package = Package::open(bytes.to_vec(), "file").expect("a package");
    let mut found: Vec<String> =
        left(bytes, &values()).iter().map(|value| format!("packed: {value}")).collect();
    for (index, name) in package.names() {
        let bytes = package.read(index, "file").expect("read");
        found.extend(left(&bytes, &values()).iter().map(|value| format!("{name}: {value}")));
    }
    found
}

const CORE: &str = "<cp:coreProperties><dc:title>王小明的合同</dc:title><dc:creator>赵编辑</dc:creator>\
    <cp:lastModifiedBy>赵编辑</cp:lastModifiedBy></cp:coreProperties>";
const APP: &str =
    "<Properties><Manager>赵编辑</Manager><Company>某公司</Company><Pages>1</Pages></Properties>";

fn docx() -> Vec<u8> {
    let run = |text: &str| format!("<w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r>");
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document><w:body>\
         <w:p w:rsidR=\"00A1B2C3\">{}{}{}<w:r><w:tab/><w:t xml:space=\"preserve\"> 电话 </w:t></w:r>{}{}</w:p>\
         <w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr><w:p>{}</w:p></w:tc></w:tr></w:tbl>\
         <w:p><w:ins w:id=\"1\" w:author=\"赵编辑\">{}</w:ins><w:del w:id=\"2\" w:author=\"赵编辑\"><w:r><w:delText>李丽</w:delText></w:r>\
         <w:r><w:delText>华删</w:delText></w:r></w:del>余</w:p>\
         <w:p><w:r><w:instrText>HYPERLINK \"mailto:zhang@</w:instrText></w:r><w:r><w:instrText>example.cn\"</w:instrText></w:r>{}</w:p>\
         <w:p><mc:AlternateContent><mc:Choice><w:txbxContent><w:p>{}</w:p></w:txbxContent></mc:Choice>\
         <mc:Fallback><w:txbxContent><w:p>{}</w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:p>\
         <w:sdt><w:sdtPr><w:alias w:val=\"王小明\"/><w:docPartGallery w:val=\"x王小明\"/></w:sdtPr></w:sdt>\
         <wp:docPr id=\"1\" name=\"图\" descr=\"李丽华照片\"/></w:body></w:document>",
        run("承租人王"),
        run("小"),
        run("明签"),
        run("1380013"),
        run("8000&amp;"),
        run("李丽华"),
        run("11010519491231002X"),
        run("王小明"),
        run("zhang@example.cn"),
        run("13800138000"),
        run("13800138000"),
    );
    let comments = "<w:comments><w:comment w:id=\"0\" w:author=\"赵编辑\" w:initials=\"赵\"><w:p><w:r><w:t>问王小明</w:t></w:r></w:p></w:comment></w:comments>";
    make(&[
        (
            "[Content_Types].xml",
            "<Types><Override PartName=\"/word/document.xml\" ContentType=\"x\"/></Types>",
        ),
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"t\" Target=\"docProps/thumbnail.jpeg\"/><Relationship Id=\"r2\" Type=\"o\" Target=\"word/document.xml\"/></Relationships>",
        ),
        ("word/document.xml", &document),
        (
            "word/_rels/document.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"h\" Target=\"mailto:zhang@example.cn\" TargetMode=\"External\"/></Relationships>",
        ),
        ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>页眉 王小明</w:t></w:r></w:p></w:hdr>"),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote><w:p><w:r><w:t>见李丽华</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
        ("word/comments.xml", comments),
        (
            "word/people.xml",
            "<w15:people><w15:person w15:author=\"赵编辑\"><w15:presenceInfo w15:providerId=\"AD\" w15:userId=\"zhang@example.cn\"/></w15:person></w15:people>",
        ),
        ("word/styles.xml", "<w:styles><w:style w:val=\"a\"/></w:styles>"),
        ("customXml/item1.xml", "<a><b>王小明</b><c>身份证11010519491231002X</c></a>"),
        ("docProps/core.xml", CORE),
        ("docProps/app.xml", APP),
        ("docProps/thumbnail.jpeg", "王小明"),
    ])
}

#[test]
fn a_docx_holds_nothing_that_was_replaced() {
    let before = docx();
    let mut hands = Values::of(PAIRS);
    let after = rewritten(before.clone(), "docx", &mut hands).expect("written");
    assert_eq!(left_in(&after), Vec::<String>::new());
    assert!(!left_in(&before).is_empty());
    // The text beside the values is what it was, at the same places.
    let mut wanted: Vec<String> = shown(&before);
    for line in &mut wanted {
        PAIRS.iter().for_each(|(old, new)| *line = line.replace(old, new));
        *line = line.replace(AUTHOR, "Author 1");
    }
    // Whoever made it is nobody in the properties.
    wanted.retain(|line| !line.contains("metadata: Author 1"));
    assert_eq!(shown(&after), wanted);
    // Runs, their form and their numbers stay; the second run of the name is empty.
    let document = part(&after, "word/document.xml");
    assert!(document.contains("w:rsidR=\"00A1B2C3\""));
    assert!(document.contains("<w:t>承租人王某</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t></w:t></w:r>"));
    assert!(document.contains("<w:t>签</w:t>"));
    // What does not change keeps its packed bytes.
    let (old, new) =
        (Package::open(before, "f").expect("zip"), Package::open(after.clone(), "f").expect("zip"));
    assert_eq!(old.packed("word/styles.xml"), new.packed("word/styles.xml"));
    assert!(new.find("docProps/thumbnail.jpeg").is_none());
    assert!(!part(&after, "_rels/.rels").contains("thumbnail"));
    assert!(part(&after, "_rels/.rels").contains("word/document.xml"));
    assert_eq!(hands.warned.get(&WarningKind::PartDropped), Some(&1));
}

#[test]
fn without_changes_only_the_makers_go() {
    let before = docx();
    let mut hands = Values::default();
    let after = rewritten(before.clone(), "docx", &mut hands).expect("written");
    let (old, new) = (part(&before, "word/document.xml"), part(&after, "word/document.xml"));
    assert_eq!(old.replace(AUTHOR, "Author 1"), new);
    assert_eq!(part(&before, "word/header1.xml"), part(&after, "word/header1.xml"));
    assert!(part(&after, "docProps/app.xml").contains("<Company></Company><Pages>1</Pages>"));
    // The same input gives the same bytes.
    assert_eq!(rewritten(before, "docx", &mut Values::default()).expect("written"), after);
}

#[test]
fn files_inside_go_to_the_hands_and_macros_are_refused() {
    let parts = |extra: &'static str| {
        make(&[
            ("[Content_Types].xml", "<Types/>"),
            (
                "word/document.xml",
                "<w:document><w:body><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:body></w:document>",
            ),
            (extra, "王小明"),
        ])
    };
    let mut hands = Values::of(PAIRS);
    rewritten(parts("word/embeddings/a.txt"), "docx", &mut hands).expect("written");
    assert_eq!(hands.members, ["word/embeddings/a.txt"]);
    let mut hands = Values { leave_out: true, ..Values::of(PAIRS) };
    let after = rewritten(parts("word/media/image1.png"), "docx", &mut hands).expect("written");
    assert_eq!(left_in(&after), Vec::<String>::new());
    assert_eq!(hands.warned.get(&WarningKind::PartDropped), Some(&1));
    let refused = rewritten(parts("word/vbaProject.bin"), "docx", &mut Values::of(PAIRS));
    assert!(matches!(refused, Err(RewriteError::Unsupported { .. })));
}

fn xlsx(calc: bool) -> Vec<u8> {
    let sheet1 = "<?xml version=\"1.0\"?><worksheet><cols><col min=\"1\" max=\"1\" width=\"20\"/></cols><sheetData>\
        <row r=\"1\"><c r=\"A1\" t=\"s\" s=\"1\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"D1\" t=\"inlineStr\"><is><t>住址</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"s\" s=\"2\"><v>2</v></c><c r=\"B2\" s=\"3\"><v>13800138000</v></c><c r=\"C2\" t=\"str\"><f>A2&amp;\"甲\"</f><v>王小明甲</v></c>\
        <c r=\"D2\" t=\"inlineStr\"><is><r><t>李丽</t></r><r><t>华家</t></r></is></c></row>\
        <row r=\"4\"><c r=\"A4\" t=\"s\"><v>3</v></c><c r=\"B4\" t=\"s\"><v>2</v></c><c r=\"C4\"><f>VLOOKUP(\"13800138000\",A:B,2)</f><v>5</v></c>\
        <c r=\"E4\"><f>1+1</f><v>2</v></c></row></sheetData>\
        <mergeCells count=\"1\"><mergeCell ref=\"A5:B5\"/></mergeCells>\
        <dataValidations><dataValidation prompt=\"问李丽华\"><formula1>\"王小明,甲\"</formula1></dataValidation></dataValidations>\
        <hyperlinks><hyperlink ref=\"A1\" display=\"zhang@example.cn\"/></hyperlinks>\
        <headerFooter><oddHeader>&amp;C王小明</oddHeader></headerFooter></worksheet>";
    let hidden = "<worksheet><sheetData><row><c t=\"s\"><v>5</v></c><c><v>13800138000</v></c></row></sheetData></worksheet>";
    let strings = "<sst count=\"6\" uniqueCount=\"7\"><si><t>姓名</t></si><si><t>电话</t></si><si><t>王小明</t><phoneticPr fontId=\"1\"/></si>\
        <si><r><rPr><b/></rPr><t>王小</t></r><r><t xml:space=\"preserve\">明 11010519491231002X &lt;</t></r><rPh sb=\"0\" eb=\"1\"><t>王小明</t></rPh></si>\
        <si><t>李丽华旧</t></si><si><t>李丽华</t></si><si><t/></si></sst>";
    let workbook = format!(
        "<workbook xmlns:r=\"{RELS}\"><sheets><sheet name=\"甲\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"藏\" sheetId=\"2\" state=\"hidden\" r:id=\"r2\"/></sheets>\
         <definedNames><definedName name=\"a\" comment=\"王小明\">\"13800138000\"</definedName></definedNames></workbook>"
    );
    let rels = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{RELS}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"r2\" Type=\"{RELS}/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>\
         <Relationship Id=\"r3\" Type=\"{RELS}/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r4\" Type=\"{RELS}/calcChain\" Target=\"calcChain.xml\"/></Relationships>"
    );
    let top = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{RELS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let mut parts = vec![
        (
            "[Content_Types].xml",
            "<Types><Override PartName=\"/xl/calcChain.xml\" ContentType=\"c\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"w\"/></Types>",
        ),
        ("_rels/.rels", &top),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", &rels),
        ("xl/worksheets/sheet1.xml", sheet1),
        ("xl/worksheets/sheet2.xml", hidden),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", "<styleSheet><cellXfs count=\"1\"><xf numFmtId=\"0\"/></cellXfs></styleSheet>"),
        (
            "xl/comments1.xml",
            "<comments><authors><author>赵编辑</author></authors><commentList><comment ref=\"A1\"><text><r><t>赵编辑:</t></r><r><t xml:space=\"preserve\">\n电话13800</t></r><r><t>138000</t></r></text></comment></commentList></comments>",
        ),
        ("xl/drawings/vmlDrawing1.vml", "<xml><v:shape alt=\"李丽华\"><div>王小明</div></v:shape></xml>"),
        (
            "xl/tables/table1.xml",
            "<table displayName=\"t\"><autoFilter><filterColumn><filters><filter val=\"王小明\"/></filters></filterColumn></autoFilter></table>",
        ),
        (
            "xl/charts/chart1.xml",
            "<c:chart><c:strCache><c:pt><c:v>李丽华</c:v></c:pt></c:strCache></c:chart>",
        ),
        ("xl/pivotCache/pivotCacheDefinition1.xml", "<p><sharedItems><s v=\"王小明\"/></sharedItems></p>"),
        ("docProps/core.xml", CORE),
        ("docProps/app.xml", APP),
    ];
    if calc {
        parts.push(("xl/calcChain.xml", "<calcChain/>"));
    }
    make(&parts)
}

#[test]
fn an_xlsx_holds_nothing_that_was_replaced() {
    let before = xlsx(true);
    let mut hands = Values::of(PAIRS);
    let after = rewritten(before.clone(), "xlsx", &mut hands).expect("written");
    assert_eq!(left_in(&after), Vec::<String>::new());
    let mut wanted: Vec<String> = shown(&before);
    for line in &mut wanted {
        PAIRS.iter().for_each(|(old, new)| *line = line.replace(old, new));
        *line = line.replace(AUTHOR, "Author 1");
    }
    wanted.retain(|line| !line.contains("metadata: Author 1"));
    assert_eq!(shown(&after), wanted);
    let sheet = part(&after, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("<col min=\"1\" max=\"1\" width=\"20\"/>")
            && sheet.contains("mergeCell ref=\"A5:B5\"")
    );
    assert!(sheet.contains("<c r=\"A1\" t=\"s\" s=\"1\"><v>0</v></c>"), "an unchanged cell keeps its bytes");
    assert!(sheet.contains("<c r=\"E4\"><f>1+1</f><v>2</v></c>"), "a formula without a value stays");
    assert!(
        sheet.contains("<c r=\"C4\"><v>5</v></c>"),
        "a formula with a value in it goes, its result stays"
    );
    assert!(sheet.contains("<c r=\"C2\" t=\"str\"><v>王某甲</v></c>"));
    // The form of the runs stays, how the name is said goes.
    let strings = part(&after, "xl/sharedStrings.xml");
    assert!(strings.contains("<r><rPr><b/></rPr><t>王某</t></r>") && !strings.contains("rPh"));
    assert!(!strings.contains("旧"), "a string that no cell shows goes");
    assert_eq!(hands.warned.get(&WarningKind::FormulaDropped), Some(&2));
    let package = Package::open(after.clone(), "f").expect("zip");
    assert!(package.find("xl/calcChain.xml").is_none());
    assert!(!part(&after, "[Content_Types].xml").contains("calcChain"));
    assert!(!part(&after, "xl/_rels/workbook.xml.rels").contains("calcChain"));
    let old = Package::open(before, "f").expect("zip");
    assert_eq!(old.packed("xl/styles.xml"), package.packed("xl/styles.xml"));
}

/// Replaces the first cell that shows a name in one way and the next in another.
struct Differ(u32);

impl crate::format::Hands for Differ {
    fn changes(
        &mut self,
        fragment: &zhunsheng_model::Fragment,
        _: crate::format::Slots<'_>,
    ) -> Result<Vec<crate::format::Change>, RewriteError> {
        let zhunsheng_model::Fragment::Table(table) = fragment else { return Ok(Vec::new()) };
        let mut changes = Vec::new();
        for row in 0..table.cells.len() {
            for (column, cell) in table.cells.row(row).enumerate() {
                if cell == "王小明" {
                    self.0 += 1;
                    let (spot, new) = (crate::format::Spot::Cell(row, column), Some(format!("人{}", self.0)));
                    changes.push(crate::format::Change { spot, range: 0..cell.len(), new });
                }
            }
        }
        Ok(changes)
    }

    fn member(
        &mut self,
        _: &str,
        content: crate::content::Content,
    ) -> Result<Option<crate::content::Content>, RewriteError> {
        Ok(Some(content))
    }

    fn warn(&mut self, _: WarningKind, _: u64) {}
}

#[test]
fn a_shared_string_is_split_where_cells_differ() {
    use crate::format::{Place, rewriter};
    let temp = std::env::temp_dir();
    let place = Place { name: "file", format: "xlsx", temp: &temp };
    let (mut out, content) = (Vec::new(), crate::content::Content::of(xlsx(false)));
    rewriter("xlsx").expect("there").rewrite(&content, &place, &mut Differ(0), &mut out).expect("written");
    let lines = shown(&out);
    assert!(lines.iter().any(|line| line.contains("sheet 甲 2: 人1|13800138000|")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("sheet 甲 4:") && line.contains("|人2|")), "{lines:?}");
    let strings = part(&out, "xl/sharedStrings.xml");
    assert!(strings.contains("uniqueCount=\"8\"") && !strings.contains("<si><t>王小明</t>"), "{strings}");
}

#[test]
fn cells_out_of_order_and_damage_are_refused() {
    let broken = |sheet: &str| {
        let before = xlsx(false);
        let mut package = Package::open(before, "f").expect("zip");
        let index = package.find("xl/worksheets/sheet2.xml").expect("there");
        package.put(index, sheet.as_bytes().to_vec());
        let mut bytes = Vec::new();
        package.write(&mut bytes).expect("written");
        rewritten(bytes, "xlsx", &mut Values::of(PAIRS))
    };
    let order = "<worksheet><sheetData><row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"A2\"><v>2</v></c></row></sheetData></worksheet>";
    assert!(broken(order).is_err());
    assert!(broken("<worksheet><sheetData><row r=\"2\"><c r=\"B2\"").is_err());
    assert!(broken("<worksheet><sheetData/></worksheet>").is_ok());
}

/// Knows values only where `source` hands them over.
struct ReadOnly(Values);

impl crate::format::Hands for ReadOnly {
    fn changes(
        &mut self,
        fragment: &zhunsheng_model::Fragment,
        slots: crate::format::Slots<'_>,
    ) -> Result<Vec<crate::format::Change>, RewriteError> {
        match fragment {
            zhunsheng_model::Fragment::Text(text)
                if format!("{}", text.place).ends_with(".xml") || format!("{}", text.place).contains('/') =>
            {
                Ok(Vec::new())
            }
            fragment => self.0.changes(fragment, slots),
        }
    }

    fn member(
        &mut self,
        _: &str,
        content: crate::content::Content,
    ) -> Result<Option<crate::content::Content>, RewriteError> {
        Ok(Some(content))
    }

    fn warn(&mut self, _: WarningKind, _: u64) {}
}

#[test]
fn what_stands_in_unread_parts_goes_with_what_was_read() {
    use crate::format::{Place, rewriter};
    let temp = std::env::temp_dir();
    for (format, bytes) in [("docx", docx()), ("xlsx", xlsx(false))] {
        let place = Place { name: "file", format, temp: &temp };
        let (mut out, content) = (Vec::new(), crate::content::Content::of(bytes));
        let mut hands = ReadOnly(Values::of(PAIRS));
        rewriter(format).expect("there").rewrite(&content, &place, &mut hands, &mut out).expect("written");
        // A value cut over several runs of a field code is found by reading alone.
        let left: Vec<String> = left_in(&out).into_iter().filter(|left| !left.contains("zhang@")).collect();
        assert_eq!(left, Vec::<String>::new(), "{format}");
    }
}

/// Files made by office programs: named by a folder, written again beside themselves for a look by other readers.
#[test]
fn files_of_other_programs() {
    let Some(folder) = std::env::var_os("ZHUNSHENG_OFFICE_FILES") else {
        eprintln!(
            "SKIPPED: ZHUNSHENG_OFFICE_FILES names no folder with .docx, .xlsx, .sqlite and .parquet files"
        );
        return;
    };
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("docx") => "docx",
            Some("xlsx") => "xlsx",
            Some("sqlite") => "sqlite",
            Some("parquet") => "parquet",
            _ => continue,
        };
        let before = std::fs::read(&path).expect("read");
        let mut hands = Values::of(PAIRS);
        match rewritten(before, format, &mut hands) {
            Ok(after) => {
                if matches!(format, "docx" | "xlsx") {
                    assert_eq!(left_in(&after), Vec::<String>::new(), "{}", path.display());
                }
                std::fs::write(path.with_extension(format!("{format}.new")), after).expect("written");
                eprintln!("{}: {:?}", path.display(), hands.warned);
            }
            Err(error) => eprintln!("{}: REFUSED {error}", path.display()),
        }
    }
}
