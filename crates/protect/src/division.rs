//! The tree of administrative divisions: where in an address the province, the city and the county end.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use zhunsheng_rules::Rules;

/// A level of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Province,
    City,
    County,
}

impl Level {
    pub(crate) fn from_word(word: &str) -> Option<Level> {
        match word {
            "province" => Some(Level::Province),
            "city" => Some(Level::City),
            "county" => Some(Level::County),
            _ => None,
        }
    }
}

struct Node {
    code: String,
    name: String,
    level: Level,
}

/// Provinces, cities and counties by name and code.
pub struct Divisions {
    /// Sorted by code.
    nodes: Vec<Node>,
    /// Full and short names; nodes in the order of their codes.
    names: BTreeMap<String, Vec<usize>>,
    longest: usize,
    counties: OnceLock<Vec<(String, String)>>,
}

/// What an address begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// Index of the node of each level, where the address or its parts say it.
    nodes: [Option<usize>; 3],
    /// Byte where the name of each level ends in the address; nothing where it does not stand there.
    pub(crate) ends: [Option<usize>; 3],
}

impl Divisions {
    /// The tree of the rules' place names.
    pub fn new(rules: &Rules) -> Divisions {
        let mut nodes = Vec::new();
        for line in rules.lexicon("places.tsv").unwrap_or_default().lines().skip(1) {
            let mut fields = line.split('\t');
            let (Some(code), Some(name), Some(level)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let level = match level {
                "province" => Level::Province,
                "prefecture" => Level::City,
                "county" => Level::County,
                _ => continue,
            };
            nodes.push(Node { code: code.to_owned(), name: name.to_owned(), level });
        }
        nodes.sort_by(|a, b| a.code.cmp(&b.code));
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            if is_filler(&node.name) {
                continue;
            }
            names.entry(node.name.clone()).or_default().push(index);
            if let Some(short) = short(node) {
                names.entry(short).or_default().push(index);
            }
        }
        let longest = names.keys().map(|name| name.chars().count()).max().unwrap_or(0);
        Divisions { nodes, names, longest, counties: OnceLock::new() }
    }

    /// What `address` begins with.
    pub(crate) fn parse(&self, address: &str) -> Parsed {
        let mut parsed = Parsed::default();
        let trimmed = address.trim_start();
        let mut at = address.len() - trimmed.len();
        at +=
            ["中华人民共和国", "中国"].iter().find(|word| trimmed.starts_with(**word)).map_or(0, |w| w.len());
        let mut candidates: Vec<usize> = Vec::new();
        let mut last: Option<Level> = None;
        while let Some(rest) = address.get(at..) {
            let Some((length, found)) = self.step(rest, last, &candidates) else { break };
            at += length;
            // Both levels of a municipality have one name; the deeper reading only counts when it is the only one.
            let level = found.iter().filter_map(|index| self.nodes.get(*index)).map(|node| node.level).min();
            if let Some(end) = level.and_then(|level| parsed.ends.get_mut(level as usize)) {
                *end = Some(at);
            }
            last = level.or(last);
            candidates = found
                .into_iter()
                .filter(|index| self.nodes.get(*index).is_some_and(|node| Some(node.level) == last))
                .collect();
            if last == Some(Level::County) {
                break;
            }
            // `北京市市辖区东城区`, `重庆市县忠县`.
            if let Some(filler) = ["市辖区", "市", "县"].iter().find(|filler| {
                **filler != "市"
                    && address.get(at..).is_some_and(|rest| {
                        rest.strip_prefix(**filler)
                            .is_some_and(|rest| self.step(rest, last, &candidates).is_some())
                    })
            }) {
                at += filler.len();
            }
        }
        // The levels above are known where every candidate agrees on them.
        for level in [Level::Province, Level::City, Level::County] {
            let mut above = candidates.iter().map(|index| self.ancestor(*index, level));
            let first = above.next().flatten();
            if let Some(cell) = parsed.nodes.get_mut(level as usize) {
                *cell = first.filter(|_| above.all(|other| other == first));
            }
        }
        parsed
    }

    /// The longest name at the beginning of `text` that lies below one of `above`.
    fn step(&self, text: &str, last: Option<Level>, above: &[usize]) -> Option<(usize, Vec<usize>)> {
        let mut ends: Vec<usize> =
            text.char_indices().map(|(i, c)| i + c.len_utf8()).take(self.longest).collect();
        ends.retain(|end| *end >= 6);
        ends.into_iter().rev().find_map(|end| {
            let found = self.names.get(text.get(..end)?)?;
            let fits = |index: &usize| {
                self.nodes.get(*index).is_some_and(|node| {
                    last.is_none_or(|last| node.level > last)
                        && (above.is_empty() || above.iter().any(|above| self.is_above(*above, node)))
                })
            };
            let found: Vec<usize> = found.iter().copied().filter(fits).collect();
            (!found.is_empty()).then_some((end, found))
        })
    }

    fn is_above(&self, above: usize, node: &Node) -> bool {
        self.nodes.get(above).is_some_and(|above| node.code.starts_with(&above.code))
    }

    fn ancestor(&self, index: usize, level: Level) -> Option<usize> {
        let node = self.nodes.get(index)?;
        let code = node.code.get(..[2, 4, 6].get(level as usize).copied()?)?;
        self.nodes.binary_search_by(|other| other.code.as_str().cmp(code)).ok()
    }

