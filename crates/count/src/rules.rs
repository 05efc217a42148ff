//! What the counter needs to know of law: the tier of each kind and where the lines are.

use crate::law::Lines;
use zhunsheng_model::{Kind, KindSet};
use zhunsheng_rules::{Rules, Sensitive, Tier};

/// How one kind is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindReading {
    /// Item 3, 4 or 5 of 法释〔2017〕10号 art. 5 ¶1 by the stricter reading (从严), 0 when the kind is no
    /// personal information by itself.
    pub tier: u8,
    /// The same by the more lenient reading.
    pub tier_lenient: u8,
    /// Sensitive under 个人信息保护法 art. 28.
    pub sensitive: Sensitive,
}

/// The readings of every kind and the lines of the criminal interpretation.
#[derive(Clone, Debug)]
pub struct CountRules {
    kinds: Vec<KindReading>,
    /// The lines of art. 5 and 6.
    pub lines: Lines,
}

/// The tiers of a set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tiers {
    /// By the stricter reading: 3, 4, 5, or 0 for what does not count.
    pub strict: u8,
    /// By the more lenient reading.
    pub lenient: u8,
}

impl CountRules {
    /// Takes what the counter needs out of the rules.
    pub fn from_rules(rules: &Rules) -> CountRules {
        let number = |tier: Option<Tier>| tier.map_or(0, |tier| tier.item() as u8);
        CountRules::new(Lines::from_rules(rules.criminal()), |kind| {
            let rule = rules.kind(kind);
            KindReading {
                tier: number(rule.tier),
                tier_lenient: number(rule.tier_lenient),
                sensitive: rule.sensitive,
            }
        })
    }

    /// Rules given kind by kind.
    pub fn new(lines: Lines, reading: impl Fn(Kind) -> KindReading) -> CountRules {
        CountRules { kinds: Kind::ALL.iter().map(|kind| reading(*kind)).collect(), lines }
    }

    /// How `kind` is read.
    pub fn kind(&self, kind: Kind) -> KindReading {
        const NOTHING: KindReading = KindReading { tier: 0, tier_lenient: 0, sensitive: Sensitive::No };
        self.kinds.get(kind.index()).copied().unwrap_or(NOTHING)
    }

    /// The tiers of one value of `kind`. `tied` says whether a name or a strong key stands in the same record:
    /// a position that belongs to nobody known is not the track (行踪轨迹) of a person.
    pub fn tiers_of_kind(&self, kind: Kind, tied: bool) -> Tiers {
        let reading = self.kind(kind);
        let loose = matches!(kind, Kind::GeoLng | Kind::GeoLat) && !tied;
        let weaken = |tier: u8| if loose && (tier == 3 || tier == 4) { 5 } else { tier };
        Tiers { strict: weaken(reading.tier), lenient: weaken(reading.tier_lenient) }
    }

    /// The tiers of a record or person with these kinds: the strictest that any of them reaches.
    ///
    /// Name, citizen number and address or likeness together are the information of an identity card and
    /// belong to item 4 (guiding case 193). That case was about pictures of cards, so without a likeness
    /// the lenient reading leaves them where their kinds are.
    pub fn tiers_of(&self, kinds: KindSet, tied: bool) -> Tiers {
        let mut tiers = Tiers::default();
        for kind in kinds.iter() {
            let one = self.tiers_of_kind(kind, tied);
            tiers.strict = stricter(tiers.strict, one.strict);
            tiers.lenient = stricter(tiers.lenient, one.lenient);
        }
        if kinds.contains(Kind::Person) && kinds.contains(Kind::CnId) {
            let likeness = kinds.contains(Kind::Biometric);
            if likeness || kinds.contains(Kind::Address) {
                tiers.strict = stricter(tiers.strict, 4);
            }
            if likeness {
                tiers.lenient = stricter(tiers.lenient, 4);
            }
        }
        tiers
    }
}

/// The stricter of two tiers: the smaller number, but 0 is weaker than all.
pub(crate) fn stricter(a: u8, b: u8) -> u8 {
    match (a, b) {
        (0, tier) | (tier, 0) => tier,
        (a, b) => a.min(b),
    }
}
