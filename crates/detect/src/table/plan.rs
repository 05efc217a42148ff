//! What the columns of a table hold, decided once from its first rows.

use super::header::{HeadReading, Topic, plain};
use super::role::{Bond, Role, role_of};
use super::values::{Fit, fit, is_bare_numbers, is_codes, kind_by_values, says_something};
use crate::Detector;
use crate::value::{attribute_state, is_attribute};
use zhunsheng_model::{Group, Kind, State, TableFragment};

/// Rows that are looked at to decide the columns.
const SAMPLE_ROWS: usize = 1000;
/// Rows in which the head of a table is looked for.
const HEAD_ROWS: usize = 12;

/// Roles from here on are repeated heads; the list of named roles is shorter.
const REPEATS_FROM: u8 = 128;

/// What a table holds and how its cells are read.
#[derive(Clone, Debug, Default)]
pub struct TablePlan {
    /// Rows before the first data row: title lines and the head.
    pub(crate) rows_before_data: u64,
    /// The people of a row: the first is the one the row is about unless another comes first in the row.
    pub(crate) people: Vec<Vec<Column>>,
    /// What each column holds, by its position; for reports and tests.
    kinds: Vec<Option<Kind>>,
    /// The person (index in `people`) each column belongs to.
    roles: Vec<u8>,
}

impl TablePlan {
    /// Number of title and head lines before the first data row.
    pub fn rows_before_data(&self) -> u64 {
        self.rows_before_data
    }

    /// The kind of column `index` (from 0), when it has one.
    pub fn kind(&self, index: usize) -> Option<Kind> {
        self.kinds.get(index).copied().flatten()
    }

    /// Which person of the row column `index` (from 0) speaks of: 0 the first, 1 the second …
    pub fn role(&self, index: usize) -> u8 {
        self.roles.get(index).copied().unwrap_or_default()
    }

    /// Number of people that a row speaks of.
    pub fn people(&self) -> usize {
        self.people.len()
    }
}

/// One column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Position, from 0.
    pub(crate) index: u32,
    /// How it is read.
    pub(crate) how: How,
}

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// An identifier with a check or shape; other kinds that a cell may hold instead.
    Identifier(Kind, &'static [Kind]),
    /// A name.
    Name,
    /// An address.
    Address,
    /// An attribute that only its column tells.
    Attribute(Kind),
    /// A message or remark: whole cell of the kind, and read as text besides.
    AttributeAndText(Kind),
    /// Read as text.
    Text,
}

impl How {
    fn kind(self) -> Option<Kind> {
        match self {
            How::Identifier(kind, _) | How::Attribute(kind) | How::AttributeAndText(kind) => Some(kind),
            How::Name => Some(Kind::Person),
            How::Address => Some(Kind::Address),
            How::Text => None,
        }
    }
}

const DOCUMENTS: &[Kind] = &[
    Kind::Passport,
    Kind::HkmPermit,
    Kind::TwPermit,
    Kind::HomeReturn,
    Kind::TaiwanCompatriot,
    Kind::HmtResidence,
    Kind::ForeignPr,
    Kind::MilitaryId,
    Kind::Hkid,
    Kind::MacauId,
    Kind::TwId,
];

/// Documents that their form alone tells: without a head, a few digits are a broken number and no document.
const DOCUMENTS_BY_FORM: &[Kind] = &[
    Kind::Passport,
    Kind::HkmPermit,
    Kind::TwPermit,
    Kind::HomeReturn,
    Kind::HmtResidence,
    Kind::ForeignPr,
    Kind::Hkid,
    Kind::TwId,
];

