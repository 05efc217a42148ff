//! The labels that the model gives to characters.

use zhunsheng_model::Kind;

/// Number of labels: one row of weights has as many columns.
pub const LABELS: usize = 16;
/// The label of a character that belongs to nothing.
pub const OUTSIDE: u8 = 0;
/// Number of kinds that the model tells apart.
pub const CLASSES: usize = 4;

/// First label (begin) of each class; inside, end and single follow.
const BEGIN: [u8; CLASSES] = [1, 5, 9, 12];
/// The label of a span of one character; organisations have none.
const SINGLE: [Option<u8>; CLASSES] = [Some(4), Some(8), None, Some(15)];

/// What a span is, in the order of the labels.
pub const KINDS: [Kind; CLASSES] = [Kind::Person, Kind::Location, Kind::Org, Kind::Position];

/// Place of a label within its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// First character of several.
    Begin,
    /// Neither first nor last.
    Inside,
    /// Last character of several.
    End,
    /// The only character.
    Single,
}

/// Class and part of a label; nothing for [`OUTSIDE`] and for numbers that are no label.
pub const fn split(label: u8) -> Option<(usize, Part)> {
    Some(match label {
        1 => (0, Part::Begin),
        2 => (0, Part::Inside),
        3 => (0, Part::End),
        4 => (0, Part::Single),
        5 => (1, Part::Begin),
        6 => (1, Part::Inside),
        7 => (1, Part::End),
        8 => (1, Part::Single),
        9 => (2, Part::Begin),
        10 => (2, Part::Inside),
        11 => (2, Part::End),
        12 => (3, Part::Begin),
        13 => (3, Part::Inside),
        14 => (3, Part::End),
        15 => (3, Part::Single),
        _ => return None,
    })
}

/// The label of character `index` of a span of `length` characters; nothing when the class has no such span.
pub fn of_span(class: usize, index: usize, length: usize) -> Option<u8> {
    let begin = *BEGIN.get(class)?;
    match (index, length) {
        (0, 1) => *SINGLE.get(class)?,
        (0, _) => Some(begin),
        (i, n) if i + 1 == n => Some(begin + 2),
        (i, n) if i < n => Some(begin + 1),
        _ => None,
    }
}

/// Whether `to` may stand right after `from`.
pub const fn may_follow(from: u8, to: u8) -> bool {
    let open = match split(from) {
        Some((class, Part::Begin | Part::Inside)) => Some(class),
        _ => None,
    };
    match (open, split(to)) {
        (Some(class), Some((other, Part::Inside | Part::End))) => class == other,
        (Some(_), _) | (None, Some((_, Part::Inside | Part::End))) => false,
        (None, _) => true,
    }
}

/// Whether a sentence may begin with `label`.
pub const fn may_begin(label: u8) -> bool {
    may_follow(OUTSIDE, label)
}

/// Whether a sentence may end with `label`.
pub const fn may_end(label: u8) -> bool {
    !matches!(split(label), Some((_, Part::Begin | Part::Inside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_spans_are_read_back() {
        for class in 0..CLASSES {
            for length in 2..5 {
                for index in 0..length {
                    let (found, part) = split(of_span(class, index, length).unwrap()).unwrap();
                    assert_eq!(found, class);
                    let wanted = if index == 0 {
                        Part::Begin
                    } else if index + 1 == length {
                        Part::End
                    } else {
                        Part::Inside
                    };
                    assert_eq!(part, wanted);
                }
            }
        }
        assert_eq!(of_span(2, 0, 1), None);
        assert_eq!(of_span(0, 0, 1).and_then(split), Some((0, Part::Single)));
    }

    #[test]
    fn spans_are_never_torn() {
        assert!(may_follow(1, 3) && may_follow(1, 2) && may_follow(3, 5) && may_follow(0, 4));
        assert!(!may_follow(1, 0) && !may_follow(1, 6) && !may_follow(0, 2) && !may_follow(3, 3));
        assert!(may_begin(4) && !may_begin(7) && may_end(3) && !may_end(9));
    }
}
