//! Whether a text is a table, and how its rows are written.
//!
//! A table is a text most of whose rows have the same number of cells, at least two. Prose, logs and source code
//! hold delimiters too; they are kept out by the length of the cells, by what follows the delimiters, and by the
//! way the lines begin. Titles above the header and ragged rows are tolerated.

use super::shape;
use super::split::{Dialect, split};

/// Rows looked at.
const SAMPLE_ROWS: usize = 500;
/// Of a longer head only so much is looked at.
const SAMPLE_BYTES: usize = 64 << 10;

/// What the file's name says; content decides first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The name ends as a table's does (`.csv`, `.tsv`).
    pub(crate) is_table: bool,
    /// Whether the head is the whole text.
    pub(crate) complete: bool,
}

/// The dialect of the table that begins with `head`, or `None` when it is no table.
pub(crate) fn detect(head: &str, hint: Hint) -> Option<Dialect> {
    let line_end = line_end_of(head);
    let (sample, complete) = whole_lines(head, hint.complete, line_end);
    let lines = shape::sample(sample);
    if lines.len() < 2 && !hint.is_table {
        return None;
    }
    let percent = |count: usize| if lines.is_empty() { 0 } else { count * 100 / lines.len() };
    let is_code = shape::looks_like_code(&lines);
    let sentences = percent(lines.iter().filter(|line| ends_a_sentence(line)).count());
    let text = Text { sample, complete, line_end, hint, is_code, sentences };
    let mut best: Option<(usize, usize, Dialect)> = None;
    for delimiter in candidates(sample) {
        let Some((score, dialect)) = judge(&text, &lines, &delimiter) else { continue };
        // Clearly more regular wins; of equals the one with more columns, then the rarer delimiter (listed first).
        let better = best.as_ref().is_none_or(|(old, columns, _)| {
            score > old + 8 || (score + 8 >= *old && dialect.columns > *columns)
        });
        if better {
            best = Some((score, dialect.columns, dialect));
        }
    }
    best.map(|(_, _, dialect)| dialect).or_else(|| single_column(&text, &lines))
}

/// `\r` where no `\n` stands (old Macintosh), else `\n`.
pub(crate) fn line_end_of(head: &str) -> u8 {
    if !head.contains('\n') && head.contains('\r') { b'\r' } else { b'\n' }
}

struct Text<'a> {
    sample: &'a str,
    complete: bool,
    line_end: u8,
    hint: Hint,
    is_code: bool,
    /// Percentage of lines that end as sentences do.
    sentences: usize,
}

/// The head up to its last line end.
fn whole_lines(head: &str, complete: bool, line_end: u8) -> (&str, bool) {
    let mut end = head.len().min(SAMPLE_BYTES);
    while !head.is_char_boundary(end) {
        end -= 1;
    }
    if complete && end == head.len() {
        return (head, true);
    }
    let part = head.get(..end).unwrap_or(head);
    match part.rfind(line_end as char) {
        Some(last) => (part.get(..=last).unwrap_or(part), false),
        None => (part, false),
    }
}

fn candidates(sample: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for one in ["\t", "\u{1}", "\u{1f}"] {
        if sample.contains(one) {
            all.push(one.into());
        }
    }
    for dash in ['-', '—', '=', '~'] {
        if let Some(run) = common_run(sample, dash) {
            all.push(run);
        }
    }
    for one in ["|", ";", ",", ":", "^", "$"] {
        if sample.contains(one) {
            all.push(one.into());
        }
    }
    all
}

/// The commonest run of two to eight `dash` between other characters of a line.
fn common_run(sample: &str, dash: char) -> Option<String> {
    let mut counts = [0_usize; 9];
    for line in sample.split(['\n', '\r']).take(SAMPLE_ROWS) {
        let mut run = 0;
        let mut seen = false;
        for c in line.chars() {
            if c == dash {
                run += 1;
            } else {
                if seen && let Some(count) = counts.get_mut(run).filter(|_| run >= 2) {
                    *count += 1;
                }
                seen = true;
                run = 0;
            }
        }
    }
    let (length, count) = counts.iter().enumerate().max_by_key(|(length, count)| (**count, *length))?;
    (*count > 0).then(|| std::iter::repeat_n(dash, length).collect())
}

