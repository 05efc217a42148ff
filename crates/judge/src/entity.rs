//! The fixed tree of entities that facts are about.

use std::fmt;

macro_rules! entities {
    ($($variant:ident $id:literal $zh:literal $en:literal $parent:expr;)*) => {
        /// A kind of entity (matter, party, activity …); the order is from the root down.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each variant has its names in Chinese and English as data")]
        pub enum EntityKind { $($variant,)* }

        impl EntityKind {
            /// Every kind, parents before children.
            pub const ALL: &'static [EntityKind] = &[$(EntityKind::$variant,)*];
            /// The word used in files.
            pub const fn id(self) -> &'static str { match self { $(EntityKind::$variant => $id,)* } }
            /// The Chinese name.
            pub const fn zh(self) -> &'static str { match self { $(EntityKind::$variant => $zh,)* } }
            /// The English name.
            pub const fn en(self) -> &'static str { match self { $(EntityKind::$variant => $en,)* } }
            /// What it stands in; nothing for the matter itself.
            pub const fn parent(self) -> Option<EntityKind> { match self { $(EntityKind::$variant => $parent,)* } }
        }
    };
}

entities! {
    Matter "matter" "事项" "matter" None;
    Party "party" "主体" "party" Some(EntityKind::Matter);
    Activity "activity" "处理活动" "processing activity" Some(EntityKind::Party);
    Item "item" "信息项" "item of information" Some(EntityKind::Activity);
    Recipient "recipient" "接收方" "recipient" Some(EntityKind::Activity);
    Transfer "transfer" "出境" "transfer abroad" Some(EntityKind::Activity);
    Request "request" "权利请求" "request of an individual" Some(EntityKind::Activity);
    System "system" "信息系统" "information system" Some(EntityKind::Party);
    Incident "incident" "安全事件" "security incident" Some(EntityKind::Party);
    Act "act" "行为" "act" Some(EntityKind::Party);
    Dataset "dataset" "数据" "data set" Some(EntityKind::Act);
    Proceeding "proceeding" "程序" "proceeding" Some(EntityKind::Matter);
}

impl EntityKind {
    /// The kind of that word.
    pub fn from_id(id: &str) -> Option<EntityKind> {
        EntityKind::ALL.iter().copied().find(|kind| kind.id() == id)
    }

    /// The kind itself and what it stands in, from the inside out.
    pub fn chain(self) -> impl Iterator<Item = EntityKind> {
        std::iter::successors(Some(self), |kind| kind.parent())
    }

    /// Whether `self` stands somewhere inside `other`.
    pub fn is_inside(self, other: EntityKind) -> bool {
        self.chain().skip(1).any(|kind| kind == other)
    }

    /// Kinds that stand directly in this one.
    pub fn children(self) -> impl Iterator<Item = EntityKind> {
        EntityKind::ALL.iter().copied().filter(move |kind| kind.parent() == Some(self))
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_stand_before_children_and_every_chain_ends_at_the_matter() {
        for kind in EntityKind::ALL {
            assert_eq!(EntityKind::from_id(kind.id()), Some(*kind));
            assert_eq!(kind.chain().last(), Some(EntityKind::Matter));
            assert!(kind.parent().is_none_or(|parent| parent < *kind));
        }
        assert!(EntityKind::Dataset.is_inside(EntityKind::Party));
        assert!(!EntityKind::Dataset.is_inside(EntityKind::Activity));
        assert!(!EntityKind::Party.is_inside(EntityKind::Party));
    }
}
