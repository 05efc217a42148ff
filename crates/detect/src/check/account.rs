//! Mail addresses and names of accounts.

use super::Tables;
use zhunsheng_model::{Kind, Reason, State};

/// Local parts of addresses that an office reads and not a person (RFC 2142 and usage).
const ROLES: [&str; 38] = [
    "abuse",
    "admin",
    "administrator",
    "bot",
    "business",
    "career",
    "contact",
    "cs",
    "donotreply",
    "enquiry",
    "feedback",
    "git",
    "hello",
    "help",
    "hostmaster",
    "hr",
    "info",
    "job",
    "jobs",
    "kefu",
    "mailer-daemon",
    "marketing",
    "media",
    "news",
    "no-reply",
    "noreply",
    "notification",
    "office",
    "postmaster",
    "pr",
    "privacy",
    "root",
    "sales",
    "security",
    "service",
    "support",
    "system",
    "webmaster",
];

/// Endings of file names that look like the last part of a domain (`icon@2x.png`).
const FILE_ENDINGS: [&str; 16] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "json", "html", "htm", "php", "jsp", "txt",
    "xml", "py",
];

/// For each first letter, the lengths of the words that begin with it, as bits: most words need no more.
const fn lengths_by_letter(words: &[&str]) -> [u32; 26] {
    let mut lengths = [0; 26];
    let mut index = 0;
    while index < words.len() {
        let word = words[index].as_bytes();
        lengths[(word[0] - b'a') as usize] |= 1 << word.len();
        index += 1;
    }
    lengths
}

static ROLE_LENGTHS: [u32; 26] = lengths_by_letter(&ROLES);
static ENDING_LENGTHS: [u32; 26] = lengths_by_letter(&FILE_ENDINGS);

/// Whether `word` (lower case) is one of `words`.
fn is_one_of(word: &str, words: &[&str], lengths: &[u32; 26]) -> bool {
    let first = word.bytes().next().unwrap_or_default().wrapping_sub(b'a');
    let known = lengths.get(usize::from(first)).copied().unwrap_or(0);
    known >> word.len().min(31) & 1 == 1 && words.contains(&word)
}

/// Whether `domain` (ASCII, lower case) is a name that mail can be sent to.
pub(crate) fn is_mail_domain(domain: &str) -> bool {
    let mut labels = 0;
    for label in domain.as_bytes().split(|byte| *byte == b'.') {
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if label.is_empty() || label.len() > 63 || !label.iter().all(known) || label.first() == Some(&b'-') {
            return false;
        }
        labels += 1;
    }
    let last = domain.as_bytes().iter().rposition(|byte| *byte == b'.').and_then(|dot| domain.get(dot + 1..));
    let last = last.unwrap_or_default();
    labels >= 2
        && (2..=24).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !is_one_of(last, &FILE_ENDINGS, &ENDING_LENGTHS)
}

/// Whether `local` can stand before the `@`.
pub(crate) fn is_local_part(local: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
    (1..=64).contains(&local.len())
        && local.bytes().all(known)
        && local.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && !local.ends_with('.')
        && !local.contains("..")
}

impl Tables {
    /// Checks a mail address in any case.
    pub(crate) fn email(&self, text: &str) -> State {
        let mut copy = String::new();
        let lower = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            copy.push_str(text);
            copy.make_ascii_lowercase();
            copy.as_str()
        } else {
            text
        };
        let Some((local, domain)) = lower.split_once('@') else { return State::Invalid(Reason::WrongForm) };
        if !is_local_part(local) || !is_mail_domain(domain) {
            return State::Invalid(Reason::WrongForm);
        }
        if self.is_test_domain(domain) || self.is_test(Kind::Email, lower) {
            return State::Invalid(Reason::TestValue);
        }
        if is_one_of(local, &ROLES, &ROLE_LENGTHS) {
            State::Invalid(Reason::NotPersonal)
        } else {
            State::Valid
        }
    }
}

/// 微信号: a letter, then five to nineteen letters, digits, `_` or `-`.
pub(crate) fn is_wechat(text: &[u8]) -> bool {
    // `wxid_` numbers are given by the system and may be a little longer than chosen ones.
    let longest = if text.starts_with(b"wxid_") { 27 } else { 20 };
    (6..=longest).contains(&text.len())
        && text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// QQ号: five to eleven digits, the first not 0.
pub(crate) fn is_qq(text: &[u8]) -> bool {
    (5..=11).contains(&text.len()) && text.first() != Some(&b'0') && text.iter().all(u8::is_ascii_digit)
}

/// Values that stand where a secret or a name stands in source code, schemas and examples.
pub(crate) fn is_code_word(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "string",
        "varchar",
        "char",
        "text",
        "null",
        "none",
        "nil",
        "true",
        "false",
        "required",
        "password",
        "passwd",
        "pwd",
        "hash",
        "hidden",
        "undefined",
        "optional",
        "default",
        "value",
        "user",
        "username",
        "admin",
        "root",
        "account",
    ];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::tables;
    use super::*;

    #[test]
    fn an_address_is_somebodys_an_offices_or_nobodys() {
        for (text, expected) in [
            ("zhang.san+x@qq.com", State::Valid),
            ("ZHANG@Sub.Company.com.cn", State::Valid),
            ("noreply@company.com", State::Invalid(Reason::NotPersonal)),
            ("zhang@example.com", State::Invalid(Reason::TestValue)),
            ("hr@mail.example.com", State::Invalid(Reason::TestValue)),
            ("zhang@notexample.com", State::Valid),
            ("icon@2x.png", State::Invalid(Reason::WrongForm)),
            ("a..b@qq.com", State::Invalid(Reason::WrongForm)),
            ("zhang@qq", State::Invalid(Reason::WrongForm)),
            ("zhang@-qq.com", State::Invalid(Reason::WrongForm)),
            ("zhang", State::Invalid(Reason::WrongForm)),
        ] {
            assert_eq!(tables().email(text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_accounts_have_their_lengths() {
        assert!(
            is_wechat(b"abc123") && !is_wechat(b"abc12") && !is_wechat(b"1abc123") && !is_wechat(b"abc 123")
        );
        assert!(is_wechat(b"a1234567890123456789") && !is_wechat(b"a12345678901234567890"));
        assert!(is_wechat(b"wxid_cxiqqnhzf5csog"));
        assert!(is_qq(b"10001") && is_qq(b"12345678901") && !is_qq(b"1000") && !is_qq(b"012345"));
        assert!(!is_qq(b"123456789012"));
    }
}
