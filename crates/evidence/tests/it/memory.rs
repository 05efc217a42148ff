//! A file system in memory that fails on command, and forgets what was not synced when the power goes.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use zhunsheng_evidence::Files;

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call fails and does nothing.
    Eio,
    /// A write stops halfway and every write after it fails until the log is opened again.
    Enospc,
    /// A write is cut short and the next call fails.
    ShortWrite,
    /// A sync fails and what was not on the disk is lost; at other calls as `Eio`.
    FailedSync,
    /// The power goes: every later call fails, and after `restart` only what was synced is left.
    PowerLoss,
}

pub(crate) const FAULTS: [Fault; 5] =
    [Fault::Eio, Fault::Enospc, Fault::ShortWrite, Fault::FailedSync, Fault::PowerLoss];

#[derive(Clone, Default)]
struct Disk {
    /// Content as it is, and as it is on the disk.
    contents: Vec<(Vec<u8>, Vec<u8>)>,
    names: BTreeMap<PathBuf, usize>,
    names_on_disk: BTreeMap<PathBuf, usize>,
}

#[derive(Default)]
struct State {
    disk: Disk,
    calls: u64,
    fault: Option<(u64, Fault)>,
    hit: bool,
    full: bool,
    fail_next: bool,
    off: bool,
}

/// The file system.
#[derive(Default)]
pub(crate) struct MemoryFiles(Mutex<State>);

impl MemoryFiles {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Lets call number `call`, counted from now, fail.
    pub(crate) fn arm(&self, call: u64, fault: Fault) {
        let mut state = self.state();
        state.calls = 0;
        state.fault = Some((call, fault));
        state.hit = false;
    }

    /// Whether the armed call has come.
    pub(crate) fn hit(&self) -> bool {
        self.state().hit
    }

    /// The program starts again; after a power loss with what was on the disk.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        if state.off {
            state.disk.names = state.disk.names_on_disk.clone();
            state.disk.contents.iter_mut().for_each(|(now, disk)| now.clone_from(disk));
        }
        (state.off, state.full, state.fail_next) = (false, false, false);
    }

    /// A copy of the files as they are.
    pub(crate) fn snapshot(&self) -> MemoryFiles {
        MemoryFiles(Mutex::new(State { disk: self.state().disk.clone(), ..State::default() }))
    }

    /// Writes every file below a real folder.
    pub(crate) fn dump(&self, folder: &Path) {
        let state = self.state();
        for (path, inode) in &state.disk.names {
            let path = folder.join(path.strip_prefix("/").unwrap_or(path));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &state.disk.contents[*inode].0).unwrap();
        }
    }

    /// Counts a call; gives the fault that is due.
    fn call(&self) -> io::Result<(MutexGuard<'_, State>, Option<Fault>)> {
        let mut state = self.state();
        let eio = || io::Error::from_raw_os_error(5);
        if state.off {
            return Err(eio());
        }
        if std::mem::take(&mut state.fail_next) {
            return Err(eio());
        }
        let number = state.calls;
        state.calls += 1;
        let fault = state.fault.filter(|(call, _)| *call == number).map(|(_, fault)| fault);
        match fault {
            Some(fault) => {
                state.hit = true;
                match fault {
                    Fault::PowerLoss => {
                        state.off = true;
                        Err(eio())
                    }
                    Fault::Eio => Err(eio()),
                    other => Ok((state, Some(other))),
                }
            }
            None => Ok((state, None)),
        }
    }

    /// For calls that neither write nor sync: every fault is an error.
    fn plain(&self) -> io::Result<MutexGuard<'_, State>> {
        match self.call()? {
            (state, None) => Ok(state),
            (_, Some(_)) => Err(io::Error::from_raw_os_error(5)),
        }
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.plain()?;
        let inode = *state.disk.names.get(path).ok_or_else(missing)?;
        Ok(state.disk.contents[inode].0.clone())
    }

    fn read_at(&self, path: &Path, position: u64, length: usize) -> io::Result<Vec<u8>> {
        let bytes = self.read(path)?;
        let start = position as usize;
        bytes.get(start..start + length).map(<[u8]>::to_vec).ok_or(io::ErrorKind::UnexpectedEof.into())
    }

    fn write(&self, path: &Path, position: u64, bytes: &[u8]) -> io::Result<usize> {
        let (mut state, fault) = self.call()?;
        if state.full {
            return Err(io::Error::from_raw_os_error(28));
        }
        let count = match fault {
            None => bytes.len(),
            Some(Fault::Enospc) => {
                state.full = true;
                bytes.len() / 2
            }
            Some(Fault::ShortWrite) => {
                state.fail_next = true;
                bytes.len() / 2
            }
            Some(_) => return Err(io::Error::from_raw_os_error(5)),
        };
        let inode = match state.disk.names.get(path) {
            Some(inode) => *inode,
            None => {
                state.disk.contents.push((Vec::new(), Vec::new()));
                let inode = state.disk.contents.len() - 1;
                state.disk.names.insert(path.to_owned(), inode);
                inode
            }
        };
        let content = &mut state.disk.contents[inode].0;
        let start = position as usize;
        content.resize(content.len().max(start + count), 0);
        content[start..start + count].copy_from_slice(&bytes[..count]);
        if count == 0 && !bytes.is_empty() {
            return Err(io::Error::from_raw_os_error(28));
        }
        Ok(count)
    }

    fn cut(&self, path: &Path, length: u64) -> io::Result<()> {
        let mut state = self.plain()?;
        let inode = *state.disk.names.get(path).ok_or_else(missing)?;
        state.disk.contents[inode].0.resize(length as usize, 0);
        Ok(())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let (mut state, fault) = self.call()?;
        let disk = &mut state.disk;
        let file = disk.names.get(path).copied();
        if fault.is_some() {
            if let (Some(inode), Some(Fault::FailedSync)) = (file, fault) {
                let (now, on_disk) = &mut disk.contents[inode];
                now.clone_from(on_disk);
            }
            return Err(io::Error::from_raw_os_error(5));
        }
        match file {
            Some(inode) => {
                let (now, on_disk) = &mut disk.contents[inode];
                on_disk.clone_from(now);
            }
            None => {
                disk.names_on_disk.retain(|name, _| name.parent() != Some(path));
                let names = disk.names.iter().filter(|(name, _)| name.parent() == Some(path));
                let names: Vec<_> = names.map(|(name, inode)| (name.clone(), *inode)).collect();
                disk.names_on_disk.extend(names);
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.plain()?;
        let inode = state.disk.names.remove(from).ok_or_else(missing)?;
        state.disk.names.insert(to.to_owned(), inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.plain()?;
        state.disk.names.remove(path).map(|_| ()).ok_or_else(missing)
    }

    fn make_folder(&self, _: &Path) -> io::Result<()> {
        self.plain().map(|_| ())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.plain()?;
        let names = state.disk.names.keys().filter(|name| name.parent() == Some(path));
        Ok(names.map(|name| name.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn lock(&self, _: &Path) -> io::Result<Option<Box<dyn Any + Send>>> {
        self.plain().map(|_| Some(Box::new(()) as Box<dyn Any + Send>))
    }
}

impl MemoryFiles {
    /// Whether the power is off.
    pub(crate) fn state_off(&self) -> bool {
        self.state().off
    }
}
