//! The steps of one column: for each distinct value what stands there at each step.

use super::codes::{Column, Interner, Values};
use super::goal;
use super::places;
use super::{Spec, TableError};
use crate::day;
use crate::division::Divisions;
use std::collections::BTreeMap;

/// What stands for a value that is given up.
const ALL: &str = "*";

/// One step of a ladder.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it keeps: `as-is`, `month`, `year`, `years-5`, `county`, `prefix-4`, `band-1000`, `tree-1`, `all` …
    pub name: String,
    /// Label of each value, by number of the value; empty at the first step, which keeps the values.
    map: Vec<u32>,
    labels: Values,
}

/// A column's steps from the values as they stand to, in most hierarchies, `*`.
#[derive(Clone, Debug)]
pub struct Ladder {
    steps: Vec<Step>,
    values: usize,
}

impl Ladder {
    /// The steps of `spec` for the values of `column`; a step that joins nothing the step before did not is left out.
    ///
    /// # Errors
    /// When a tree lacks a value, or gives a node two parents.
    pub fn new(column: &Column, spec: &Spec, divisions: &Divisions) -> Result<Ladder, TableError> {
        let names = names(spec);
        let mut maps: Vec<(Interner, Vec<u32>)> =
            names.iter().map(|_| (Interner::default(), Vec::new())).collect();
        let tree = match spec {
            Spec::Tree(lines) => tree(&column.name, lines)?,
            _ => BTreeMap::new(),
        };
        let mut missing = 0;
        for value in column.values.iter() {
            let labels = match spec {
                Spec::Tree(_) => match tree.get(value.trim()) {
                    Some(parents) => parents.iter().map(|parent| Some((*parent).to_owned())).collect(),
                    None => {
                        missing += 1;
                        Vec::new()
                    }
                },
                _ => labels(spec, value, divisions),
            };
            let mut labels = labels.into_iter();
            for (interner, map) in &mut maps {
                let label = labels.next().flatten();
                map.push(interner.code(label.as_deref().unwrap_or(ALL).as_bytes()));
            }
        }
        if missing > 0 {
            return Err(TableError::NotInTree { column: column.name.clone(), missing });
        }
        let mut ladder = Ladder::as_is(column);
        for (name, (interner, map)) in names.into_iter().zip(maps) {
            let labels = interner.len();
            // Steps only join, so that an equal number of labels is the same division of the values.
            if labels < ladder.size(ladder.top()) {
                ladder.steps.push(Step { name, map, labels: interner.into_text() });
            }
        }
        Ok(ladder)
    }

