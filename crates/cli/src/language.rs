//! Which language the program speaks.

use zhunsheng_report::Language;

/// The language of `--lang` if it stands among the arguments (the help text needs it before they are
/// parsed), else the language of the locale.
pub(crate) fn from_arguments_or_locale() -> Language {
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => continue,
        };
        match value.as_deref() {
            Some("zh") => return Language::Zh,
            Some("en") => return Language::En,
            _ => {}
        }
    }
    let variable = |name| std::env::var(name).ok();
    Language::detect(
        variable("LC_ALL").as_deref(),
        variable("LC_MESSAGES").as_deref(),
        variable("LANG").as_deref(),
    )
}

/// The text in the language asked for.
pub(crate) fn pick<'a>(lang: Language, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Language::Zh => zh,
        Language::En => en,
    }
}
