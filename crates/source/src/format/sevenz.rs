//! 7z, read by `sevenz-rust2`.

use crate::error::SourceError;
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use sevenz_rust2::{ArchiveReader, EntryDecision, Error, Password};
use std::io::Read;
use zhunsheng_model::ProblemKind;

/// Memory that header buffers and dictionaries may take, each, in KiB.
const MEMORY_KIB: usize = 256 << 10;

/// 7z archive.
pub(super) struct SevenZip;

impl Format for SevenZip {
    fn name(&self) -> &'static str {
        "7z"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.head.starts_with(b"7z\xbc\xaf\x27\x1c")
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let source = input.into_seekable(cx.temp_dir())?;
        let mut reader =
            ArchiveReader::new_with_memory_limit(source, Password::empty(), MEMORY_KIB).map_err(failure)?;
        // The order in which members come must not depend on the machine.
        reader.set_thread_count(1);
        let archive = reader.archive();
        let encrypted: Vec<String> = (0..archive.files.len())
            .filter(|index| archive.is_file_encrypted(*index))
            .filter_map(|index| archive.files.get(index).map(|file| file.name().to_owned()))
            .collect();
        for name in &encrypted {
            cx.problem_member(name, ProblemKind::Encrypted, "the member is encrypted");
        }
        // A solid block is encrypted as a whole, so its first member tells for all.
        let encrypted: std::collections::BTreeSet<String> = encrypted.into_iter().collect();
        if encrypted.len() >= reader.archive().files.iter().filter(|file| file.has_stream()).count() {
            return Ok(());
        }
        let mut stopped = None;
        let result = reader.for_each_entries_with_decision(|entry, bytes| {
            if encrypted.contains(entry.name()) {
                return Ok(EntryDecision::SkipBlock);
            }
            if entry.is_directory() || entry.is_anti_item() {
                return Ok(EntryDecision::Continue);
            }
            let name = entry.name().replace('\\', "/");
            match cx.nested(&name, Input::from_reader(&mut *bytes, Some(entry.size()))) {
                Ok(()) => match drain(bytes, cx) {
                    Ok(()) => Ok(EntryDecision::Continue),
                    Err(error) => {
                        stopped = Some(error);
                        Ok(EntryDecision::Stop)
                    }
                },
                Err(error) => {
                    stopped = Some(error);
                    Ok(EntryDecision::Stop)
                }
            }
        });
        match (stopped, result) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(failure(error)),
            (None, Ok(())) => Ok(()),
        }
    }
}

/// Reads what a member's format left over: the next member of a solid block comes after it. It counts against
/// the limits, since a bomb may stand in a member of a format that reads no further.
fn drain(bytes: &mut dyn Read, cx: &Context<'_>) -> Result<(), SourceError> {
    let mut room = vec![0; 64 << 10];
    loop {
        match bytes.read(&mut room) {
            Ok(0) | Err(_) => return Ok(()),
            Ok(got) => cx.level.take(got as u64)?,
        }
    }
}

fn failure(error: Error) -> SourceError {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => {
            SourceError::encrypted("the archive, its list of members included, is encrypted")
        }
        Error::Io(error, _) => super::member::decoder_error(error, "the archive"),
        Error::MaxMemLimited { .. } => {
            SourceError::Limit(format!("unpacking needs more than {MEMORY_KIB} KiB of memory"))
        }
        Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) | Error::ExternalUnsupported => {
            SourceError::unsupported("a compression method of the archive is not known")
        }
        _ => SourceError::malformed("the archive is damaged"),
    }
}
