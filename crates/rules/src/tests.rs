//! Holds the rule files to their form.

use super::*;

#[test]
fn the_embedded_rules_are_read() {
    let rules = Rules::embedded();
    assert_eq!(rules.kinds().len(), Kind::ALL.len());
    assert_eq!(rules.sha256().len(), 64);
}
