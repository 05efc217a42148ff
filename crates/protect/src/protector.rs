//! The one object that callers use: a policy with its operators set up, ready to replace.

use crate::cipher::Suite;
use crate::division::Divisions;
use crate::error::{OperatorError, ProtectError};
use crate::keys::Keyring;
use crate::operator::{self, Armour, Context, Operator, Parameters, Setup};
use crate::policy::{Action, ColumnRule, Policy, When};
use crate::roster::Style;
use crate::{MentionView, Person, Replacement, Slot, Value};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use zeroize::Zeroizing;
use zhunsheng_model::{Date, Kind};
use zhunsheng_rules::Rules;

/// A policy whose operators are set up. Made once and shared by all threads; `replace` has no state.
pub struct Protector {
    policy: Policy,
    suite: Suite,
    /// Versions and public names of the keys, oldest first.
    key_ids: Vec<(u32, String)>,
    keyring: Option<Keyring>,
    /// For each kind the rules that may treat it, in the order of the policy; the default last.
    by_kind: Vec<Vec<Ready>>,
    /// For each column rule of the policy its operator.
    columns: Vec<Ready>,
    as_of: Date,
    needs_roster: bool,
    needs_person: bool,
}

/// Where a sealed value stands in a text, and the value.
pub type Opened = (Range<usize>, Zeroizing<String>);

/// A rule set up for one kind.
struct Ready {
    when: When,
    name: &'static str,
    operator: Box<dyn Operator>,
    otherwise_name: &'static str,
    otherwise: Box<dyn Operator>,
}

impl Protector {
    /// Sets up every operator of `policy` for every kind it treats.
    ///
    /// * `as_of`: the day on which ages are reckoned; by default that of the rules.
    ///
    /// # Errors
    /// [`ProtectError::Operator`] with the line of the rule: a parameter, a kind the operator cannot treat
    /// (where the rule names the kind), a missing key.
    pub fn new(
        policy: Policy,
        keyring: Option<&Keyring>,
        rules: &Rules,
        as_of: Option<Date>,
    ) -> Result<Protector, ProtectError> {
        let suite = policy.suite.or(keyring.map(Keyring::suite)).unwrap_or_default();
        let as_of = as_of.unwrap_or_else(|| rules.as_of());
        let divisions = Arc::new(Divisions::new(rules));
        let (mut needs_roster, mut needs_person) = (false, false);
        let mut ready = |kind: Kind, action: &Action, named: bool| -> Result<Option<Ready>, ProtectError> {
            let setup =
                |parameters| Setup { kind, parameters, keyring, suite, rules, divisions: &divisions, as_of };
            let failed =
                |error| ProtectError::Operator { policy: policy.name.clone(), line: action.line, error };
            let entry = operator::entry(&action.operator).map_err(failed)?;
            let otherwise = operator::entry(&action.otherwise).map_err(failed)?;
            // A rule for a group or for everything passes over kinds its operator cannot treat.
            let treats = (entry.treats)(kind);
            if !treats && !named {
                return Ok(None);
            }
            let made = operator::make(entry.name, &setup(&action.parameters));
            let made = match made {
                // Few values are a property of the kind: a rule for a group passes over it as well.
                Err(OperatorError::DomainTooSmall { .. }) if !named => return Ok(None),
                made => made.map_err(failed)?,
            };
            needs_roster |= entry.name == "alias";
            needs_person |= entry.name == "date_shift" || action.when != When::Always;
            Ok(Some(Ready {
                when: action.when,
                name: entry.name,
                operator: made,
                otherwise_name: otherwise.name,
                otherwise: operator::make(otherwise.name, &setup(&Parameters::none())).map_err(failed)?,
            }))
        };
        let mut by_kind = Vec::with_capacity(Kind::ALL.len());
        for kind in Kind::ALL {
            let mut rules = Vec::new();
            for rule in &policy.rules {
                if rule.kinds.contains(*kind) {
                    rules.extend(ready(*kind, &rule.action, rule.named.contains(*kind))?);
                }
            }
            let default = &policy.default;
            match ready(*kind, default, false)? {
                Some(default) => rules.push(default),
                None => {
                    let action =
                        Action { operator: default.otherwise.clone(), ..Action::redact(default.line) };
                    rules.extend(ready(*kind, &action, true)?);
                }
            }
            by_kind.push(rules);
        }
        let mut columns = Vec::new();
        for rule in &policy.columns {
            columns.extend(ready(rule.kind, &rule.action, true)?);
        }
        let key_ids = keyring.into_iter().flat_map(Keyring::versions).map(|key| (key.version(), key.id()));
        Ok(Protector {
            suite,
            key_ids: key_ids.collect(),
            keyring: keyring.cloned(),
            by_kind,
            columns,
            as_of,
            needs_roster,
            needs_person,
            policy,
        })
    }

    /// What to write in place of `mention`.
    ///
    /// * The value stays where the rule says `keep`, where there is nothing to protect
    ///   ([`MentionView::is_bare`]), and where the detector is less sure than the policy asks for.
    /// * An invalid value is replaced like a valid one: a number with a slip of the pen is still somebody's.
    /// * Where the rule's operator cannot treat this value, its `otherwise` stands in; `stood_in` says so.
    /// * The text fits [`Context::slot`], or is `None`.
    pub fn replace(&self, mention: &MentionView<'_>, context: &Context<'_>) -> Replacement {
        let untouched = mention.is_bare() || mention.confidence < self.policy.confidence_min;
        let rules = self.by_kind.get(mention.kind.index()).map(Vec::as_slice).unwrap_or_default();
        let rule = rules.iter().find(|rule| rule.when.holds(context.person, self.as_of));
        match rule {
            Some(rule) if !untouched => self.run(rule, mention.value, context),
            Some(_) => kept(mention.value, "keep"),
            // Every kind has the default rule, which holds always.
            None => {
                Replacement { text: None, kept: false, operator: "drop", stood_in: true, reversible: false }
            }
        }
    }