/// The kind a topic stands for first, and the others a cell may hold.
fn kinds_of(topic: Topic) -> Option<(Kind, &'static [Kind])> {
    Some(match topic {
        Topic::Document => (Kind::CnId, DOCUMENTS),
        Topic::Kind(Kind::CnId) => (Kind::CnId, &[Kind::HmtResidence, Kind::ForeignPr, Kind::Passport]),
        Topic::Telephone | Topic::Kind(Kind::Phone) => (Kind::Phone, &[Kind::Landline]),
        Topic::Kind(Kind::Landline) => (Kind::Landline, &[Kind::Phone]),
        Topic::Contact => (Kind::Phone, &[Kind::Landline, Kind::Email]),
        Topic::BankNumber => (Kind::BankCard, &[Kind::BankAccount]),
        Topic::Kind(Kind::Account) => (Kind::Account, &[Kind::Phone, Kind::Email]),
        Topic::Kind(Kind::SocialSecurity) => (Kind::SocialSecurity, &[Kind::CnId]),
        Topic::Kind(Kind::DriverLicence) => (Kind::DriverLicence, &[Kind::CnId]),
        Topic::Kind(Kind::Uscc) => (Kind::Uscc, &[Kind::OrgCode, Kind::BusinessReg]),
        Topic::Kind(kind) => (kind, &[]),
        Topic::GeoPair | Topic::Text | Topic::Serial | Topic::NotPersonal => return None,
    })
}

/// Plans the table whose first rows `first` holds.
pub(crate) fn plan(detector: &Detector, first: &TableFragment) -> TablePlan {
    let rows = first.cells.len();
    let (heads, rows_before) = match &first.names {
        Some(names) => (Some(names.iter().map(String::as_str).collect::<Vec<_>>()), 0),
        None => match head_row(detector, first) {
            Some(row) => (Some(first.cells.row(row).collect()), row + 1),
            None => (None, 0),
        },
    };
    let sampled = rows_before..rows.min(rows_before.saturating_add(SAMPLE_ROWS));
    let mut columns: Vec<Vec<&str>> = Vec::new();
    columns.resize_with(heads.as_ref().map_or(0, Vec::len), Vec::new);
    for row in sampled {
        for (index, cell) in first.cells.row(row).enumerate() {
            match columns.get_mut(index) {
                Some(column) => column.push(cell),
                None => columns.push(vec![cell]),
            }
        }
    }
    let heads: Vec<&str> = heads.unwrap_or_default();
    let mut how: Vec<Option<How>> = columns
        .iter()
        .enumerate()
        .map(|(index, cells)| {
            let head = heads.get(index).copied().unwrap_or_default();
            decide(detector, head, detector.heads.read(head), cells)
        })
        .collect();
    drop_attributes_of_nobody(&mut how);
    let people = people(&heads, &how);

    let mut roles = vec![0; how.len()];
    for (person, columns) in people.iter().enumerate() {
        for column in columns {
            if let Some(role) = roles.get_mut(column.index as usize) {
                *role = u8::try_from(person).unwrap_or(u8::MAX);
            }
        }
    }
    TablePlan {
        rows_before_data: if first.names.is_some() {
            0
        } else {
            first.first_row.saturating_sub(1) + rows_before as u64
        },
        people,
        kinds: how.iter().map(|how| how.and_then(How::kind)).collect(),
        roles,
    }
}

/// Index of the row that holds the heads; `None` when the table begins with data.
fn head_row(detector: &Detector, first: &TableFragment) -> Option<usize> {
    let rows = first.cells.len().min(HEAD_ROWS);
    let width = (0..rows).map(|row| first.cells.row(row).len()).max().unwrap_or_default();
    for row in 0..rows {
        let cells: Vec<&str> = first.cells.row(row).map(str::trim).collect();
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        if filled == 0 || (filled == 1 && width > 1) {
            // Nothing, or a title line.
            continue;
        }
        let known = cells.iter().filter(|cell| is_head(detector, cell)).count();
        let data = cells.iter().any(|cell| is_value(detector, cell));
        if !data && known > 0 && (known >= 2 || known * 2 >= filled) && known * 4 >= filled {
            return Some(row);
        }
        if data || row > 0 && known == 0 {
            return None;
        }
        // A first row of words over columns of numbers is a head in words that the list does not have.
        if row == 0 && is_head_by_contrast(first, &cells) {
            return Some(0);
        }
        if known == 0 && filled * 2 > width {
            return None;
        }
    }
    None
}

fn is_head(detector: &Detector, cell: &str) -> bool {
    cell.chars().count() <= 40 && detector.heads.read(cell).is_some()
}

/// Whether the cell is a value that no head is.
fn is_value(detector: &Detector, cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits >= 7
        || cell.contains('@')
        || (digits > 0 && digits == cell.len())
        || (digits > 0 && crate::value::is_address(cell))
        || (detector.heads.read(cell).is_none()
            && detector.names.likeness(cell) == crate::value::Likeness::Likely
            && cell.chars().count() == 3)
}

