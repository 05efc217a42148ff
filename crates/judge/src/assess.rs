//! The report of a personal information protection impact assessment (PIPL art. 55 and 56), one part an activity.
//!
//! Art. 56 ¶1 asks for three things: whether purpose and manner are lawful, proper and necessary; the effect on the
//! rights of individuals and the risk; whether the protection is lawful, effective and fits the risk.

use crate::docx::{DocxError, document};
use crate::entity::EntityKind;
use crate::eval::World;
use crate::finding::{Finding, Report};
use crate::matter::{EntityId, Matter};
use crate::paper::Piece;
use crate::pieces::unreviewed;
use crate::ruleset::{Conclusion, RuleSet, Words};
use crate::say;
use crate::texts::Texts;
use crate::value::Tri;
use crate::words::{Lang, conclusion};
use serde::Serialize;
use zhunsheng_model::Date;

/// Version of the shape of `assessment.json`.
pub const ASSESSMENT_SCHEMA: &str = "zhunsheng.assessment/1";

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    /// [`ASSESSMENT_SCHEMA`].
    pub schema_version: String,
    /// Title of the matter.
    pub title: String,
    /// The day of the report.
    pub date: String,
    /// Always `unreviewed` until a lawyer has signed the rules.
    pub review: String,
    /// The articles that ask for it, word for word: label and text.
    pub law: Vec<(String, String)>,
    /// One part for each activity.
    pub activities: Vec<AssessedActivity>,
}

/// The assessment of one activity.
#[derive(Clone, Debug, Serialize)]
pub struct AssessedActivity {
    /// The activity.
    pub name: Words,
    /// Whether art. 55 asks for an assessment: `yes`, `no` or `open`.
    pub required: &'static str,
    /// Everything known of it.
    pub known: Vec<(Words, Words)>,
    /// The items of information: name and what is known.
    pub items: Vec<(Words, Vec<(Words, Words)>)>,
    /// Recipients and transfers abroad: name and what is known.
    pub receivers: Vec<(Words, Vec<(Words, Words)>)>,
    /// Purpose, manner, lawfulness (art. 56 ¶1 item 1).
    pub lawfulness: Vec<AssessedPoint>,
    /// Effect on individuals (item 2): what makes it heavy.
    pub effects: Vec<Words>,
    /// How heavy the effect is.
    pub effect: Grade,
    /// Protection (item 3).
    pub protection: Vec<AssessedPoint>,
    /// The risk that is left.
    pub risk: Grade,
    /// How the grade came about, in one sentence.
    pub risk_reason: Words,
    /// What to do.
    pub measures: Vec<Words>,
}

/// What a rule comes to.
#[derive(Clone, Debug, Serialize)]
pub struct AssessedPoint {
    /// The rule in a few words.
    pub name: Words,
    /// How a lawyer cites its article.
    pub article_label: String,
    /// What it concludes.
    pub conclusion: Conclusion,
    /// One sentence.
    pub says: Words,
}

/// A grade of effect or risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Grade {
    Low,
    Middle,
    High,
}

impl Grade {
    /// In Chinese or English.
    pub const fn words(self, lang: Lang) -> &'static str {
        match self {
            Grade::Low => lang.pick("低", "low"),
            Grade::Middle => lang.pick("中", "middle"),
            Grade::High => lang.pick("高", "high"),
        }
    }
}

/// Articles on protection (item 3); findings of an activity that carry others speak of lawfulness (item 1).
const PROTECTION: &[(&str, &[&str])] = &[
    ("pipl", &["9", "51", "52", "54", "57", "58"]),
    ("dsl", &["27", "29", "30"]),
    ("csl-2016", &["21", "25", "40", "42"]),
    ("csl-2025", &["23", "27", "42", "44"]),
    ("network-data-regulations", &["9", "10", "11"]),
];

/// Makes the report. Whether an assessment is due is asked of `activity.pipia_required`.
pub fn paper(set: &RuleSet, texts: &dyn Texts, matter: &Matter, report: &Report, date: Date) -> Assessment {
    let world = World::new(set, matter, date);
    let article = |number: &str| {
        let label = crate::cite::label(
            texts,
            &crate::Citation { law: "pipl".to_owned(), article: number.to_owned(), locator: String::new() },
        );
        Some((label, texts.article("pipl", number)?.to_owned()))
    };
    Assessment {
        schema_version: ASSESSMENT_SCHEMA.to_owned(),
        title: matter.title.clone(),
        date: date.to_string(),
        review: "unreviewed".to_owned(),
        law: ["55", "56"].into_iter().filter_map(article).collect(),
        activities: matter
            .of_kind(EntityKind::Activity)
            .into_iter()
            .map(|id| activity(&world, report, id))
            .collect(),
    }
}

