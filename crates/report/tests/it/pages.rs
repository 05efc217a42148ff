//! The terminal summary and the HTML page.

use crate::sample;
use unicode_width::UnicodeWidthStr;
use zhunsheng_model::{Answer, FileCounts, Inventory, Kind, Place, Problem, ProblemKind};
use zhunsheng_report::{Language, ReportRules, Sample, View, html, terminal};

fn page(inventory: &Inventory, view: &View, language: Language) -> String {
    html::report(inventory, view, language, &sample::rules())
}

fn summary(inventory: &Inventory, language: Language) -> String {
    terminal::summary(inventory, &sample::view(), 96, false, language)
}

#[test]
fn a_terminal_of_80_to_100_columns_holds_every_line() {
    for language in Language::ALL {
        for width in [80, 96, 100] {
            let text = terminal::summary(&sample::inventory(), &sample::view(), width, false, *language);
            for line in text.lines() {
                assert!(line.width() <= width, "{width} {}: {line}", line.width());
            }
        }
    }
}

#[test]
fn the_summary_says_what_the_inventory_holds() {
    let text = summary(&sample::inventory(), Language::Zh);
    for wanted in [
        "63,018",
        "第三项  行踪轨迹、通信内容、征信、财产        49     50         98%  未达到",
        "49/50 + 1043/500 + 57112/5000 = 36122/2500，已达到 1",
        "情节严重：数量已达到标准",
        "情节特别严重：尚不能认定",
        "尚未经律师审核",
        "以 2026-11-01 为基准日",
        "另有 8 项",
        "512 行中有 3 行不是 8 列",
        "dump/members-004.sql · 第 88120 行",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let text = summary(&sample::inventory(), Language::En);
    for wanted in ["第五项 (item 5)", "records 组", "No lawyer has reviewed the rules", "8 more", "88120"]
    {
        assert!(text.contains(wanted), "{wanted}");
    }
}

#[test]
fn numbers_of_a_column_end_in_the_same_place() {
    let text = summary(&sample::inventory(), Language::Zh);
    let end_of = |number: &str| {
        let line = text.lines().find(|line| line.contains(number)).unwrap();
        line[..line.find(number).unwrap() + number.len()].width()
    };
    assert_eq!(end_of("61,204"), end_of("88,137"));
    assert_eq!(end_of("61,204"), end_of(" 312"));
}

#[test]
fn colours_stand_only_where_they_are_asked_for() {
    let plain = summary(&sample::inventory(), Language::Zh);
    assert!(!plain.contains('\u{1b}'));
    let coloured = terminal::summary(&sample::inventory(), &sample::view(), 96, true, Language::Zh);
    assert!(coloured.contains("\u{1b}[1;31m情节严重：数量已达到标准\u{1b}[0m"));
    let mut clean = coloured;
    for code in ["\u{1b}[0m", "\u{1b}[1;31m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[32m", "\u{1b}[33m"] {
        clean = clean.replace(code, "");
    }
    assert_eq!(clean, plain);
}

/// An inventory whose outside names try to get out of where they stand.
fn hostile() -> (Inventory, View) {
    let name = "</table><script>alert(1)</script><img src=x onerror='x'>\"&\u{1b}[31m\n\u{202e}fdp.exe";
    let mut inventory = sample::inventory();
    inventory.files = vec![FileCounts {
        file: name.to_owned(),
        format: name.to_owned(),
        records: 1,
        valid_by_kind: [(Kind::Phone, 1)].into(),
    }];
    inventory.problems = vec![Problem {
        place: Place::file(name),
        kind: ProblemKind::Malformed,
        detail: name.to_owned(),
        lost: true,
    }];
    inventory.criminal.acts[1].recipient = Some(name.to_owned());
    inventory.criminal.acts[1].data_set = name.to_owned();
    let view = View {
        tool_version: name.to_owned(),
        command: name.to_owned(),
        inputs: vec![name.to_owned()],
        samples: vec![Sample { kind: Kind::Phone, masked: name.to_owned(), place: name.to_owned() }],
    };
    (inventory, view)
}

#[test]
fn hostile_names_stay_text_in_the_page() {
    let (inventory, view) = hostile();
    for language in Language::ALL {
        let page = page(&inventory, &view, *language);
        assert!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count() >= 9);
        assert_eq!(page.matches("<script>").count(), 1, "only the script of the page");
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(!page.contains("<img") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
    }
}

#[test]
fn hostile_names_cannot_move_the_cursor() {
    let (inventory, view) = hostile();
    let text = terminal::summary(&inventory, &view, 90, false, Language::En);
    assert!(text.contains("fdp.exe"));
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    assert!(text.lines().all(|line| line.width() <= 90));
}

#[test]
fn the_page_asks_for_nothing_outside_itself() {
    let page = page(&sample::inventory(), &sample::view(), Language::Zh);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    for forbidden in
        ["http:", "https:", "//cdn", "@import", "url(", " src=", " href=", "style=\"", "onclick="]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn every_element_of_the_page_is_closed() {
    let empty = ["meta"];
    for language in Language::ALL {
        let page = page(&sample::inventory(), &sample::view(), *language);
        let body = page.split_once("<body").unwrap().1.split_once("<script>").unwrap().0;
        let mut open: Vec<&str> = vec!["body"];
        for tag in body.split('<').skip(1) {
            let name = tag.split(['>', ' ', '\n']).next().unwrap();
            if tag.split('>').next().unwrap().ends_with('/') || empty.contains(&name) {
                continue;
            }
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None => open.push(name),
            }
        }
        assert_eq!(open, ["body"]);
    }
}

#[test]
fn law_is_quoted_word_for_word_and_samples_are_few() {
    let rules = sample::rules();
    let view = sample::view();
    let page = html::report(&sample::inventory(), &view, Language::En, &rules);
    for paragraph in rules.articles.iter().flat_map(|article| article.text.lines()) {
        assert!(page.contains(paragraph));
    }
    assert!(page.contains("批量数据去除无效"));
    assert_eq!(view.samples.iter().filter(|sample| sample.kind == Kind::BankCard).count(), 7);
    assert_eq!(page.matches("622202*********0000").count(), View::SAMPLES_PER_KIND);
}

#[test]
fn the_bytes_are_the_same_each_time() {
    for language in Language::ALL {
        assert_eq!(
            page(&sample::inventory(), &sample::view(), *language),
            page(&sample::inventory(), &sample::view(), *language)
        );
    }
}

#[test]
fn files_beyond_the_fortieth_are_summed_in_the_heat_map() {
    let page = page(&sample::inventory(), &sample::view(), Language::Zh);
    let heat = page.split("class=\"heat\"").nth(1).unwrap().split("</table>").next().unwrap();
    assert_eq!(heat.matches("<tr>").count(), 1 + 41, "a head, forty files and the rest");
    let with_kinds = sample::inventory().files.iter().filter(|file| !file.valid_by_kind.is_empty()).count();
    assert!(heat.contains(&format!("其余 {} 个文件", with_kinds - 40)));
}

#[test]
fn a_line_reached_and_one_not_reached_are_shown_as_such() {
    for (count, wanted) in
        [(49, "未达到"), (50, "已达到"), (51, "已达到"), (499, "已达到"), (500, "已达到十倍")]
    {
        let mut inventory = sample::inventory();
        inventory.criminal.tiers[0].count = count;
        inventory.criminal.tiers[0].reached = count >= 50;
        let text = summary(&inventory, Language::Zh);
        let line = text.lines().find(|line| line.starts_with("第三项  行踪")).unwrap();
        assert!(line.ends_with(wanted), "{line}");
    }
}

#[test]
fn what_went_wrong_is_said_in_the_language_of_the_report_and_kept_in_the_inventory() {
    let inventory = sample::inventory();
    let (zh, en) = ("JPEG 图片，尚不能读取", "JPEG picture: no reader for this format yet");
    let json = String::from_utf8(zhunsheng_report::json::inventory(&inventory).unwrap()).unwrap();
    assert!(json.contains(en) && !json.contains(zh));
    for (language, said, unsaid) in [(Language::Zh, zh, en), (Language::En, en, zh)] {
        let page = page(&inventory, &sample::view(), language);
        assert!(page.contains(said) && !page.contains(unsaid));
        let book = zhunsheng_report::workbook::xlsx(&inventory, &sample::view(), language).unwrap();
        let texts = crate::workbook::member(&book, "xl/sharedStrings.xml");
        assert!(texts.contains(said) && !texts.contains(unsaid));
    }
}

#[test]
fn an_inventory_of_nothing_can_be_shown() {
    let mut inventory = sample::inventory();
    inventory.counts = Default::default();
    inventory.bases = Default::default();
    inventory.criminal.tiers.clear();
    inventory.criminal.acts.clear();
    inventory.criminal.half = None;
    inventory.criminal.article_6 = None;
    inventory.criminal.proportion_detail = Default::default();
    inventory.criminal.serious.answer = Answer::No;
    inventory.pipl = Default::default();
    inventory.rejected.clear();
    inventory.merges = Default::default();
    inventory.files.clear();
    inventory.problems.clear();
    for language in Language::ALL {
        let page = html::report(&inventory, &View::default(), *language, &ReportRules::default());
        assert!(page.ends_with("</html>\n"));
        assert!(!terminal::summary(&inventory, &View::default(), 80, true, *language).is_empty());
        assert!(
            !zhunsheng_report::workbook::xlsx(&inventory, &View::default(), *language).unwrap().is_empty()
        );
    }
    let text = terminal::summary(&inventory, &View::default(), 80, false, Language::Zh);
    assert!(text.contains("全部内容均已读取。"));
    assert!(!text.contains("第八项") && !text.contains("第六条"));
}
