//! The draw itself.

use crate::error::{EvidenceError, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BinaryHeap};
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{Algorithm, Hash};

/// How records are parted before drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Not at all.
    #[default]
    Nothing,
    /// By tier (档).
    Tier,
    /// By the kind that decides the tier.
    Kind,
    /// By file.
    File,
}

impl By {
    /// The word used on the command line and in sheets.
    pub const fn as_str(self) -> &'static str {
        match self {
            By::Nothing => "nothing",
            By::Tier => "tier",
            By::Kind => "kind",
            By::File => "file",
        }
    }

    /// The value of that word.
    pub fn from_word(word: &str) -> Option<By> {
        [By::Nothing, By::Tier, By::Kind, By::File].into_iter().find(|by| by.as_str() == word)
    }
}

/// A line of 法释〔2017〕10号 art. 5 ¶1 as the inventory counted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierLine {
    /// Item of ¶1: 3, 4 or 5.
    pub tier: u8,
    /// Items needed for 情节严重, after item 8 where it applies; ten times as many for 情节特别严重.
    pub threshold: u64,
}

/// Records of one stratum and one tier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// Name of the stratum; empty without strata.
    pub stratum: String,
    /// 3, 4 or 5.
    pub tier: u8,
    /// Records that count.
    pub population: u64,
}

/// A record that was drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Drawn {
    /// Its number in `records.parquet`.
    pub record: u64,
    /// Its tier.
    pub tier: u8,
    /// Its stratum.
    pub stratum: String,
}

/// Everything that defines a draw and lets it be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// Always `zhunsheng.draw/1`.
    pub method: String,
    /// The published seed.
    pub seed: String,
    /// SHA-256 of `inventory.json`, in hexadecimal: what the draw is about.
    pub inventory_sha256: String,
    /// How records were parted.
    pub by: By,
    /// Draws asked for.
    pub asked: u64,
    /// The lines of the inventory.
    pub lines: Vec<TierLine>,
    /// Records of each stratum and tier, sorted.
    pub cells: Vec<Cell>,
    /// The records drawn, by number.
    pub drawn: Vec<Drawn>,
}

impl Draw {
    /// SHA-256 over everything in the draw, in hexadecimal; stands in the sheet and in the log.
    pub fn digest(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        hex(&Algorithm::Sha256.hash(&[&bytes]))
    }
}

/// Takes every record once, in any order, and keeps those that are drawn; memory grows with the number of
/// strata times the number of draws, not with the data.
pub struct Drawer {
    by: By,
    asked: u64,
    seed: String,
    strata: BTreeMap<String, Stratum>,
}

#[derive(Default)]
struct Stratum {
    population: BTreeMap<u8, u64>,
    /// The smallest keys so far, the largest of them on top.
    smallest: BinaryHeap<(Hash, u64, u8)>,
}

impl Drawer {
    /// A draw of `n` records.
    pub fn new(n: u64, by: By, seed: &str) -> Drawer {
        Drawer { by, asked: n, seed: seed.to_owned(), strata: BTreeMap::new() }
    }

    /// Takes a record that counts: its number, tier (3, 4 or 5), the id of the kind that decides the tier,
    /// and its file.
    pub fn push(&mut self, record: u64, tier: u8, kind: &str, file: &str) {
        let tier_text = tier.to_string();
        let name = match self.by {
            By::Nothing => "",
            By::Tier => &tier_text,
            By::Kind => kind,
            By::File => file,
        };
        let number = record.to_string();
        let parts = ["zhunsheng.draw/1\n", &self.seed, "\n", name, "\n", &number].map(str::as_bytes);
        let key = Algorithm::Sha256.hash(&parts);
        if !self.strata.contains_key(name) {
            self.strata.insert(name.to_owned(), Stratum::default());
        }
        let Some(stratum) = self.strata.get_mut(name) else { return };
        *stratum.population.entry(tier).or_default() += 1;
        stratum.smallest.push((key, record, tier));
        if stratum.smallest.len() as u64 > self.asked {
            stratum.smallest.pop();
        }
    }

