//! Words of the inventory turned into words for people.

use crate::Language;
use crate::texts::{Text, fill};
use zhunsheng_model::{Answer, Basis, Kind, Place, ProblemKind, Reason, Step};

/// The name of a kind; in English with nothing else, since ids are shown beside it.
pub(crate) fn kind(kind: Kind, language: Language) -> &'static str {
    match language {
        Language::Zh => kind.name_zh(),
        Language::En => kind.name_en(),
    }
}

/// Several kinds in a row.
pub(crate) fn kinds(kinds: &[Kind], language: Language) -> String {
    let between = match language {
        Language::Zh => "、",
        Language::En => ", ",
    };
    kinds.iter().map(|one| kind(*one, language)).collect::<Vec<_>>().join(between)
}

/// The reason of a rejected mention; a word that is not known stays as it is.
pub(crate) fn reason(word: &str, language: Language) -> String {
    let text = match Reason::ALL.iter().find(|reason| reason.as_str() == word) {
        Some(reason) => match reason {
            Reason::WrongCheck => Text::WrongCheck,
            Reason::ImpossibleDate => Text::ImpossibleDate,
            Reason::FutureDate => Text::FutureDate,
            Reason::UnknownPlace => Text::UnknownPlace,
            Reason::UnallocatedSegment => Text::UnallocatedSegment,
            Reason::NotPersonal => Text::NotPersonal,
            Reason::WrongLength => Text::WrongLength,
            Reason::WrongForm => Text::WrongForm,
            Reason::TestValue => Text::TestValue,
            Reason::ReservedAddress => Text::ReservedAddress,
            Reason::RecordUntrue => Text::RecordUntrue,
        },
        None => match word {
            "masked" => Text::ReasonMasked,
            "placeholder" => Text::ReasonPlaceholder,
            _ => return word.to_owned(),
        },
    };
    text.of(language).to_owned()
}

/// Why a merge was blocked.
pub(crate) fn blocked(word: &str, language: Language) -> String {
    let text = match word {
        "several_names" => Text::SeveralNames,
        "several_identity_numbers" => Text::SeveralIds,
        "both" => Text::SeveralBoth,
        _ => return word.to_owned(),
    };
    text.of(language).to_owned()
}

/// The kind of an act.
pub(crate) fn act(word: &str, language: Language) -> String {
    let text = match word {
        "obtained" => Text::ActObtained,
        "sold" => Text::ActSold,
        "provided" => Text::ActProvided,
        _ => return word.to_owned(),
    };
    text.of(language).to_owned()
}

/// Why a piece could not be read.
pub(crate) fn problem(kind: ProblemKind) -> Text {
    match kind {
        ProblemKind::Encrypted => Text::Encrypted,
        ProblemKind::Truncated => Text::Truncated,
        ProblemKind::Malformed => Text::Malformed,
        ProblemKind::LimitExceeded => Text::LimitExceeded,
        ProblemKind::PermissionDenied => Text::PermissionDenied,
        ProblemKind::ReadFailed => Text::ReadFailed,
        ProblemKind::LinkLoop => Text::LinkLoop,
        ProblemKind::Unsupported => Text::Unsupported,
        ProblemKind::SpecialFile => Text::SpecialFile,
        ProblemKind::BadCharacters => Text::BadCharacters,
        ProblemKind::RaggedRows => Text::RaggedRows,
        ProblemKind::OverlongPiece => Text::OverlongPiece,
    }
}

/// A place in words: the file and the steps into it.
pub(crate) fn place(place: &Place, language: Language) -> String {
    let mut out = printable(&place.file);
    for step in &place.steps {
        let (text, value) = match step {
            Step::Sheet(name) => (Text::StepSheet, name.clone()),
            Step::Table(name) => (Text::StepTable, name.clone()),
            Step::Page(number) => (Text::StepPage, number.to_string()),
            Step::Slide(number) => (Text::StepSlide, number.to_string()),
            Step::Paragraph(number) => (Text::StepParagraph, number.to_string()),
            Step::Line(number) => (Text::StepLine, number.to_string()),
            Step::Message(number) => (Text::StepMessage, number.to_string()),
            Step::Header(name) => (Text::StepHeader, name.clone()),
            Step::Part(name) => (Text::StepPart, name.clone()),
            Step::Attachment(name) => (Text::StepAttachment, name.clone()),
            Step::Json(pointer) => (Text::StepJson, pointer.clone()),
            Step::Section(name) => (Text::StepSection, name.clone()),
        };
        out.push_str(" · ");
        out.push_str(&fill(text.of(language), &[&printable(&value)]));
    }
    out
}

/// The name of a basis.
pub(crate) fn basis(basis: Basis) -> Text {
    match basis {
        Basis::Seized => Text::BasisSeized,
        Basis::Record => Text::BasisRecord,
        Basis::Item => Text::BasisItem,
        Basis::Person => Text::BasisPerson,
    }
}

/// What one item is by a basis, and what that rests on.
pub(crate) fn basis_explained(basis: Basis) -> (Text, Text) {
    match basis {
        Basis::Seized => (Text::BasisSeizedIs, Text::BasisSeizedOn),
        Basis::Record => (Text::BasisRecordIs, Text::BasisRecordOn),
        Basis::Item => (Text::BasisItemIs, Text::BasisItemOn),
        Basis::Person => (Text::BasisPersonIs, Text::BasisPersonOn),
    }
}

/// The name of a tier by its item of 法释〔2017〕10号 art. 5 ¶1, and the information it covers.
pub(crate) fn tier(item: u32) -> (Text, Text) {
    match item {
        3 => (Text::Tier3, Text::Tier3Is),
        4 => (Text::Tier4, Text::Tier4Is),
        5 => (Text::Tier5, Text::Tier5Is),
        _ => (Text::TierNone, Text::TierNone),
    }
}

/// Yes, no or open, said of what the counts reach.
pub(crate) fn answer(answer: Answer) -> Text {
    match answer {
        Answer::Yes => Text::AnswerYes,
        Answer::No => Text::AnswerNo,
        Answer::Open => Text::AnswerOpen,
    }
}

/// Text from outside made safe for one line of a terminal or table: control characters, which could move
/// the cursor, and marks that turn the direction of writing, which could hide the end of a file name, are
/// shown as a replacement character.
pub(crate) fn printable(text: &str) -> String {
    let hides = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|letter| if hides(letter) { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_and_an_unknown_one_stays() {
        for language in Language::ALL {
            for known in Reason::ALL {
                assert_ne!(reason(known.as_str(), *language), known.as_str());
            }
        }
        assert_eq!(reason("something_new", Language::En), "something_new");
        assert_eq!(reason("masked", Language::En), "masked");
    }

    #[test]
    fn nothing_that_moves_the_cursor_or_turns_the_writing_gets_through() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{202e}gpj.exe"), "a\u{fffd}[2J\u{fffd}b\u{fffd}gpj.exe");
        assert_eq!(printable("客户 名单.xlsx"), "客户 名单.xlsx");
    }
}
