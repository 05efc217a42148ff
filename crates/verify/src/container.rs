//! A set of named files: a folder, or the members of a canonical zip.

use crate::say;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Named files that can be read.
pub trait Container {
    /// The name of every file, sorted, with `/` between folders.
    fn names(&self) -> Vec<String>;

    /// Hands the bytes of `name` to `sink`, in order.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read whole.
    fn read(&mut self, name: &str, sink: &mut dyn FnMut(&[u8])) -> io::Result<()>;
}

/// The bytes of a file of at most `bytes_max` bytes.
///
/// # Errors
/// When it cannot be read or is longer.
pub fn read_whole(container: &mut dyn Container, name: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
    let (mut bytes, mut length) = (Vec::new(), 0usize);
    container.read(name, &mut |piece| {
        length = length.saturating_add(piece.len());
        if length <= bytes_max {
            bytes.extend_from_slice(piece);
        }
    })?;
    let long = say!("`{name}` 超过 {bytes_max} 字节", "`{name}` is longer than {bytes_max} bytes");
    if length > bytes_max { Err(long.into()) } else { Ok(bytes) }
}

/// The files of a folder. Links and special files are refused: what they show can change.
pub struct Folder {
    files: BTreeMap<String, PathBuf>,
}

impl Folder {
    /// Lists `root`, all the way down.
    ///
    /// # Errors
    /// When a folder cannot be listed, or holds something that is neither file nor folder.
    pub fn open(root: &Path) -> io::Result<Folder> {
        let mut files = BTreeMap::new();
        let mut open = vec![(String::new(), root.to_path_buf())];
        while let Some((prefix, path)) = open.pop() {
            for entry in fs::read_dir(&path)? {
                let entry = entry?;
                let name = entry.file_name();
                let foreign = || say!("`{prefix}` 内有名称非 UTF-8", "a name in `{prefix}` is not UTF-8");
                let name = name.to_str().ok_or_else(foreign)?;
                let (name, kind) = (format!("{prefix}{name}"), entry.file_type()?);
                if kind.is_dir() {
                    open.push((format!("{name}/"), entry.path()));
                } else if kind.is_file() {
                    files.insert(name, entry.path());
                } else {
                    let what = say!("`{name}` 既非文件也非文件夹", "`{name}` is neither file nor folder");
                    return Err(what.into());
                }
            }
        }
        Ok(Folder { files })
    }
}

impl Container for Folder {
    fn names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn read(&mut self, name: &str, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let path = self.files.get(name).ok_or_else(|| say!("没有文件 `{name}`", "no file `{name}`"))?;
        pump(&mut File::open(path)?, u64::MAX, sink).map(|_| ())
    }
}

/// Hands at most `bytes_max` bytes of `read` to `sink`; gives how many there were.
pub(crate) fn pump(read: &mut dyn Read, bytes_max: u64, sink: &mut dyn FnMut(&[u8])) -> io::Result<u64> {
    let mut buffer = vec![0; 64 << 10];
    let mut done = 0u64;
    while done < bytes_max {
        let want = usize::try_from(bytes_max - done).unwrap_or(usize::MAX).min(buffer.len());
        let Some(space) = buffer.get_mut(..want) else { break };
        match read.read(space) {
            Ok(0) => break,
            Ok(count) => {
                sink(space.get(..count).unwrap_or_default());
                done += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
