//! Turns templates into sentences with labels.
//!
//! `[a|b]` chooses one, `x?` after a choice may leave it out, `{p}` is filled and, when it is a name, place,
//! organisation or position, labelled; `{l=中国}` labels the words after the sign.

use crate::data::Mark;
use crate::fill::Stock;
use crate::random::Random;

/// Text that grows with its marks.
#[derive(Default)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    chars: usize,
    pub(crate) marks: Vec<Mark>,
}

impl Sentence {
    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count();
    }

    fn marked(&mut self, text: &str, class: usize) {
        let start = self.chars;
        self.plain(text);
        if self.chars > start {
            self.marks.push(Mark { start, end: self.chars, class });
        }
    }
}

/// One sentence of `template`.
pub(crate) fn sentence(template: &str, stock: &Stock, random: &mut Random) -> Sentence {
    let chosen = choose(template, random);
    let mut out = Sentence::default();
    let mut rest = chosen.as_str();
    while let Some(open) = rest.find('{') {
        let (before, tail) = rest.split_at(open);
        out.plain(before);
        let Some(close) = tail.find('}') else { break };
        slot(tail.get(1..close).unwrap_or_default(), stock, random, &mut out);
        rest = tail.get(close + 1..).unwrap_or_default();
    }
    out.plain(rest);
    out
}

/// Takes one branch of every choice, from the inside out.
fn choose(template: &str, random: &mut Random) -> String {
    let mut text = template.to_owned();
    while let Some(close) = text.find(']') {
        let Some(open) = text.get(..close).and_then(|head| head.rfind('[')) else { break };
        let branches: Vec<&str> = text.get(open + 1..close).unwrap_or_default().split('|').collect();
        let mut branch = branches.get(random.below(branches.len())).copied().unwrap_or_default().to_owned();
        let mut end = close + 1;
        if text.get(end..).is_some_and(|tail| tail.starts_with('?')) {
            end += 1;
            if random.chance(50) {
                branch.clear();
            }
        }
        text.replace_range(open..end, &branch);
    }
    text
}

fn digits(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + random.below(10) as u8)).collect()
}

