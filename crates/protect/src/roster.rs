//! The people and organisations of one document, so that `alias` can tell them apart throughout.
//!
//! A caller whose policy asks for it ([`crate::Protector::needs_roster`]) reads the document twice: first
//! every fragment goes to [`Roster::observe`] in the order of the document, then the replacements are made.

use crate::cipher::Suite;
use crate::error::OperatorError;
use crate::keys::Keyring;
use crate::operator::{self, Armour, Context, Parameters, Setup};
use crate::{Protector, Value, division::Divisions};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};
use zhunsheng_model::{Findings, Kind, State};
use zhunsheng_rules::Rules;

/// How aliases are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// 1, 2, 3 instead of 甲, 乙, 丙.
    pub(crate) digits: bool,
    /// The surname is hidden too.
    pub(crate) hide: bool,
}

impl Style {
    pub(crate) fn of(parameters: &Parameters) -> Result<Style, OperatorError> {
        Ok(Style {
            digits: parameters.word("alias", "number", &["stems", "digits"])? == "digits",
            hide: parameters.word("alias", "surname", &["keep", "hide"])? == "hide",
        })
    }

    fn number(self, place: usize) -> String {
        match STEMS.get(place).filter(|_| !self.digits) {
            Some(stem) => stem.to_string(),
            // A document with more than twenty-two of one surname goes on in digits.
            None => (place + 1).to_string(),
        }
    }
}

/// Counting characters as judgments use them: the ten stems, then the twelve branches.
const STEMS: &[char; 22] = &[
    '甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸', '子', '丑', '寅', '卯', '辰', '巳', '午',
    '未', '申', '酉', '戌', '亥',
];

/// Surnames of two characters are kept whole.
const TWO_CHARACTER_SURNAMES: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "夏侯", "长孙",
    "宇文", "端木", "百里", "南宫", "独孤", "西门", "呼延", "轩辕", "闻人", "澹台", "公冶", "濮阳", "淳于",
    "单于", "太叔", "申屠", "仲孙", "钟离", "鲜于", "闾丘", "司空", "万俟", "赫连", "拓跋", "第五", "左丘",
    "东郭", "公羊", "谷梁", "颛孙", "漆雕", "乐正",
];

/// What an organisation does, as the guiding cases name it; the longest first.
const TRADES: &[&str] = &[
    "信息技术",
    "网络科技",
    "数据科技",
    "生物科技",
    "电子商务",
    "人力资源",
    "房地产",
    "计算机",
    "互联网",
    "供应链",
    "文化传媒",
    "科技",
    "网络",
    "信息",
    "数据",
    "软件",
    "电子",
    "通信",
    "贸易",
    "商贸",
    "物流",
    "快递",
    "运输",
    "旅游",
    "酒店",
    "教育",
    "培训",
    "咨询",
    "管理",
    "服务",
    "投资",
    "金融",
    "保险",
    "证券",
    "银行",
    "医药",
    "医疗",
    "食品",
    "餐饮",
    "服装",
    "建筑",
    "建设",
    "工程",
    "装饰",
    "物业",
    "置业",
    "传媒",
    "文化",
    "广告",
    "影视",
    "汽车",
    "机械",
    "能源",
    "电力",
    "化工",
    "环保",
    "农业",
    "制造",
    "实业",
];

/// What an organisation is; the longest first.
const FORMS: &[(&str, &str)] = &[
    ("股份有限公司", "公司"),
    ("有限责任公司", "公司"),
    ("有限公司", "公司"),
    ("集团公司", "集团公司"),
    ("分公司", "分公司"),
    ("公司", "公司"),
    ("集团", "集团"),
    ("事务所", "事务所"),
    ("合作社", "合作社"),
    ("委员会", "委员会"),
    ("研究院", "研究院"),
    ("研究所", "研究所"),
    ("派出所", "派出所"),
    ("幼儿园", "幼儿园"),
    ("医院", "医院"),
    ("学校", "学校"),
    ("大学", "大学"),
    ("学院", "学院"),
    ("中学", "中学"),
    ("小学", "小学"),
    ("银行", "银行"),
    ("酒店", "酒店"),
    ("宾馆", "宾馆"),
    ("商店", "商店"),
    ("超市", "超市"),
    ("药店", "药店"),
    ("中心", "中心"),
    ("协会", "协会"),
    ("商行", "商行"),
    ("工厂", "工厂"),
    ("厂", "厂"),
    ("店", "店"),
    ("局", "局"),
    ("院", "院"),
];

