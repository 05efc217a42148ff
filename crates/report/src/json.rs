//! `inventory.json`: the inventory for programs. Its JSON Schema is `docs/schema/inventory.v1.json`.

use crate::error::Result;
use zhunsheng_model::Inventory;

/// The inventory as indented JSON in UTF-8 with a line feed at the end. Fields stand in the order of their
/// declaration and maps in the order of their keys, so that the same inventory gives the same bytes.
///
/// # Errors
/// Never in practice: every part of an inventory can be written as JSON.
pub fn inventory(inventory: &Inventory) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(inventory)?;
    bytes.push(b'\n');
    Ok(bytes)
}