/// Whether row 0 holds words where the rows below hold numbers.
fn is_head_by_contrast(first: &TableFragment, heads: &[&str]) -> bool {
    let rows = first.cells.len().min(50);
    let is_word = |head: &&str| {
        !head.is_empty() && head.chars().count() <= 24 && !head.contains(['。', '，', '！', '？', '；'])
    };
    if rows < 3 || heads.len() < 2 || !heads.iter().all(is_word) {
        return false;
    }
    let has_digit = |cell: &str| cell.bytes().any(|byte| byte.is_ascii_digit());
    let numeric_below = |index: usize| {
        (1..rows)
            .all(|row| first.cells.row(row).nth(index).is_some_and(|cell| cell.is_empty() || has_digit(cell)))
    };
    heads.iter().all(|head| !has_digit(head) || !head.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        && heads.iter().enumerate().any(|(index, head)| !has_digit(head) && numeric_below(index))
}

/// What a column holds by its head and its cells.
fn decide(detector: &Detector, head: &str, reading: Option<HeadReading>, cells: &[&str]) -> Option<How> {
    let Some(reading) = reading else { return decide_by_values(detector, cells, head.is_empty()) };
    let known = says_something(cells).count();
    for topic in &reading.topics {
        if let Some((kind, others)) = kinds_of(*topic)
            && let Some(how) = decide_by_head(detector, &reading, *topic, kind, others, cells)
        {
            return Some(how);
        }
    }
    let first = reading.topics.first().copied();
    match first {
        Some(Topic::Serial | Topic::NotPersonal) => {
            // Values overrule a head that promises nothing only where they cannot be chance.
            let id = fit(detector, Kind::CnId, cells);
            if known > 0 && id.valid_percent() >= 90 {
                return Some(How::Identifier(Kind::CnId, &[]));
            }
            text_if_any(cells, true)
        }
        Some(Topic::GeoPair | Topic::Text) => Some(How::Text),
        _ => decide_by_values(detector, cells, false),
    }
}

/// Accepts the kind that a head announces when the cells do not speak against it.
fn decide_by_head(
    detector: &Detector,
    reading: &HeadReading,
    topic: Topic,
    kind: Kind,
    others: &'static [Kind],
    cells: &[&str],
) -> Option<How> {
    let clear = reading.weight >= 70 && reading.topics.len() == 1;
    let known = says_something(cells).count();
    // Too few cells to speak against a clear head, unless they show another kind: what stands there is a wrong
    // value of the kind.
    let few = clear
        && known < 5
        && kind_by_values(detector, cells).is_none_or(|shown| shown == kind || others.contains(&shown));
    match kind {
        Kind::Person => {
            let names = fit(detector, Kind::Person, cells);
            let enough = if clear { 30 } else { 50 };
            (known == 0 && clear || names.percent() >= enough).then_some(How::Name)
        }
        Kind::Address => {
            let addresses = fit(detector, Kind::Address, cells);
            let han = says_something(cells).filter(|cell| !cell.is_ascii()).count();
            let enough = if clear { han * 2 >= known } else { addresses.percent() >= 30 };
            enough.then_some(How::Address)
        }
        Kind::Password => (!is_hashes(cells)).then_some(How::Identifier(Kind::Password, &[])),
        Kind::Comms => Some(How::AttributeAndText(Kind::Comms)),
        kind if is_attribute(kind) => {
            let fits_kind = |cell: &&str| !matches!(attribute_state(kind, cell), State::Invalid(_));
            let fits = says_something(cells).filter(fits_kind).count();
            if kind == Kind::Account {
                let better = [Kind::Phone, Kind::Email]
                    .into_iter()
                    .find(|k| fit(detector, *k, cells).valid_percent() >= 80);
                if let Some(better) = better {
                    return Some(How::Identifier(better, &[]));
                }
                return clear.then_some(How::Attribute(kind));
            }
            // Words for attributes are also words for other things; a weak head needs cells that fit.
            let enough = if clear {
                fits * 2 >= known || few
            } else {
                known > 0 && fits * 10 >= known * 8 && says_han(cells)
            };
            enough.then_some(How::Attribute(kind))
        }
        _ => {
            let all = std::iter::once(kind)
                .chain(others.iter().copied())
                .map(|kind| fit(detector, kind, cells))
                .max_by_key(|fit| (fit.percent(), fit.valid));
            let best: Fit = all.unwrap_or_default();
            let shown = best.percent() >= if clear { 20 } else { 40 };
            let few = few && topic != Topic::BankNumber;
            (shown || few).then_some(How::Identifier(kind, others))
        }
    }
}

fn says_han(cells: &[&str]) -> bool {
    says_something(cells).any(|cell| !cell.is_ascii())
}

/// Whether the column holds hashes of passwords, which are no passwords.
fn is_hashes(cells: &[&str]) -> bool {
    let hash = |cell: &str| {
        matches!(cell.len(), 32 | 40 | 48 | 56 | 64 | 96 | 128) && cell.bytes().all(|b| b.is_ascii_hexdigit())
            || cell.starts_with("$2")
            || cell.starts_with("$argon2")
            || cell.starts_with("{SHA")
            || cell.starts_with("pbkdf2")
    };
    let known = says_something(cells).count();
    known > 0 && says_something(cells).filter(|cell| hash(cell)).count() * 10 >= known * 8
}

fn decide_by_values(detector: &Detector, cells: &[&str], headless: bool) -> Option<How> {
    match kind_by_values(detector, cells) {
        Some(Kind::Person) => Some(How::Name),
        Some(Kind::Address) => Some(How::Address),
        // 男 and 女 under an unknown head may mean anything.
        Some(Kind::Sex) => headless.then_some(How::Attribute(Kind::Sex)),
        Some(Kind::CnId) => Some(How::Identifier(Kind::CnId, DOCUMENTS_BY_FORM)),
        Some(Kind::Phone) => Some(How::Identifier(Kind::Phone, &[Kind::Landline])),
        Some(kind) => Some(How::Identifier(kind, &[])),
        None => text_if_any(cells, false),
    }
}

/// Reads the cells as text, unless nothing can stand there.
fn text_if_any(cells: &[&str], promised_nothing: bool) -> Option<How> {
    let nothing = promised_nothing && (is_bare_numbers(cells) || is_codes(cells));
    (!nothing).then_some(How::Text)
}

/// Attributes belong to somebody: without a name or an identifier in the table they say nothing of a person.
fn drop_attributes_of_nobody(how: &mut [Option<How>]) {
    let somebody = how.iter().flatten().any(|how| match how {
        How::Name => true,
        How::Identifier(kind, _) => {
            matches!(kind.group(), Group::Id | Group::Contact | Group::Account | Group::Financial)
        }
        How::Address | How::Attribute(_) | How::AttributeAndText(_) | How::Text => false,
    });
    if somebody {
        return;
    }
    for how in how.iter_mut() {
        match how {
            Some(How::Attribute(_) | How::AttributeAndText(_)) => *how = Some(How::Text),
            Some(How::Identifier(Kind::Waybill, _))
            | Some(How::Name | How::Address | How::Identifier(..) | How::Text)
            | None => {}
        }
    }
}

/// 姓名1, 电话1, 姓名2, 电话2: a head for names that comes again begins another person.
fn label_repeats(heads: &[&str], how: &[Option<How>], labels: &mut [Option<Role>]) {
    let stem = |index: usize| {
        let head = plain(heads.get(index).copied().unwrap_or_default());
        head.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
    };
    let mut first: Option<String> = None;
    let mut repeat: Option<Role> = None;
    for (index, how) in how.iter().enumerate() {
        let Some(label) = labels.get_mut(index) else { continue };
        if label.is_some() {
            continue;
        }
        if *how == Some(How::Name) {
            let stem = stem(index);
            if stem.is_empty() {
                continue;
            }
            if first.as_ref() == Some(&stem) {
                let id = repeat.map_or(REPEATS_FROM, |role| role.id.saturating_add(1));
                repeat = Some(Role { id, bond: Bond::Relative });
            } else if first.is_none() {
                first = Some(stem);
            }
        }
        *label = repeat;
    }
}

/// Shares the columns out among the people a row speaks of.
fn people(heads: &[&str], how: &[Option<How>]) -> Vec<Vec<Column>> {
    let mut labels: Vec<Option<Role>> =
        (0..how.len()).map(|index| role_of(heads.get(index).copied().unwrap_or_default())).collect();
    label_repeats(heads, how, &mut labels);
    let is_name = |index: usize| how.get(index).copied().flatten() == Some(How::Name);
    let named = |role: Option<Role>, labels: &[Option<Role>]| {
        labels.iter().enumerate().any(|(index, label)| *label == role && is_name(index))
    };
    let columns_of = |role: Role, labels: &[Option<Role>]| {
        labels
            .iter()
            .zip(how)
            .filter(|(label, how)| **label == Some(role) && how.is_some_and(|how| how.kind().is_some()))
            .count()
    };

    // The one the row is about: who is named without a role, or else the best described party.
    let primary = if named(None, &labels) {
        None
    } else {
        let mut best: Option<(Bond, usize, Role)> = None;
        for role in labels.iter().flatten().copied() {
            let candidate = (role.bond, columns_of(role, &labels), role);
            let better = best.is_none_or(|known| {
                candidate.0 < known.0 || (candidate.0 == known.0 && candidate.1 > known.1)
            });
            if role.bond != Bond::Relative && named(Some(role), &labels) && better {
                best = Some(candidate);
            }
        }
        best.map(|(_, _, role)| role)
    };

    // A role without a name of its own is the row's person, unless that one already has such a column.
    let mut primary_kinds: Vec<Kind> = labels
        .iter()
        .zip(how)
        .filter(|(label, _)| **label == primary || label.is_none())
        .filter_map(|(_, how)| how.and_then(How::kind))
        .collect();
    let mut seen: Vec<Role> = Vec::new();
    for index in 0..labels.len() {
        let Some(role) = labels.get(index).copied().flatten() else { continue };
        if Some(role) == primary
            || role.bond == Bond::Relative
            || seen.contains(&role)
            || named(Some(role), &labels)
        {
            continue;
        }
        seen.push(role);
        let kinds: Vec<Kind> = labels
            .iter()
            .zip(how)
            .filter(|(label, _)| **label == Some(role))
            .filter_map(|(_, how)| how.and_then(How::kind))
            .collect();
        if role.bond == Bond::Contact || !kinds.iter().any(|kind| primary_kinds.contains(kind)) {
            primary_kinds.extend(kinds);
            for label in labels.iter_mut().filter(|label| **label == Some(role)) {
                *label = None;
            }
        }
    }

    // A way to reach somebody that names nobody follows the person named before it (紧急联系人, 关系, 联系电话),
    // unless that person has one of his own.
    let is_contact = |index: usize| {
        how.get(index).copied().flatten().and_then(How::kind).is_some_and(|kind| {
            matches!(kind, Kind::Phone | Kind::Landline | Kind::Email | Kind::Wechat | Kind::Qq)
        })
    };
    let mut last_named: Option<Role> = None;
    let mut group: Vec<Option<Role>> = Vec::with_capacity(labels.len());
    for (index, label) in labels.iter().enumerate() {
        if is_name(index) {
            last_named = *label;
        }
        let follows = label.is_none() && is_contact(index);
        let own =
            |role: Role| labels.iter().enumerate().any(|(i, label)| *label == Some(role) && is_contact(i));
        group.push(match (label, last_named) {
            (None, Some(role))
                if follows && Some(role) != primary && role.bond != Bond::Party && !own(role) =>
            {
                Some(role)
            }
            (None, _) => None,
            (Some(role), _) if Some(*role) == primary => None,
            (Some(role), _) => Some(*role),
        });
    }

    let mut people: Vec<(Option<Role>, Vec<Column>)> = Vec::new();
    for (index, (how, role)) in how.iter().zip(&group).enumerate() {
        let Some(how) = *how else { continue };
        let column = Column { index: index as u32, how };
        match people.iter_mut().find(|(known, _)| known == role) {
            Some((_, columns)) => columns.push(column),
            None => people.push((*role, vec![column])),
        }
    }
    people.into_iter().map(|(_, columns)| columns).collect()
}
