//! The masked form of a value: enough to recognise it beside the original, too little to use.

use zhunsheng_model::Kind;

/// Appends the masked form of `raw`.
///
/// Telephone numbers keep three and four digits, identity numbers six and four, cards six and four, names
/// the surname, mail addresses the first letter and the domain, addresses what stands before the county
/// ends. Whatever the input, at least a third of its characters are covered (the domain of a mail address
/// excepted), and the value itself is never returned.
pub fn mask(kind: Kind, raw: &str, out: &mut String) {
    let text = raw.trim();
    match kind {
        Kind::Phone => keep(text, 3, 4, out),
        Kind::Landline => keep(text, 4, 2, out),
        Kind::CnId | Kind::HmtResidence | Kind::ForeignPr | Kind::DisabilityCert | Kind::StudentId => {
            keep(text, 6, 4, out);
        }
        Kind::BankCard | Kind::BankAccount => keep(text, 6, 4, out),
        Kind::Person => mask_name(text, out),
        Kind::Email => mask_mail(text, out),
        Kind::Address => mask_address(text, out),
        Kind::Ip => mask_ip(text, out),
        Kind::BirthDate => mask_date(text, out),
        Kind::Password | Kind::SmsCode | Kind::CardSecurity => out.push_str("***"),
        Kind::Plate => keep(text, 2, 1, out),
        Kind::Wechat | Kind::Qq | Kind::Account => keep(text, 2, 2, out),
        Kind::Imei | Kind::Imsi | Kind::Iccid | Kind::Meid | Kind::Mac => keep(text, 6, 2, out),
        Kind::Vin | Kind::Waybill | Kind::Uscc => keep(text, 3, 4, out),
        Kind::GeoLng | Kind::GeoLat => {
            let whole = text.split('.').next().filter(|whole| whole.len() < text.len()).unwrap_or_default();
            out.push_str(whole);
            out.push_str(".***");
        }
        // What a person has in common with many others is shown by its group alone.
        Kind::Sex | Kind::Age | Kind::Ethnicity | Kind::Nationality | Kind::Marital => out.push('*'),
        _ => keep(text, 1, 1, out),
    }
}

/// Keeps up to `head` and `tail` characters, fewer when less than a third would be covered.
fn keep(text: &str, head: usize, tail: usize, out: &mut String) {
    let count = text.chars().count();
    if count == 0 {
        out.push('*');
        return;
    }
    let room = count * 2 / 3;
    let head = head.min(room);
    let tail = tail.min(room - head);
    out.extend(text.chars().take(head));
    out.extend(std::iter::repeat_n('*', count - head - tail));
    out.extend(text.chars().skip(count - tail));
}

fn mask_name(text: &str, out: &mut String) {
    // Surnames of two characters are kept whole in names of four.
    let count = text.chars().count();
    let kept = if count >= 4 && !text.is_ascii() { 2 } else { 1 };
    match count {
        0 | 1 => out.push('*'),
        _ => {
            out.extend(text.chars().take(kept));
            out.extend(std::iter::repeat_n('*', (count - kept).min(3)));
        }
    }
}

fn mask_mail(text: &str, out: &mut String) {
    match text.split_once('@') {
        Some((local, domain)) if local.chars().count() > 1 => {
            out.extend(local.chars().take(1));
            out.push_str("***@");
            out.push_str(domain);
        }
        Some((_, domain)) => {
            out.push_str("***@");
            out.push_str(domain);
        }
        None => keep(text, 1, 0, out),
    }
}

/// Keeps the address to its last county, city or district, as far as half of it stays covered.
fn mask_address(text: &str, out: &mut String) {
    let room = text.chars().count() / 2;
    let mut kept = 0;
    for (index, c) in text.chars().take(room).enumerate() {
        if matches!(c, '省' | '市' | '区' | '县' | '旗' | '州' | '盟') {
            kept = index + 1;
        }
    }
    out.extend(text.chars().take(kept));
    out.push_str("***");
}

fn mask_ip(text: &str, out: &mut String) {
    let separator = if text.contains(':') { ':' } else { '.' };
    let mut parts = text.split(separator);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(first), Some(second), Some(_)) => {
            out.push_str(first);
            out.push(separator);
            out.push_str(second);
            out.push(separator);
            out.push_str("***");
        }
        _ => keep(text, 1, 0, out),
    }
}

/// Keeps the year.
fn mask_date(text: &str, out: &mut String) {
    let year: String = text.chars().take_while(char::is_ascii_digit).take(4).collect();
    if year.len() == 4 && text.chars().count() > 4 {
        out.push_str(&year);
        out.push_str("-**-**");
    } else {
        out.push('*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: Kind, raw: &str) -> String {
        let mut out = String::new();
        mask(kind, raw, &mut out);
        out
    }

    #[test]
    fn the_usual_forms() {
        for (kind, raw, expected) in [
            (Kind::Phone, "13912345678", "139****5678"),
            (Kind::CnId, "11010119900307299X", "110101********299X"),
            (Kind::Person, "张三", "张*"),
            (Kind::Person, "张小三", "张**"),
            (Kind::Person, "欧阳小三", "欧阳**"),
            (Kind::Email, "zhang@qq.com", "z***@qq.com"),
            (Kind::Email, "z@qq.com", "***@qq.com"),
            (Kind::Address, "广东省深圳市南山区科技路1号软件园3栋502室", "广东省深圳市南山区***"),
            (Kind::Ip, "114.5.6.7", "114.5.***"),
            (Kind::BirthDate, "1990年3月7日", "1990-**-**"),
            (Kind::Password, "Pw223727", "***"),
            (Kind::GeoLng, "116.397128", "116.***"),
        ] {
            assert_eq!(form(kind, raw), expected, "{raw}");
        }
    }

    #[test]
    fn no_value_comes_back_whole() {
        for kind in Kind::ALL {
            for raw in [
                "1",
                "12",
                "张",
                "张三",
                "13912345678",
                "a@b.cn",
                "x@",
                "@",
                "116.3",
                "北京市",
                "京A8K325",
                "",
                "1.2.3.4",
            ] {
                let masked = form(*kind, raw);
                assert_ne!(masked, raw, "{kind:?}");
                assert!(masked.contains('*'), "{kind:?} {raw}");
            }
        }
    }
}
