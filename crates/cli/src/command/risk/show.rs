//! What `risk` prints: for people in two languages, and as JSON.

use crate::language::pick;
use serde_json::{Value, json};
use std::fmt::Write;
use zhunsheng_protect::table::{
    Advice, ColumnLoss, Found, Goal, Grade, Ladder, Loss, Measure, Risk, Spec, SubsetRisk, Table, grade,
};
use zhunsheng_report::Language;

/// Everything that is told about a table.
pub(super) struct Told<'a> {
    pub(super) file: String,
    pub(super) table: &'a Table,
    pub(super) specs: &'a [Spec],
    pub(super) ladders: &'a [Ladder],
    pub(super) losses: &'a [ColumnLoss],
    pub(super) measure: Measure,
    pub(super) risk: Risk,
    pub(super) subsets: Vec<SubsetRisk>,
    pub(super) advice: Vec<Advice>,
    pub(super) k: u64,
    pub(super) result: Option<Outcome<'a>>,
    /// Columns that are neither quasi-identifier, sensitive nor removed.
    pub(super) untouched: Vec<String>,
}

/// What the search found.
pub(super) struct Outcome<'a> {
    pub(super) goal: &'a Goal,
    pub(super) found: Found,
    pub(super) suppressed: u64,
    pub(super) left: Measure,
    pub(super) loss: Loss,
    pub(super) risk: Risk,
    pub(super) advice: Vec<Advice>,
    pub(super) out: Option<String>,
}

/// Subsets shown to people; the JSON holds all.
const SUBSETS_SHOWN: usize = 10;

/// A step's name for people.
fn step(name: &str, lang: Language) -> String {
    let (word, number) = name.rsplit_once('-').map_or((name, ""), |(word, number)| (word, number));
    let text = |zh: &str, en: &str| pick(lang, zh, en).to_owned();
    match (name, word) {
        ("as-is", _) => text("原样", "as it is"),
        ("all", _) => text("全部隐去（*）", "given up (*)"),
        ("month", _) => text("到月", "month"),
        ("year", _) => text("到年", "year"),
        ("county", _) => text("到县区", "county"),
        ("city", _) => text("到市", "city"),
        ("province", _) => text("到省", "province"),
        ("birth-county", _) => text("出生日期＋县区", "birth date and county"),
        ("year-county", _) => text("出生年＋县区", "birth year and county"),
        ("years-5-city", _) => text("五年段＋市", "five years and city"),
        ("years-10-province", _) => text("十年段＋省", "ten years and province"),
        (_, "years") => format!("{number}{}", pick(lang, " 年段", "-year bands")),
        (_, "prefix") => {
            format!("{}{number}{}", pick(lang, "前 ", "first "), pick(lang, " 位", " characters"))
        }
        (_, "band") => format!("{}{number}", pick(lang, "分段，宽 ", "bands of ")),
        (_, "tree") => {
            format!("{}{number}{}", pick(lang, "给定树第 ", "given tree, step "), pick(lang, " 层", ""))
        }
        _ => name.to_owned(),
    }
}

/// A share as per cent with two decimals; what is above 0 never reads as 0.
fn percent(share: f64) -> String {
    let hundredths = share * 10_000.0;
    if hundredths > 0.0 && hundredths < 1.0 { "<0.01%".into() } else { format!("{:.2}%", hundredths / 100.0) }
}

fn part(rows: u64, of: u64) -> String {
    format!("{rows} ({})", percent(rows as f64 / of.max(1) as f64))
}

/// The criteria of a grade; they are this program's own.
fn criterion(grade: Grade, lang: Language) -> &'static str {
    match grade {
        Grade::A => pick(
            lang,
            "每个等价类至少 20 行（风险不高于 0.05）",
            "every class has at least 20 rows (risk at most 0.05)",
        ),
        Grade::B => pick(
            lang,
            "每个等价类至少 5 行（风险不高于 0.2）",
            "every class has at least 5 rows (risk at most 0.2)",
        ),
        Grade::C => pick(
            lang,
            "有不足 5 行的等价类，但其中的行不超过全部的 5%",
            "some classes have fewer than 5 rows, but at most 5% of the rows lie in them",
        ),
        Grade::D => pick(
            lang,
            "超过 5% 的行处于不足 5 行的等价类",
            "more than 5% of the rows lie in classes of fewer than 5",
        ),
    }
}

