//! What a value says by itself where no check digit helps: names, addresses, attributes, and nothing at all.

mod address;
mod attribute;
mod name;
mod nothing;

pub(crate) use address::{address_end, is_address};
pub(crate) use attribute::{attribute_state, is_attribute};
pub(crate) use name::{Likeness, Names, is_han};
pub(crate) use nothing::{TITLES, is_masked, is_masked_name, is_placeholder, is_titled};