    /// The rule of the policy for a whole column of a table, by the name of its file and its head.
    ///
    /// Such a rule goes before everything that is found in the cells.
    pub fn column(&self, file: &str, head: &str) -> Option<&ColumnRule> {
        self.policy.columns.iter().find(|rule| rule.matches(file, head))
    }

    /// What to write in place of a whole cell of a column that has its own rule.
    pub fn replace_cell(&self, rule: &ColumnRule, value: Value<'_>, context: &Context<'_>) -> Replacement {
        if value.raw.trim().is_empty() {
            return kept(value, "keep");
        }
        match self.columns.get(rule.index) {
            Some(ready) => self.run(ready, value, context),
            None => {
                Replacement { text: None, kept: false, operator: "drop", stood_in: true, reversible: false }
            }
        }
    }

    fn run(&self, rule: &Ready, value: Value<'_>, context: &Context<'_>) -> Replacement {
        if rule.name == "keep" {
            return kept(value, rule.name);
        }
        let (text, ready, name, stood_in) = match rule.operator.apply(value, context) {
            Ok(text) => (text, &rule.operator, rule.name, false),
            Err(_) => {
                // `otherwise` is an operator that treats any value; should it fail, nothing is written.
                let text = rule.otherwise.apply(value, context).unwrap_or_default();
                (text, &rule.otherwise, rule.otherwise_name, true)
            }
        };
        let fits = match context.slot {
            Slot::Text => true,
            Slot::Integer => {
                text.bytes().all(|byte| byte.is_ascii_digit())
                    && (text.len() == 1 || !text.starts_with('0'))
                    && text.parse::<i64>().is_ok()
            }
            Slot::Date => Date::parse(text.get(..10).unwrap_or_default()).is_some(),
        };
        let reversible = fits && ready.properties().reversible;
        Replacement { text: fits.then_some(text), kept: false, operator: name, stood_in, reversible }
    }

    /// The normal form of the value that `replaced` stands for, by the rule that treats its kind.
    ///
    /// # Errors
    /// [`OperatorError::NotReversible`], [`OperatorError::WrongKey`], or the operator's own.
    pub fn restore(
        &self,
        kind: Kind,
        replaced: &str,
        context: &Context<'_>,
    ) -> Result<Zeroizing<String>, OperatorError> {
        let rules = self.by_kind.get(kind.index()).map(Vec::as_slice).unwrap_or_default();
        let rule = rules.iter().find(|rule| rule.when.holds(context.person, self.as_of));
        rule.ok_or(OperatorError::NotReversible { operator: "drop" })?.operator.reverse(replaced, context)
    }

    /// Opens everything in `text` that `encrypt` sealed: byte ranges with the values.
    ///
    /// # Errors
    /// [`OperatorError::KeyMissing`], [`OperatorError::WrongKey`], [`OperatorError::KeyVersionUnknown`].
    pub fn restore_armour(&self, text: &str) -> Result<Vec<Opened>, OperatorError> {
        let found: Vec<(Range<usize>, Armour)> = operator::armour(text);
        let open = |(range, armour): (Range<usize>, Armour)| {
            let ring = self.keyring.as_ref().ok_or(OperatorError::KeyMissing { operator: "encrypt" })?;
            Ok((range, operator::opens(ring, &armour)?))
        };
        found.into_iter().map(open).collect()
    }

    /// Whether the document must be read once for its [`crate::Roster`] before anything is replaced.
    pub fn needs_roster(&self) -> bool {
        self.needs_roster
    }

    /// Whether [`Context::person`] changes anything beyond better synthetic values.
    pub fn needs_person(&self) -> bool {
        self.needs_person
    }

    /// The operator that comes first for a kind, for plans and reports.
    pub fn operator_of(&self, kind: Kind, person: Option<&Person>) -> &'static str {
        let rules = self.by_kind.get(kind.index()).map(Vec::as_slice).unwrap_or_default();
        rules.iter().find(|rule| rule.when.holds(person, self.as_of)).map_or("drop", |rule| rule.name)
    }

    /// How the rules of the policy write aliases of a kind.
    pub(crate) fn alias_styles(&self, kind: Kind) -> Vec<Style> {
        let rules =
            self.policy.rules.iter().filter(|rule| rule.kinds.contains(kind)).map(|rule| &rule.action);
        let aliases = rules.chain(Some(&self.policy.default)).filter(|action| action.operator == "alias");
        aliases.filter_map(|action| Style::of(&action.parameters).ok()).collect()
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The suite in use.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Versions and public names of the keys, oldest first; values are protected under the last. For receipts.
    pub fn key_ids(&self) -> &[(u32, String)] {
        &self.key_ids
    }
}

fn kept(value: Value<'_>, operator: &'static str) -> Replacement {
    Replacement { text: Some(value.raw.to_owned()), kept: true, operator, stood_in: false, reversible: true }
}

/// How many values each operator replaced, for receipts: counts only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By kind, operator, and whether it stood in for another.
    pub counts: BTreeMap<(Kind, &'static str, bool), u64>,
}

impl Tally {
    /// Counts one replacement of a value of `kind`.
    pub fn note(&mut self, kind: Kind, replacement: &Replacement) {
        *self.counts.entry((kind, replacement.operator, replacement.stood_in)).or_default() += 1;
    }

    /// Adds what another thread counted.
    pub fn add(&mut self, other: &Tally) {
        for (key, count) in &other.counts {
            *self.counts.entry(*key).or_default() += count;
        }
    }
}