    /// The names from the province down to `level`, written one after another; nothing where the address
    /// does not tell them.
    pub(crate) fn name_to(&self, parsed: &Parsed, level: Level) -> Option<String> {
        let wanted = parsed.nodes.get(level as usize).copied().flatten();
        // A municipality is its own city; `省直辖县级行政区划` is none.
        let level = match wanted {
            Some(_) => level,
            None if level == Level::City => {
                let province = parsed.nodes.first().copied().flatten()?;
                return self
                    .nodes
                    .get(province)
                    .filter(|node| node.name.ends_with('市'))
                    .map(|node| node.name.clone());
            }
            None => return None,
        };
        let mut text = String::new();
        for node in parsed.nodes.iter().take(level as usize + 1).flatten().filter_map(|i| self.nodes.get(*i))
        {
            if !is_filler(&node.name) {
                text.push_str(&node.name);
            }
        }
        Some(text)
    }

    /// The province of a code of GB/T 2260, by its first two digits.
    pub(crate) fn province_of_code(&self, code: &str) -> Option<&str> {
        let code = code.get(..2)?;
        let index = self.nodes.binary_search_by(|node| node.code.as_str().cmp(code)).ok();
        index.and_then(|index| self.nodes.get(index)).map(|node| node.name.as_str())
    }

    /// The two digits of the province that an address names.
    pub(crate) fn province_code(&self, parsed: &Parsed) -> Option<&str> {
        let index = parsed.nodes.first().copied().flatten()?;
        self.nodes.get(index).map(|node| node.code.as_str())
    }

    /// All counties, each with its six digits and full name, sorted by code.
    pub(crate) fn counties(&self) -> &[(String, String)] {
        self.counties.get_or_init(|| {
            let counties = self.nodes.iter().enumerate().filter(|(_, node)| node.level == Level::County);
            counties
                .map(|(index, node)| {
                    let levels = [Level::Province, Level::City, Level::County];
                    let parsed =
                        Parsed { nodes: levels.map(|level| self.ancestor(index, level)), ends: [None; 3] };
                    (node.code.clone(), self.name_to(&parsed, Level::County).unwrap_or_default())
                })
                .collect()
        })
    }

    /// The counties of a province (two digits), or of the country.
    pub(crate) fn counties_of(&self, province: Option<&str>) -> &[(String, String)] {
        let all = self.counties();
        let Some(province) = province else { return all };
        let start = all.partition_point(|(code, _)| code.as_str() < province);
        let rest = all.get(start..).unwrap_or_default();
        let end = rest.partition_point(|(code, _)| code.starts_with(province));
        rest.get(..end).unwrap_or_default()
    }
}

/// Names in the tables that stand for no place.
fn is_filler(name: &str) -> bool {
    name == "市辖区" || name == "县" || name.contains("直辖县级")
}

/// `广东`, `内蒙古`, `深圳`; counties have no short form here, they would be taken for words.
fn short(node: &Node) -> Option<String> {
    let name = node.name.as_str();
    let short = match node.level {
        Level::Province => ["内蒙古", "广西", "西藏", "宁夏", "新疆"]
            .into_iter()
            .find(|short| name.starts_with(short))
            .or_else(|| name.strip_suffix(['省', '市'])),
        Level::City => name.strip_suffix('市'),
        Level::County => None,
    }?;
    (short.chars().count() >= 2).then(|| short.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_at_every_level() {
        let tree = Divisions::new(Rules::embedded());
        let at = |address: &str, level| tree.name_to(&tree.parse(address), level).unwrap_or_default();
        for (address, province, city, county) in [
            ("广东省深圳市南山区科技路1号", "广东省", "广东省深圳市", "广东省深圳市南山区"),
            ("深圳市南山区科技路1号", "广东省", "广东省深圳市", "广东省深圳市南山区"),
            ("深圳南山区科技路1号", "广东省", "广东省深圳市", "广东省深圳市南山区"),
            ("广东深圳科技路1号", "广东省", "广东省深圳市", ""),
            ("北京市海淀区中关村大街1号", "北京市", "北京市", "北京市海淀区"),
            ("北京海淀区中关村大街1号", "北京市", "北京市", "北京市海淀区"),
            ("北京市市辖区海淀区中关村大街", "北京市", "北京市", "北京市海淀区"),
            ("海淀区中关村大街", "北京市", "北京市", "北京市海淀区"),
            ("湖北省仙桃市沔街", "湖北省", "湖北省", "湖北省仙桃市"),
            // Several cities have a district of this name.
            ("鼓楼区中山路1号", "", "", ""),
            ("中国四川省成都市", "四川省", "四川省成都市", ""),
            ("某小区3栋", "", "", ""),
            ("", "", "", ""),
        ] {
            assert_eq!(at(address, Level::Province), province, "{address}");
            assert_eq!(at(address, Level::City), city, "{address}");
            assert_eq!(at(address, Level::County), county, "{address}");
        }
        let parsed = tree.parse("广东省深圳市南山区科技路1号");
        assert_eq!(parsed.ends, [Some(9), Some(18), Some(27)]);
        assert_eq!(tree.province_of_code("440305"), Some("广东省"));
        let counties = tree.counties_of(Some("44"));
        assert!(counties.len() > 100);
        assert!(counties.iter().all(|(code, name)| code.starts_with("44") && name.starts_with("广东省")));
        assert_eq!(tree.counties_of(None).len(), 2978);
        assert!(tree.counties_of(Some("99")).is_empty());
    }
}
