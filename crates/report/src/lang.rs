//! The language that people are spoken to in.

/// Chinese or English. Legal terms stay Chinese in both, with the English beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: &'static [Language] = &[Language::Zh, Language::En];

    /// The tag of BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Zh => "zh-CN",
            Language::En => "en",
        }
    }

    /// The language of a word such as `zh`, `zh-CN`, `en_US.UTF-8`; nothing for any other.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let language = tag.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") || language.eq_ignore_ascii_case("chinese") {
            Some(Language::Zh)
        } else if language.eq_ignore_ascii_case("en") || language.eq_ignore_ascii_case("english") {
            Some(Language::En)
        } else {
            None
        }
    }

    /// The language of a POSIX environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set and
    /// not empty decides. `C`, `POSIX` and every language but Chinese give English; nothing set gives Chinese,
    /// the language of the law that is applied.
    pub fn detect(lc_all: Option<&str>, lc_messages: Option<&str>, lang: Option<&str>) -> Language {
        match [lc_all, lc_messages, lang].into_iter().flatten().find(|value| !value.is_empty()) {
            None => Language::Zh,
            Some(value) => Language::from_tag(value).unwrap_or(Language::En),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let detect = Language::detect;
        assert_eq!(detect(Some("zh_CN.UTF-8"), Some("en_US"), Some("en_US")), Language::Zh);
        assert_eq!(detect(Some(""), Some("en_US.UTF-8"), Some("zh_CN")), Language::En);
        assert_eq!(detect(None, None, Some("zh_TW.Big5")), Language::Zh);
        assert_eq!(detect(None, None, Some("C.UTF-8")), Language::En);
        assert_eq!(detect(None, None, Some("de_DE")), Language::En);
        assert_eq!(detect(None, None, None), Language::Zh);
        assert_eq!(Language::from_tag("zhuang"), None);
    }
}