fn activity(world: &World<'_>, report: &Report, id: EntityId) -> AssessedActivity {
    let (zh, en) = say::entity(world, id);
    let children =
        |kind: EntityKind| world.matter.entity(id).children.get(&kind).cloned().unwrap_or_default();
    let told = |ids: Vec<EntityId>| {
        let one = |id: EntityId| {
            let (zh, en) = say::entity(world, id);
            (Words { zh, en }, known(world, id))
        };
        ids.into_iter().map(one).collect::<Vec<_>>()
    };
    let mut receivers = told(children(EntityKind::Recipient));
    receivers.extend(told(children(EntityKind::Transfer)));
    let path = world.matter.path(id);
    let party = world.matter.entity(id).parent.map(|parent| world.matter.path(parent)).unwrap_or_default();
    let inside = |finding: &Finding| {
        let own = &finding.entity.path;
        own == &path || own.starts_with(&format!("{path}."))
    };
    let on_protection = |finding: &Finding| {
        PROTECTION.iter().any(|(law, articles)| {
            finding.article.law == *law && articles.contains(&finding.article.article.as_str())
        })
    };
    let of_party = |finding: &Finding| {
        let own = &finding.entity.path;
        own == &party || own.starts_with(&format!("{party}.system["))
    };
    let chosen = |wanted: &dyn Fn(&Finding) -> bool| -> Vec<&Finding> {
        report.findings.iter().filter(|finding| finding.touched && wanted(finding)).collect()
    };
    let lawfulness = chosen(&|finding| inside(finding) && !on_protection(finding));
    let protection = chosen(&|finding| on_protection(finding) && (inside(finding) || of_party(finding)));
    let effects = effects(world, id);
    let effect = match effects.len() {
        0 => Grade::Low,
        1 => Grade::Middle,
        _ => Grade::High,
    };
    let count = |findings: &[&Finding], wanted| findings.iter().filter(|f| f.conclusion == wanted).count();
    let violations = count(&lawfulness, Conclusion::Violation) + count(&protection, Conclusion::Violation);
    let open = count(&lawfulness, Conclusion::Open) + count(&protection, Conclusion::Open);
    let risk = match (effect, violations, open) {
        (Grade::Middle | Grade::High, 1.., _) | (Grade::High, _, 1..) => Grade::High,
        (Grade::Low, 0, 0) => Grade::Low,
        _ => Grade::Middle,
    };
    let mut measures: Vec<Words> = lawfulness
        .iter()
        .chain(&protection)
        .filter(|finding| finding.conclusion == Conclusion::Violation)
        .filter_map(|finding| finding.remedy.clone())
        .collect();
    measures.sort();
    measures.dedup();
    let required = world
        .set
        .schema
        .find("activity.pipia_required")
        .map_or(Tri::Unknown, |fact| world.fact_of(fact, id).tri());
    AssessedActivity {
        name: Words { zh, en },
        required: match required {
            Tri::True => "yes",
            Tri::False => "no",
            Tri::Unknown => "open",
        },
        known: known(world, id),
        items: told(children(EntityKind::Item)),
        receivers,
        lawfulness: points(&lawfulness),
        effect,
        risk,
        risk_reason: Words {
            zh: format!(
                "对个人权益的影响为「{}」（{} 项加重因素），合法性和保护措施中有 {violations} 项不符合、{open} 项待查明",
                effect.words(Lang::Zh),
                effects.len()
            ),
            en: format!(
                "the effect on individuals is {} ({} aggravating factors); of lawfulness and protection {violations} \
                 points are not met and {open} are open",
                effect.words(Lang::En),
                effects.len()
            ),
        },
        effects,
        protection: points(&protection),
        measures,
    }
}

fn points(findings: &[&Finding]) -> Vec<AssessedPoint> {
    let point = |finding: &&Finding| AssessedPoint {
        name: finding.name.clone(),
        article_label: finding.article_label.clone(),
        conclusion: finding.conclusion,
        says: finding.says.clone(),
    };
    findings.iter().map(point).collect()
}