/// How regular the text is with this delimiter (percent), and the dialect; `None` when it is no table.
fn judge(text: &Text<'_>, lines: &[&str], delimiter: &str) -> Option<(usize, Dialect)> {
    let one_byte = delimiter.len() == 1;
    let quoted = one_byte && has_quoted_cell(text.sample, delimiter);
    let mut dialect = Dialect { delimiter: delimiter.into(), quoted, columns: 0, line_end: text.line_end };
    let cells = split(text.sample.to_string(), &dialect).cells;
    let mut counts: Vec<usize> = Vec::new();
    let mut rows = 0;
    // The last row may be cut inside a quoted cell.
    let usable = if text.complete || cells.len() < 3 { cells.len() } else { cells.len() - 1 };
    for row in 0..usable.min(SAMPLE_ROWS) {
        let count = cells.row(row).len();
        if count == 0 {
            continue;
        }
        rows += 1;
        if counts.len() <= count {
            counts.resize(count + 1, 0);
        }
        if let Some(slot) = counts.get_mut(count) {
            *slot += 1;
        }
    }
    // Of equally common widths the greater: titles and short rows are narrower than the table.
    let (columns, regular) =
        counts.iter().copied().enumerate().skip(2).max_by_key(|(columns, count)| (*count, *columns))?;
    if regular == 0 || (rows < 2 && !text.hint.is_table) {
        return None;
    }
    let one_off = |columns: usize| counts.get(columns).copied().unwrap_or(0);
    let near = if columns > 3 { one_off(columns - 1) + one_off(columns + 1) } else { 0 };
    // Title lines above a small table weigh little.
    let narrow = one_off(1).min(2).min(rows / 3);
    let score = (regular * 100 + near * 60) / (rows - narrow).max(1);
    dialect.columns = columns;
    let wide = Width::of(&cells, usable.min(SAMPLE_ROWS), columns);
    let needed = match (delimiter, text.hint.is_table) {
        (":", true) => 95,
        (_, true) => 50,
        ("\t" | "\u{1}" | "\u{1f}", _) => 60,
        ("^" | "$" | ":", _) => 95,
        _ if !one_byte => 70,
        _ => 80,
    };
    if score < needed || wide.filled * 2 < wide.rows || (wide.first_empty * 2 > wide.rows && !one_byte) {
        return None;
    }
    if matches!(delimiter, "\t" | "\u{1}" | "\u{1f}") {
        // Indented code, and a tab after the time of log lines.
        let is_indent = wide.first_empty * 2 > wide.rows && columns <= 4 && !text.hint.is_table;
        let is_layout = is_indent || (text.is_code && columns < 3);
        return (!is_layout).then_some((score, dialect));
    }
    if text.hint.is_table && !text.is_code && delimiter != ":" {
        return Some((score, dialect));
    }
    if text.is_code || is_log(lines, delimiter) || wide.characters > 64 * wide.cells.max(1) {
        return None;
    }
    if text.sentences > 30 && !quoted {
        return None;
    }
    let spaced = spaced_share(lines, delimiter);
    let few_rows = rows < 3 && columns < 3;
    let accepted = if delimiter == "," && spaced > 50 {
        // English prose has a space after each comma; such a table must be very regular and terse.
        score >= 95 && rows >= 3 && columns >= 3 && wide.characters <= 24 * wide.cells.max(1)
    } else if delimiter == ":" {
        // `key: value` is a form, `12:30` a time; `address:password` and `user:x:1000` are tables.
        let is_keyed = wide.keyed * 10 >= wide.rows * 7;
        rows >= 3 && spaced <= 20 && (columns >= 3 || is_keyed) && wide.characters >= 3 * wide.cells
    } else if delimiter == ";" {
        wide.last_empty * 2 <= wide.rows || columns > 2
    } else if matches!(delimiter, "^" | "$" | "==" | "~~") || delimiter.starts_with('=') {
        columns >= 3 && rows >= 3
    } else {
        !(one_byte && few_rows && score < 100)
    };
    accepted.then_some((score, dialect))
}

/// Sums over the rows of the usual width.
#[derive(Default)]
struct Width {
    rows: usize,
    cells: usize,
    characters: usize,
    /// Rows with at least two cells that hold something.
    filled: usize,
    first_empty: usize,
    last_empty: usize,
    /// Rows whose first cell is an address or a number, so that the row is about somebody.
    keyed: usize,
}

