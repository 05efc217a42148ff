//! Keys for protecting and restoring: where they lie, how they are opened and written.
//!
//! A key comes from an encrypted key file (`--key FILE`) or from the environment variable
//! `ZHUNSHENG_PROTECT_KEY` (a bare key, for jobs that get their secrets from elsewhere).
//! The passphrase of a key file comes from `--passphrase-file`, from the output of `--passphrase-command`
//! (how the key store of the operating system is asked), from `ZHUNSHENG_PASSPHRASE`, or from the terminal.

use crate::language::pick;
use anyhow::{Context, bail, ensure};
use clap::{Arg, ArgMatches, value_parser};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use zeroize::Zeroizing;
use zhunsheng_evidence::os_random;
use zhunsheng_protect::keys::{Cost, SealRandom};
use zhunsheng_protect::{KeyFile, Keyring, Suite};
use zhunsheng_report::Language;

/// A bare key in the environment.
const KEY_VARIABLE: &str = "ZHUNSHENG_PROTECT_KEY";
/// A passphrase in the environment.
const PASSPHRASE_VARIABLE: &str = "ZHUNSHENG_PASSPHRASE";
/// A key file has a few lines; anything longer is none.
const KEY_FILE_BYTES_MAX: u64 = 1 << 20;

/// `--key FILE`: for commands that use keys.
#[allow(dead_code, reason = "for the commands that protect and restore")]
pub(crate) fn key_arg(lang: Language) -> Arg {
    Arg::new("key").long("key").value_name("FILE").value_parser(value_parser!(PathBuf)).help(pick(
        lang,
        "密钥文件（zhunsheng keys new 生成）；默认取环境变量 ZHUNSHENG_PROTECT_KEY",
        "key file made by zhunsheng keys new; default: the environment variable ZHUNSHENG_PROTECT_KEY",
    ))
}

/// `--passphrase-file` and `--passphrase-command`.
pub(crate) fn passphrase_args(lang: Language) -> [Arg; 2] {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    [
        Arg::new("passphrase-file")
            .long("passphrase-file")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help(t(
                "口令文件，只取第一行；仅本人可读（0600）",
                "file whose first line is the passphrase; readable by its owner alone (0600)",
            )),
        Arg::new("passphrase-command").long("passphrase-command").value_name("COMMAND").help(t(
            "取口令的命令，如向系统密钥库查询：'secret-tool lookup zhunsheng keys'",
            "command that prints the passphrase, such as a query to the system's key store: \
             'secret-tool lookup zhunsheng keys'",
        )),
    ]
}

/// The keys that the options or the environment name; nothing where neither does.
///
/// # Errors
/// When a key is named and cannot be used.
pub(crate) fn keyring(matches: &ArgMatches, lang: Language) -> anyhow::Result<Option<Keyring>> {
    if let Ok(Some(path)) = matches.try_get_one::<PathBuf>("key") {
        let file = read(path)?.0;
        let passphrase = passphrase(matches, "", lang)?;
        let ring = file.open(&passphrase).with_context(|| format!("`{}`", path.display()))?;
        return Ok(Some(ring));
    }
    let Some(text) = std::env::var_os(KEY_VARIABLE) else { return Ok(None) };
    let text = Zeroizing::new(text.into_string().unwrap_or_default());
    // A suite may stand before the key: `sm:1:…`.
    let (suite, bare) = match text.split_once(':').map(|(word, rest)| (Suite::from_word(word.trim()), rest)) {
        Some((Some(suite), rest)) => (suite, rest),
        _ => (Suite::default(), text.as_str()),
    };
    Keyring::parse_bare(suite, bare).with_context(|| KEY_VARIABLE.to_owned()).map(Some)
}

