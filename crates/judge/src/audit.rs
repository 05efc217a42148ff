//! The work paper of a compliance audit: the items of 个人信息保护合规审计指引, each with its points and what they
//! come to.

use crate::docx::{DocxError, document};
use crate::eval::World;
use crate::explain::explain;
use crate::judge::{AUDIT_GUIDE, Brief, entity_ref, sentence};
use crate::paper::Piece;
use crate::pieces::{tree, unreviewed};
use crate::ruleset::{Conclusion, Rule, RuleSet, Words};
use crate::texts::Texts;
use crate::words::Lang;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the shape of `audit.json`.
pub const AUDIT_SCHEMA: &str = "zhunsheng.audit/1";

/// The work paper.
#[derive(Clone, Debug, Serialize)]
pub struct AuditPaper {
    /// [`AUDIT_SCHEMA`].
    pub schema_version: String,
    /// Title of the matter.
    pub title: String,
    /// The day of the paper.
    pub date: String,
    /// Always `unreviewed` until a lawyer has signed the rules.
    pub review: String,
    /// The items of the guide in order.
    pub items: Vec<AuditItem>,
}

/// One item (一、二、…) of the guide.
#[derive(Clone, Debug, Serialize)]
pub struct AuditItem {
    /// Its number, from 1.
    pub number: String,
    /// How it is headed, such as 二、.
    pub label: String,
    /// Its words.
    pub text: String,
    /// What its points come to together.
    pub result: AuditResult,
    /// Its points.
    pub points: Vec<AuditPoint>,
}

/// One point of an item: one rule.
#[derive(Clone, Debug, Serialize)]
pub struct AuditPoint {
    /// The rule.
    pub rule: String,
    /// The point in a few words.
    pub name: Words,
    /// Words of the guide.
    pub quotes: Vec<String>,
    /// What it comes to.
    pub result: AuditResult,
    /// For each entity that it speaks of.
    pub of: Vec<AuditFinding>,
}

/// What a point comes to for an entity.
#[derive(Clone, Debug, Serialize)]
pub struct AuditFinding {
    /// In Chinese and English.
    pub entity: Words,
    /// What it comes to.
    pub result: AuditResult,
    /// One sentence.
    pub says: Words,
    /// The reason, line by line: depth and text.
    pub reason: Vec<(usize, Words)>,
    /// What must be found out.
    pub open_facts: Vec<String>,
}

/// What an audit comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditResult {
    /// 不符合.
    NotMet,
    /// 待查明.
    Open,
    /// 符合.
    Met,
    /// 不适用.
    NotApplicable,
}

impl AuditResult {
    /// In Chinese and English.
    pub const fn words(self, lang: Lang) -> &'static str {
        match self {
            AuditResult::NotMet => lang.pick("不符合", "not met"),
            AuditResult::Open => lang.pick("待查明", "open"),
            AuditResult::Met => lang.pick("符合", "met"),
            AuditResult::NotApplicable => lang.pick("不适用", "does not apply"),
        }
    }

    const fn of(conclusion: Conclusion) -> AuditResult {
        match conclusion {
            Conclusion::Violation => AuditResult::NotMet,
            Conclusion::Open => AuditResult::Open,
            Conclusion::Lawful => AuditResult::Met,
            Conclusion::None => AuditResult::NotApplicable,
        }
    }
}

/// Goes through every item of the guide. An audit looks at what is so on the day of the paper, so entities without a
/// day of their own are judged on it.
pub fn paper(set: &RuleSet, texts: &dyn Texts, brief: &Brief<'_>) -> AuditPaper {
    let world = World::new(set, brief.matter, brief.date);
    let mut points: BTreeMap<u32, Vec<AuditPoint>> = BTreeMap::new();
    for rule in set.rules.iter().filter(|rule| rule.origin.slug == AUDIT_GUIDE) {
        let number = rule.origin.article.parse().unwrap_or_default();
        points.entry(number).or_default().push(point(&world, rule));
    }
    let numbers = (1_u32..).take_while(|number| texts.article(AUDIT_GUIDE, &number.to_string()).is_some());
    let items = numbers.map(|number| {
        let points = points.remove(&number).unwrap_or_default();
        let key = number.to_string();
        AuditItem {
            label: texts.label(AUDIT_GUIDE, &key).unwrap_or_default().to_owned(),
            text: texts.article(AUDIT_GUIDE, &key).unwrap_or_default().to_owned(),
            result: points.iter().map(|point| point.result).min().unwrap_or(AuditResult::NotApplicable),
            number: key,
            points,
        }
    });
    AuditPaper {
        schema_version: AUDIT_SCHEMA.to_owned(),
        title: brief.matter.title.clone(),
        date: brief.date.to_string(),
        review: "unreviewed".to_owned(),
        items: items.collect(),
    }
}

