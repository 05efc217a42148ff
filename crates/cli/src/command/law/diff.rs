//! `law diff`: what a revision changed, by the map between the two versions.

use super::{Paint, absent_text, json_arg, json_text};
use crate::language::pick;
use anyhow::{anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::fmt::Write as _;
use zhunsheng_law::{Article, Change, History, HistoryRow, Law, Piece, Statute, diff, parse_places};
use zhunsheng_report::Language;

/// Likeness below which the pairing of two articles is doubtful.
const DOUBTFUL: f64 = 0.6;

pub(super) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en);
    Command::new("diff")
        .about(t(
            "比较两个版本：`law diff csl 21 --from 2016 --to 2025`",
            "compare two versions: `law diff csl 21 --from 2016 --to 2025`",
        ))
        .arg(
            Arg::new("law")
                .value_name("LAW")
                .required(true)
                .help(t("法律的名称或代号", "name or slug of a law")),
        )
        .arg(Arg::new("place").value_name("ARTICLE").action(ArgAction::Append).num_args(0..).help(t(
            "新版或旧版的条号；缺省为全部有变化的条",
            "article of either version; all that changed if left out",
        )))
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("YEAR")
                .help(t("旧版的年份或代号", "year or slug of the earlier version")),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("YEAR")
                .help(t("新版的年份或代号", "year or slug of the later version")),
        )
        .arg(json_arg(lang))
}

pub(super) fn run(law: &Law, matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let text = |name| matches.get_one::<String>(name).map(String::as_str);
    let name = text("law").unwrap_or_default();
    let versions = law.versions(name);
    if versions.is_empty() {
        // Says why the name means nothing.
        let today = zhunsheng_rules::Rules::embedded().as_of();
        let absent = law.in_force(name, today).err();
        bail!("{}", absent.map(|absent| absent_text(&absent, lang)).unwrap_or_default());
    }
    let old = pick_version(&versions, text("from"), versions.first().copied(), lang)?;
    let new = pick_version(&versions, text("to"), versions.last().copied(), lang)?;
    let Some(history) = law.history(&old.slug, &new.slug) else {
        bail!(
            "{}",
            match lang {
                Language::Zh => format!("没有 {} 与 {} 的对照", old.slug, new.slug),
                Language::En => format!("there is no map between {} and {}", old.slug, new.slug),
            }
        );
    };
    let mut wanted = Vec::new();
    for word in matches.get_many::<String>("place").unwrap_or_default() {
        let places = parse_places(word).ok_or_else(|| match lang {
            Language::Zh => anyhow!("`{word}` 不是条号"),
            Language::En => anyhow!("`{word}` is no article"),
        })?;
        for (key, _) in places {
            if old.article_of(&key).is_none() && new.article_of(&key).is_none() {
                bail!(
                    "{}",
                    match lang {
                        Language::Zh => format!("两个版本都没有{}", key.label()),
                        Language::En => format!("neither version has {}", key.label()),
                    }
                );
            }
            wanted.push(key.label());
        }
    }
    let rows: Vec<Row<'_>> =
        history.rows.iter().filter(|row| is_wanted(row, &wanted)).map(|row| Row::of(row, old, new)).collect();
    if matches.get_flag("json") {
        let rows: Vec<Value> = rows.iter().map(Row::json).collect();
        return json_text(
            &json!({"work": history.work, "from": old.slug, "to": new.slug, "method": history.method, "rows": rows}),
        );
    }
    Ok(print(&rows, history, old, new, lang))
}

/// The version of a year or slug.
fn pick_version<'a>(
    versions: &[&'a Statute],
    wanted: Option<&str>,
    other: Option<&'a Statute>,
    lang: Language,
) -> anyhow::Result<&'a Statute> {
    let held = || versions.iter().map(|statute| statute.slug.as_str()).collect::<Vec<_>>().join(", ");
    let found = match wanted {
        None => other,
        Some(wanted) => versions.iter().copied().find(|statute| {
            statute.slug == wanted
                || statute.slug.strip_suffix(wanted).is_some_and(|head| head.ends_with('-'))
                || statute.effective.to_string().starts_with(wanted)
        }),
    };
    found.ok_or_else(|| match lang {
        Language::Zh => anyhow!("没有版本 `{}`；收录的有 {}", wanted.unwrap_or_default(), held()),
        Language::En => anyhow!("no version `{}`; held are {}", wanted.unwrap_or_default(), held()),
    })
}