/// The people and organisations of a document in the order in which they first stand.
#[derive(Clone, Default)]
pub struct Roster {
    /// By kind and normal form.
    entries: BTreeMap<Kind, BTreeMap<String, Entry>>,
    /// How many have each stem.
    stems: BTreeMap<(Kind, String), usize>,
}

#[derive(Clone)]
struct Entry {
    /// 张某, 某科技公司.
    stem: String,
    /// Place among those of the same stem, from 0.
    place: usize,
    /// Place among all of the kind, from 0.
    ordinal: usize,
}

impl Roster {
    /// Nobody yet.
    pub fn new() -> Roster {
        Roster::default()
    }

    /// Takes in the names of a fragment; fragments come in the order of the document.
    pub fn observe(&mut self, findings: &Findings) {
        // Mentions of a record stand together; the order of the document is that of their places.
        let mut names: Vec<_> = findings
            .mentions
            .iter()
            .filter(|mention| matches!(mention.kind, Kind::Person | Kind::Org))
            .filter(|mention| !matches!(mention.state, State::Masked | State::Placeholder))
            .collect();
        names.sort_by_key(|mention| mention.locus);
        for mention in names {
            let value = Value::new(findings.text(mention.raw), findings.text(mention.normal));
            self.add(mention.kind, value.key());
        }
    }

    /// Takes in one name, in normal form.
    pub fn add(&mut self, kind: Kind, normal: &str) {
        let entries = self.entries.entry(kind).or_default();
        if entries.contains_key(normal) {
            return;
        }
        let stem = match kind {
            Kind::Org => organisation(normal),
            _ => person(normal),
        };
        let place = self.stems.entry((kind, stem.clone())).or_default();
        let place_before = *place;
        *place += 1;
        let ordinal = entries.len();
        entries.insert(normal.to_owned(), Entry { stem, place: place_before, ordinal });
    }

    /// How many people and organisations there are.
    pub fn len(&self) -> usize {
        self.entries.values().map(BTreeMap::len).sum()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The alias of a name; with its surname hidden it is 某甲, 某乙, counted over everybody of the document.
    pub(crate) fn alias(&self, kind: Kind, normal: &str, style: Style) -> Option<String> {
        let Entry { stem, place, ordinal } = self.entries.get(&kind)?.get(normal)?;
        if style.hide {
            return Some("某".to_owned() + &style.number(*ordinal));
        }
        let count = self.stems.get(&(kind, stem.clone())).copied().unwrap_or_default();
        if count < 2 {
            return Some(stem.clone());
        }
        let number = style.number(*place);
        Some(match (kind, stem.strip_prefix('某')) {
            (Kind::Org, Some(rest)) if !style.digits => ["某", &number, rest].concat(),
            _ => [stem.as_str(), &number].concat(),
        })
    }

    /// The table from aliases back to names, for the aliases that `protector` gives; to be kept under
    /// encryption ([`KeyTable::seal`]).
    ///
    /// * A name whose alias is hidden for a minor stands in the table under both aliases.
    pub fn key_table(&self, protector: &Protector) -> KeyTable {
        let mut rows = Vec::new();
        for (kind, entries) in &self.entries {
            for style in protector.alias_styles(*kind) {
                let row = |name: &String| {
                    Some((self.alias(*kind, name, style)?, *kind, Zeroizing::new(name.clone())))
                };
                rows.extend(entries.keys().filter_map(row));
            }
        }
        rows.sort_by(|a: &(String, Kind, _), b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        KeyTable { rows }
    }
}

impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roster({} names)", self.len())
    }
}