impl Width {
    fn of(cells: &zhunsheng_model::CellBuffer, rows: usize, columns: usize) -> Width {
        let mut sums = Width::default();
        for row in 0..rows {
            let row = cells.row(row);
            if row.len() != columns {
                continue;
            }
            sums.rows += 1;
            let mut filled = 0;
            for (column, cell) in row.enumerate() {
                let cell = cell.trim();
                sums.cells += 1;
                sums.characters += cell.chars().count();
                filled += usize::from(!cell.is_empty());
                let digits = cell.bytes().filter(u8::is_ascii_digit).count();
                sums.keyed += usize::from(column == 0 && (cell.contains('@') || digits >= 5));
                sums.first_empty += usize::from(column == 0 && cell.is_empty());
                sums.last_empty += usize::from(column + 1 == columns && cell.is_empty());
            }
            sums.filled += usize::from(filled >= 2);
        }
        sums
    }
}

/// Whether some cell begins with a quotation mark and closes it.
fn has_quoted_cell(sample: &str, delimiter: &str) -> bool {
    let opening = format!("{delimiter}\"");
    let closing = format!("\"{delimiter}");
    let at_line_start = sample.starts_with('"') || sample.contains("\n\"") || sample.contains("\r\"");
    let at_line_end = sample.trim_end().ends_with('"') || sample.contains("\"\n") || sample.contains("\"\r");
    (at_line_start || sample.contains(&opening)) && (at_line_end || sample.contains(&closing))
}

fn ends_a_sentence(line: &str) -> bool {
    line.ends_with(['。', '！', '？', '；', '：', '，', ';', '{', '!', '?'])
        || (line.ends_with('.') && !line.ends_with(".."))
}

/// Whether the lines are those of a log although they hold equally many delimiters.
fn is_log(lines: &[&str], delimiter: &str) -> bool {
    let mut logs = 0;
    for line in lines {
        let first = line.split(delimiter).next().unwrap_or_default();
        // A row of a table may begin with a time, but then the time is all of its first cell.
        let time_is_cell = shape::after_time(first).is_some_and(|rest| rest.trim().is_empty()) && {
            let second = line.get(first.len() + delimiter.len()..).unwrap_or_default();
            // `08:00:00,123 INFO`: milliseconds after a comma.
            let digits = second.bytes().take_while(u8::is_ascii_digit).count();
            !(delimiter == "," && digits == 3 && second.as_bytes().get(3) == Some(&b' '))
        };
        logs += usize::from(!time_is_cell && shape::is_log_line(line));
    }
    logs * 2 > lines.len()
}

/// Percentage of delimiters with a space after and none before, as in running text.
fn spaced_share(lines: &[&str], delimiter: &str) -> usize {
    let mut all = 0;
    let mut spaced = 0;
    for line in lines {
        for part in line.split(delimiter).skip(1) {
            all += 1;
            spaced += usize::from(part.starts_with(' ') && part.len() > 1);
        }
    }
    (spaced * 100).checked_div(all).unwrap_or(0)
}