/// Reads a key file that its owner alone can read; also gives the file, to be locked.
///
/// # Errors
/// When others can read it, or it is no key file.
pub(crate) fn read(path: &Path) -> anyhow::Result<(KeyFile, File)> {
    let name = path.display();
    let file = private(path)?;
    let mut text = Zeroizing::new(String::new());
    (&file)
        .take(KEY_FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("`{name}` cannot be read"))?;
    let parsed = KeyFile::parse(&text).with_context(|| format!("`{name}`"))?;
    Ok((parsed, file))
}

/// Opens a file that holds a secret; refuses it when others than its owner can read it.
fn private(path: &Path) -> anyhow::Result<File> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("`{name}` cannot be opened"))?;
    let about = file.metadata().with_context(|| format!("`{name}` cannot be read"))?;
    // A pipe (`<(…)`, `/dev/fd/3`) has no mode that matters.
    let passing = about.file_type().is_fifo() || about.file_type().is_char_device();
    ensure!(passing || about.is_file(), "`{name}` is no file");
    ensure!(
        passing || about.permissions().mode() & 0o077 == 0,
        "`{name}` can be read by others than its owner; make it private: chmod 600 {name}"
    );
    Ok(file)
}

/// A fresh secret of the operating system's random source.
pub(crate) fn fresh_secret() -> anyhow::Result<[u8; 32]> {
    let mut secret = [0; 32];
    os_random(&mut secret)?;
    Ok(secret)
}

/// The text of a key file with fresh salt and nonce.
fn sealed(keyring: &Keyring, passphrase: &str) -> anyhow::Result<String> {
    let mut random = SealRandom { salt: [0; 16], nonce: [0; 12] };
    os_random(&mut random.salt)?;
    os_random(&mut random.nonce)?;
    Ok(KeyFile::seal(keyring, passphrase, Cost::default(), &random)?)
}

/// Writes a new key file with mode 0600; never over a file that is there.
///
/// # Errors
/// When it cannot be written whole; nothing is left then.
pub(crate) fn create(path: &Path, keyring: &Keyring, passphrase: &str) -> anyhow::Result<()> {
    let text = sealed(keyring, passphrase)?;
    let temporary = written(path, &text)?;
    temporary.persist_noclobber(path).map_err(|failed| failed.error).with_context(|| {
        format!("`{}` cannot be written; an existing key file is never overwritten", path.display())
    })?;
    settled(path)
}

/// Changes a key file: opens it, lets `change` work on the keys, and puts the new file in its place at once.
///
/// The old file stays as it is until the new one is whole on the disk and has been read back; nobody else
/// can change it meanwhile.
///
/// # Errors
/// When the passphrase is wrong, the file is busy, or anything cannot be written.
pub(crate) fn change(
    path: &Path,
    old: &str,
    new: &str,
    change: impl FnOnce(&mut Keyring) -> anyhow::Result<()>,
) -> anyhow::Result<Keyring> {
    // A link is followed, not replaced.
    let path = &fs::canonicalize(path).with_context(|| format!("`{}` cannot be opened", path.display()))?;
    let name = path.display();
    let (parsed, file) = read(path)?;
    file.try_lock().with_context(|| format!("`{name}` is being changed by another program"))?;
    let same = |a: &fs::Metadata, b: &fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    ensure!(same(&file.metadata()?, &fs::metadata(path)?), "`{name}` was just changed; try again");
    let mut ring = parsed.open(old).with_context(|| format!("`{name}`"))?;
    change(&mut ring)?;
    let text = sealed(&ring, new)?;
    let again = KeyFile::parse(&text)?.open(new)?;
    ensure!(again.newest().id() == ring.newest().id(), "the new key file cannot be read back");
    let temporary = written(path, &text)?;
    temporary
        .persist(path)
        .map_err(|failed| failed.error)
        .with_context(|| format!("`{name}` cannot be replaced; it is unchanged"))?;
    settled(path)?;
    Ok(ring)
}