impl Drop for Roster {
    fn drop(&mut self) {
        for (mut name, _) in std::mem::take(&mut self.entries).into_values().flatten() {
            name.zeroize();
        }
    }
}

/// 张某, 欧阳某, 买某 (names of ethnic minorities and foreign names by their first character), J.
fn person(name: &str) -> String {
    let name = name.trim();
    let two = name.chars().count() > 2 && TWO_CHARACTER_SURNAMES.iter().any(|known| name.starts_with(known));
    let kept: String = name.chars().take(if two { 2 } else { 1 }).collect();
    if name.is_ascii() { kept.to_ascii_uppercase() + "某" } else { kept + "某" }
}

/// 某科技公司, 某医院, 某组织.
fn organisation(name: &str) -> String {
    let name = name.trim();
    // 北京某公司上海分公司 ends with its form all the same; what stands in brackets behind it does not count.
    let name = name.split(['(', '（']).next().filter(|head| !head.is_empty()).unwrap_or(name);
    let Some((ending, form)) = FORMS.iter().find(|(ending, _)| name.ends_with(ending)) else {
        return "某组织".to_owned();
    };
    let rest = name.strip_suffix(ending).unwrap_or_default();
    // The trade stands last: 深圳市甲乙网络科技.
    let trade = TRADES
        .iter()
        .filter(|trade| rest.ends_with(**trade) && rest.len() > trade.len())
        .max_by_key(|trade| trade.len())
        .copied()
        .unwrap_or_default();
    ["某", trade, form].concat()
}

/// Aliases with the names they stand for. Holds personal information: there is no way to print it.
pub struct KeyTable {
    rows: Vec<(String, Kind, Zeroizing<String>)>,
}

impl KeyTable {
    /// Alias, kind and name, sorted by kind and alias.
    pub fn rows(&self) -> impl Iterator<Item = (&str, Kind, &str)> {
        self.rows.iter().map(|(alias, kind, name)| (alias.as_str(), *kind, name.as_str()))
    }

    /// The table as text, one line an alias: alias, tab, the name under encryption.
    ///
    /// # Errors
    /// As `encrypt`.
    pub fn seal(&self, keyring: &Keyring, suite: Suite, rules: &Rules) -> Result<String, OperatorError> {
        let divisions = Arc::new(Divisions::new(rules));
        let parameters = Parameters::none();
        let mut text = String::new();
        for kind in [Kind::Person, Kind::Org] {
            let setup = Setup {
                kind,
                parameters: &parameters,
                keyring: Some(keyring),
                suite,
                rules,
                divisions: &divisions,
                as_of: rules.as_of(),
            };
            let encrypt = operator::make("encrypt", &setup)?;
            for (alias, _, name) in self.rows().filter(|(_, of, _)| *of == kind) {
                let sealed = encrypt.apply(Value::new(name, name), &Context::default())?;
                text.extend([alias, "\t", &sealed, "\n"]);
            }
        }
        Ok(text)
    }

    /// Reads what [`KeyTable::seal`] wrote.
    ///
    /// # Errors
    /// [`OperatorError::WrongKey`] for any line that cannot be opened.
    pub fn open(text: &str, keyring: &Keyring) -> Result<KeyTable, OperatorError> {
        let rows = text.lines().filter(|line| !line.is_empty()).map(|line| {
            let (alias, sealed) = line.split_once('\t').ok_or(OperatorError::WrongKey)?;
            let armour = Armour::parse(sealed).ok_or(OperatorError::WrongKey)?;
            Ok((alias.to_owned(), armour.kind, operator::opens(keyring, &armour)?))
        });
        Ok(KeyTable { rows: rows.collect::<Result<_, OperatorError>>()? })
    }
}

impl fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyTable({} rows)", self.rows.len())
    }
}