/// Everything that is given of an entity: the fact and its value.
fn known(world: &World<'_>, id: EntityId) -> Vec<(Words, Words)> {
    let entity = world.matter.entity(id);
    let row = |(fact, known): (&crate::FactId, &crate::Known)| {
        let declared = world.set.schema.fact(*fact);
        let words = match &known.text {
            Some(text) => Words { zh: text.clone(), en: text.clone() },
            None => {
                let (zh, en) = say::value_words(known.value, declared);
                Words { zh, en }
            }
        };
        (Words { zh: declared.zh.clone(), en: declared.en.clone() }, words)
    };
    entity.facts.iter().map(row).collect()
}

/// What makes the effect on individuals heavy: facts that hold.
fn effects(world: &World<'_>, id: EntityId) -> Vec<Words> {
    let mut found = Vec::new();
    for name in [
        "activity.sensitive",
        "activity.child_data",
        "activity.minor_data",
        "activity.automated_decision",
        "activity.publishes",
        "activity.face_recognition",
        "activity.public_place_device",
        "activity.exports",
        "activity.entrusts",
        "activity.provides",
        "activity.major_impact",
    ] {
        let Some(fact) = world.set.schema.find(name) else { continue };
        if world.fact_of(fact, id).tri() == Tri::True {
            let declared = world.set.schema.fact(fact);
            found.push(Words { zh: declared.zh.clone(), en: declared.en.clone() });
        }
    }
    if let Some(persons) = world.set.schema.find("item.persons") {
        let items = world.matter.entity(id).children.get(&EntityKind::Item).cloned().unwrap_or_default();
        let most = items.iter().filter_map(|item| world.fact_of(persons, *item).number().low).max();
        if let Some(most) = most.filter(|most| *most >= crate::Rational::whole(100_000)) {
            let (zh, en) = (say::grouped(most), say::grouped(most));
            found.push(Words {
                zh: format!("涉及至少 {zh} 人"),
                en: format!("concerns at least {en} persons"),
            });
        }
    }
    found
}

/// The report as a page.
pub fn html(paper: &Assessment, lang: Lang) -> String {
    crate::html::page(&pieces(paper, lang), lang)
}

/// The report as a document.
///
/// # Errors
/// [`DocxError`] when packing fails, which it does not in memory.
pub fn docx(paper: &Assessment, lang: Lang) -> Result<Vec<u8>, DocxError> {
    document(&pieces(paper, lang), lang)
}

fn pieces(paper: &Assessment, lang: Lang) -> Vec<Piece> {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    let mut out = vec![
        Piece::Title(t("个人信息保护影响评估报告", "Personal information protection impact assessment")),
        Piece::Field(t("评估对象", "assessed"), paper.title.clone()),
        Piece::Field(t("评估日", "date"), paper.date.clone()),
        Piece::Field(
            t("评估人员、负责人（签名）", "assessor, person in charge (signature)"),
            "　".to_owned(),
        ),
        Piece::Note(unreviewed(lang).to_owned()),
    ];
    if paper.activities.is_empty() {
        out.push(Piece::Text(t("事实中没有处理活动。", "The facts hold no processing activity.")));
    } else {
        out.push(Piece::Heading(1, t("汇总", "Summary")));
        out.push(Piece::Table {
            heads: vec![
                t("处理活动", "activity"),
                t("是否须评估", "required"),
                t("影响", "effect"),
                t("剩余风险", "risk left"),
            ],
            widths: vec![49, 17, 17, 17],
            rows: paper
                .activities
                .iter()
                .map(|one| {
                    vec![
                        one.name.of(lang).to_owned(),
                        required(one.required, lang).to_owned(),
                        one.effect.words(lang).to_owned(),
                        one.risk.words(lang).to_owned(),
                    ]
                })
                .collect(),
        });
    }
    for one in &paper.activities {
        activity_pieces(&mut out, one, lang);
    }
    out.push(Piece::Heading(1, t("依据", "The law")));
    for (label, text) in &paper.law {
        out.push(Piece::Heading(3, label.clone()));
        out.extend(text.lines().map(|line| Piece::Quote(line.to_owned())));
    }
    out.push(Piece::Note(t(
        "影响评估报告和处理情况记录应当至少保存三年（个人信息保护法第五十六条第二款）。",
        "The report and the record of processing are kept for at least three years (PIPL art. 56 ¶2).",
    )));
    out.push(Piece::Note(t(
        "分级方法：影响——没有加重因素为低，一项为中，两项以上为高；剩余风险——影响为中以上而有不符合项为高，没有加重因素且全部符合为低，其余为中，影响为高且有待查明项为高。",
        "Grading: effect is low without aggravating factors, middle with one, high with two or more; the risk left is high where the effect is at least middle and a point is not met, or the effect is high and a point is open; low where there is no factor and every point is met; otherwise middle.",
    )));
    out
}

