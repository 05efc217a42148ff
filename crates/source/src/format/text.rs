//! Text of any kind that is nothing else: prose, logs, source code.

use super::{Format, HEAD_BYTES, Probe};
use crate::text::dialect;
use crate::text::encoding::{self, TextHead};
use crate::text::piece::{Cut, Faults, Found, Piece, Pieces, deliver};
use crate::text::shape;
use crate::{Context, Input, SourceError};
use std::sync::Arc;
use zhunsheng_model::{
    Encoding, Fragment, LazyFragment, Place, Problem, TextFragment, TextOrigin, TextShape,
};

/// Matches every text.
pub(super) struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.text().is_some()
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let head = head_of(&mut input)?;
        let shape = shape::shape_of(&head.text);
        read_as(input, &head, shape, cx)
    }
}

/// The head of an input that is read as text whatever it holds: bytes that are no text come out as replaced
/// characters, with a problem.
pub(super) fn head_of(input: &mut Input<'_>) -> Result<TextHead, SourceError> {
    let bytes = input.peek(HEAD_BYTES)?;
    let complete = bytes.len() < HEAD_BYTES;
    Ok(encoding::sniff(bytes, complete).unwrap_or_else(|| TextHead {
        encoding: Encoding::Utf8,
        bom_bytes: 0,
        ascii_only: false,
        text: String::from_utf8_lossy(bytes).into_owned(),
    }))
}

/// Reads text of a known shape, in pieces.
pub(super) fn read_as(
    input: Input<'_>,
    head: &TextHead,
    shape: TextShape,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let cut = match shape {
        TextShape::Prose | TextShape::Code => Cut::Paragraphs,
        TextShape::Lines => Cut::Lines,
        TextShape::Blocks => Cut::Cards,
    };
    let pieces = Pieces::new(input, head, cut, dialect::line_end_of(&head.text), cx.chunk_bytes())?;
    hand_over(pieces, shape, true, cx)
}

/// Reads the rest of a text file whose beginning was read by another format, which found it broken at `origin`;
/// without one the places in the text cannot be told.
pub(super) fn read_rest(
    rest: Input<'_>,
    origin: Option<TextOrigin>,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let head = TextHead { encoding: Encoding::Utf8, bom_bytes: 0, ascii_only: false, text: String::new() };
    let mut pieces = Pieces::new(rest, &head, Cut::Paragraphs, b'\n', cx.chunk_bytes())?;
    if let Some(origin) = origin {
        pieces = pieces.starting_at(origin);
    }
    hand_over(pieces, TextShape::Code, origin.is_some(), cx)
}

fn hand_over(
    pieces: Pieces<'_>,
    shape: TextShape,
    is_original: bool,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let plan = Plan { place: Arc::clone(cx.place()), shape, is_original, faults: Faults::default() };
    let plan = Arc::new(plan);
    deliver(pieces, cx, |piece| Box::new(LazyText { piece, plan: Arc::clone(&plan) }))
}

/// What the pieces of one text share.
struct Plan {
    place: Arc<Place>,
    shape: TextShape,
    /// Whether the bytes are those of the file.
    is_original: bool,
    faults: Faults,
}

struct LazyText {
    piece: Piece,
    plan: Arc<Plan>,
}

impl LazyFragment for LazyText {
    fn size_bytes(&self) -> usize {
        self.piece.size_bytes()
    }

    fn load(self: Box<Self>) -> (Vec<Fragment>, Vec<Problem>) {
        let LazyText { piece, plan } = *self;
        let number = (piece.index, piece.last);
        let (text, origin, bad) = piece.decode();
        let problems = plan.faults.note(&plan.place, number, Found { bad, ..Found::default() });
        let (text, untouched) = match plan.shape {
            TextShape::Blocks => super::vcard::unfold(text),
            _ => (text, true),
        };
        let fragment = TextFragment {
            place: Arc::clone(&plan.place),
            text,
            shape: plan.shape,
            segments: Vec::new(),
            origin: (untouched && plan.is_original).then_some(origin),
        };
        (vec![Fragment::Text(fragment)], problems)
    }
}
