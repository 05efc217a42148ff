//! 电子数据提取固定清单, the list to be signed, as HTML.
//!
//! It holds what 法发〔2016〕22号 art. 14 and the police rules of 2019 on electronic evidence ask of the list:
//! category, format and integrity value of each item, how, when and where it was obtained, and places for the
//! signatures of the examiners, the holder or provider, and a witness.

use super::{Case, Input, Run};
use crate::time::{beijing, beijing_short};

/// A line of the head: name and value; an empty value becomes a line to write on.
pub(super) fn head(case: &Case, run: &Run) -> Vec<(&'static str, String)> {
    vec![
        ("案由、案号", case.case.clone()),
        ("提取单位", case.unit.clone()),
        ("提取时间", beijing(&run.time)),
        ("提取地点", case.place.clone()),
        ("原始存储介质", case.medium.clone()),
        ("电子数据持有人（提供人）", case.holder.clone()),
        ("提取、固定工具及版本", format!("{} {}", run.tool, run.version)),
        ("规则集校验值（SHA-256）", run.rules_sha256.clone()),
        ("命令", run.command_line.join(" ")),
        ("检验结果清单校验值（SHA-256）", run.inventory_sha256.clone()),
    ]
}

/// The heads of the table's columns.
pub(super) const COLUMNS: [&str; 8] =
    ["序号", "名称", "类别", "文件格式", "大小（字节）", "完整性校验值", "来源", "提取方法"];

/// A row of the table.
pub(super) fn row(number: usize, input: &Input) -> [String; 8] {
    let sm3 = if input.sm3.is_empty() { String::new() } else { format!("\nSM3\n{}", input.sm3) };
    let times = [("修改时间", &input.modified), ("创建时间", &input.created)];
    let times: String = times
        .iter()
        .filter(|(_, time)| !time.is_empty())
        .map(|(name, time)| format!("\n{name}\n{}", beijing_short(time)))
        .collect();
    [
        number.to_string(),
        input.path.clone(),
        input.category.clone(),
        if input.format_zh.is_empty() { input.format.clone() } else { input.format_zh.clone() },
        input.size.to_string(),
        format!("SHA-256\n{}{sm3}", input.sha256),
        format!("{}{times}", input.source),
        input.method.clone(),
    ]
}

/// Who signs, each with a place for the date.
pub(super) const SIGNATURES: [&str; 4] = [
    "提取人（侦查人员）签名",
    "提取人（侦查人员）签名",
    "电子数据持有人（提供人）签名或者盖章",
    "见证人签名或者盖章",
];

/// What is written when somebody does not sign.
pub(super) const REMARKS: &str = "持有人（提供人）无法签名、拒绝签名，或者没有符合条件的见证人的，说明情况：";

/// How the list can be checked by anybody.
pub(super) fn check_note(inputs: usize) -> String {
    format!(
        "本清单共{inputs}项。修改时间、创建时间为文件系统所载，均为北京时间。校验值可用通用工具（sha256sum、openssl dgst -sm3）复核；本清单随检验结果一并封存，可用 zhunsheng-verify 离线校验。"
    )
}

/// The whole list as one page without scripts or outside files, to be printed on A4.
pub(super) fn html(case: &Case, run: &Run, inputs: &[Input]) -> String {
    let head: String = head(case, run)
        .iter()
        .map(|(name, value)| format!("<tr><th>{name}</th><td>{}</td></tr>\n", escape(value)))
        .collect();
    let columns: String = COLUMNS.iter().map(|name| format!("<th>{name}</th>")).collect();
    let rows: String = (1..)
        .zip(inputs)
        .map(|(number, input)| {
            let cells: String =
                row(number, input).iter().map(|text| format!("<td>{}</td>", escape(text))).collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect();
    let signatures: String = SIGNATURES
        .iter()
        .map(|who| format!("<tr><th>{who}</th><td></td><td>　　　　年　　月　　日</td></tr>\n"))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>电子数据提取固定清单</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>电子数据提取固定清单</h1>\n\
         <table class=\"head\">\n{head}</table>\n\
         <table class=\"list\">\n<thead><tr>{columns}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         <p>{}</p>\n<p class=\"remarks\">{REMARKS}</p>\n<table class=\"sign\">\n{signatures}</table>\n</body>\n</html>\n",
        check_note(inputs.len())
    )
}

const STYLE: &str = "@page{size:A4 landscape;margin:15mm}body{font-family:SimSun,'Noto Serif CJK SC',serif;font-size:10.5pt}\
h1{text-align:center;font-size:18pt}table{border-collapse:collapse;width:100%;margin:0 0 4mm}\
th,td{border:1px solid #000;padding:1.5mm;text-align:left;vertical-align:top;word-break:break-all;white-space:pre-line}\
.head th{width:22%}.list td:nth-child(6){font-family:monospace;font-size:6.7pt;width:37%}.list td:nth-child(2){width:10%}.list td:nth-child(3){width:6%}.list td:nth-child(7){width:16%}\
.list thead{display:table-header-group}.sign th{width:32%;height:12mm}.sign td:nth-child(2){width:44%}.sign{break-inside:avoid}.remarks{min-height:18mm}tr{break-inside:avoid}";

/// Text for HTML and XML: markup escaped, control characters other than line breaks replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
