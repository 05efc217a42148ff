//! Validators: what makes a number of each kind a real one. They know no text around the value.
//!
//! [`Tables`] holds the lexicons in fast form; `sums` the check digits; the other files one group of kinds
//! each; `cell` judges a whole cell whose column says what it is.

mod account;
mod cell;
mod document;
mod id;
mod number;
mod pattern;
mod sums;
mod tables;
mod vehicle;

pub(crate) use account::{is_code_word, is_qq, is_wechat};
pub(crate) use document::*;
pub(crate) use id::IdParts;
pub(crate) use number::{iccid, imei_holds, imsi_holds, ipv4_state, ipv6_state, number_of};
pub(crate) use sums::{luhn, mod_11_2, mod_11_10_holds, org_code_holds, s10_holds, uscc_holds, vin_holds};
pub(crate) use tables::{PROVINCES, rows};
pub use tables::{Tables, TablesError};
pub(crate) use vehicle::{SUFFIXES, is_plate_tail};

#[cfg(test)]
pub(crate) mod tests {
    use super::Tables;
    use std::sync::{Arc, OnceLock};
    use zhunsheng_rules::Rules;

    /// The tables of the embedded rules, built once for all tests.
    pub(crate) fn tables() -> &'static Arc<Tables> {
        static TABLES: OnceLock<Arc<Tables>> = OnceLock::new();
        TABLES.get_or_init(|| Arc::new(Tables::new(Rules::embedded()).unwrap()))
    }
}
