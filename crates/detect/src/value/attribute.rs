//! Attributes found by column only: whether a cell is a value of the kind that its column announces.

use super::name::is_han;
use super::nothing::is_placeholder;
use zhunsheng_model::{Kind, Reason, State};

/// Whether `kind` is decided by its column alone and checked here.
pub(crate) fn is_attribute(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Sex
            | Kind::Age
            | Kind::Ethnicity
            | Kind::Nationality
            | Kind::Religion
            | Kind::Political
            | Kind::Marital
            | Kind::Education
            | Kind::Profession
            | Kind::Occupation
            | Kind::Position
            | Kind::Salary
            | Kind::Property
            | Kind::Credit
            | Kind::Transaction
            | Kind::Travel
            | Kind::HotelRoom
            | Kind::HotelTime
            | Kind::Comms
            | Kind::CallRecord
            | Kind::Health
            | Kind::Drug
            | Kind::Biometric
            | Kind::Org
            | Kind::Location
            | Kind::Account
    )
}

/// The state of a cell (trimmed, not empty) in a column of an attribute.
pub(crate) fn attribute_state(kind: Kind, cell: &str) -> State {
    let fits = match kind {
        Kind::Sex => is_sex(cell),
        Kind::Age => is_age(cell),
        Kind::Salary | Kind::HotelTime => {
            cell.bytes().any(|byte| byte.is_ascii_digit()) || cell.chars().any(is_han)
        }
        Kind::HotelRoom => cell.chars().count() <= 20,
        _ => cell.chars().any(char::is_alphanumeric),
    };
    if fits && !is_placeholder(cell) {
        return State::Valid;
    }
    if is_placeholder(cell) {
        State::Placeholder
    } else if cell.contains('*') {
        State::Masked
    } else {
        State::Invalid(Reason::WrongForm)
    }
}

/// Words and codes (GB/T 2261.1) for sex.
fn is_sex(cell: &str) -> bool {
    matches!(
        cell,
        "男" | "女" | "男性" | "女性" | "先生" | "女士" | "0" | "1" | "2" | "9" | "M" | "F" | "m" | "f"
    ) || ["male", "female", "man", "woman", "nan", "nv"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn is_age(cell: &str) -> bool {
    let number = cell.trim_end_matches(['岁', '周', ' ']);
    number.parse::<u8>().is_ok_and(|years| years <= 130)
        || cell
            .strip_suffix("个月")
            .or_else(|| cell.strip_suffix('天'))
            .is_some_and(|n| n.trim().parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fit_their_column_or_do_not() {
        let valid = [
            (Kind::Sex, "女"),
            (Kind::Sex, "Male"),
            (Kind::Age, "34岁"),
            (Kind::Age, "0"),
            (Kind::Age, "7个月"),
        ];
        for (kind, cell) in valid {
            assert_eq!(attribute_state(kind, cell), State::Valid, "{cell}");
        }
        let wrong = [(Kind::Sex, "上海"), (Kind::Age, "131"), (Kind::Age, "老"), (Kind::Ethnicity, "——！")];
        for (kind, cell) in wrong {
            assert_eq!(attribute_state(kind, cell), State::Invalid(Reason::WrongForm), "{cell}");
        }
        assert_eq!(attribute_state(Kind::Health, "无"), State::Placeholder);
        assert_eq!(attribute_state(Kind::Health, "哮喘"), State::Valid);
        assert_eq!(attribute_state(Kind::Salary, "****"), State::Masked);
        assert_eq!(attribute_state(Kind::Salary, "8,500.00"), State::Valid);
    }
}