/// Without articles named: every row that changed.
fn is_wanted(row: &HistoryRow, wanted: &[String]) -> bool {
    if wanted.is_empty() {
        return row.change != Change::Same;
    }
    [&row.old, &row.new].into_iter().flatten().any(|label| wanted.contains(label))
}

struct Row<'a> {
    row: &'a HistoryRow,
    old: Option<&'a Article>,
    new: Option<&'a Article>,
}

impl<'a> Row<'a> {
    fn of(row: &'a HistoryRow, old: &'a Statute, new: &'a Statute) -> Row<'a> {
        Row {
            row,
            old: row.old.as_deref().and_then(|label| old.article(label)),
            new: row.new.as_deref().and_then(|label| new.article(label)),
        }
    }

    fn pieces(&self) -> Vec<Piece<'a>> {
        let text = |article: Option<&'a Article>| article.map_or("", |article| article.text.as_str());
        diff(text(self.old), text(self.new))
    }

    fn json(&self) -> Value {
        let change = match self.row.change {
            Change::Same => "same",
            Change::Amended => "amended",
            Change::RemovedOrSplit => "removed-or-split",
            Change::NewOrMerged => "new-or-merged",
        };
        let pieces: Vec<Value> = self
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Same(text) => json!({"same": text}),
                Piece::Removed(text) => json!({"removed": text}),
                Piece::Added(text) => json!({"added": text}),
            })
            .collect();
        json!({"old": self.row.old, "new": self.row.new, "change": change, "similarity": self.row.similarity, "pieces": pieces})
    }
}

fn print(rows: &[Row<'_>], history: &History, old: &Statute, new: &Statute, lang: Language) -> String {
    let paint = Paint::of_stdout();
    let t = |zh, en| pick(lang, zh, en);
    let mut text = String::new();
    let _ = writeln!(text, "{}", paint.bold(&new.title));
    let count = |change| history.rows.iter().filter(|row| row.change == change).count();
    let line = format!(
        "{} → {} · {} {} · {} {} · {} {} · {} {}",
        old.effective,
        new.effective,
        t("相同", "same"),
        count(Change::Same),
        t("修改", "amended"),
        count(Change::Amended),
        t("删除或拆分", "removed or split"),
        count(Change::RemovedOrSplit),
        t("新增或合并", "new or merged"),
        count(Change::NewOrMerged),
    );
    let _ = writeln!(text, "{}", paint.faint(&line));
    let _ = writeln!(
        text,
        "{}",
        paint.faint(t(
            "条文对应关系由程序计算，并非官方对照",
            "the pairing of articles is computed, not official"
        ))
    );
    for row in rows {
        let label = |label: &Option<String>| label.clone().unwrap_or_else(|| "–".to_owned());
        let change = match row.row.change {
            Change::Same => t("相同", "same"),
            Change::Amended => t("修改", "amended"),
            Change::RemovedOrSplit => t("删除或拆分", "removed or split"),
            Change::NewOrMerged => t("新增或合并", "new or merged"),
        };
        let doubtful = row.row.change == Change::Amended
            && row.row.similarity.is_some_and(|likeness| likeness < DOUBTFUL);
        let doubt = if doubtful { t("（对应存疑）", " (doubtful pair)") } else { "" };
        let head = format!("{} → {}", label(&row.row.old), label(&row.row.new));
        let _ = writeln!(text, "\n{}  {change}{doubt}", paint.bold(&head));
        let mut body = String::new();
        for piece in row.pieces() {
            match piece {
                Piece::Same(words) => body.push_str(words),
                Piece::Removed(words) if paint.is_on() => body.push_str(&paint.removed(words)),
                Piece::Added(words) if paint.is_on() => body.push_str(&paint.added(words)),
                Piece::Removed(words) => {
                    let _ = write!(body, "[-{words}-]");
                }
                Piece::Added(words) => {
                    let _ = write!(body, "{{+{words}+}}");
                }
            }
        }
        for line in body.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}
