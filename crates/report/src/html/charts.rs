//! The charts, drawn as SVG with positions in per cent, so that they fill any width and their letters keep
//! their size on a phone and on paper.

use super::markup::{escaped, put};
use crate::tables::{self, Heat};
use crate::texts::{Text, fill};
use crate::{Language, number, words};
use std::fmt::Write;
use zhunsheng_model::{Inventory, KindCounts};

/// Mentions of each kind, valid and left out, on one linear scale.
pub(super) fn kinds(out: &mut String, inventory: &Inventory, language: Language) {
    let left_out = |counts: &KindCounts| counts.invalid + counts.masked + counts.placeholder;
    let all = |counts: &KindCounts| counts.valid + left_out(counts);
    let Some(widest) = inventory.counts.by_kind.values().map(all).max() else { return };
    put!(
        out,
        "<table class=\"bars\"><caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th><td class=\"key\">\
         <span class=\"swatch valid\"></span>{} <span class=\"swatch out\"></span>{}</td>\
         <th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th></tr></thead>\n<tbody>\n",
        escaped(Text::KindsCharted.of(language)),
        escaped(Text::Kind.of(language)),
        escaped(Text::Valid.of(language)),
        escaped(Text::LeftOut.of(language)),
        escaped(Text::Valid.of(language)),
        escaped(Text::LeftOut.of(language)),
    );
    for (kind, counts) in &inventory.counts.by_kind {
        let (valid, out_of) = (share(counts.valid, widest), share(left_out(counts), widest));
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"bar\"><svg width=\"100%\" height=\"14\" aria-hidden=\"true\">\
             <rect class=\"valid\" width=\"{}%\" height=\"14\"/>\
             <rect class=\"out\" x=\"{}%\" width=\"{}%\" height=\"14\"/></svg></td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            escaped(words::kind(*kind, language)),
            per_cent(valid),
            per_cent(valid),
            per_cent(out_of),
            number::grouped(counts.valid),
            number::grouped(left_out(counts)),
        );
    }
    out.push_str("</tbody></table>\n");
}

/// `part` of `whole` in hundredths of a per cent; something that is there is never invisible.
fn share(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 10_000 / u128::from(whole.max(1));
    if part > 0 { (share as u64).max(15) } else { 0 }
}

/// Hundredths of a per cent as an SVG length without its sign.
fn per_cent(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The least share drawn: 0.1 %.
const SHARE_MIN_EXPONENT: i32 = -3;

/// Each tier against its line, on a logarithmic scale from 0.1 % to ten times or more, and item 6.
pub(super) fn tiers(out: &mut String, inventory: &Inventory, language: Language) {
    let mut rows: Vec<(String, String, f64, bool)> = inventory
        .criminal
        .tiers
        .iter()
        .map(|tier| {
            let (name, is) = words::tier(tier.item);
            let label = format!("{} {}", name.of(language), is.of(language));
            let value = format!(
                "{} / {} ({})",
                number::grouped(tier.count),
                number::grouped(tier.threshold),
                number::percent(tier.count, tier.threshold)
            );
            (label, value, tier.count as f64 / tier.threshold.max(1) as f64, tier.reached)
        })
        .collect();
    let detail = &inventory.criminal.proportion_detail;
    if let Some((above, below)) = fraction(&detail.fraction) {
        let value = format!("{} ({})", detail.fraction, number::percent(above, below));
        let sum = above as f64 / below as f64;
        rows.push((Text::Proportion.of(language).to_owned(), value, sum, detail.reached));
    }
    let largest = rows.iter().map(|row| row.2).fold(10.0, f64::max);
    let top_exponent = largest.log10().ceil().max(1.0) as i32;
    let position = |share: f64| {
        let span = f64::from(top_exponent - SHARE_MIN_EXPONENT);
        ((share.log10() - f64::from(SHARE_MIN_EXPONENT)) / span * 100.0).clamp(0.0, 100.0)
    };
    put!(
        out,
        "<figure class=\"tiers\"><figcaption>{}</figcaption>\n",
        escaped(Text::TiersCharted.of(language))
    );
    for (label, value, share, reached) in &rows {
        let class = if *reached { "reached" } else { "below" };
        let width = if *share > 0.0 { position(*share).max(0.3) } else { 0.0 };
        put!(
            out,
            "<div class=\"tier\"><p><span>{}</span><b class=\"{class}\">{}</b></p>\
             <svg width=\"100%\" height=\"20\" role=\"img\" aria-label=\"{}\">\
             <rect class=\"track\" width=\"100%\" height=\"20\"/>\
             <rect class=\"{class}\" width=\"{width:.2}%\" height=\"20\"/>",
            escaped(label),
            escaped(value),
            escaped(&format!("{label}: {value}")),
        );
        for (exponent, class) in [(0, "line"), (1, "line very")] {
            let x = position(10_f64.powi(exponent));
            put!(out, "<line class=\"{class}\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"20\"/>");
        }
        out.push_str("</svg></div>\n");
    }
    axis(out, top_exponent, &position);
    out.push_str("</figure>\n");
}

fn axis(out: &mut String, top_exponent: i32, position: &dyn Fn(f64) -> f64) {
    out.push_str("<svg class=\"axis\" width=\"100%\" height=\"34\" aria-hidden=\"true\">");
    for exponent in SHARE_MIN_EXPONENT..=top_exponent {
        let x = position(10_f64.powi(exponent));
        let anchor = match exponent {
            SHARE_MIN_EXPONENT => "start",
            last if last == top_exponent => "end",
            _ => "middle",
        };
        let label = match exponent {
            -3 => "0.1%".to_owned(),
            _ => format!("{}%", number::grouped(10_u64.pow((exponent + 2).unsigned_abs()))),
        };
        put!(out, "<line x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"5\"/>");
        put!(out, "<text x=\"{x:.2}%\" y=\"17\" text-anchor=\"{anchor}\">{label}</text>");
        let name = match exponent {
            0 => Some(Text::Serious),
            1 => Some(Text::VerySerious),
            _ => None,
        };
        if let Some(name) = name {
            // The English name is long; beside the axis the Chinese term alone is enough.
            let name = name.of(Language::Zh);
            put!(
                out,
                "<text class=\"name\" x=\"{x:.2}%\" y=\"31\" text-anchor=\"{anchor}\" lang=\"zh-CN\">{name}</text>"
            );
        }
    }
    out.push_str("</svg>\n");
}

/// The two parts of a fraction such as `27/20`; a whole number stands over 1.
fn fraction(text: &str) -> Option<(u64, u64)> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let (above, below) = (above.trim().parse().ok()?, below.trim().parse().ok()?);
    (below > 0).then_some((above, below))
}