/// A file called a table whose rows have one short cell.
fn single_column(text: &Text<'_>, lines: &[&str]) -> Option<Dialect> {
    let fits = text.hint.is_table
        && !text.is_code
        && lines.len() >= 2
        && text.sentences <= 30
        && lines.iter().all(|line| line.chars().count() <= 100 && !line.contains(['\t', ';', '|', ',']));
    fits.then(|| Dialect {
        delimiter: ",".into(),
        quoted: has_quoted_cell(text.sample, ","),
        columns: 1,
        line_end: text.line_end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, is_table: bool) -> Option<(String, usize)> {
        detect(text, Hint { is_table, complete: true }).map(|dialect| (dialect.delimiter, dialect.columns))
    }

    #[test]
    fn tables_are_found_by_content() {
        let cases = [
            ("姓名,手机号\n王小明,13800138000\n李大海,13900139000\n", ",", 2),
            ("王小明\t13800138000\t已签到\r\n李大海\t13900139000\t已签到\r\n", "\t", 3),
            (
                "张三\t江西省赣州市石城县丰山乡中山路276号东方名城23幢2单元\n李四\t福建省龙岩市长汀县\n",
                "\t",
                2,
            ),
            ("zhang01----pass123----13800138000\nli02----abc----13900139000\n", "----", 3),
            ("a|1|x\nb|2|y\nc|3|z\n", "|", 3),
            ("id;name;phone\n1;王;138\n2;李;139\n", ";", 3),
            ("wang@163.com:abc123\nli@qq.com:x9\nzhao@126.com:word\n", ":", 2),
            ("root:x:0:/root\nwang:x:1000:/home/wang\nli:x:1001:/home/li\n", ":", 4),
            ("客户信息登记表\n姓名,性别,电话\n王,男,138\n李,女,139\n赵,女,137\n", ",", 3),
            ("\"a, b\",\"1\nx\"\n\"c, d\",\"2\"\n\"e, f\",\"3\"\n", ",", 2),
            (
                "msisdn,lng,lat,ts\n138,104.6,29.1,2024-03-01 06:00:00\n138,104.6,29.1,2024-03-01 06:30:00\n",
                ",",
                4,
            ),
            ("2024-03-01 06:00:00,13535243464,104.65\n2024-03-01 06:30:00,13535243465,104.66\n", ",", 3),
            ("12345678901,test,,test@example.com\n17025811538,黄凤晖,9006,h@gmail.com\n", ",", 4),
            ("a,b,c\n1,2,3\n4,5\n6,7,8\n9,8,7\n1,2,3,4\n1,2,3\n3,4,5\n6,7,8\n1,1,1\n", ",", 3),
        ];
        for (text, delimiter, columns) in cases {
            assert_eq!(found(text, false), Some((delimiter.into(), columns)), "{text}");
        }
    }

    #[test]
    fn prose_logs_and_code_are_no_tables() {
        let cases = [
            "Dear all, this is prose, with commas.\nIt goes on, and on, for a while.\nRegards, Li\n",
            "Roses are red, violets are blue\nSugar is sweet, and so are you\nThe end, my friend\n",
            "原告：王小明，男，2002年8月23日出生。\n被告：李大海，女，1990年1月2日出生。\n",
            "2024-03-01 08:00:00.000 INFO  svc - batch id=1, cost=3ms, host=10.0.0.1\n\
             2024-03-01 08:01:00.000 INFO  svc - batch id=2, cost=5ms, host=10.0.0.2\n",
            "2024-03-01 08:00:00,123 INFO started the worker\n2024-03-01 08:00:01,456 INFO stopped it again\n",
            "58.81.254.53 - - [01/Mar/2024:00:00:00 +0800] \"GET /a HTTP/1.1\" 200 1 \"-\" \"X (a; b; c)\"\n\
             58.81.254.54 - - [01/Mar/2024:00:00:01 +0800] \"GET /b HTTP/1.1\" 200 1 \"-\" \"X (a; b; c)\"\n",
            "int a;\nint b;\nreturn a;\nint c;\n",
            "import os, sys\nimport re, json\nfrom a import b, c\ndef f(x, y):\n    return x, y\n",
            "# 标题\n\n- 一项，两项\n- 三项\n\n-----\n\n正文。\n",
            "床前明月光,疑是地上霜。\n举头望明月,低头思故乡。\n",
            "2024-03-01 08:00  云淡风轻0\n物业让登记：陈琦尹\n\n2024-03-01 09:07  阳光1\n好的\n",
            "13800138000\n13900139000\n",
            "姓名:王小明\n电话:13800138000\n住址:江西省\n",
            "name: wang\nphone: 13800138000\ncity: x\n",
            "08:00\n12:30\n18:00\n",
            "http://a.cn/1\nhttp://b.cn/2\nhttp://c.cn/3\n",
        ];
        for text in cases {
            assert_eq!(found(text, false), None, "{text}");
        }
    }

    #[test]
    fn the_name_breaks_ties_only() {
        let one = "手机号\n13800138000\n13900139000\n";
        assert_eq!(found(one, true), Some((",".into(), 1)));
        assert_eq!(found(one, false), None);
        assert_eq!(found("姓名,手机号\n", true), Some((",".into(), 2)));
        assert_eq!(found("姓名,手机号\n", false), None);
    }

    #[test]
    fn old_line_ends_are_known() {
        assert_eq!(line_end_of("a,b\rc,d\r"), b'\r');
        assert_eq!(line_end_of("a,b\r\nc,d\r\n"), b'\n');
        assert_eq!(found("a,1,x\rb,2,y\rc,3,z\r", false), Some((",".into(), 3)));
    }
}
