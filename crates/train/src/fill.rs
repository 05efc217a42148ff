//! Makes names, places, addresses and organisations for the templates.

use crate::random::Random;
use std::collections::BTreeMap;
use zhunsheng_rules::Rules;
use zhunsheng_tagger::lexicon;

/// Facts and distributions that slots are filled from.
pub(crate) struct Stock {
    lists: BTreeMap<String, Vec<String>>,
    /// Surnames with their share, added up.
    surnames: Vec<(u32, String)>,
    given_first: Vec<(u32, char)>,
    given_last: Vec<(u32, char)>,
    known_names: Vec<String>,
    foreign_names: Vec<String>,
    foreign_next: BTreeMap<char, Vec<char>>,
    foreign_first: Vec<char>,
    provinces: Vec<String>,
    cities: Vec<String>,
    /// (county, its city, its province)
    counties: Vec<(String, String, String)>,
    towns: Vec<(String, usize)>,
    other_places: Vec<String>,
    other_orgs: Vec<String>,
    titles: Vec<String>,
    /// Words by the letter of their tag, with the sum of the weights up to them.
    words: BTreeMap<char, Vec<(u32, String)>>,
}

fn weighted<T: Clone>(items: &[(u32, T)], random: &mut Random) -> Option<T> {
    let total = items.last()?.0;
    let at = random.below(total as usize) as u32;
    let index = items.partition_point(|(sum, _)| *sum <= at);
    items.get(index).map(|(_, item)| item.clone())
}

fn summed<T>(counts: BTreeMap<T, u32>) -> Vec<(u32, T)> {
    let mut sum = 0;
    counts
        .into_iter()
        .map(|(item, count)| {
            sum += count;
            (sum, item)
        })
        .collect()
}