    /// Shares out the draws and gives the records drawn.
    ///
    /// # Errors
    /// [`EvidenceError::Draw`] when nothing can be drawn or there are more strata than draws.
    pub fn finish(self, inventory_sha256: &str, lines: Vec<TierLine>) -> Result<Draw> {
        if self.strata.is_empty() || self.asked == 0 {
            return Err(EvidenceError::Draw(
                "there is no record that counts, or no draw asked for".to_owned(),
            ));
        }
        if self.strata.len() as u64 > self.asked {
            let (strata, by, asked) = (self.strata.len(), self.by.as_str(), self.asked);
            return Err(EvidenceError::Draw(format!(
                "{strata} strata by {by} need at least as many draws, {asked} were asked for"
            )));
        }
        let sizes: Vec<u64> = self.strata.values().map(|stratum| stratum.population.values().sum()).collect();
        let shares = shares(&sizes, self.asked);
        let (mut cells, mut drawn) = (Vec::new(), Vec::new());
        for ((name, stratum), share) in self.strata.into_iter().zip(shares) {
            for (tier, population) in &stratum.population {
                cells.push(Cell { stratum: name.clone(), tier: *tier, population: *population });
            }
            let smallest = stratum.smallest.into_sorted_vec().into_iter();
            drawn.extend(
                smallest.take(usize::try_from(share).unwrap_or(usize::MAX)).map(|(_, record, tier)| Drawn {
                    record,
                    tier,
                    stratum: name.clone(),
                }),
            );
        }
        drawn.sort_unstable();
        Ok(Draw {
            method: "zhunsheng.draw/1".to_owned(),
            seed: self.seed,
            inventory_sha256: inventory_sha256.to_owned(),
            by: self.by,
            asked: self.asked,
            lines,
            cells,
            drawn,
        })
    }
}

/// Shares `n` out evenly over strata of the given sizes; a stratum gets no more than it holds, and what does
/// not divide goes to the first ones.
fn shares(sizes: &[u64], n: u64) -> Vec<u64> {
    let mut shares = vec![0u64; sizes.len()];
    let mut left = n.min(sizes.iter().sum());
    while left > 0 {
        let open: Vec<usize> = (0..sizes.len()).filter(|i| shares.get(*i) < sizes.get(*i)).collect();
        let each = (left / open.len().max(1) as u64).max(1);
        for index in open {
            if let (Some(share), Some(size)) = (shares.get_mut(index), sizes.get(index)) {
                let more = each.min(size - *share).min(left);
                *share += more;
                left -= more;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(n: u64, by: By, seed: &str, records: impl Iterator<Item = u64>) -> Result<Draw> {
        let mut drawer = Drawer::new(n, by, seed);
        for record in records {
            let tier = [3, 4, 5, 5][record as usize % 4];
            drawer.push(record, tier, ["TRAVEL", "HEALTH", "PHONE", "EMAIL"][record as usize % 4], "a.csv");
        }
        drawer.finish("00", vec![])
    }

    #[test]
    fn the_order_of_records_does_not_matter_and_the_seed_does() {
        for by in [By::Nothing, By::Tier, By::Kind, By::File] {
            let one = draw(60, by, "s", 0..1000).unwrap();
            assert_eq!(one, draw(60, by, "s", (0..1000).rev()).unwrap());
            assert_ne!(one.drawn, draw(60, by, "t", 0..1000).unwrap().drawn);
            assert_eq!(one.drawn.len(), 60);
            assert_eq!(one.cells.iter().map(|cell| cell.population).sum::<u64>(), 1000);
        }
    }

    #[test]
    fn a_known_draw_stays_the_same() {
        // Worked out by hand with another SHA-256 program: a change here breaks every published draw.
        let drawn = draw(3, By::Nothing, "2026", 1..=100).unwrap().drawn;
        assert_eq!(drawn.iter().map(|drawn| drawn.record).collect::<Vec<_>>(), KNOWN);
    }
    const KNOWN: [u64; 3] = [27, 33, 44];

    #[test]
    fn strata_share_evenly_and_small_ones_are_read_whole() {
        assert_eq!(shares(&[10, 1000, 1000], 384), [10, 187, 187]);
        assert_eq!(shares(&[1, 2, 3], 100), [1, 2, 3]);
        assert_eq!(shares(&[5, 5, 5], 7), [3, 2, 2]);
        assert_eq!(shares(&[0, 5], 3), [0, 3]);
        let by_tier = draw(90, By::Tier, "s", 0..1000).unwrap();
        for tier in [3, 4, 5] {
            assert_eq!(by_tier.drawn.iter().filter(|drawn| drawn.tier == tier).count(), 30);
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(draw(0, By::Nothing, "s", 0..10).is_err());
        assert!(draw(5, By::Nothing, "s", 0..0).is_err());
        assert!(draw(2, By::Tier, "s", 0..10).is_err());
        assert_eq!(draw(3, By::Tier, "s", 0..10).unwrap().drawn.len(), 3);
        assert_eq!(draw(50, By::Nothing, "s", 0..10).unwrap().drawn.len(), 10);
    }
}