/// Sizes of classes in bins: 1, 2, 3–4, 5–9, 10–19, 20–49, 50–99, 100 and more; classes and rows of each.
pub(super) fn bins(measure: &Measure) -> Vec<(String, u64, u64)> {
    const STARTS: [u64; 8] = [1, 2, 3, 5, 10, 20, 50, 100];
    STARTS
        .iter()
        .enumerate()
        .map(|(at, start)| {
            let end = STARTS.get(at + 1).copied();
            let inside =
                measure.sizes.iter().filter(|(size, _)| *size >= start && end.is_none_or(|end| **size < end));
            let (classes, rows) = inside.fold((0, 0), |(c, r), (size, n)| (c + n, r + size * n));
            let name = match end {
                None => format!("{start}+"),
                Some(end) if end == start + 1 => start.to_string(),
                Some(end) => format!("{start}–{}", end - 1),
            };
            (name, classes, rows)
        })
        .collect()
}

impl Told<'_> {
    fn names(&self, columns: &[usize]) -> Vec<&str> {
        columns
            .iter()
            .filter_map(|column| self.table.quasi.get(*column))
            .map(|column| column.name.as_str())
            .collect()
    }

    fn step_of(&self, column: usize, level: u8) -> &str {
        let step = self.ladders.get(column).and_then(|ladder| ladder.steps().get(usize::from(level)));
        step.map_or("", |step| step.name.as_str())
    }

    /// For people.
    pub(super) fn text(&self, lang: Language) -> String {
        let mut out = String::new();
        let t = |zh: &'static str, en: &'static str| pick(lang, zh, en);
        let _ =
            writeln!(out, "{} {} · {} {}\n", t("表", "table"), self.file, self.risk.rows, t("行", "rows"));
        let _ = writeln!(out, "{}", t("准标识符及其泛化层次", "Quasi-identifiers and their hierarchies"));
        for ((column, spec), ladder) in self.table.quasi.iter().zip(self.specs).zip(self.ladders) {
            let steps: Vec<String> = ladder.steps().iter().map(|one| step(&one.name, lang)).collect();
            let _ = writeln!(
                out,
                "  {} [{}] · {} {} · {}",
                column.name,
                spec.written(),
                column.values.len(),
                t("个不同的值", "distinct values"),
                steps.join(" → ")
            );
        }
        let _ =
            writeln!(out, "\n{}", t("重标识风险（原表）", "Re-identification risk (the table as it stands)"));
        self.risk_text(&mut out, &self.risk, &self.measure, lang);
        if !self.subsets.is_empty() {
            let _ = writeln!(out, "\n{}", t("哪些列合在一起就能认出人", "Which columns tell persons apart"));
            for subset in self.subsets.iter().take(SUBSETS_SHOWN) {
                let _ = writeln!(
                    out,
                    "  {}: {} {} · {} {} · {} {}",
                    self.names(&subset.columns).join(" + "),
                    t("唯一的行", "unique rows"),
                    part(subset.unique, self.risk.rows),
                    t("不足 5 行的类中的行", "rows in classes below 5"),
                    part(subset.below_five, self.risk.rows),
                    t("最小类", "smallest class"),
                    subset.smallest
                );
            }
        }
        self.advice_text(&mut out, &self.advice, lang);
        if let Some(outcome) = &self.result {
            self.outcome_text(&mut out, outcome, lang);
        }
        if !self.untouched.is_empty() {
            let _ = writeln!(
                out,
                "\n{}: {}\n  {}",
                t("未列入的列", "Columns not listed"),
                self.untouched.join(", "),
                t(
                    "这些列没有评估，输出时原样保留；其中的姓名、号码等直接标识符请用 --remove 去除，并可用 scan 查找。",
                    "They are not looked at and are copied as they are; take out names and numbers with --remove, and look for them with `scan`."
                )
            );
        }
        out
    }

    fn risk_text(&self, out: &mut String, risk: &Risk, measure: &Measure, lang: Language) {
        let t = |zh: &'static str, en: &'static str| pick(lang, zh, en);
        let _ = writeln!(
            out,
            "  {}: {} · {}: {}",
            t("等价类", "classes"),
            risk.classes,
            t("最小类", "smallest class"),
            risk.smallest
        );
        let _ = writeln!(out, "  {}: {}", t("唯一的行", "unique rows"), part(risk.unique, risk.rows));
        let _ = writeln!(
            out,
            "  {}: {} {} · {} {}",
            t("检察官风险", "prosecutor risk"),
            t("最高", "highest"),
            percent(risk.prosecutor_highest),
            t("平均", "mean"),
            percent(risk.prosecutor_mean)
        );
        match &risk.journalist {
            None => {
                let _ = writeln!(
                    out,
                    "  {}: {}",
                    t("记者风险", "journalist risk"),
                    t(
                        "没有给出总体人数（--population），只能以检察官风险为上限",
                        "the population is not given (--population); the prosecutor risk is its upper bound"
                    )
                );
                let _ = writeln!(
                    out,
                    "  {}: {} ({})",
                    t("营销者风险", "marketer risk"),
                    percent(risk.prosecutor_mean),
                    t("以本表为总体", "the table as the population")
                );
            }
            Some(one) => {
                let _ = writeln!(
                    out,
                    "  {}: {} {} · {}: {} ({} {}, {})",
                    t("记者风险", "journalist risk"),
                    t("最高", "highest"),
                    percent(one.highest),
                    t("营销者风险", "marketer risk"),
                    percent(one.mean),
                    t("总体", "population"),
                    one.population,
                    t("按简单随机抽样估计", "estimated for a simple random sample")
                );
                let _ = writeln!(
                    out,
                    "  {}: {:.1}",
                    t("估计在总体中也唯一的行", "rows expected to be unique in the population too"),
                    one.unique_in_population
                );
            }
        }
        let _ = writeln!(out, "  {}", t("等价类大小: 类数 / 行数", "class size: classes / rows"));
        for (name, classes, rows) in bins(measure) {
            let width = (rows as f64 / risk.rows.max(1) as f64 * 40.0).ceil() as usize;
            let _ = writeln!(
                out,
                "  {name:>8}  {classes:>10} / {:<20} {}",
                part(rows, risk.rows),
                "█".repeat(width)
            );
        }
        let grade = grade(measure);
        let _ = writeln!(
            out,
            "  {}: {grade:?} — {}",
            t("去标识化效果等级", "de-identification grade"),
            criterion(grade, lang)
        );
        let _ = writeln!(
            out,
            "  {}",
            t(
                "（等级与界限是本程序自定的，不是 GB/T 42460-2023 的分级；该标准的评估须依其文本进行。）",
                "(The grades and their limits are this program's own, not those of GB/T 42460-2023, whose text has to be followed for an assessment by that standard.)"
            )
        );
    }

    fn advice_text(&self, out: &mut String, advice: &[Advice], lang: Language) {
        if advice.is_empty() {
            return;
        }
        let t = |zh: &'static str, en: &'static str| pick(lang, zh, en);
        let _ = writeln!(
            out,
            "\n{}",
            t("下一步泛化哪一列（收益最大的在前）", "Which column to generalise next (the best first)")
        );
        for one in advice {
            let column = self.names(&[one.column]).join("");
            let step = step(self.step_of(one.column, one.level), lang);
            let (left, lost, k) = (part(one.below_k, self.risk.rows), percent(one.loss), self.k);
            let _ = match lang {
                Language::Zh => {
                    writeln!(out, "  {column} → {step}: 不足 {k} 行的类中剩 {left} 行，该列再失信息 {lost}")
                }
                Language::En => writeln!(
                    out,
                    "  {column} → {step}: {left} rows left in classes below {k}, {lost} more of the column's information lost"
                ),
            };
        }
    }

    fn outcome_text(&self, out: &mut String, outcome: &Outcome<'_>, lang: Language) {
        let t = |zh: &'static str, en: &'static str| pick(lang, zh, en);
        let _ = writeln!(
            out,
            "\n{} ({} {} · {} {})",
            t("损失最小的方案", "The solution that loses least"),
            outcome.found.combinations,
            t("种组合", "combinations"),
            outcome.found.looked_at,
            t("种逐一验算，其余被排除", "looked at, the others ruled out")
        );
        for (number, ((column, level), loss)) in
            self.table.quasi.iter().zip(&outcome.found.levels).zip(self.losses).enumerate()
        {
            let _ = writeln!(
                out,
                "  {}: {} · {} {}",
                column.name,
                step(self.step_of(number, *level), lang),
                t("失去信息", "information lost"),
                percent(loss.entropy(*level))
            );
        }
        let _ = writeln!(
            out,
            "  {}: {} · {}: {}",
            t("隐去的行", "rows suppressed"),
            part(outcome.suppressed, self.risk.rows),
            t("上限", "at most"),
            outcome.goal.rows_suppressed_max
        );
        let _ = writeln!(
            out,
            "  {}: {} {} · NCP {} · {} {}",
            t("信息损失", "information loss"),
            t("熵", "entropy"),
            percent(outcome.loss.entropy),
            percent(outcome.loss.certainty),
            t("可辨度", "discernibility"),
            outcome.left.discernibility(outcome.suppressed)
        );
        let _ = writeln!(out, "\n{}", t("重标识风险（处理后）", "Re-identification risk (afterwards)"));
        self.risk_text(out, &outcome.risk, &outcome.left, lang);
        self.advice_text(out, &outcome.advice, lang);
        match &outcome.out {
            Some(path) => {
                let _ = writeln!(
                    out,
                    "\n{} {path} · {}",
                    t("已写入", "written:"),
                    t("写出的表已重新读入并核对", "read again and checked")
                );
            }
            None => {
                let _ = writeln!(
                    out,
                    "\n{}",
                    t("没有写出文件（用 --out 写出）", "nothing was written (--out writes)")
                );
            }
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let columns: Vec<Value> = self
            .table
            .quasi
            .iter()
            .zip(self.specs)
            .zip(self.ladders)
            .map(|((column, spec), ladder)| {
                json!({
                    "name": column.name,
                    "hierarchy": spec.written(),
                    "distinct": column.values.len(),
                    "steps": ladder.steps().iter().map(|step| step.name.as_str()).collect::<Vec<_>>(),
                })
            })
            .collect();
        let subsets: Vec<Value> = self
            .subsets
            .iter()
            .map(|one| {
                json!({
                    "columns": self.names(&one.columns),
                    "unique": one.unique,
                    "rows_in_classes_below_5": one.below_five,
                    "smallest": one.smallest,
                })
            })
            .collect();
        let mut value = json!({
            "file": self.file,
            "rows": self.risk.rows,
            "quasi": columns,
            "sensitive": self.table.sensitive.as_ref().map(|column| column.name.as_str()),
            "not_listed": self.untouched,
            "k": self.k,
            "risk": risk_json(&self.risk, &self.measure),
            "subsets": subsets,
            "advice": self.advice_json(&self.advice),
        });
        if let (Some(outcome), Some(object)) = (&self.result, value.as_object_mut()) {
            let steps: Vec<Value> = outcome
                .found
                .levels
                .iter()
                .enumerate()
                .map(|(column, level)| {
                    json!({
                        "column": self.names(&[column]).join(""),
                        "step": self.step_of(column, *level),
                        "level": level,
                        "loss": self.losses.get(column).map(|loss| loss.entropy(*level)),
                    })
                })
                .collect();
            object.insert(
                "solution".into(),
                json!({
                    "steps": steps,
                    "rows_suppressed": outcome.suppressed,
                    "rows_suppressed_max": outcome.goal.rows_suppressed_max,
                    "loss": {
                        "entropy": outcome.loss.entropy,
                        "ncp": outcome.loss.certainty,
                        "discernibility": outcome.left.discernibility(outcome.suppressed).to_string(),
                    },
                    "combinations": outcome.found.combinations,
                    "looked_at": outcome.found.looked_at,
                    "risk": risk_json(&outcome.risk, &outcome.left),
                    "advice": self.advice_json(&outcome.advice),
                    "out": outcome.out,
                }),
            );
        }
        value
    }

    fn advice_json(&self, advice: &[Advice]) -> Vec<Value> {
        advice
            .iter()
            .map(|one| {
                json!({
                    "column": self.names(&[one.column]).join(""),
                    "step": self.step_of(one.column, one.level),
                    "rows_in_classes_below_k": one.below_k,
                    "loss": one.loss,
                })
            })
            .collect()
    }
}

fn risk_json(risk: &Risk, measure: &Measure) -> Value {
    json!({
        "rows": risk.rows,
        "classes": risk.classes,
        "smallest": risk.smallest,
        "unique": risk.unique,
        "prosecutor": { "highest": risk.prosecutor_highest, "mean": risk.prosecutor_mean },
        "rows_in_classes_up_to": risk.rows_at_risk.iter().map(|(size, rows)| (size.to_string(), json!(rows)))
            .collect::<serde_json::Map<_, _>>(),
        "population": risk.journalist.as_ref().map(|one| json!({
            "persons": one.population,
            "journalist_highest": one.highest,
            "marketer": one.mean,
            "unique_expected": one.unique_in_population,
        })),
        "class_sizes": bins(measure).into_iter().map(|(size, classes, rows)| json!({
            "size": size, "classes": classes, "rows": rows,
        })).collect::<Vec<_>>(),
        "grade": format!("{:?}", grade(measure)),
        "grade_criterion": criterion(grade(measure), Language::En),
        "grade_basis": "criteria of this program, not those of GB/T 42460-2023",
    })
}