fn slot(name: &str, stock: &Stock, random: &mut Random, out: &mut Sentence) {
    if let Some((kind, text)) = name.split_once('=') {
        let class = match kind {
            "p" => 0,
            "l" => 1,
            "o" => 2,
            _ => 3,
        };
        out.marked(text, class);
        return;
    }
    match name {
        "p" => out.marked(&stock.person(random), 0),
        "c" => out.marked(&stock.chinese(random), 0),
        "f" => out.marked(&stock.foreign(random), 0),
        "nk" => out.marked(&stock.nickname(random), 0),
        "fd" => out.marked(&stock.foreign_full(random), 0),
        "L" => out.marked(&stock.latin(random), 0),
        "G" => out.plain(&stock.handle(random)),
        "s" => out.marked(&stock.of("spots", random), 1),
        "b" => out.marked(&stock.complex(random), 1),
        "ob" => out.marked(&stock.branch(random), 2),
        "D1" => out.marked(&stock.water(random), 1),
        "h" | "hs" => out.plain(&stock.addressed(random)),
        "M" => out.plain(&stock.of("games", random)),
        "q" => out.plain(&format!("{}.{:02}", 1 + random.below(9), random.below(100))),
        "k" => out.marked(&stock.masked(random), 0),
        "c1" => out.marked(&stock.surname(random), 0),
        "l" => out.marked(&stock.place(random), 1),
        "g" => out.marked(&stock.chinese_place(random), 1),
        "n" => out.marked(&stock.of("countries", random), 1),
        "n1" => out.marked(&stock.of("short", random), 1),
        "w" => out.marked(&stock.of("cities", random), 1),
        "r" => out.marked(&stock.road(random), 1),
        "a" => out.marked(&stock.address(random), 1),
        "o" => out.marked(&stock.organisation(random), 2),
        "oc" => out.marked(&stock.company(random), 2),
        "og" => out.marked(&stock.government(random), 2),
        "os" => out.marked(&stock.school(random), 2),
        "oh" => out.marked(&stock.hospital(random), 2),
        "om" => out.marked(&stock.of("media", random), 2),
        "ot" => out.marked(&stock.team(random), 2),
        "on" => out.marked(&stock.national_team(random), 2),
        "ol" => out.marked(&stock.court(random), 2),
        "ow" => out.marked(&stock.law_firm(random), 2),
        "t" => out.marked(&stock.title(random), 3),
        "tj" => out.marked(&stock.company_title(random), 3),
        "tg" => out.marked(&stock.government_title(random), 3),
        "x" => {
            let mut text = String::new();
            if random.chance(25) {
                text += &stock.word(&['e', 'b'], random);
                if random.chance(50) {
                    text.push('的');
                }
            }
            text += &stock.word(&['n', 'n', 'a', 'z', 'n'], random);
            if random.chance(15) {
                text += &stock.word(&['n', 'a'], random);
            }
            out.plain(&text);
        }
        "v" => {
            let mut text = String::new();
            if random.chance(20) {
                text += &stock.word(&['d'], random);
            }
            text += &stock.word(&['v', 'v', 'v', 'i', 'l', 'a'], random);
            if random.chance(15) {
                text.push_str(random.pick(&["了", "着", "过", "的", "得"]));
            }
            out.plain(&text);
        }
        "adj" => out.plain(&stock.word(&['e', 'i'], random)),
        "z" => {
            let text = if random.chance(30) {
                stock.of("works", random)
            } else {
                stock.word(&['n', 'v', 'e', 'i'], random) + &stock.word(&['n', 'a'], random)
            };
            out.plain(&text);
        }
        "y" => out.plain(&stock.word(&['n', 'e', 'z'], random)),
        "e" => out.plain(&if random.chance(50) {
            stock.of("nicks", random)
        } else {
            stock.word(&['e', 'n', 'v'], random)
                + &stock.word(&['n', 'v'], random)
                + &random.below(30).to_string()
        }),
        "d" => {
            let (y, m, d) = (1950 + random.below(76), 1 + random.below(12), 1 + random.below(28));
            out.plain(&match random.below(6) {
                0 => format!("{y}年{m}月{d}日"),
                1 => format!("{m}月{d}日"),
                2 => format!("{y}年"),
                3 => format!("{y}年{m}月"),
                4 => format!("{d}日"),
                _ => format!("{y}-{m:02}-{d:02}"),
            });
        }
        "D" => out.plain(&format!(
            "2024-{:02}-{:02} {:02}:{:02}",
            1 + random.below(12),
            1 + random.below(28),
            random.below(24),
            random.below(60)
        )),
        "N" => {
            let length = 1 + random.below(4);
            out.plain(&digits(random, length));
        }
        "P" => out.plain(&format!("1{}{}", random.pick(&["3", "5", "7", "8"]), digits(random, 9))),
        "I" => out.plain(&digits(random, 18)),
        "B" => out.plain(&format!("{}A{}", random.pick(&["京", "粤", "浙", "川", "鲁"]), digits(random, 5))),
        "E" => out.plain(&format!("a{}@{}", digits(random, 4), stock.of("mails", random))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhunsheng_rules::Rules;

    fn stock() -> Stock {
        Stock::new(Rules::embedded(), include_str!("../data/entities.txt")).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_sentences_and_marks_lie_inside() {
        let stock = stock();
        let all = || {
            let mut random = Random::new(7);
            let templates = include_str!("../data/templates.txt")
                .lines()
                .chain(include_str!("../data/prose.txt").lines())
                .chain(include_str!("../data/genres.txt").lines());
            templates
                .filter(|line| !line.starts_with('#'))
                .map(|line| sentence(line, &stock, &mut random))
                .map(|s| (s.text, s.marks))
                .collect::<Vec<_>>()
        };
        let first = all();
        assert!(first.len() > 300);
        assert!(first == all());
        for (text, marks) in &first {
            assert!(!text.contains(['{', '}']), "{text}");
            let length = text.chars().count();
            let mut end = 0;
            for mark in marks {
                assert!(mark.start >= end && mark.end > mark.start && mark.end <= length, "{text}");
                end = mark.end;
            }
        }
    }

    #[test]
    fn marks_hold_what_filled_the_slot() {
        let stock = stock();
        let made = sentence("在{l=中国}的{o=新华社}", &stock, &mut Random::new(1));
        assert_eq!(made.text, "在中国的新华社");
        assert_eq!(made.marks, [Mark { start: 1, end: 3, class: 1 }, Mark { start: 4, end: 7, class: 2 }]);
    }

    #[test]
    fn every_choice_is_taken_at_some_seed() {
        let mut seen: Vec<String> =
            (0..60).map(|seed| choose("[甲|乙[丙|丁]|]戊?", &mut Random::new(seed))).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen, ["乙丁戊?", "乙丙戊?", "戊?", "甲戊?"]);
    }
}