impl Stock {
    pub(crate) fn new(rules: &Rules, entities: &str) -> anyhow::Result<Stock> {
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut list = String::new();
        for line in entities.lines().filter(|l| !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                list = name.to_owned();
            } else {
                lists.entry(list.clone()).or_default().extend(line.split(' ').map(str::to_owned));
            }
        }
        for (section, name) in lexicon::proper() {
            let list = match section {
                "T teams" => "teams",
                "T companies" => "companies",
                "S" => "spots",
                "w" => "games",
                _ => continue,
            };
            lists.entry(list.to_owned()).or_default().push(name.to_owned());
        }
        let mut share = BTreeMap::new();
        for line in rules.lexicon("surnames.tsv").unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            if let (Some(surname), Some(percent)) = (fields.first(), fields.get(3)) {
                // Rare surnames are drawn more often than they occur, so that the model meets them all.
                let weight = (percent.parse::<f32>().unwrap_or(0.0) * 1000.0).powf(0.8) as u32 + 2;
                share.insert((*surname).to_owned(), weight);
            }
        }
        let one_char: Vec<char> =
            share.keys().filter(|s| s.chars().count() == 1).filter_map(|s| s.chars().next()).collect();
        let mut first = BTreeMap::new();
        let mut last = BTreeMap::new();
        let (mut known, mut foreign, mut other_places, mut other_orgs) = (vec![], vec![], vec![], vec![]);
        let mut foreign_next: BTreeMap<char, Vec<char>> = BTreeMap::new();
        let mut foreign_first = vec![];
        let mut words: BTreeMap<char, Vec<(u32, String)>> = BTreeMap::new();
        for (word, tag, level) in lexicon::words()? {
            let chars: Vec<char> = word.chars().collect();
            match tag {
                'R' if one_char.contains(chars.first().unwrap_or(&' ')) && (2..=3).contains(&chars.len()) => {
                    match chars.as_slice() {
                        [_, b] => *last.entry(*b).or_insert(0) += 1,
                        [_, a, b] => {
                            *first.entry(*a).or_insert(0) += 1;
                            *last.entry(*b).or_insert(0) += 1;
                        }
                        _ => {}
                    }
                    // 吴先生 and 刘某 are no names but a surname with a form of address.
                    if !word.ends_with([
                        '生', '姐', '某', '家', '席', '师', '士', '太', '氏', '哥', '总', '公', '母',
                    ]) {
                        known.push(word);
                    }
                }
                'f' if chars.len() >= 2 => {
                    if let Some(c) = chars.first() {
                        foreign_first.push(*c);
                    }
                    for pair in chars.windows(2) {
                        foreign_next.entry(pair[0]).or_default().push(pair[1]);
                    }
                    foreign.push(word);
                }
                'S' if chars.len() >= 2 => other_places.push(word),
                'T' if chars.len() >= 2 => other_orgs.push(word),
                'n' | 'v' | 'a' | 'e' | 'd' | 'z' | 'l' | 'i' | 'b' if chars.len() >= 2 => {
                    // About the root of the frequency: common words lead, rare ones are met.
                    let weight = 2f32.powf(f32::from(level) * 0.28) as u32 + 1;
                    let list = words.entry(tag).or_default();
                    let sum = list.last().map_or(0, |(sum, _)| *sum);
                    list.push((sum + weight, word));
                }
                _ => {}
            }
        }
        let (mut provinces, mut cities, mut counties, mut towns) = (vec![], vec![], vec![], vec![]);
        let mut by_code: BTreeMap<String, String> = BTreeMap::new();
        let mut index_of: BTreeMap<String, usize> = BTreeMap::new();
        let places = rules.lexicon("places.tsv").unwrap_or_default();
        let rows: Vec<Vec<&str>> = places.lines().skip(1).map(|l| l.split('\t').collect()).collect();
        for level in ["province", "prefecture", "county", "township"] {
            for row in rows.iter().filter(|row| row.get(2) == Some(&level)) {
                let [code, name, _, parent] = row.as_slice() else { continue };
                if name.contains("直辖") {
                    continue;
                }
                by_code.insert((*code).to_owned(), (*name).to_owned());
                match level {
                    "province" => provinces.push((*name).to_owned()),
                    "prefecture" => cities.push((*name).to_owned()),
                    "county" => {
                        let province =
                            parent.get(..2).and_then(|p| by_code.get(p)).cloned().unwrap_or_default();
                        let city = by_code.get(*parent).cloned().unwrap_or_default();
                        index_of.insert((*code).to_owned(), counties.len());
                        counties.push(((*name).to_owned(), city, province));
                    }
                    _ => {
                        if let Some(county) = index_of.get(*parent) {
                            towns.push(((*name).to_owned(), *county));
                        }
                    }
                }
            }
        }
        Ok(Stock {
            lists,
            surnames: summed(share),
            given_first: summed(first),
            given_last: summed(last),
            known_names: known,
            foreign_names: foreign,
            foreign_next,
            foreign_first,
            provinces,
            cities,
            counties,
            towns,
            other_places,
            other_orgs,
            titles: lexicon::titles().map(str::to_owned).collect(),
            words,
        })
    }

    pub(crate) fn of(&self, list: &str, random: &mut Random) -> String {
        self.lists.get(list).map(|items| one(items, random)).unwrap_or_default()
    }

    pub(crate) fn word(&self, tags: &[char], random: &mut Random) -> String {
        let tag = random.pick(tags);
        self.words.get(&tag).and_then(|items| weighted(items, random)).unwrap_or_default()
    }

    pub(crate) fn surname(&self, random: &mut Random) -> String {
        weighted(&self.surnames, random).unwrap_or_default()
    }

    fn given(&self, random: &mut Random) -> String {
        let mut name = String::new();
        let share = random.below(100);
        if share < 4 {
            // 丹丹, 婷婷
            let c = weighted(&self.given_last, random).unwrap_or('平');
            name.extend([c, c]);
        } else {
            if share < 80 {
                name.extend(weighted(&self.given_first, random));
            }
            name.extend(weighted(&self.given_last, random));
        }
        name
    }

    /// A full Chinese name.
    pub(crate) fn chinese(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..=22 => one(&self.known_names, random),
            23..=24 => format!("{}·{}", self.of("minority", random), self.of("minority", random)),
            25 => self.of("minority", random) + &self.of("minority", random),
            _ => self.surname(random) + &self.given(random),
        }
    }

    fn foreign_word(&self, random: &mut Random) -> String {
        if random.chance(65) {
            return one(&self.foreign_names, random);
        }
        let length = 2 + random.below(4);
        let mut c = random.pick(&self.foreign_first);
        let mut word = String::from(c);
        while word.chars().count() < length {
            let Some(next) = self.foreign_next.get(&c) else { break };
            c = random.pick(next);
            word.push(c);
        }
        if word.chars().count() < 2 { one(&self.foreign_names, random) } else { word }
    }

    pub(crate) fn foreign(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..=67 => self.foreign_word(random),
            68..=88 => self.foreign_full(random),
            _ => self.of("japanese", random) + &self.of("japanese-given", random),
        }
    }

    /// A foreign name of two or three parts, joined as newspapers and web pages join them.
    pub(crate) fn foreign_full(&self, random: &mut Random) -> String {
        let join = random.pick(&["·", "·", "·", "·", "-", "-", ".", "•", "—", "・"]);
        let mut name = self.foreign_word(random);
        for _ in 0..if random.chance(18) { 2 } else { 1 } {
            name.push_str(join);
            name += &self.foreign_word(random);
        }
        name
    }

    /// A name in Latin letters; some texts have lost their blanks.
    pub(crate) fn latin(&self, random: &mut Random) -> String {
        let (given, family) = (self.of("latin-given", random), self.of("latin-family", random));
        match random.below(10) {
            0..=5 => format!("{given} {family}"),
            6 => format!("{given}{family}"),
            7 => format!("{given} {}. {family}", random.pick(&["A", "J", "M", "W", "S"])),
            8 => format!("{given}{family}").to_lowercase(),
            _ => given,
        }
    }

    /// What a player calls himself.
    pub(crate) fn handle(&self, random: &mut Random) -> String {
        self.of("handles", random)
    }

    /// What a person is called by those who know him: 小梅, 阿强, 老王, 强子.
    pub(crate) fn nickname(&self, random: &mut Random) -> String {
        let last = weighted(&self.given_last, random).unwrap_or('平');
        match random.below(6) {
            0 | 1 => format!("小{last}"),
            2 => format!("阿{last}"),
            3 => random.pick(&["老", "小", "大"]).to_owned() + &self.surname(random),
            4 => format!("{last}{}", random.pick(&["子", "哥", "姐", "仔", "娃"])),
            _ => format!("{last}{last}"),
        }
    }

    /// A surname with a form of address, which names nobody fully.
    pub(crate) fn addressed(&self, random: &mut Random) -> String {
        let form =
            random.pick(&["先生", "女士", "小姐", "总", "老师", "主任", "经理", "教授", "医生", "设计师"]);
        self.surname(random) + form
    }

    /// A low place that takes up water, a dyke or a reach of a river.
    pub(crate) fn water(&self, random: &mut Random) -> String {
        let kind = random.pick(&[
            "湖",
            "洼",
            "圩",
            "垸",
            "坡",
            "泊",
            "淀",
            "渠",
            "河",
            "口",
            "段",
            "东垸",
            "西垸",
            "北洼",
            "湖圩",
            "滩",
            "堤",
            "水库",
            "河口",
            "沟",
            "港",
            "塘",
            "岗",
            "分洪区",
        ]);
        let base = match random.below(4) {
            0 => self.surname(random) + random.pick(&["家", "庄", "", "湾", "王"]),
            1 => self.given(random),
            2 => short(&one(&self.cities, random)),
            _ => self.surname(random) + &self.given(random),
        };
        base + kind
    }

    /// A name that hides part of itself: 张某, 王某甲, 李某某, 黄某1.
    pub(crate) fn masked(&self, random: &mut Random) -> String {
        let tail = random.pick(&["某", "某某", "某甲", "某乙", "某1", "某2", "××", "某", "某丙"]);
        self.surname(random) + tail
    }

    pub(crate) fn person(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..=59 => self.chinese(random),
            60..=88 => self.foreign(random),
            89..=92 => self.given(random),
            93..=95 => self.surname(random),
            96 => self.masked(random),
            97 => "阿".to_owned() + &self.given(random),
            _ => random.pick(&["小", "老"]).to_owned() + &self.surname(random),
        }
    }

    pub(crate) fn chinese_place(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..=19 => short(&one(&self.provinces, random)),
            20..=29 => one(&self.provinces, random),
            30..=49 => short(&one(&self.cities, random)),
            50..=64 => one(&self.cities, random),
            65..=79 => {
                let county = self.counties.get(random.below(self.counties.len()));
                county.map(|c| c.0.clone()).unwrap_or_default()
            }
            80..=90 => {
                let Some((county, city, province)) = self.counties.get(random.below(self.counties.len()))
                else {
                    return String::new();
                };
                match random.below(3) {
                    0 => format!("{province}{city}"),
                    1 => format!("{city}{county}"),
                    _ => format!("{province}{city}{county}"),
                }
            }
            91..=95 => {
                let Some((town, county)) = self.towns.get(random.below(self.towns.len())) else {
                    return String::new();
                };
                let county = self.counties.get(*county).map(|c| c.0.clone()).unwrap_or_default();
                if random.chance(50) { county + town } else { town.clone() }
            }
            _ => {
                let c = self.surname(random);
                c + random.pick(&["家村", "家庄", "村", "庄", "家沟", "各庄", "屯", "家湾"])
            }
        }
    }

    pub(crate) fn place(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..=44 => self.chinese_place(random),
            45..=64 => self.of("countries", random),
            65..=81 => self.of("cities", random),
            82..=91 => one(&self.other_places, random),
            92..=95 => self.foreign_word(random),
            _ => self.road(random),
        }
    }

    /// A building, estate, park or quarter, mostly with the place it is in before it: one place as a whole.
    pub(crate) fn complex(&self, random: &mut Random) -> String {
        let mut name = match random.below(10) {
            0..=2 => short(&one(&self.cities, random)),
            3 => one(&self.cities, random),
            4 => short(&one(&self.provinces, random)),
            5 => {
                self.counties.get(random.below(self.counties.len())).map(|c| c.0.clone()).unwrap_or_default()
            }
            6 => {
                let county = self.counties.get(random.below(self.counties.len()));
                county.map(|c| c.1.clone() + &c.0).unwrap_or_default()
            }
            7 => self.of("cities", random),
            _ => String::new(),
        };
        name += &match random.below(8) {
            0 => self.given(random),
            1 => self.of("estates", random),
            2 => self.word(&['n', 'z'], random),
            3 => self.foreign_word(random),
            4 => self.word(&['e', 'n'], random) + &self.word(&['n'], random),
            5 => self.road(random),
            _ => self.of("brands", random),
        };
        name += random.pick(&[
            "广场",
            "大厦",
            "小区",
            "酒店",
            "大酒店",
            "市场",
            "批发市场",
            "步行街",
            "公园",
            "会展中心",
            "网吧",
            "图书大厦",
            "体育馆",
            "体育场",
            "球场",
            "购物中心",
            "商场",
            "商务区",
            "开发区",
            "工业园",
            "度假区",
            "风景区",
            "景区",
            "火车站",
            "机场",
            "花园",
            "公寓",
            "家园",
            "别墅",
            "会所",
            "高尔夫球场",
            "温泉",
            "度假村",
            "餐厅",
            "美术馆",
            "博物馆",
            "艺术村",
            "文化城",
            "科技园",
            "物流园",
            "码头",
            "客运站",
            "一期",
            "地区",
            "区域",
            "路口",
            "南侧",
            "市区",
            "半岛",
            "新区",
            "古街",
            "村",
            "岛",
            "峡谷",
            "湖畔",
            "超市",
            "影城",
            "剧院",
            "大桥",
            "立交桥",
            "广场一号",
        ]);
        name
    }

    /// A bank with the place of its branch.
    pub(crate) fn branch(&self, random: &mut Random) -> String {
        let bank = random.pick(&[
            "工商银行",
            "农业银行",
            "中国银行",
            "建设银行",
            "交通银行",
            "招商银行",
            "民生银行",
            "农行",
            "工行",
            "建行",
            "中行",
            "花旗银行",
            "汇丰银行",
            "人民银行",
            "央行",
            "中国人寿",
            "中国移动",
            "中国电信",
            "人保财险",
            "平安保险",
            "农村信用社",
        ]);
        let kind = random.pick(&[
            "分行",
            "支行",
            "分公司",
            "营业部",
            "总部",
            "市分行",
            "省分行",
            "办事处",
            "中心支行",
        ]);
        bank.to_owned() + &short(&self.chinese_place(random)) + kind
    }

    pub(crate) fn road(&self, random: &mut Random) -> String {
        match random.below(4) {
            0 => self.of("roads", random),
            1 => short(&self.chinese_place(random)) + &self.of("scenic", random),
            2 => {
                self.word(&['n', 'z'], random)
                    + random.pick(&["路", "街", "大道", "山", "湖", "大桥", "公园", "广场"])
            }
            _ => self.given(random) + random.pick(&["路", "街", "大街", "巷", "山", "河", "寺", "桥"]),
        }
    }

    /// A dwelling address down to the house or room.
    pub(crate) fn address(&self, random: &mut Random) -> String {
        let Some((town, county)) = self.towns.get(random.below(self.towns.len())) else {
            return String::new();
        };
        let Some((county, city, province)) = self.counties.get(*county) else { return String::new() };
        let mut text = String::new();
        if random.chance(80) {
            text += province;
        }
        if random.chance(90) {
            text += city;
        }
        if random.chance(92) {
            text += county;
        }
        if random.chance(45) {
            text += town;
        }
        match random.below(8) {
            0 => {
                text += &self.surname(random);
                text += random.pick(&["家村", "庄村", "村", "家湾"]);
                text += &match random.below(3) {
                    0 => format!("{}组{}号", 1 + random.below(20), 1 + random.below(200)),
                    1 => format!("{}号", 1 + random.below(300)),
                    _ => format!("第{}村民小组", random.pick(&["一", "二", "三", "四", "十"])),
                };
            }
            kind => {
                text += &self.road(random);
                text += &format!("{}号", 1 + random.below(999));
                if kind > 2 {
                    if random.chance(70) {
                        text += &self.of("estates", random);
                    }
                    let n = 1 + random.below(30);
                    text += &match random.below(5) {
                        0 => format!("{n}栋{}单元{}室", 1 + random.below(6), 101 + random.below(2400)),
                        1 => format!("{n}号楼{}室", 101 + random.below(2400)),
                        2 => format!("{n}幢{}", 101 + random.below(2400)),
                        3 => format!("{n}-{}-{}", 1 + random.below(5), 101 + random.below(900)),
                        _ => format!("{n}栋{}室", 101 + random.below(2400)),
                    };
                }
            }
        }
        text
    }

    pub(crate) fn company(&self, random: &mut Random) -> String {
        if random.chance(35) {
            return self.of("companies", random);
        }
        let brand = match random.below(4) {
            0 => self.given(random),
            1 => self.word(&['z', 'n'], random),
            _ => self.of("brands", random),
        };
        let ending = random.pick(&[
            "有限公司",
            "有限公司",
            "股份有限公司",
            "有限责任公司",
            "公司",
            "集团",
            "集团有限公司",
            "控股",
            "厂",
        ]);
        let industry = self.of("industries", random);
        match random.below(6) {
            0 => brand + &industry,
            1 => brand + ending,
            2 => format!("{brand}({}){industry}{ending}", short(&one(&self.cities, random))),
            3 => short(&one(&self.provinces, random)) + &brand + &industry + ending,
            4 => one(&self.cities, random) + &brand + &industry + ending,
            _ => short(&one(&self.cities, random)) + &brand + &industry + ending,
        }
    }

    /// A sports team; many are called by the name of their city alone.
    pub(crate) fn team(&self, random: &mut Random) -> String {
        let mut name = match random.below(10) {
            0..=4 => return self.of("teams", random),
            5 => self.of("cities", random),
            6 => one(&self.other_places, random),
            7 => self.foreign_word(random),
            8 => short(&one(&self.cities, random)) + &self.of("brands", random),
            _ => return self.national_team(random),
        };
        if random.chance(30) {
            name.push('队');
        }
        name
    }

    pub(crate) fn national_team(&self, random: &mut Random) -> String {
        self.of("countries", random)
            + random.pick(&[
                "队",
                "队",
                "队",
                "国家队",
                "男篮",
                "女排",
                "女足",
                "国奥队",
                "女队",
                "男队",
                "足球队",
                "青年队",
                "乒乓球队",
            ])
    }

    pub(crate) fn school(&self, random: &mut Random) -> String {
        if random.chance(45) {
            return self.of("schools", random);
        }
        short(&self.chinese_place(random)) + &self.of("school-kinds", random)
    }

    pub(crate) fn hospital(&self, random: &mut Random) -> String {
        let place =
            if random.chance(50) { one(&self.cities, random) } else { short(&self.chinese_place(random)) };
        place + &self.of("hospitals", random)
    }

    pub(crate) fn government(&self, random: &mut Random) -> String {
        match random.below(10) {
            0..=3 => self.of("orgs", random),
            4 => random.pick(&["市", "县", "省", "区", "州"]).to_owned() + &self.of("government", random),
            _ => self.chinese_place(random) + &self.of("government", random),
        }
    }

    pub(crate) fn court(&self, random: &mut Random) -> String {
        let Some((county, city, province)) = self.counties.get(random.below(self.counties.len())) else {
            return String::new();
        };
        match random.below(4) {
            0 => format!("{province}高级人民法院"),
            1 => format!("{province}{city}中级人民法院"),
            2 => format!("{county}人民法院"),
            _ => format!("{province}{city}{county}人民法院"),
        }
    }

    pub(crate) fn law_firm(&self, random: &mut Random) -> String {
        let place = if random.chance(60) { short(&one(&self.provinces, random)) } else { String::new() };
        place + &self.of("brands", random) + random.pick(&["律师事务所", "(北京)律师事务所", "法律服务所"])
    }

    pub(crate) fn organisation(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..=22 => self.company(random),
            23..=24 => self.branch(random),
            25..=34 => self.school(random),
            35..=38 => self.hospital(random),
            39..=54 => self.government(random),
            55..=64 => self.of("orgs", random),
            65..=74 => self.of("media", random),
            75..=82 => self.team(random),
            83..=91 => one(&self.other_orgs, random),
            92 => self.court(random),
            93 => self.law_firm(random),
            94..=96 => {
                let kind = random.pick(&[
                    "研究院",
                    "研究所",
                    "协会",
                    "学会",
                    "基金会",
                    "商会",
                    "俱乐部",
                    "联合会",
                    "博物馆",
                    "委员会",
                ]);
                let scope = if random.chance(40) { "中国".to_owned() } else { short(&self.place(random)) };
                scope + &self.word(&['n', 'a'], random) + kind
            }
            _ => {
                self.of("countries", random)
                    + random.pick(&[
                        "外交部",
                        "国防部",
                        "央行",
                        "议会",
                        "国会",
                        "警方",
                        "财政部",
                        "大使馆",
                        "足协",
                        "奥委会",
                        "政府军",
                        "使馆",
                        "驻华使馆",
                        "海军",
                        "最高法院",
                        "航空公司",
                        "电视台",
                    ])
            }
        }
    }

    pub(crate) fn title(&self, random: &mut Random) -> String {
        one(&self.titles, random)
    }

    pub(crate) fn company_title(&self, random: &mut Random) -> String {
        let base = random.pick(&[
            "董事长",
            "总经理",
            "副总经理",
            "董事",
            "独立董事",
            "监事",
            "财务总监",
            "董事会秘书",
            "总裁",
            "副总裁",
            "总经理助理",
            "总工程师",
            "监事会主席",
            "党委书记",
            "副董事长",
            "财务负责人",
            "首席执行官",
            "主任",
            "副主任",
            "经理",
            "部长",
            "会计",
            "工程师",
            "高级工程师",
            "销售经理",
            "副教授",
            "教授",
            "院长",
            "研究员",
            "讲师",
            "科长",
            "处长",
            "厂长",
            "车间主任",
            "执行董事",
            "主任科员",
            "项目经理",
            "董事长兼总经理",
            "董事、总经理",
            "党委副书记",
            "工会主席",
            "总会计师",
        ]);
        match random.below(8) {
            0 => {
                random
                    .pick(&[
                        "财务部",
                        "人事部",
                        "市场部",
                        "投资部",
                        "审计部",
                        "销售部",
                        "办公室",
                        "研发中心",
                        "技术部",
                        "证券部",
                    ])
                    .to_owned()
                    + random.pick(&["经理", "副经理", "主任", "部长", "总经理", "副部长", "主管", "总监"])
            }
            1 => format!(
                "第{}届董事会{}",
                random.pick(&["一", "二", "三", "四", "五"]),
                random.pick(&["董事", "独立董事", "董事长"])
            ),
            _ => base.to_owned(),
        }
    }

    pub(crate) fn government_title(&self, random: &mut Random) -> String {
        random
            .pick(&[
                "总统",
                "总理",
                "首相",
                "外长",
                "外交部长",
                "国防部长",
                "副总理",
                "主席",
                "议长",
                "副总统",
                "国王",
                "大使",
                "驻华大使",
                "国务委员",
                "委员长",
                "书记",
                "副主席",
                "部长",
                "财政部长",
                "市长",
                "省长",
                "发言人",
                "秘书长",
                "副委员长",
                "局长",
                "副局长",
                "外交部发言人",
                "国务卿",
                "代表",
                "特使",
                "总书记",
                "前总统",
                "国防部副部长",
                "议员",
                "候任总统",
            ])
            .to_owned()
    }
}

fn one(items: &[String], random: &mut Random) -> String {
    items.get(random.below(items.len())).cloned().unwrap_or_default()
}

/// 浙江省 as 浙江; unchanged when less than two characters would be left.
pub(crate) fn short(name: &str) -> String {
    const ENDINGS: [&str; 7] = ["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市", "县"];
    for ending in ENDINGS {
        if let Some(short) = name.strip_suffix(ending) {
            return if short.chars().count() >= 2 { short.to_owned() } else { name.to_owned() };
        }
    }
    name.to_owned()
}
