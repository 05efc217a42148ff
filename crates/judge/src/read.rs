//! Rule files → [`RuleSet`]: understands the blocks, types the expressions, joins names.

use crate::block::{Block, BlockKind, Entry};
use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::expr::Node;
use crate::markdown::{Section, number_in_label, sections};
use crate::parse;
use crate::read_test;
use crate::ruleset::{
    Citation, Conclusion, Definition, Exception, Mode, Origin, Penalty, Rule, RuleSet, Severity, Words,
};
use crate::schema::Schema;
use crate::texts::Texts;
use crate::{read_penalty, types};
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::Date;

/// What the files are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// To judge: tests are passed over and quotations are not compared again.
    ToJudge,
    /// To check: everything.
    InFull,
}

/// Reads everything: `facts` and `rules` are (name, content), in the order of names.
///
/// The rule set holds whatever could be read; use it only when no problem is an error.
pub fn read<'a>(
    facts: impl Iterator<Item = (&'a str, &'a str)>,
    rules: impl Iterator<Item = (&'a str, &'a str)>,
    texts: &dyn Texts,
    reading: Reading,
) -> (RuleSet, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let schema = Schema::read(facts, &mut problems);
    read_with(schema, problems, rules, texts, reading)
}

/// The same with facts that are read already.
pub(crate) fn read_with<'a>(
    schema: Schema,
    problems: Vec<Diagnostic>,
    rules: impl Iterator<Item = (&'a str, &'a str)>,
    texts: &dyn Texts,
    reading: Reading,
) -> (RuleSet, Vec<Diagnostic>) {
    let in_full = reading == Reading::InFull;
    let set = RuleSet { schema, ..RuleSet::default() };
    let mut reader = Reader { set, texts, problems, next: 1, tests: Vec::new(), in_full };
    for (file, text) in rules {
        let found = sections(file, text, texts, in_full, &mut reader.problems);
        for section in found {
            reader.section(file, section);
        }
    }
    reader.join();
    reader.tests();
    reader.set.nodes = reader.next;
    reader.problems.sort();
    reader.problems.dedup();
    (reader.set, reader.problems)
}

