//! Learns how much each feature counts, and says by cross-validation how good the ranking is on questions not seen.
//!
//! `cargo run --release -p zhunsheng-ask --example learn -- POOL.jsonl.gz QUESTIONS.jsonl.gz [OUT_FOLDER]`
//!
//! With a folder it writes `weights.toml` and `known.jsonl.gz`, learnt from all questions.
//! Nothing in it is drawn by chance: folds are taken by a fixed mixing of the question's words, steps of descent are
//! counted. The same files give the same tables.

use std::collections::BTreeSet;
use std::io::Write as _;
use zhunsheng_ask::bench::{Measures, PoolRow, QuestionRow, measure, read_lines};
use zhunsheng_ask::{Candidate, Corpus, FEATURES, Known, Memory, Ranker, Weights, learnt, split_name};
use zhunsheng_rules::Rules;

const FOLDS: usize = 5;
const STEPS: usize = 300;
const RATE: f64 = 0.05;
/// Part of the first pass in the final order: the second pass forgets the lexicon, which most questions do not need
/// and some cannot do without.
const BLEND: f64 = 0.02;
/// Pull of every weight towards none.
const RIDGE: f64 = 0.002;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pool, questions, out @ ..] = arguments.as_slice() else {
        return Err("usage: learn POOL.jsonl.gz QUESTIONS.jsonl.gz [OUT_FOLDER]".into());
    };
    let pool: Vec<PoolRow> = read_lines("pool", &std::fs::read(pool)?)?;
    let questions: Vec<QuestionRow> = read_lines("questions", &std::fs::read(questions)?)?;
    let corpus = Corpus::new(pool.iter().map(PoolRow::doc).collect());
    let lexicon = learnt::lexicon(Rules::embedded())?;
    let start = Weights::read(include_str!("../data/weights.toml"))?;
    let ids: Vec<u32> = pool.iter().map(|row| row.id).collect();
    let known: Vec<Known> = questions.iter().map(|row| known(row, &pool)).collect();
    let fold_of: Vec<usize> = questions.iter().map(fold).collect();

    let mut plain: Vec<(Vec<u32>, &[u32])> = Vec::new();
    const BLENDS: [f64; 2] = [0.0, BLEND];
    let mut learnt: [Vec<(Vec<u32>, &[u32])>; 2] = std::array::from_fn(|_| Vec::new());
    let mut personal = BTreeSet::new();
    let mut reach = Vec::new();
    for held in 0..FOLDS {
        let (mut seen, mut rest) = (Vec::new(), Vec::new());
        for (position, own) in fold_of.iter().enumerate() {
            if *own == held { rest.push(position) } else { seen.push(position) }
        }
        let memory =
            Memory::new(&corpus, &seen.iter().filter_map(|p| known.get(*p).cloned()).collect::<Vec<_>>());
        let ranker =
            Ranker { corpus: &corpus, memory: &memory, lexicon: &lexicon, weights: &start, but_itself: true };
        let lists = |positions: &[usize]| -> Vec<List> {
            positions
                .iter()
                .filter_map(|p| questions.get(*p))
                .map(|row| List::of(&ranker, row, &ids))
                .collect()
        };
        let second = fit(&lists(&seen));
        for (position, list) in rest.iter().zip(lists(&rest)) {
            let Some(row) = questions.get(*position) else { continue };
            if row.personal_information {
                personal.insert(plain.len());
            }
            reach.push(list.reach(row.relevant.len()));
            plain.push((list.order(&ids, |candidate| f64::from(candidate.first)), &row.relevant));
            for (blend, learnt) in BLENDS.iter().zip(&mut learnt) {
                let weights = blended(&second, &start, *blend);
                let order = list.order(&ids, |candidate| score(&candidate.values.map(f64::from), &weights));
                learnt.push((order, &row.relevant));
            }
        }
    }
    println!("candidates hold {:.4} of the relevant", reach.iter().sum::<f64>() / reach.len().max(1) as f64);
    let named = BLENDS.iter().map(|blend| format!("with {blend} of the first pass"));
    let named = named.zip(&learnt).chain([("first pass".to_owned(), &plain)]);
    for (name, rankings) in named {
        let own = |p: &usize| rankings.get(*p).cloned();
        show(&name, measure(rankings));
        show("  personal information", measure(&personal.iter().filter_map(own).collect::<Vec<_>>()));
    }

    let memory = Memory::new(&corpus, &known);
    let ranker =
        Ranker { corpus: &corpus, memory: &memory, lexicon: &lexicon, weights: &start, but_itself: true };
    let lists: Vec<List> = questions.iter().map(|row| List::of(&ranker, row, &ids)).collect();
    let second = blended(&fit(&lists), &start, BLEND);
    let weights = Weights { first: start.first, second: second.map(|weight| weight as f32) };
    println!("{}", weights.write());
    if let [folder, ..] = out {
        std::fs::write(format!("{folder}/weights.toml"), weights.write())?;
        let file = std::fs::File::create(format!("{folder}/known.jsonl.gz"))?;
        let mut packed = flate2::GzBuilder::new().write(file, flate2::Compression::best());
        for known in &known {
            let articles: Vec<String> =
                known.articles.iter().map(|(law, label)| format!("{law}{label}")).collect();
            let line = serde_json::json!({"question": known.question, "articles": articles});
            writeln!(packed, "{line}")?;
        }
        packed.finish()?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn show(name: &str, m: Measures) {
    println!(
        "{name:24} n {:4}  R@5 {:.4}  R@10 {:.4}  R@100 {:.4}  MRR@10 {:.4}",
        m.questions, m.recall_5, m.recall_10, m.recall_100, m.mrr_10
    );
}

fn known(row: &QuestionRow, pool: &[PoolRow]) -> Known {
    let names = row.relevant.iter().filter_map(|id| pool.iter().find(|own| own.id == *id));
    let articles = names.map(|own| {
        let (law, label) = split_name(&own.name);
        (law.replace("中华人民共和国", ""), label.to_owned())
    });
    Known { question: row.question.clone(), articles: articles.collect() }
}

/// The fold of a question, by its words alone: questions of the same words fall together.
fn fold(row: &QuestionRow) -> usize {
    let hash = row
        .question
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from((hash ^ (hash >> 32)) % FOLDS as u64).unwrap_or_default()
}

/// The candidates of one question.
struct List {
    candidates: Vec<Candidate>,
    relevant: Vec<bool>,
}

impl List {
    fn of(ranker: &Ranker<'_>, row: &QuestionRow, ids: &[u32]) -> List {
        let candidates = ranker.candidates(&row.question);
        let is = |candidate: &Candidate| {
            ids.get(candidate.doc as usize).is_some_and(|id| row.relevant.contains(id))
        };
        let relevant = candidates.iter().map(is).collect();
        List { candidates, relevant }
    }

    fn reach(&self, all: usize) -> f64 {
        self.relevant.iter().filter(|is| **is).count() as f64 / all.max(1) as f64
    }

    fn order(&self, ids: &[u32], score: impl Fn(&Candidate) -> f64) -> Vec<u32> {
        let mut scored: Vec<(f64, u32)> = self
            .candidates
            .iter()
            .filter_map(|candidate| Some((score(candidate), *ids.get(candidate.doc as usize)?)))
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().map(|(_, id)| id).collect()
    }
}

fn score(values: &[f64; FEATURES.len()], weights: &[f64; FEATURES.len()]) -> f64 {
    values.iter().zip(weights).map(|(value, weight)| value * weight).sum()
}

/// The learnt weights with a part of those of the first pass.
fn blended(learnt: &[f64; FEATURES.len()], start: &Weights, part: f64) -> [f64; FEATURES.len()] {
    let mut weights = *learnt;
    weights.iter_mut().zip(start.first).for_each(|(weight, first)| *weight += part * f64::from(first));
    weights
}

/// Weights that make the relevant likely among the candidates: softmax over each list, descent by Adam.
fn fit(lists: &[List]) -> [f64; FEATURES.len()] {
    const N: usize = FEATURES.len();
    // Features on one scale, so that one step and one ridge fit all.
    let mut scale = [0.0f64; N];
    let mut count = 0.0;
    for candidate in lists.iter().flat_map(|list| &list.candidates) {
        for (sum, value) in scale.iter_mut().zip(candidate.values) {
            *sum += f64::from(value) * f64::from(value);
        }
        count += 1.0;
    }
    let scale = scale.map(|sum| (sum / f64::max(count, 1.0)).sqrt().max(1e-6));
    let lists: Vec<(Vec<[f64; N]>, &[bool])> = lists
        .iter()
        .filter(|list| list.relevant.contains(&true))
        .map(|list| {
            let rows = list.candidates.iter().map(|candidate| {
                let mut row = candidate.values.map(f64::from);
                row.iter_mut().zip(scale).for_each(|(value, scale)| *value /= scale);
                row
            });
            (rows.collect(), list.relevant.as_slice())
        })
        .collect();
    let mut weights = [0.0f64; N];
    let (mut first, mut second) = ([0.0f64; N], [0.0f64; N]);
    for step in 1..=STEPS {
        let mut slope = [0.0f64; N];
        for (rows, relevant) in &lists {
            let scores: Vec<f64> = rows.iter().map(|row| score(row, &weights)).collect();
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let likely: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
            let all: f64 = likely.iter().sum();
            let wanted = relevant.iter().filter(|is| **is).count() as f64;
            for ((row, likely), is) in rows.iter().zip(&likely).zip(*relevant) {
                let pull = likely / all - if *is { 1.0 / wanted } else { 0.0 };
                if pull.abs() > 1e-9 {
                    slope.iter_mut().zip(row).for_each(|(slope, value)| *slope += pull * value);
                }
            }
        }
        let lists = lists.len().max(1) as f64;
        for (((weight, slope), first), second) in
            weights.iter_mut().zip(&slope).zip(&mut first).zip(&mut second)
        {
            let slope = slope / lists + RIDGE * *weight;
            *first = 0.9 * *first + 0.1 * slope;
            *second = 0.999 * *second + 0.001 * slope * slope;
            let step = i32::try_from(step).unwrap_or(i32::MAX);
            let (m, v) = (*first / (1.0 - 0.9f64.powi(step)), *second / (1.0 - 0.999f64.powi(step)));
            *weight -= RATE * m / (v.sqrt() + 1e-8);
        }
    }
    let mut out = weights;
    out.iter_mut().zip(scale).for_each(|(weight, scale)| *weight /= scale);
    out
}