/// Persons by the number of kinds known about them.
pub(super) fn histogram(out: &mut String, inventory: &Inventory, language: Language) {
    const HEIGHT: u64 = 150;
    let bars = &inventory.counts.persons_by_kinds_known;
    let (Some(highest), Some(last)) = (bars.values().max(), bars.keys().max()) else { return };
    let first = bars.keys().min().copied().unwrap_or(1);
    let across = u64::from(last - first) + 1;
    let height_all = HEIGHT + 44;
    put!(
        out,
        "<figure class=\"histogram\"><svg width=\"100%\" height=\"{height_all}\" role=\"img\" aria-label=\"{}\">\n",
        escaped(Text::HistogramTitle.of(language))
    );
    for (kinds, persons) in bars {
        let slot = 10_000 / across;
        let x = u64::from(kinds - first) * 10_000 / across;
        let middle = per_cent(x + slot / 2);
        let height = (u128::from(*persons) * u128::from(HEIGHT) / u128::from((*highest).max(1))) as u64;
        let height = if *persons > 0 { height.max(1) } else { 0 };
        let top = 20 + HEIGHT - height;
        put!(
            out,
            "<g><title>{kinds}: {}</title><rect class=\"valid\" x=\"{}%\" width=\"{}%\" y=\"{top}\" \
             height=\"{height}\"/><text x=\"{middle}%\" y=\"{}\" text-anchor=\"middle\">{}</text>\
             <text class=\"tick\" x=\"{middle}%\" y=\"{}\" text-anchor=\"middle\">{kinds}</text></g>\n",
            number::grouped(*persons),
            per_cent(x + slot / 8),
            per_cent(slot - slot / 4),
            top - 5,
            number::compact(*persons),
            HEIGHT + 36,
        );
    }
    let base = 20 + HEIGHT;
    put!(out, "<line x1=\"0\" x2=\"100%\" y1=\"{base}\" y2=\"{base}\"/></svg>\n");
    put!(out, "<figcaption>{}</figcaption></figure>\n", escaped(Text::HistogramKey.of(language)));
}

/// Files and kinds shown in the heat map; the rest is summed.
const FILES_MAX: usize = 40;
const KINDS_MAX: usize = 20;

/// Files against kinds as a table shaded by order of magnitude.
pub(super) fn heat(out: &mut String, inventory: &Inventory, language: Language) {
    let heat: Heat = tables::heat(inventory, FILES_MAX, KINDS_MAX);
    if heat.rows.is_empty() {
        put!(out, "<p class=\"none\">{}</p>\n", escaped(Text::Nothing.of(language)));
        return;
    }
    out.push_str("<div class=\"scroll\"><table class=\"heat\">\n<thead><tr><td></td>");
    for kind in &heat.kinds {
        // English names are sentences; the id says the same in one word.
        let name = match language {
            Language::Zh => kind.name_zh(),
            Language::En => kind.id(),
        };
        put!(
            out,
            "<th scope=\"col\" title=\"{}\"><span>{}</span></th>",
            words::kind(*kind, language),
            escaped(name)
        );
    }
    if heat.others {
        put!(out, "<th scope=\"col\"><span>{}</span></th>", escaped(Text::OtherKinds.of(language)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let last = heat.rows.len() - 1;
    for (index, (file, counts)) in heat.rows.iter().enumerate() {
        let name = if index == last && heat.files_summed > 0 {
            fill(Text::OtherFiles.of(language), &[&number::grouped(heat.files_summed)])
        } else {
            file.clone()
        };
        put!(out, "<tr><th scope=\"row\">{}</th>", escaped(&name));
        for count in counts {
            match count {
                0 => out.push_str("<td></td>"),
                count => put!(
                    out,
                    "<td class=\"h{}\" title=\"{}\">{}</td>",
                    count.ilog10().min(6),
                    number::grouped(*count),
                    number::compact(*count)
                ),
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    put!(out, "<p class=\"note\">{}</p>\n", escaped(Text::ShadeHint.of(language)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_is_there_can_be_seen_and_none_is_wider_than_all() {
        assert_eq!(share(0, 10), 0);
        assert!(share(1, u64::MAX) > 0);
        assert_eq!(share(u64::MAX, u64::MAX), 10_000);
        assert_eq!(per_cent(1_234), "12.34");
    }

    #[test]
    fn a_fraction_is_taken_apart() {
        assert_eq!(fraction("27/20"), Some((27, 20)));
        assert_eq!(fraction("3"), Some((3, 1)));
        assert_eq!(fraction("1/0"), None);
        assert_eq!(fraction(""), None);
    }
}
