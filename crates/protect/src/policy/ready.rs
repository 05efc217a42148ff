//! The policies that come with the program.

/// Name and text of each policy in `rules/policies/`, sorted by name.
pub static READY: &[(&str, &str)] = &[
    ("children", include_str!("../../../../rules/policies/children.toml")),
    ("court-judgment", include_str!("../../../../rules/policies/court-judgment.toml")),
    ("share", include_str!("../../../../rules/policies/share.toml")),
    ("test-data", include_str!("../../../../rules/policies/test-data.toml")),
    ("training-data", include_str!("../../../../rules/policies/training-data.toml")),
    ("waybill", include_str!("../../../../rules/policies/waybill.toml")),
];
