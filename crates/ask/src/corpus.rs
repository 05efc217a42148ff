//! The articles that can be found, with their indices.

use crate::index::Index;
use std::collections::BTreeMap;

/// Words of the judges' interpretations, which answer questions of procedure more than of substance.
const INTERPRETATION: &str = "最高人民";

/// An article that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// Title of the law without 中华人民共和国.
    pub law: String,
    /// Label of the article, such as 第三十一条.
    pub label: String,
    /// Its text.
    pub text: String,
}

/// Articles with their indices.
pub struct Corpus {
    pub(crate) docs: Vec<Doc>,
    /// For each article, the position of its law.
    pub(crate) law_of: Vec<u32>,
    pub(crate) laws: Vec<LawEntry>,
    /// Position of an article by title of its law and label.
    by_place: BTreeMap<(u32, String), u32>,
    by_title: BTreeMap<String, u32>,
    pub(crate) body: Index,
    pub(crate) titles: Index,
    /// For each article, what it is apart from its words.
    pub(crate) traits: Vec<Traits>,
    /// How readily each law answers questions at all, where that is stated and not reckoned from known questions.
    pub(crate) law_weights: Option<Vec<f32>>,
}

/// One law of the corpus.
pub(crate) struct LawEntry {
    pub(crate) title: String,
    pub(crate) articles: u32,
}

/// What an article is apart from its words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traits {
    /// Natural logarithm of its length in characters.
    pub(crate) length: f32,
    /// 1 for an article that says why the law was made, when it takes effect, or what it repeals.
    pub(crate) frame: f32,
    /// 1 for an article of a judicial interpretation.
    pub(crate) interpretation: f32,
    /// 1 for a law on trial or one that has been replaced in name.
    pub(crate) trial: f32,
}

impl Corpus {
    /// Indexes articles in their order.
    pub fn new(docs: Vec<Doc>) -> Corpus {
        let mut by_title: BTreeMap<String, u32> = BTreeMap::new();
        let mut by_place = BTreeMap::new();
        let mut laws: Vec<LawEntry> = Vec::new();
        let mut law_of = Vec::with_capacity(docs.len());
        for (doc, position) in docs.iter().zip(0u32..) {
            let next = u32::try_from(laws.len()).unwrap_or(u32::MAX);
            let law = *by_title.entry(doc.law.clone()).or_insert(next);
            if law == next {
                laws.push(LawEntry { title: doc.law.clone(), articles: 0 });
            }
            if let Some(entry) = laws.get_mut(law as usize) {
                entry.articles += 1;
            }
            law_of.push(law);
            by_place.entry((law, doc.label.clone())).or_insert(position);
        }
        let body = Index::new(docs.iter().map(|doc| doc.text.as_str()));
        let titles = Index::new(laws.iter().map(|law| law.title.as_str()));
        let traits = docs.iter().map(traits).collect();
        Corpus { docs, law_of, laws, by_place, by_title, body, titles, traits, law_weights: None }
    }

    /// States how readily each law answers questions at all, by its title, in place of what known questions say.
    pub fn with_law_weights(mut self, weight: impl Fn(&str) -> f32) -> Corpus {
        self.law_weights = Some(self.laws.iter().map(|law| weight(&law.title)).collect());
        self
    }

    /// The articles, in the order they were given.
    pub fn docs(&self) -> &[Doc] {
        &self.docs
    }

    /// Position of the law of that title.
    pub(crate) fn law(&self, title: &str) -> Option<u32> {
        self.by_title.get(title).copied()
    }

    /// Position of an article.
    pub(crate) fn place(&self, law: u32, label: &str) -> Option<u32> {
        self.by_place.get(&(law, label.to_owned())).copied()
    }
}

/// Splits `民法典第一千零三十三条` into title and label; the label is empty when there is none.
pub fn split_name(name: &str) -> (&str, &str) {
    let mut at = name.len();
    // The last 第 that a number and 条 follow.
    while let Some(found) = name.get(..at).and_then(|head| head.rfind('第')) {
        let label = name.get(found..).unwrap_or_default();
        if zhunsheng_law::ArticleKey::parse(label).is_some() {
            return (name.get(..found).unwrap_or_default(), label);
        }
        at = found;
    }
    (name, "")
}

fn traits(doc: &Doc) -> Traits {
    let flag = |is: bool| if is { 1.0 } else { 0.0 };
    let length = doc.text.chars().count();
    let frame = (doc.text.contains("制定本") && doc.text.starts_with("为"))
        || (length < 120 && (doc.text.contains("起施行") || doc.text.contains("同时废止")));
    Traits {
        length: (length.max(1) as f32).ln(),
        frame: flag(frame),
        interpretation: flag(doc.law.starts_with(INTERPRETATION)),
        trial: flag(doc.law.contains("试行") || doc.law.contains("暂行")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_before_the_label() {
        for (name, parts) in [
            ("民法典第一千零三十三条", ("民法典", "第一千零三十三条")),
            ("刑法第二百五十三条之一", ("刑法", "第二百五十三条之一")),
            (
                "最高人民法院关于适用《刑法》第三条的解释第二条",
                ("最高人民法院关于适用《刑法》第三条的解释", "第二条"),
            ),
            ("没有条号", ("没有条号", "")),
        ] {
            assert_eq!(split_name(name), parts);
        }
    }
}