    /// The first step alone.
    pub(super) fn as_is(column: &Column) -> Ladder {
        let first = Step { name: "as-is".into(), map: Vec::new(), labels: Values::default() };
        Ladder { steps: vec![first], values: column.values.len() }
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Number of the last step.
    pub fn top(&self) -> u8 {
        u8::try_from(self.steps.len().saturating_sub(1)).unwrap_or(u8::MAX)
    }

    /// Number of distinct labels at a step.
    pub fn size(&self, level: u8) -> usize {
        match self.steps.get(usize::from(level)) {
            Some(step) if level > 0 => step.labels.len(),
            _ => self.values,
        }
    }

    /// Label of each value at a step; nothing at the first.
    pub(super) fn map(&self, level: u8) -> Option<&[u32]> {
        self.steps.get(usize::from(level)).filter(|_| level > 0).map(|step| step.map.as_slice())
    }

    /// What stands at a step for value number `value`; nothing where it stands as it is.
    pub fn label(&self, level: u8, value: usize) -> Option<&str> {
        let step = self.steps.get(usize::from(level)).filter(|_| level > 0)?;
        step.map.get(value).map(|label| step.labels.at(*label as usize))
    }

    /// The number of that label among [`Ladder::labels`]; nothing at the first step.
    pub fn label_number(&self, level: u8, value: usize) -> Option<usize> {
        self.map(level)?.get(value).map(|label| *label as usize)
    }

    /// Every label of a step, each once; none at the first step.
    pub fn labels(&self, level: u8) -> impl Iterator<Item = &str> {
        self.steps
            .get(usize::from(level))
            .filter(|_| level > 0)
            .into_iter()
            .flat_map(|step| step.labels.iter())
    }
}

/// The names of the steps above the first.
fn names(spec: &Spec) -> Vec<String> {
    let mut names: Vec<String> = match spec {
        Spec::Date => ["month", "year", "years-5", "years-10"].map(String::from).to_vec(),
        Spec::Division => ["county", "city", "province"].map(String::from).to_vec(),
        Spec::Id => {
            ["birth-county", "year-county", "years-5-city", "years-10-province"].map(String::from).to_vec()
        }
        Spec::Prefix(lengths) => lengths.iter().map(|length| format!("prefix-{length}")).collect(),
        Spec::Band(widths) => widths.iter().map(|width| format!("band-{width}")).collect(),
        Spec::Tree(lines) => {
            let parents = lines.first().map_or(0, |line| line.len().saturating_sub(1));
            (1..=parents).map(|level| format!("tree-{level}")).collect()
        }
        Spec::Suppress => Vec::new(),
        Spec::Keep => return Vec::new(),
    };
    names.push("all".into());
    names
}

/// The labels of a value at the steps above the first, as far as it has any.
fn labels(spec: &Spec, value: &str, divisions: &Divisions) -> Vec<Option<String>> {
    match spec {
        Spec::Date => date(value),
        Spec::Division => places::labels(divisions, value).into(),
        Spec::Id => places::of_citizen(divisions, value).into(),
        Spec::Prefix(lengths) => {
            let value = value.trim();
            let count = value.chars().count();
            let kept = lengths.iter().map(|length| {
                // A value of another length keeps nothing: how long it is would tell it.
                (count > *length).then(|| {
                    value.chars().take(*length).chain(std::iter::repeat_n('*', count - length)).collect()
                })
            });
            let kept: Vec<Option<String>> = kept.collect();
            // A value that is too short for the first step has no label at any: steps only join.
            if kept.first().is_some_and(Option::is_none) { Vec::new() } else { kept }
        }
        Spec::Band(widths) => match goal::number(value).filter(|number| number.abs() < 1e15) {
            Some(number) => widths.iter().map(|width| Some(band(number.floor() as i64, *width))).collect(),
            None => Vec::new(),
        },
        Spec::Tree(_) | Spec::Suppress | Spec::Keep => Vec::new(),
    }
}

fn date(value: &str) -> Vec<Option<String>> {
    let Some(day) = day::parse(value) else { return Vec::new() };
    let year = day.year();
    vec![
        Some(format!("{year:04}-{:02}", day.month())),
        Some(format!("{year:04}")),
        Some(places::years(year, 5)),
        Some(places::years(year, 10)),
    ]
}

fn band(number: i64, width: u64) -> String {
    let width = i64::try_from(width).unwrap_or(i64::MAX);
    let low = number.div_euclid(width) * width;
    if width == 1 { low.to_string() } else { format!("{low}-{}", low.saturating_add(width - 1)) }
}

/// The parents of each value of a tree.
fn tree<'a>(column: &str, lines: &'a [Vec<String>]) -> Result<BTreeMap<&'a str, Vec<&'a str>>, TableError> {
    let wrong = |line: usize, why: &str| TableError::Tree {
        column: column.to_owned(),
        line: line + 1,
        why: why.into(),
    };
    let width = lines.first().map_or(0, Vec::len);
    let mut parents: BTreeMap<(usize, &str), &str> = BTreeMap::new();
    let mut tree = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        if line.len() != width || width < 2 {
            return Err(wrong(number, "every line has a value and its parents, as many as the first line"));
        }
        let nodes: Vec<&str> = line.iter().map(|node| node.trim()).collect();
        for (level, pair) in nodes.windows(2).enumerate() {
            if let [node, parent] = pair
                && parents.insert((level, node), parent).is_some_and(|other| other != *parent)
            {
                return Err(wrong(number, "it gives a node a second parent"));
            }
        }
        if let Some((value, parents)) = nodes.split_first() {
            tree.insert(*value, parents.to_vec());
        }
    }
    Ok(tree)
}
