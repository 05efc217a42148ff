//! Addresses: cuts them into components and finds them in running text.
//!
//! A grammar over the gazetteer: province, city, district and township are looked up or told by their
//! endings; road, community, building and room are told by their endings and by the numbers beside them.

mod scan;

use crate::chars::fold;
use crate::lexicon::Lexicon;

pub use scan::find;

/// What a component of an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each variant is the name of the component")]
pub enum Part {
    Country,
    Province,
    City,
    District,
    Town,
    DevelopmentZone,
    Community,
    Road,
    RoadNumber,
    SubRoad,
    SubRoadNumber,
    Place,
    SubPlace,
    House,
    Cell,
    Floor,
    Room,
    Person,
    Assist,
    Redundant,
    Other,
}

impl Part {
    /// The name that collections of labelled addresses use.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Country => "country",
            Part::Province => "prov",
            Part::City => "city",
            Part::District => "district",
            Part::Town => "town",
            Part::DevelopmentZone => "devZone",
            Part::Community => "community",
            Part::Road => "road",
            Part::RoadNumber => "roadno",
            Part::SubRoad => "subRoad",
            Part::SubRoadNumber => "subroadno",
            Part::Place => "poi",
            Part::SubPlace => "subpoi",
            Part::House => "houseno",
            Part::Cell => "cellno",
            Part::Floor => "floorno",
            Part::Room => "roomno",
            Part::Person => "person",
            Part::Assist => "assist",
            Part::Redundant => "redundant",
            Part::Other => "otherinfo",
        }
    }
}

/// A component and where it stands, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it is.
    pub part: Part,
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

/// An address in its components.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The components in order; they do not overlap.
    pub components: Vec<Component>,
}

impl Address {
    /// How much of a full dwelling address is there, 0 to 100.
    pub fn completeness(&self) -> u8 {
        let has = |parts: &[Part]| self.components.iter().any(|c| parts.contains(&c.part));
        let points = [
            (15, has(&[Part::Province])),
            (15, has(&[Part::City])),
            (15, has(&[Part::District])),
            (10, has(&[Part::Town, Part::DevelopmentZone, Part::Community])),
            (15, has(&[Part::Road, Part::Community, Part::Place])),
            (15, has(&[Part::RoadNumber, Part::SubRoadNumber, Part::House])),
            (10, has(&[Part::House, Part::Cell, Part::SubPlace])),
            (5, has(&[Part::Room])),
        ];
        points.iter().filter(|(_, there)| *there).map(|(n, _)| n).sum()
    }

    /// Whether it leads to a door: a street, community or building with a number.
    pub fn is_dwelling(&self) -> bool {
        let has = |parts: &[Part]| self.components.iter().any(|c| parts.contains(&c.part));
        has(&[Part::Road, Part::SubRoad, Part::Community, Part::Place, Part::Town, Part::DevelopmentZone])
            && has(&[Part::RoadNumber, Part::SubRoadNumber, Part::House, Part::Cell, Part::Room])
    }
}

/// Cuts `text`, taken to be an address from end to end, into components.
pub fn parse(text: &str, lexicon: &Lexicon) -> Address {
    let chars: Vec<u16> = text.chars().map(fold).collect();
    scan::parse(&chars, lexicon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhunsheng_rules::Rules;

    fn shown(text: &str) -> String {
        let lexicon = Lexicon::embedded(Rules::embedded()).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let parts: Vec<String> = parse(text, &lexicon)
            .components
            .iter()
            .map(|c| {
                let word: String = chars[c.start as usize..c.end as usize].iter().collect();
                format!("{word}/{}", c.part.name())
            })
            .collect();
        parts.join(" ")
    }

    #[test]
    fn addresses_are_cut_into_components() {
        assert_eq!(
            shown("浙江省杭州市拱墅区莫干山路1744号美都广场C座1391"),
            "浙江省/prov 杭州市/city 拱墅区/district 莫干山路/road 1744号/roadno 美都广场/poi C座/houseno 1391/roomno"
        );
        assert_eq!(
            shown("福建省漳州市龙海区浮宫镇滨河路108号幸福里4幢1单元502室"),
            "福建省/prov 漳州市/city 龙海区/district 浮宫镇/town 滨河路/road 108号/roadno 幸福里/poi 4幢/houseno 1单元/cellno 502室/roomno"
        );
        assert_eq!(
            shown("义乌市福田街道下沈村107号"),
            "义乌市/district 福田街道/town 下沈村/community 107号/roadno"
        );
        assert_eq!(
            shown("宁波朝晖路416弄173号527"),
            "宁波/city 朝晖路/road 416弄/subRoad 173号/subroadno 527/roomno"
        );
    }

    #[test]
    fn only_a_door_is_a_dwelling() {
        let lexicon = Lexicon::embedded(Rules::embedded()).unwrap();
        let full = parse("湖北省荆州市洪湖市螺山镇光明路114号龙湖小区25幢3单元1103室", &lexicon);
        assert!(full.is_dwelling());
        assert_eq!(full.completeness(), 100);
        let bare = parse("湖北省荆州市", &lexicon);
        assert!(!bare.is_dwelling());
        assert_eq!(bare.completeness(), 30);
        assert!(!parse("杭州市西湖区莫干山路", &lexicon).is_dwelling());
    }
}
