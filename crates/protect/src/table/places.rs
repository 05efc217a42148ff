//! Addresses and division codes at county, city and province.

use crate::division::{Divisions, Level};
use zhunsheng_model::Date;

/// County, city and province of an address or of a code of six digits or more; nothing where they are not said.
pub(super) fn labels(divisions: &Divisions, value: &str) -> [Option<String>; 3] {
    let value = value.trim();
    if value.len() >= 6 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return [6, 4, 2].map(|kept| code(divisions, value, kept));
    }
    let parsed = divisions.parse(value);
    let name = |level| divisions.name_to(&parsed, level);
    let province = name(Level::Province);
    // A place that is less exact than the step is as exact as it says.
    let city = name(Level::City).or_else(|| province.clone());
    let county = name(Level::County).or_else(|| city.clone());
    // A county whose city cannot be told would not stand under its own province.
    match &province {
        Some(_) => [county, city, province],
        None => [None, None, None],
    }
}

/// The first `kept` of six digits, where they name a province.
fn code(divisions: &Divisions, value: &str, kept: usize) -> Option<String> {
    divisions.province_of_code(value)?;
    let mut label = value.get(..kept)?.to_owned();
    label.extend(std::iter::repeat_n('*', 6 - kept));
    Some(label)
}

/// Birth and division of a citizen number: date and county, year and county, five years and city, ten years and
/// province.
pub(super) fn of_citizen(divisions: &Divisions, value: &str) -> [Option<String>; 4] {
    let value = value.trim();
    let Some(born) = Date::of_citizen_number(value) else { return [None, None, None, None] };
    let year = born.year();
    let at = |kept: usize, when: String| code(divisions, value, kept).map(|place| format!("{place} {when}"));
    [at(6, born.to_string()), at(6, format!("{year:04}")), at(4, years(year, 5)), at(2, years(year, 10))]
}

/// `1990-1994`.
pub(super) fn years(year: u16, width: u16) -> String {
    let first = year / width * width;
    format!("{first:04}-{:04}", first + (width - 1))
}