const fn required(answer: &'static str, lang: Lang) -> &'static str {
    match answer.as_bytes() {
        b"yes" => lang.pick("应当事前评估", "yes, beforehand"),
        b"no" => lang.pick("不属于必须评估的情形", "not by law"),
        _ => lang.pick("待查明", "open"),
    }
}

fn activity_pieces(out: &mut Vec<Piece>, one: &AssessedActivity, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    let facts = |rows: &[(Words, Words)]| Piece::Table {
        heads: vec![t("事实", "fact"), t("内容", "value")],
        widths: vec![55, 45],
        rows: rows
            .iter()
            .map(|(name, value)| vec![name.of(lang).to_owned(), value.of(lang).to_owned()])
            .collect(),
    };
    out.push(Piece::NewPage);
    out.push(Piece::Heading(1, one.name.of(lang).to_owned()));
    out.push(Piece::Field(
        t("是否须事前评估（第五十五条）", "required by art. 55"),
        required(one.required, lang).to_owned(),
    ));
    out.push(Piece::Heading(2, t("基本情况", "What is known")));
    if !one.known.is_empty() {
        out.push(facts(&one.known));
    }
    for (heading, list) in [
        (t("个人信息", "Items of information"), &one.items),
        (t("接收方和出境", "Recipients and transfers"), &one.receivers),
    ] {
        if list.is_empty() {
            continue;
        }
        out.push(Piece::Heading(3, heading));
        out.push(Piece::Table {
            heads: vec![t("名称", "name"), t("情况", "what is known")],
            widths: vec![35, 65],
            rows: list
                .iter()
                .map(|(name, rows)| {
                    let rows: Vec<String> = rows
                        .iter()
                        .map(|(fact, value)| format!("{}：{}", fact.of(lang), value.of(lang)))
                        .collect();
                    vec![name.of(lang).to_owned(), rows.join("\n")]
                })
                .collect(),
        });
    }
    let points = |points: &[AssessedPoint]| {
        if points.is_empty() {
            return Piece::Text(t("没有已知事实可供判断。", "Nothing is known that could be judged."));
        }
        Piece::Table {
            heads: vec![t("要求", "point"), t("法条", "article"), t("结论", "conclusion"), t("说明", "says")],
            widths: vec![28, 24, 12, 36],
            rows: points
                .iter()
                .map(|point| {
                    let (zh, en) = conclusion(point.conclusion, crate::Mode::Requires);
                    vec![
                        point.name.of(lang).to_owned(),
                        point.article_label.clone(),
                        t(zh, en),
                        point.says.of(lang).to_owned(),
                    ]
                })
                .collect(),
        }
    };
    out.push(Piece::Heading(
        2,
        t(
            "一、处理目的、处理方式等是否合法、正当、必要",
            "1. Whether purpose and manner are lawful, proper and necessary",
        ),
    ));
    out.push(points(&one.lawfulness));
    out.push(Piece::Heading(
        2,
        t("二、对个人权益的影响及安全风险", "2. Effect on the rights of individuals, and risk"),
    ));
    out.push(Piece::Field(t("影响", "effect"), one.effect.words(lang).to_owned()));
    let factors: Vec<(usize, String)> =
        one.effects.iter().map(|words| (0, format!("· {}", words.of(lang)))).collect();
    if factors.is_empty() {
        out.push(Piece::Text(t("没有已知的加重因素。", "No aggravating factor is known.")));
    } else {
        out.push(Piece::Tree(factors));
    }
    out.push(Piece::Heading(
        2,
        t(
            "三、所采取的保护措施是否合法、有效并与风险程度相适应",
            "3. Whether the protection is lawful, effective and fits the risk",
        ),
    ));
    out.push(points(&one.protection));
    out.push(Piece::Heading(2, t("结论", "Conclusion")));
    out.push(Piece::Field(
        t("剩余风险", "risk left"),
        format!("{}：{}", one.risk.words(lang), one.risk_reason.of(lang)),
    ));
    if !one.measures.is_empty() {
        out.push(Piece::Field(t("应当采取的措施", "what to do"), String::new()));
        out.push(Piece::Tree(
            one.measures.iter().map(|words| (0, format!("· {}", words.of(lang)))).collect(),
        ));
    }
}
