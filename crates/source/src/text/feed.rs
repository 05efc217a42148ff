//! An input as UTF-8 in a window that moves on, with the place of the window in the file.

use super::encoding::{self, TextHead};
use crate::error::SourceError;
use crate::input::Input;
use encoding_rs::Decoder;
use memchr::memchr_iter;
use std::cell::Cell;
use std::io::Read;
use zhunsheng_model::{Encoding, TextOrigin};

/// Most bytes read at once.
const STEP_BYTES_MAX: usize = 1 << 20;

/// For formats that are read token by token in order (JSON documents, SQL dumps, HTML).
pub(crate) struct Feed<'a> {
    input: Input<'a>,
    decoder: Option<Decoder>,
    /// UTF-8, or nearly: bytes of a file called UTF-8 are not checked.
    pub(crate) window: Vec<u8>,
    /// Where the window begins in the file.
    origin: TextOrigin,
    /// The last place told, from which the next is counted on.
    told: Cell<(usize, TextOrigin)>,
    /// Whether nothing follows the window.
    pub(crate) ended: bool,
    /// Places replaced while decoding.
    pub(crate) bad: u64,
    ascii_only: bool,
    step_bytes: usize,
}

impl<'a> Feed<'a> {
    /// `head` is what was told of the beginning of `input`; about `step_bytes` are read at once.
    ///
    /// # Errors
    /// When the byte-order mark cannot be read.
    pub(crate) fn new(
        mut input: Input<'a>,
        head: &TextHead,
        step_bytes: usize,
    ) -> Result<Feed<'a>, SourceError> {
        let mut mark = [0; 4];
        input.read_exact(mark.get_mut(..head.bom_bytes.min(4)).unwrap_or_default())?;
        let origin = TextOrigin {
            encoding: head.encoding,
            first_byte: head.bom_bytes as u64,
            first_char: 0,
            first_line: 0,
        };
        Ok(Feed {
            input,
            decoder: (head.encoding != Encoding::Utf8).then(|| encoding::decoder(head.encoding)),
            window: Vec::new(),
            origin,
            told: Cell::new((0, origin)),
            ended: false,
            bad: 0,
            ascii_only: head.ascii_only,
            step_bytes: step_bytes.clamp(1, STEP_BYTES_MAX),
        })
    }

    /// Drops the first `used` bytes and reads on.
    ///
    /// # Errors
    /// When reading fails; the window then still holds what was read, and nothing follows.
    pub(crate) fn advance(&mut self, used: usize) -> Result<(), SourceError> {
        self.origin = self.origin_at(used);
        self.told.set((0, self.origin));
        self.window.drain(..used.min(self.window.len()));
        let mut room = vec![0; self.step_bytes];
        let got = match self.input.read(&mut room) {
            Ok(got) => got,
            Err(error) => {
                self.ended = true;
                return Err(error.into());
            }
        };
        room.truncate(got);
        self.ended = got == 0;
        if self.ascii_only && !room.is_ascii() {
            self.ascii_only = false;
            if let Some((encoding @ (Encoding::Gb18030 | Encoding::Big5 | Encoding::Other(_)), _)) =
                encoding::guess(&room, false)
            {
                self.origin.encoding = encoding;
                self.told.set((0, self.origin));
                self.decoder = Some(encoding::decoder(encoding));
            }
        }
        match &mut self.decoder {
            None => self.window.append(&mut room),
            Some(decoder) => {
                let mut text = String::new();
                self.bad += encoding::decode_step(decoder, &room, self.ended, &mut text);
                self.window.extend_from_slice(text.as_bytes());
            }
        }
        Ok(())
    }

    /// The place of byte `at` of the window.
    pub(crate) fn origin_at(&self, at: usize) -> TextOrigin {
        let (from, mut origin) = match self.told.get() {
            (from, origin) if from <= at => (from, origin),
            _ => (0, self.origin),
        };
        let before = self.window.get(from..at.min(self.window.len())).unwrap_or_default();
        origin.first_byte += encoding::encoded_bytes(origin.encoding, before);
        origin.first_char += encoding::count_chars(Encoding::Utf8, before);
        origin.first_line += memchr_iter(b'\n', before).count() as u64;
        self.told.set((at.min(self.window.len()), origin));
        origin
    }

    /// Whether places in the window are places in the file byte for byte.
    pub(crate) fn is_original(&self) -> bool {
        self.decoder.is_none()
    }

    /// What follows byte `at` of the window, as an input.
    pub(crate) fn into_rest(mut self, at: usize) -> Input<'a> {
        self.window.drain(..at.min(self.window.len()));
        let size = None;
        let decoder = self.decoder.take();
        match decoder {
            None => Input::from_reader(std::io::Cursor::new(self.window).chain(self.input), size),
            Some(decoder) => {
                let rest =
                    Decoding { input: self.input, decoder, ready: Vec::new(), at: 0, ended: self.ended };
                Input::from_reader(std::io::Cursor::new(self.window).chain(rest), size)
            }
        }
    }
}

/// The rest of an input, decoded.
struct Decoding<'a> {
    input: Input<'a>,
    decoder: Decoder,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Decoding<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        while self.at >= self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            let mut raw = vec![0; 64 << 10];
            let got = self.input.read(&mut raw)?;
            self.ended = got == 0;
            let mut text = String::new();
            let bytes = raw.get(..got).unwrap_or_default();
            encoding::decode_step(&mut self.decoder, bytes, self.ended, &mut text);
            self.ready = text.into_bytes();
            self.at = 0;
        }
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let n = ready.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n;
        Ok(n)
    }
}
