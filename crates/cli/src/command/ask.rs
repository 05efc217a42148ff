//! `zhunsheng ask`: a question in plain words → articles in force and cases.

use super::law::{Paint, date_arg, date_of, json_arg, json_text};
use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use zhunsheng_ask::bench::{Measures, PoolRow, QuestionRow, measure, read_lines};
use zhunsheng_ask::{Answer, Asker, Corpus, Found, Memory, Ranker, learnt};
use zhunsheng_law::Law;
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "ask";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en);
    Command::new(NAME)
        .about(t(
            "用日常语言提问，给出有效的法条和案例",
            "ask in plain words; gives the articles in force and cases",
        ))
        .arg(
            Arg::new("question")
                .value_name("QUESTION")
                .required_unless_present("bench")
                .action(ArgAction::Append)
                .num_args(1..)
                .help(t("问题或情况，如“邻居的摄像头对着我家门”", "a question or what happened, in Chinese")),
        )
        .arg(
            Arg::new("k")
                .short('k')
                .value_name("N")
                .value_parser(value_parser!(u16).range(1..=300))
                .default_value("8")
                .help(t("给出几条", "how many answers")),
        )
        .arg(date_arg(lang))
        .arg(json_arg(lang))
        .arg(
            Arg::new("bench")
                .long("bench")
                .value_names(["POOL", "QUESTIONS"])
                .num_args(2)
                .conflicts_with("question")
                .value_parser(value_parser!(PathBuf))
                .help(t(
                    "用另外的条文库和问题集测量：R@5、R@10、R@100、MRR@10",
                    "measure with another pool of articles and questions: R@5, R@10, R@100, MRR@10",
                )),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let text = if matches.contains_id("bench") { bench(matches, lang)? } else { ask(matches, lang)? };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn ask(matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let words: Vec<&str> =
        matches.get_many::<String>("question").unwrap_or_default().map(String::as_str).collect();
    let question = words.join(" ");
    let day = date_of(matches)?;
    let k = usize::from(matches.get_one::<u16>("k").copied().unwrap_or(8));
    let asker = Asker::new(Law::embedded(), Rules::embedded(), day)?;
    let answers = asker.ask(&question, k);
    if matches.get_flag("json") {
        let rows: Vec<Value> = (1..).zip(&answers).map(|(rank, answer)| row(rank, answer)).collect();
        return json_text(&json!({"question": question, "date": day.to_string(), "results": rows}));
    }
    if answers.is_empty() {
        bail!("{}", pick(lang, "问题中没有可检索的词语", "the question has no words to look up"));
    }
    let mut text = String::new();
    for (rank, answer) in (1..).zip(&answers) {
        print(&mut text, rank, answer, lang);
    }
    let _ = writeln!(
        text,
        "{}",
        match lang {
            Language::Zh => format!("按 {day} 有效的法律检索；检索结果不是法律意见"),
            Language::En => format!("searched in the law of {day}; what is found is no legal advice"),
        }
    );
    Ok(text)
}

fn row(rank: usize, answer: &Answer<'_>) -> Value {
    let mut row = match answer.found {
        Found::Article(statute, article) => json!({
            "rank": rank,
            "kind": "article",
            "law": statute.slug,
            "title": statute.title,
            "article": article.key().to_string(),
            "label": article.label,
            "locator": (!answer.locator.is_whole()).then(|| answer.locator.to_string()),
            "effective": statute.effective.to_string(),
            "text": article.text,
        }),
        Found::Case(case) => json!({
            "rank": rank,
            "kind": "case",
            "case": case.id,
            "title": case.title,
            "outcome": case.outcome,
        }),
    };
    let marks: Vec<Value> = answer.marks.iter().map(|range| json!([range.start, range.end])).collect();
    let lay: Vec<Value> =
        answer.why.lay.iter().map(|(words, terms)| json!({"words": words, "law": terms})).collect();
    if let Some(row) = row.as_object_mut() {
        row.insert("score".to_owned(), json!(f64::from((answer.score * 1000.0).round()) / 1000.0));
        row.insert("passage".to_owned(), json!(answer.passage));
        row.insert("marks".to_owned(), marks.into());
        row.insert("why".to_owned(), json!({"words": answer.why.words, "lay": lay, "like": answer.why.like}));
    }
    row
}

fn print(text: &mut String, rank: usize, answer: &Answer<'_>, lang: Language) {
    let paint = Paint::of_stdout();
    let t = |zh, en| pick(lang, zh, en);
    let (head, slug) = match answer.found {
        Found::Article(statute, article) => {
            (format!("《{}》{}{}", statute.short_title, article.label, answer.locator), statute.slug.as_str())
        }
        Found::Case(case) => (format!("{} {}", t("案例", "case"), case.title), case.id.as_str()),
    };
    let _ = writeln!(text, "{rank}. {}  {}", paint.bold(&head), paint.faint(slug));
    let mut shown = String::new();
    let mut at = 0;
    for range in &answer.marks {
        shown.push_str(answer.passage.get(at..range.start).unwrap_or_default());
        shown.push_str(&paint.marked(answer.passage.get(range.clone()).unwrap_or_default()));
        at = range.end;
    }
    shown.push_str(answer.passage.get(at..).unwrap_or_default());
    for line in shown.lines() {
        let _ = writeln!(text, "    {line}");
    }
    let mut why: Vec<String> = Vec::new();
    if !answer.why.words.is_empty() {
        why.push(answer.why.words.join(t("、", ", ")));
    }
    why.extend(
        answer.why.lay.iter().map(|(words, terms)| format!("{words} → {}", terms.join(t("、", ", ")))),
    );
    why.extend(
        answer.why.like.iter().map(|like| format!("{}{like}", t("相似问题：", "a question like it: "))),
    );
    if !why.is_empty() {
        let _ = writeln!(
            text,
            "    {}",
            paint.faint(&format!("{}{}", t("相符：", "shared: "), why.join(t("；", "; "))))
        );
    }
    text.push('\n');
}

fn bench(matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let mut paths = matches.get_many::<PathBuf>("bench").unwrap_or_default();
    let mut read = || -> anyhow::Result<(String, Vec<u8>)> {
        let path = paths.next().context("two files are needed")?;
        let bytes = std::fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        Ok((path.display().to_string(), bytes))
    };
    let (pool_name, pool) = read()?;
    let (questions_name, questions) = read()?;
    let pool: Vec<PoolRow> = read_lines(&pool_name, &pool)?;
    let questions: Vec<QuestionRow> = read_lines(&questions_name, &questions)?;
    let corpus = Corpus::new(pool.iter().map(PoolRow::doc).collect());
    let known = learnt::known()?;
    let memory = Memory::new(&corpus, &known);
    let lexicon = learnt::lexicon(Rules::embedded())?;
    let weights = learnt::weights()?;
    // A question that the tables were learnt from is asked as if it had not been among them.
    let ranker =
        Ranker { corpus: &corpus, memory: &memory, lexicon: &lexicon, weights: &weights, but_itself: true };
    let ids: Vec<u32> = pool.iter().map(|row| row.id).collect();
    let texts: BTreeMap<&str, ()> = known.iter().map(|known| (known.question.as_str(), ())).collect();
    let mut rankings: Vec<(Vec<u32>, &[u32])> = Vec::new();
    let mut seen = 0;
    for row in &questions {
        let ranked =
            ranker.rank(&row.question).into_iter().filter_map(|(doc, _)| ids.get(doc as usize).copied());
        rankings.push((ranked.collect(), row.relevant.as_slice()));
        seen += usize::from(texts.contains_key(row.question.as_str()));
    }
    let personal: Vec<(Vec<u32>, &[u32])> = questions
        .iter()
        .zip(&rankings)
        .filter(|(row, _)| row.personal_information)
        .map(|(_, ranking)| ranking.clone())
        .collect();
    let (all, own) = (measure(&rankings), measure(&personal));
    if matches.get_flag("json") {
        let object = |m: &Measures| json!({"questions": m.questions, "recall@5": m.recall_5, "recall@10": m.recall_10, "recall@100": m.recall_100, "mrr@10": m.mrr_10});
        return json_text(&json!({
            "pool": pool.len(),
            "learnt_from": seen,
            "all": object(&all),
            "personal_information": object(&own),
        }));
    }
    let mut text = String::new();
    let t = |zh, en| pick(lang, zh, en);
    let _ = writeln!(text, "{:<6}  R@5     R@10    R@100   MRR@10", "n");
    for (m, name) in
        [(all, t("全部问题", "all questions")), (own, t("个人信息问题", "about personal information"))]
    {
        let _ = writeln!(
            text,
            "{:<6}  {:.4}  {:.4}  {:.4}  {:.4}  {name}",
            m.questions, m.recall_5, m.recall_10, m.recall_100, m.mrr_10
        );
    }
    let _ = match (lang, seen) {
        (Language::Zh, 0) => writeln!(text, "条文 {} 条；各表均未见过这些问题", pool.len()),
        (Language::En, 0) => {
            writeln!(text, "{} articles; the tables were learnt from none of these questions", pool.len())
        }
        (Language::Zh, _) => writeln!(
            text,
            "条文 {} 条；其中 {seen} 个问题曾用于学习：逐题作为未见问题测量，但权重由全部问题得出，故略偏高",
            pool.len()
        ),
        (Language::En, _) => writeln!(
            text,
            "{} articles; the tables were learnt from {seen} of these questions: each was asked as if it had not been among them, but the weights come from all, so the figures are slightly high",
            pool.len()
        ),
    };
    Ok(text)
}