pub(super) struct Reader<'a> {
    pub(super) set: RuleSet,
    texts: &'a dyn Texts,
    pub(super) problems: Vec<Diagnostic>,
    next: u32,
    /// Test blocks wait until all names are known: (file, slug, block).
    tests: Vec<(String, String, Block)>,
    /// Whether quotations, articles and cases named are compared with the texts.
    in_full: bool,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, file: &str, line: u32, code: &'static str, message: impl Into<String>) {
        self.problems.push(Diagnostic::error(file, line, code, message));
    }

    fn section(&mut self, file: &str, section: Section) {
        let origin = |line| Origin {
            file: file.to_owned(),
            line,
            slug: section.slug.clone(),
            article: section.article.clone(),
        };
        for (line, words) in &section.quotes {
            self.quote(&origin(*line), *line, words);
        }
        let carries = |block: &Block| block.kind != BlockKind::Test;
        if !section.article.is_empty() && !section.blocks.iter().any(carries) {
            self.set.silent.push(origin(section.line));
        }
        for block in section.blocks {
            let origin = origin(block.line);
            match block.kind {
                BlockKind::Rule => self.rule(origin, &block),
                BlockKind::Define => self.definition(origin, &block),
                BlockKind::Exception => self.exception(origin, &block),
                BlockKind::Penalty => self.penalty(origin, &block),
                BlockKind::Test => self.tests.push((file.to_owned(), section.slug.clone(), block)),
            }
        }
    }

    /// Compares quoted words with the article.
    fn quote(&mut self, origin: &Origin, line: u32, words: &str) {
        if !self.in_full {
            return;
        }
        let missing = match self.texts.article(&origin.slug, &origin.article) {
            Some(text) => crate::texts::missing_part(words, text),
            None => {
                // Only sentences are at hand: each part must stand in one of them, or in the text above articles.
                let sentences = self.texts.quotations(&origin.slug);
                crate::texts::parts_of_quotation(words).find(|part| {
                    !sentences.iter().any(|text| crate::texts::without_blanks(text).contains(part.as_str()))
                })
            }
        };
        if let Some(part) = missing {
            let place = format!("{} {}", origin.slug, origin.article);
            let elsewhere = self.elsewhere(&origin.slug, &part);
            let message = format!("these words do not stand in {place}: {part}");
            self.problems.push(Diagnostic::error(&origin.file, line, "quote", message).hint(elsewhere));
        }
    }

    /// The article of the same version in which the words do stand.
    fn elsewhere(&self, slug: &str, part: &str) -> String {
        let numbers = (1..=1_300).map(|n: u32| n.to_string());
        for number in numbers {
            if let Some(text) = self.texts.article(slug, &number)
                && crate::texts::without_blanks(text).contains(part)
            {
                return format!("they stand in article {number}");
            }
        }
        String::new()
    }

    fn quotes(&mut self, origin: &Origin, block: &Block) -> Vec<(u32, String)> {
        let quotes: Vec<(u32, String)> = block
            .all("quote")
            .map(|entry| (entry.line, entry.text()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        for (line, words) in &quotes {
            self.quote(origin, *line, words);
        }
        quotes
    }

    /// Keys that may stand once only do.
    fn once(&mut self, file: &str, block: &Block, repeatable: &[&str]) {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut twice = Vec::new();
        for entry in &block.entries {
            if !repeatable.contains(&entry.key) && !seen.insert(entry.key) {
                twice.push((entry.line, entry.key));
            }
        }
        for (line, key) in twice {
            self.error(file, line, "key", format!("`{key}` stands twice in one block"));
        }
    }

    fn expression(&mut self, file: &str, entry: &Entry) -> Option<Node> {
        match parse::expression(&entry.expression(), &mut self.next) {
            Ok(node) => Some(node),
            Err((line, message, hint)) => {
                self.problems
                    .push(Diagnostic::error(file, line.max(entry.line), "syntax", message).hint(hint));
                None
            }
        }
    }

    fn condition(&mut self, file: &str, entry: &Entry, scope: EntityKind) -> Option<Node> {
        let mut node = self.expression(file, entry)?;
        types::check_condition(&mut node, scope, &self.set.schema, file, &mut self.problems);
        Some(node)
    }

    fn words(&mut self, file: &str, block: &Block) -> Words {
        let text = |key| block.one(key).map(Entry::text).unwrap_or_default();
        let words = Words { zh: text("zh"), en: text("en") };
        if words.zh.is_empty() || words.en.is_empty() {
            self.error(file, block.line, "words", format!("`{}` needs `zh` and `en`", block.name()));
        }
        words
    }

    /// `中文 | English`.
    fn pair(&mut self, file: &str, line: u32, text: &str) -> Words {
        match text.split_once('|') {
            Some((zh, en)) if !zh.trim().is_empty() && !en.trim().is_empty() => {
                Words { zh: zh.trim().to_owned(), en: en.trim().to_owned() }
            }
            _ => {
                self.error(file, line, "words", "write it as `中文 | English`");
                Words { zh: text.trim().to_owned(), en: text.trim().to_owned() }
            }
        }
    }

    fn name(&mut self, file: &str, block: &Block) -> Option<String> {
        let name = block.name();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            let message = format!("`{name}`: a name has small letters, digits and `-` only");
            self.error(file, block.line, "name", message);
            return None;
        }
        Some(name)
    }

    fn day(&mut self, file: &str, block: &Block, key: &str) -> Option<Date> {
        let entry = block.one(key)?;
        let date = Date::parse(&entry.word());
        if date.is_none() {
            self.error(
                file,
                entry.line,
                "date",
                format!("`{}` is no date, such as 2021-11-01", entry.word()),
            );
        }
        date
    }

    /// First and last day: as stated, else those of the version.
    fn period(&self, origin: &Origin, stated: (Option<Date>, Option<Date>)) -> (Option<Date>, Option<Date>) {
        let version = self.texts.version(&origin.slug);
        let effective = version.and_then(|version| version.effective);
        (stated.0.or(effective), stated.1.or(version.and_then(|version| version.until)))
    }

    fn rule(&mut self, origin: Origin, block: &Block) {
        let file = origin.file.clone();
        let file = file.as_str();
        self.once(file, block, &["quote", "says", "also"]);
        let name = self.words(file, block);
        let id = self.name(file, block);
        let scope = match block.one("scope") {
            Some(entry) => {
                let word = entry.word();
                let scope = EntityKind::from_id(&word);
                if scope.is_none() {
                    let hint = nearest(&word, EntityKind::ALL.iter().map(|kind| kind.id()));
                    let message = format!("there is no entity `{word}`");
                    self.problems.push(Diagnostic::error(file, entry.line, "entity", message).hint(hint));
                }
                scope
            }
            None => {
                self.error(file, block.line, "scope", "the rule has no `scope`");
                None
            }
        };
        let modes: Vec<(Mode, &Entry)> =
            Mode::ALL.iter().filter_map(|mode| Some((*mode, block.one(mode.id())?))).collect();
        if modes.len() != 1 {
            let message = "a rule has one of `requires`, `prohibits`, `allows`, `constitutes`";
            self.error(file, block.line, "mode", message);
        }
        let quotes = self.quotes(&origin, block);
        // Of an instrument whose full text is not at hand, an unverified rule has no words to quote.
        let no_words = block.one("unverified").is_some()
            && self.texts.version(&origin.slug).is_some_and(|version| !version.complete);
        if quotes.is_empty() && !no_words {
            self.error(file, block.line, "quote", "the rule quotes no words of its article (`quote …`)");
        }
        let (Some(id), Some(scope), Some((mode, entry))) = (id, scope, modes.first().copied()) else {
            return;
        };
        let applies = block.one("applies").map(|entry| (entry, self.condition(file, entry, scope)));
        if matches!(applies, Some((_, None))) {
            return;
        }
        let Some(condition) = self.condition(file, entry, scope) else { return };
        let stated = (self.day(file, block, "from"), self.day(file, block, "to"));
        let period = self.period(&origin, stated);
        if let (Some(from), Some(to)) = period
            && from > to
        {
            self.error(file, block.line, "date", format!("the rule ends on {to} and begins on {from}"));
        }
        let says = self.says(file, block, scope);
        let citations = block.all("also").flat_map(|entry| self.citations(file, entry)).collect();
        let remedy = block.one("remedy").map(|entry| self.pair(file, entry.line, &entry.text()));
        let severity = self.severity(file, block);
        let rule = Rule {
            name,
            scope,
            binds: list(block.one("binds")),
            locator: block.one("locator").map(Entry::word).unwrap_or_default(),
            quotes,
            applies: applies.and_then(|(_, node)| node),
            mode,
            condition,
            stated,
            period,
            severity,
            also: citations,
            remedy,
            penalties: list(block.one("penalty")),
            cases: self.cases(file, block),
            says,
            status: block.one("status").map_or_else(|| "unreviewed".to_owned(), Entry::word),
            unverified: block.one("unverified").is_some(),
            id,
            origin,
        };
        self.binds(file, block, &rule);
        if let Some(first) = self.set.rule(&rule.id) {
            let message =
                format!("rule `{}` stands at {}:{} already", rule.id, first.origin.file, first.origin.line);
            self.error(file, block.line, "repeated", message);
            return;
        }
        self.set.rule_index.insert(rule.id.clone(), self.set.rules.len());
        self.set.rules.push(rule);
    }

    fn severity(&mut self, file: &str, block: &Block) -> Severity {
        let Some(entry) = block.one("severity") else { return Severity::Moderate };
        let word = entry.word();
        let found = Severity::ALL.iter().copied().find(|severity| severity.id() == word);
        found.unwrap_or_else(|| {
            let hint = "minor, moderate, serious or criminal";
            let message = format!("there is no severity `{word}`");
            self.problems.push(Diagnostic::error(file, entry.line, "severity", message).hint(hint));
            Severity::Moderate
        })
    }

    /// Who is bound must be `any` or a role that the schema knows.
    fn binds(&mut self, file: &str, block: &Block, rule: &Rule) {
        let Some(roles) = self.set.schema.find("party.role").map(|id| self.set.schema.fact(id)) else {
            return;
        };
        let names: Vec<String> = roles.values.iter().map(|value| value.name.clone()).collect();
        let line = block.one("binds").map_or(block.line, |entry| entry.line);
        for role in &rule.binds {
            if role != "any" && !names.contains(role) {
                let hint = nearest(role, names.iter().map(String::as_str));
                let message = format!("`{role}` is no value of `party.role`");
                self.problems.push(Diagnostic::warning(file, line, "binds", message).hint(hint));
            }
        }
    }

    fn cases(&mut self, file: &str, block: &Block) -> Vec<String> {
        let cases = list(block.one("cases"));
        let line = block.one("cases").map_or(block.line, |entry| entry.line);
        if !self.in_full {
            return cases;
        }
        let known = self.texts.case_ids();
        for case in &cases {
            if !known.is_empty() && self.texts.case(case).is_none() {
                let hint = nearest(case, known.iter().copied());
                self.problems.push(
                    Diagnostic::error(file, line, "case", format!("there is no case `{case}`")).hint(hint),
                );
            }
        }
        cases
    }

    fn says(&mut self, file: &str, block: &Block, scope: EntityKind) -> BTreeMap<Conclusion, Words> {
        let mut says = BTreeMap::new();
        for entry in block.all("says") {
            let text = entry.text();
            let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text.as_str(), ""));
            let conclusion = Conclusion::from_id(word).filter(|conclusion| *conclusion != Conclusion::None);
            let Some(conclusion) = conclusion else {
                self.error(file, entry.line, "says", "`says` is followed by violation, lawful or open");
                continue;
            };
            let words = self.pair(file, entry.line, rest);
            for name in placeholders(&words.zh).chain(placeholders(&words.en)) {
                match self.set.schema.find(name) {
                    Some(id) if scope.chain().any(|kind| kind == self.set.schema.fact(id).entity) => {}
                    Some(_) => {
                        let message = format!("`{{{name}}}` is no fact of a {scope} or of what it stands in");
                        self.problems.push(Diagnostic::error(file, entry.line, "scope", message));
                    }
                    None => {
                        let hint = self.set.schema.nearest(name);
                        let message = format!("there is no fact `{name}`");
                        self.problems
                            .push(Diagnostic::error(file, entry.line, "unknown-fact", message).hint(hint));
                    }
                }
            }
            if says.insert(conclusion, words).is_some() {
                self.error(file, entry.line, "says", format!("`says {word}` stands twice"));
            }
        }
        says
    }

    /// `pipl 14 第一款; fashi-2021-15 2`.
    fn citations(&mut self, file: &str, entry: &Entry) -> Vec<Citation> {
        let text = entry.word();
        let mut found = Vec::new();
        for part in text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
            let mut words = part.split_whitespace();
            let (law, article) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let locator = words.collect::<Vec<_>>().join("");
            let article = number_in_label(article).unwrap_or_else(|| article.to_owned());
            let versions = self.texts.versions();
            match self.texts.version(law) {
                None => {
                    let hint = nearest(law, versions.iter().map(|version| version.slug.as_str()));
                    let message = format!("there is no statute `{law}`");
                    self.problems.push(Diagnostic::error(file, entry.line, "work", message).hint(hint));
                }
                Some(version)
                    if self.in_full && version.complete && self.texts.article(law, &article).is_none() =>
                {
                    self.error(file, entry.line, "article", format!("`{law}` has no article `{article}`"));
                }
                Some(_) => found.push(Citation { law: law.to_owned(), article, locator }),
            }
        }
        found
    }

    fn definition(&mut self, origin: Origin, block: &Block) {
        let file = origin.file.clone();
        let file = file.as_str();
        self.once(file, block, &["quote"]);
        let name = block.name();
        let Some(fact) = self.set.schema.find(&name) else {
            let hint = self.set.schema.nearest(&name);
            let message = format!("there is no fact `{name}`");
            self.problems.push(Diagnostic::error(file, block.line, "unknown-fact", message).hint(hint));
            return;
        };
        if !self.set.schema.fact(fact).derived {
            let message = format!("`{name}` is not declared with `derived = true`");
            self.error(file, block.line, "derived", message);
        }
        let Some(entry) = block.one("=") else {
            self.error(file, block.line, "define", format!("`{name}` is given no value: `= …` is missing"));
            return;
        };
        let Some(mut value) = self.expression(file, entry) else { return };
        types::check_definition(&mut value, fact, &self.set.schema, file, &mut self.problems);
        let quotes = self.quotes(&origin, block);
        let locator = block.one("locator").map(Entry::word).unwrap_or_default();
        let period = self.period(&origin, (None, None));
        let others = self.set.definitions.entry(fact).or_default();
        let overlaps = |other: &&Definition| {
            let ends_before =
                |a: Option<Date>, b: Option<Date>| matches!((a, b), (Some(a), Some(b)) if a < b);
            !ends_before(other.period.1, period.0) && !ends_before(period.1, other.period.0)
        };
        if let Some(first) = others.iter().find(overlaps) {
            let place = format!("{}:{}", first.origin.file, first.origin.line);
            self.error(file, block.line, "repeated", format!("`{name}` is defined at {place} already"));
            return;
        }
        others.push(Definition { fact, origin, locator, value, quotes, period });
        others.sort_by_key(|definition| definition.period.0);
    }

    fn exception(&mut self, origin: Origin, block: &Block) {
        let file = origin.file.clone();
        let file = file.as_str();
        self.once(file, block, &["quote", "also"]);
        let name = self.words(file, block);
        let id = self.name(file, block);
        let quotes = self.quotes(&origin, block);
        let to = list(block.one("to"));
        if to.is_empty() {
            self.error(file, block.line, "to", "the exception names no rule (`to RULE, RULE`)");
        }
        let Some(entry) = block.one("when") else {
            self.error(file, block.line, "when", "the exception has no condition (`when …`)");
            return;
        };
        let (Some(id), Some(when)) = (id, self.expression(file, entry)) else { return };
        let stated = (self.day(file, block, "from"), self.day(file, block, "until"));
        let period = self.period(&origin, stated);
        let locator = block.one("locator").map(Entry::word).unwrap_or_default();
        self.set.exceptions.push(Exception { id, name, locator, to, when, quotes, stated, period, origin });
    }

    fn penalty(&mut self, origin: Origin, block: &Block) {
        let file = origin.file.clone();
        let file = file.as_str();
        self.once(file, block, &["quote", "tier"]);
        let quotes = self.quotes(&origin, block);
        let Some(id) = self.name(file, block) else { return };
        let mut tiers = Vec::new();
        for entry in block.all("tier") {
            match read_penalty::tier(entry, &mut self.next) {
                Ok(tier) => tiers.push(tier),
                Err((line, message, hint)) => {
                    self.problems
                        .push(Diagnostic::error(file, line.max(entry.line), "penalty", message).hint(hint));
                }
            }
        }
        if tiers.is_empty() {
            self.error(file, block.line, "penalty", "the penalty has no `tier`");
        }
        if let Some(first) = self.set.penalties.get(&id) {
            let message =
                format!("penalty `{id}` stands at {}:{} already", first.origin.file, first.origin.line);
            self.error(file, block.line, "repeated", message);
            return;
        }
        self.set.penalties.insert(id.clone(), Penalty { id, origin, tiers, quotes });
    }

    fn tests(&mut self) {
        for (file, slug, block) in std::mem::take(&mut self.tests) {
            let effective = self.texts.version(&slug).and_then(|version| version.effective);
            read_test::block(&mut self.set, &file, &block, effective, &mut self.problems);
        }
    }
}

/// Names between braces.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// Names parted by commas.
fn list(entry: Option<&Entry>) -> Vec<String> {
    let text = entry.map(Entry::word).unwrap_or_default();
    text.split([',', '，', '、']).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}