fn point(world: &World<'_>, rule: &Rule) -> AuditPoint {
    let mut of = Vec::new();
    for id in world.matter.of_kind(rule.scope) {
        if !rule.in_force(world.day(id)) {
            continue;
        }
        let told = explain(world, rule, id);
        if told.outcome.conclusion == Conclusion::None {
            continue;
        }
        let entity = entity_ref(world, id);
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for reason in &told.reasons {
            tree(reason, 0, Lang::Zh, &mut zh);
            tree(reason, 0, Lang::En, &mut en);
        }
        let reason = zh.into_iter().zip(en).map(|((depth, zh), (_, en))| (depth, Words { zh, en }));
        of.push(AuditFinding {
            entity: Words { zh: entity.zh, en: entity.en },
            result: AuditResult::of(told.outcome.conclusion),
            says: sentence(world, rule, id, &told),
            reason: reason.collect(),
            open_facts: told.open.iter().map(|open| open.path(world)).collect(),
        });
    }
    AuditPoint {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        quotes: rule.quotes.iter().map(|(_, words)| words.clone()).collect(),
        result: of.iter().map(|finding| finding.result).min().unwrap_or(AuditResult::NotApplicable),
        of,
    }
}

/// The paper as a page.
pub fn html(paper: &AuditPaper, lang: Lang) -> String {
    crate::html::page(&pieces(paper, lang), lang)
}

/// The paper as a document.
///
/// # Errors
/// [`DocxError`] when packing fails, which it does not in memory.
pub fn docx(paper: &AuditPaper, lang: Lang) -> Result<Vec<u8>, DocxError> {
    document(&pieces(paper, lang), lang)
}

fn pieces(paper: &AuditPaper, lang: Lang) -> Vec<Piece> {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    let mut out = vec![
        Piece::Title(t(
            "个人信息保护合规审计底稿",
            "Work paper of a personal information protection compliance audit",
        )),
        Piece::Field(t("审计对象", "audited"), paper.title.clone()),
        Piece::Field(t("审计日", "date"), paper.date.clone()),
        Piece::Field(
            t("依据", "by"),
            t(
                "《个人信息保护合规审计管理办法》附件《个人信息保护合规审计指引》",
                "个人信息保护合规审计指引 (guide annexed to the compliance audit measures)",
            ),
        ),
        Piece::Field(t("审计人员（签名）", "auditor (signature)"), "　".to_owned()),
        Piece::Note(unreviewed(lang).to_owned()),
        Piece::Heading(1, t("结果汇总", "Summary")),
    ];
    let rows = paper.items.iter().map(|item| {
        let count = |result| item.points.iter().filter(|point| point.result == result).count().to_string();
        vec![
            item.label.trim_end_matches('、').to_owned(),
            first_line(&item.text),
            item.result.words(lang).to_owned(),
            count(AuditResult::NotMet),
            count(AuditResult::Open),
            count(AuditResult::Met),
        ]
    });
    out.push(Piece::Table {
        heads: vec![
            t("项", "item"),
            t("审查事项", "matter"),
            t("结果", "result"),
            t("不符合", "not met"),
            t("待查明", "open"),
            t("符合", "met"),
        ],
        widths: vec![8, 50, 12, 10, 10, 10],
        rows: rows.collect(),
    });
    out.push(Piece::NewPage);
    for item in &paper.items {
        out.push(Piece::Heading(1, format!("{}{}", item.label, first_line(&item.text))));
        out.extend(item.text.lines().map(|line| Piece::Quote(line.to_owned())));
        if item.points.is_empty() {
            out.push(Piece::Note(t("本项没有审查点。", "The item has no points.")));
            continue;
        }
        let rows = item.points.iter().flat_map(|point| {
            let whole = |result: AuditResult, of: String, says: String, open: String| {
                vec![point.name.of(lang).to_owned(), of, result.words(lang).to_owned(), says, open]
            };
            if point.of.is_empty() {
                return vec![whole(point.result, String::new(), String::new(), String::new())];
            }
            let found = point.of.iter().map(|finding| {
                let reason = match finding.result {
                    AuditResult::NotMet => leaves(&finding.reason, lang),
                    _ => finding.says.of(lang).to_owned(),
                };
                whole(
                    finding.result,
                    finding.entity.of(lang).to_owned(),
                    reason,
                    finding.open_facts.join("\n"),
                )
            });
            found.collect()
        });
        out.push(Piece::Table {
            heads: vec![
                t("审查点", "point"),
                t("对象", "of"),
                t("结果", "result"),
                t("依据的事实", "facts"),
                t("待查明", "to find out"),
            ],
            widths: vec![26, 16, 10, 26, 22],
            rows: rows.collect(),
        });
        out.push(Piece::Field(t("审计证据及编号", "evidence and its number"), "　".to_owned()));
        out.push(Piece::Field(t("审计意见", "auditor's remark"), "　".to_owned()));
    }
    out
}

/// The lines that have nothing below them: the facts.
fn leaves(reason: &[(usize, Words)], lang: Lang) -> String {
    let mut lines = Vec::new();
    for (at, (depth, words)) in reason.iter().enumerate() {
        let deeper = reason.get(at + 1).is_some_and(|(next, _)| next > depth);
        if !deeper {
            lines.push(words.of(lang).to_owned());
        }
    }
    lines.join("\n")
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut = line.split(['，', '：', '。']).next().unwrap_or(line);
    cut.to_owned()
}