/// A file beside `path` with that content, on the disk, mode 0600; it goes when it is dropped.
fn written(path: &Path, text: &str) -> anyhow::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new()
            .prefix(".zhunsheng-key-")
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Waits until the new name is on the disk.
fn settled(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all().with_context(|| format!("`{}`", folder.display()))
}

/// The passphrase by the options `{prefix}passphrase-file` and `{prefix}passphrase-command`, the environment
/// (the old one only), or the terminal.
///
/// # Errors
/// When none of them gives one.
pub(crate) fn passphrase(
    matches: &ArgMatches,
    prefix: &str,
    lang: Language,
) -> anyhow::Result<Zeroizing<String>> {
    let option = |name: &str| format!("{prefix}passphrase-{name}");
    if let Ok(Some(path)) = matches.try_get_one::<PathBuf>(&option("file")) {
        return first_line(private(path)?).with_context(|| format!("`{}`", path.display()));
    }
    if let Ok(Some(command)) = matches.try_get_one::<String>(&option("command")) {
        return of_command(command);
    }
    if prefix.is_empty()
        && let Some(text) = std::env::var_os(PASSPHRASE_VARIABLE)
    {
        return Ok(Zeroizing::new(text.into_string().unwrap_or_default()));
    }
    let asked = if prefix.is_empty() {
        pick(lang, "密钥文件口令：", "passphrase of the key file: ")
    } else {
        pick(lang, "新口令：", "new passphrase: ")
    };
    of_terminal(asked, lang)
}

/// A new passphrase: asked twice where it comes from the terminal.
///
/// # Errors
/// When there is none, or the two differ.
pub(crate) fn new_passphrase(
    matches: &ArgMatches,
    prefix: &str,
    lang: Language,
) -> anyhow::Result<Zeroizing<String>> {
    let given =
        |name: &str| matches.try_contains_id(&format!("{prefix}passphrase-{name}")).is_ok_and(|there| there);
    let from_terminal = !given("file")
        && !given("command")
        && (!prefix.is_empty() || std::env::var_os(PASSPHRASE_VARIABLE).is_none());
    let first = passphrase(matches, prefix, lang)?;
    if from_terminal {
        let second = of_terminal(pick(lang, "再输一次：", "once more: "), lang)?;
        ensure!(*first == *second, "{}", pick(lang, "两次输入不同", "the two passphrases differ"));
    }
    Ok(first)
}

fn first_line(source: impl Read) -> anyhow::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    BufReader::new(source.take(64 << 10)).read_line(&mut line).context("no text can be read")?;
    let text = line.strip_suffix('\n').unwrap_or(&line);
    let text = text.strip_suffix('\r').unwrap_or(text);
    ensure!(!text.is_empty(), "the passphrase is empty");
    Ok(Zeroizing::new(text.to_owned()))
}

fn of_command(command: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut running = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("the passphrase command cannot be started")?;
    let line = running.stdout.take().map(first_line);
    let status = running.wait().context("the passphrase command cannot be waited for")?;
    ensure!(status.success(), "the passphrase command failed: {status}");
    line.unwrap_or_else(|| bail!("the passphrase command gave nothing"))
        .context("the passphrase command gave no passphrase")
}

/// Asks on the terminal without showing what is typed.
fn of_terminal(asked: &str, lang: Language) -> anyhow::Result<Zeroizing<String>> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let terminal = File::options().read(true).write(true).open("/dev/tty").with_context(|| {
        pick(
            lang,
            "没有终端可以输入口令；请用 --passphrase-file、--passphrase-command 或 ZHUNSHENG_PASSPHRASE",
            "there is no terminal to ask for the passphrase; use --passphrase-file, --passphrase-command or \
             ZHUNSHENG_PASSPHRASE",
        )
    })?;
    let before = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    (&terminal).write_all(asked.as_bytes())?;
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    let line = first_line(&terminal);
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &before);
    (&terminal).write_all(b"\n")?;
    restored?;
    line
}
