//! What a problem says of itself, in Chinese.
//!
//! Problems carry one English sentence, which stays as it is in `inventory.json`. People who read a Chinese
//! report get the sentence of the table below; a sentence that is not in it is shown as it came.

use crate::texts::fill;
use crate::{Language, number};

/// The English sentence and the Chinese one.
///
/// In English `{n}` stands for a number and `{w}` for words, which are looked up in [`WORDS`]. In Chinese
/// `{}` takes them in the same order, and `{0}`, `{1}` … take them by their number.
/// Of several that match, the first is taken.
const SENTENCES: &[(&str, &str)] = &[
    // Any file.
    ("access is refused", "无权访问"),
    ("reading failed: {w} (code {n})", "读取失败：{}（系统错误码 {}）"),
    ("reading failed: {w}", "读取失败：{}"),
    ("it cannot be listed: {w}", "无法列出：{}"),
    ("the content cannot be read: {w}", "无法读取内容：{}"),
    ("the content ends too early", "内容不完整，提前结束"),
    ("the content breaks the rules of its format", "内容不符合其格式"),
    ("neither text nor a known format", "既非文本，也非已知格式"),
    ("the reader gave up on this content", "读取程序无法处理此内容"),
    ("{w}: no reader for this format yet", "{}，尚不能读取"),
    ("{n} places are no character; they were replaced", "{} 处字节无法识别为字符，已用替代符代替"),
    // Folders and links.
    ("a link leads back to a folder above it", "链接指回其上级文件夹"),
    ("a link leads to itself", "链接指向自身"),
    ("a link leads to nothing", "链接所指的文件不存在"),
    ("a pipe", "管道"),
    ("a socket", "套接字"),
    ("a device", "设备"),
    ("not a regular file", "非普通文件"),
    // Limits.
    ("more than {n} bytes come out for each byte in", "展开后超过原大小的 {} 倍，已停止展开"),
    ("archives nested more than {n} deep", "压缩包嵌套超过 {} 层"),
    ("more than {n} bytes come out of one file", "一个文件展开后超过 {} 字节"),
    ("more than {n} members in one file", "一个文件的包内文件超过 {} 个"),
    ("more than {n} bytes in one piece", "须整体读取的内容超过 {} 字节"),
    ("unpacking needs more than {n} KiB of memory", "解压所需内存超过 {} KiB"),
    // Text, tables as text, JSON, SQL.
    ("{n} of {n} rows do not have {n} cells", "{1} 行中有 {0} 行不是 {2} 列"),
    ("{n} of {n} lines break off or are not of the format", "{1} 行中有 {0} 行中断或者不符合格式"),
    ("a line is longer than {n} MiB; it was cut", "有一行超过 {} MiB，已分段"),
    ("the content ends within a value", "内容不完整，在一个值中间中断"),
    ("not JSON from line {n} on; the rest was read as text", "自第 {} 行起不是 JSON，其后按文本读取"),
    ("values nested more than {n} deep", "值的嵌套超过 {} 层"),
    (
        "{n} statements could not be read as rows; they were read as text",
        "{} 条语句无法按表读取，已按文本读取",
    ),
    // Mail.
    ("a message is longer than {n} MiB; it was cut", "邮件超过 {} MiB，已分段"),
    ("not a message", "不是邮件"),
    ("more than {n} parts of one message", "一封邮件的组成部分超过 {} 个"),
    ("the attachment is no plain file", "附件不是普通文件"),
    // Archives.
    ("the member is encrypted", "包内文件已加密"),
    ("the archive, its list of members included, is encrypted", "压缩包连同文件目录均已加密"),
    ("the archive is damaged", "压缩包已损坏"),
    (
        "the archive has no directory at its end; members were found by searching the file",
        "压缩包末尾缺少目录，已逐段搜寻包内文件",
    ),
    (
        "the directory of the archive is damaged after {n} members; the rest was searched for",
        "压缩包目录在第 {} 个文件之后损坏，其余文件已逐段搜寻",
    ),
    ("the directory of the archive ends too early", "压缩包目录不完整"),
    ("the directory of the archive is damaged", "压缩包目录已损坏"),
    ("the member lies beyond the end of the archive", "包内文件的位置超出压缩包末尾"),
    ("the member's own header is damaged", "包内文件的文件头已损坏"),
    ("the member ends within its header", "包内文件不完整，在文件头中断"),
    ("compression method {n} of the archive is not known", "不能识别压缩包的压缩方式（编号 {}）"),
    ("a compression method of the archive is not known", "不能识别压缩包的压缩方式"),
    ("the archive ends within a header", "压缩包不完整，在文件头中断"),
    ("a header of the archive is damaged; what follows is not read", "压缩包内有文件头损坏，其后内容未读取"),
    ("bytes after the end of the archive are not read", "压缩包结束标记之后的内容未读取"),
    ("a member has no valid size", "包内文件的大小无效"),
    ("the archive has no end mark; members may be missing", "压缩包没有结束标记，包内文件可能有缺失"),
    ("a name in the archive is longer than any real name", "压缩包内有文件名长度异常"),
    ("the archive ends within a long name", "压缩包不完整，在文件名中断"),
    ("the archive ends within a member", "压缩包不完整，在包内文件中断"),
    // Documents.
    ("the document needs a password", "文档已加密，需要密码"),
    ("the document is damaged", "文档已损坏"),
    ("the document ends within its head", "文档不完整，在文件头中断"),
    ("the text of the document ends too early", "文档正文不完整"),
    ("a part of the document ends too early", "文档的一部分不完整"),
    ("a part of the document is damaged", "文档的一部分已损坏"),
    ("the compound file is damaged", "复合文档已损坏"),
    ("the compound file ends too early", "复合文档不完整"),
    ("no reader for this kind of compound file", "尚不能读取此类复合文档"),
    ("the presentation ends within a record", "演示文稿不完整，在记录中间中断"),
    (
        "the table of objects is damaged; objects were found by searching the file",
        "文档的对象表已损坏，已逐段搜寻对象",
    ),
    ("a stream grows beyond {n} bytes", "文档中有数据流展开后超过 {} 字节"),
    ("the document ends before its table of objects", "文档不完整，缺少对象表"),
    ("the objects of the document cannot be read", "文档的对象无法读取"),
    ("part of the page cannot be read", "此页有部分内容无法读取"),
    ("{n} pages use fonts that do not say which text they show", "{} 页所用字体未注明对应文字，文字无法还原"),
    ("the document has no page that can be read", "文档没有可读取的页"),
    (
        "{n} of {n} pages hold no text; pictures of text are not read",
        "{1} 页中有 {0} 页没有文字，图片中的文字未读取",
    ),
    ("the attached file cannot be unpacked", "附带的文件无法解压"),
    // Workbooks.
    ("the workbook needs a password", "工作簿已加密，需要密码"),
    ("parts of the workbook are encrypted", "工作簿的部分内容已加密"),
    ("the workbook is damaged", "工作簿已损坏"),
    ("a sheet ends too early", "工作表不完整"),
    ("a workbook of this form over {n} bytes is not read", "此种工作簿超过 {} 字节，未读取"),
    (
        "a row is repeated more often than people write it; it is read once for a thousand",
        "有一行的重复次数异常多，仅按一千余次读取",
    ),
    // Databases and files of columns.
    ("the database is encrypted or its head is damaged", "数据库已加密，或者文件头已损坏"),
    ("the database ends too early", "数据库不完整"),
    ("the database is damaged", "数据库已损坏"),
    (
        "changes in the write-ahead log beside the database are not read with it",
        "数据库旁的预写日志（WAL）中的改动未一并读取",
    ),
    ("the file is encrypted", "文件已加密"),
    ("the file is damaged", "文件已损坏"),
    ("the file is big-endian", "文件为大端字节序，尚不能读取"),
    ("the file uses a compression that is not known", "不能识别文件的压缩方式"),
    ("the file uses an encoding or compression that is not known", "不能识别文件的编码或者压缩方式"),
    ("the file ends before its footer or within a column", "文件不完整，缺少文件尾或者在列中间中断"),
    ("the file ends before its footer", "文件不完整，缺少文件尾"),
    ("the file ends before its schema", "文件不完整，缺少表结构"),
    ("the file ends within a message or before its end mark", "文件不完整，在数据段中断或者缺少结束标记"),
    ("the file ends within a message", "文件不完整，在数据段中断"),
    ("the file ends within its head", "文件不完整，在文件头中断"),
    ("the file ends within a block", "文件不完整，在数据块中断"),
    ("the file ends within a number", "文件不完整，在数值中断"),
    ("the head of the file is damaged", "文件头已损坏"),
    ("a number of the file is damaged", "文件中有数值损坏"),
    ("a record batch is damaged", "一批记录已损坏"),
    ("a message of the file is damaged", "文件中有数据段损坏"),
    ("a message of the file states a size that cannot be", "文件中有数据段注明的大小有误"),
    ("a buffer of the file is damaged", "文件中有数据区损坏"),
    ("a buffer of the file states a size that cannot be", "文件中有数据区注明的大小有误"),
    ("a block of the file is damaged", "文件中有数据块损坏"),
    ("a block states a size that cannot be", "文件中有数据块注明的大小有误"),
    ("a block grows beyond {n} bytes", "文件中有数据块展开后超过 {} 字节"),
    ("a record breaks its schema", "有记录与表结构不符"),
    ("the mark behind a block is wrong; what follows is not read", "数据块的结尾标记有误，其后内容未读取"),
    ("the file states no schema", "文件未注明表结构"),
    ("the schema of the file cannot be read", "文件的表结构无法读取"),
    ("the schema names a type that it does not state", "表结构引用了未定义的类型"),
    ("more than {n} columns", "超过 {} 列"),
    ("columns of one row group have different lengths", "同一行组中各列长度不一"),
];

/// Words within a sentence: what content is, and the reasons of the operating system.
const WORDS: &[(&str, &str)] = &[
    ("PNG picture", "PNG 图片"),
    ("JPEG picture", "JPEG 图片"),
    ("GIF picture", "GIF 图片"),
    ("TIFF picture", "TIFF 图片"),
    ("WebP picture", "WebP 图片"),
    ("HEIC picture", "HEIC 图片"),
    ("HEIF picture", "HEIF 图片"),
    ("AVIF picture", "AVIF 图片"),
    ("Photoshop picture", "Photoshop 图片"),
    ("bitmap picture", "BMP 图片"),
    ("icon", "图标"),
    ("MP4 video", "MP4 视频"),
    ("AVI video", "AVI 视频"),
    ("Matroska video", "Matroska 视频"),
    ("Flash video", "Flash 视频"),
    ("MPEG video", "MPEG 视频"),
    ("Windows Media file", "Windows Media 音视频"),
    ("Ogg sound or video", "Ogg 音视频"),
    ("WAVE sound", "WAV 音频"),
    ("MP3 sound", "MP3 音频"),
    ("FLAC sound", "FLAC 音频"),
    ("AMR sound", "AMR 音频"),
    ("SILK sound", "SILK 音频"),
    ("ELF program", "ELF 程序"),
    ("Java class or Mach-O program", "Java 类文件或者 Mach-O 程序"),
    ("Mach-O program", "Mach-O 程序"),
    ("WebAssembly program", "WebAssembly 程序"),
    ("Android program", "安卓程序"),
    ("Windows program", "Windows 程序"),
    ("RAR archive", "RAR 压缩包"),
    ("cabinet archive", "CAB 压缩包"),
    ("ar archive", "ar 归档文件"),
    ("font", "字体文件"),
    ("disk image", "磁盘映像"),
    ("Windows registry hive", "Windows 注册表文件"),
    ("Windows event log", "Windows 事件日志"),
    ("Outlook mailbox (PST)", "Outlook 邮箱文件（PST）"),
    ("Access database", "Access 数据库"),
    ("DjVu document", "DjVu 文档"),
    ("RTF document", "RTF 文档"),
    ("PostScript document", "PostScript 文档"),
    ("PGP message", "PGP 加密消息"),
    ("unknown content", "未知内容"),
    ("entity not found", "文件不存在"),
    ("permission denied", "无权访问"),
    ("unexpected end of file", "内容提前结束"),
    ("invalid data", "数据无效"),
    ("invalid input parameter", "参数无效"),
    ("invalid filename", "文件名无效"),
    ("is a directory", "是文件夹"),
    ("not a directory", "不是文件夹"),
    ("operation interrupted", "操作被中断"),
    ("timed out", "超时"),
    ("out of memory", "内存不足"),
    ("no storage space", "磁盘空间不足"),
    ("quota exceeded", "超出磁盘配额"),
    ("file too large", "文件过大"),
    ("resource busy", "资源被占用"),
    ("broken pipe", "管道已断开"),
    ("connection reset", "连接被重置"),
    ("connection aborted", "连接已中断"),
    ("not connected", "未连接"),
    ("host unreachable", "主机无法访问"),
    ("network unreachable", "网络无法访问"),
    ("network down", "网络中断"),
    ("stale network file handle", "网络文件句柄失效"),
    ("filesystem loop or indirection limit (e.g. symlink loop)", "链接循环"),
    ("unsupported", "系统不支持此操作"),
    ("other error", "其他错误"),
    ("uncategorized error", "系统错误"),
];

/// What `detail` says, in `language`.
pub(crate) fn shown(detail: &str, language: Language) -> String {
    match language {
        Language::En => detail.to_owned(),
        Language::Zh => chinese(detail).unwrap_or_else(|| detail.to_owned()),
    }
}

fn chinese(detail: &str) -> Option<String> {
    SENTENCES.iter().find_map(|(english, chinese)| {
        let values = values(english, detail)?;
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Some(put(chinese, &values))
    })
}

/// What stands in `detail` at the places of `pattern`, in Chinese; nothing when it does not match.
fn values(pattern: &str, detail: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let (mut pattern, mut detail) = (pattern, detail);
    while let Some(at) = pattern.find('{') {
        let (before, rest) = pattern.split_at(at);
        detail = detail.strip_prefix(before)?;
        let is_number = rest.starts_with("{n}");
        pattern = rest.strip_prefix("{n}").or_else(|| rest.strip_prefix("{w}"))?;
        let after = pattern.split('{').next().unwrap_or_default();
        let end = if after.is_empty() { detail.len() } else { detail.find(after)? };
        let (value, rest) = detail.split_at(end);
        detail = rest;
        found.push(if is_number { number_in(value)? } else { words_in(value)? });
    }
    (pattern == detail).then_some(found)
}

fn number_in(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).map(number::grouped)
}

fn words_in(text: &str) -> Option<String> {
    WORDS.iter().find(|(english, _)| *english == text).map(|(_, chinese)| (*chinese).to_owned())
}

/// Puts `values` in their places, by order or by number.
fn put(chinese: &str, values: &[&str]) -> String {
    if chinese.contains("{}") {
        return fill(chinese, values);
    }
    let mut out = chinese.to_owned();
    for (index, value) in values.iter().enumerate() {
        out = out.replace(&format!("{{{index}}}"), value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::path::Path;

    #[test]
    fn details_are_said_in_chinese() {
        for (detail, wanted) in [
            ("PNG picture: no reader for this format yet", "PNG 图片，尚不能读取"),
            ("RAR archive: no reader for this format yet", "RAR 压缩包，尚不能读取"),
            ("3 of 1200 rows do not have 12 cells", "1,200 行中有 3 行不是 12 列"),
            ("1 of 9 lines break off or are not of the format", "9 行中有 1 行中断或者不符合格式"),
            ("17 places are no character; they were replaced", "17 处字节无法识别为字符，已用替代符代替"),
            ("more than 100 bytes come out for each byte in", "展开后超过原大小的 100 倍，已停止展开"),
            (
                "more than 1099511627776 bytes come out of one file",
                "一个文件展开后超过 1,099,511,627,776 字节",
            ),
            ("the member is encrypted", "包内文件已加密"),
            ("the document needs a password", "文档已加密，需要密码"),
            ("reading failed: uncategorized error (code 5)", "读取失败：系统错误（系统错误码 5）"),
            ("reading failed: entity not found", "读取失败：文件不存在"),
            ("it cannot be listed: timed out", "无法列出：超时"),
            (
                "the directory of the archive is damaged after 4 members; the rest was searched for",
                "压缩包目录在第 4 个文件之后损坏，其余文件已逐段搜寻",
            ),
            ("the directory of the archive is damaged", "压缩包目录已损坏"),
            (
                "2 of 10 pages hold no text; pictures of text are not read",
                "10 页中有 2 页没有文字，图片中的文字未读取",
            ),
            (
                "not JSON from line 1234 on; the rest was read as text",
                "自第 1,234 行起不是 JSON，其后按文本读取",
            ),
            ("compression method 95 of the archive is not known", "不能识别压缩包的压缩方式（编号 95）"),
            ("a pipe", "管道"),
        ] {
            assert_eq!(shown(detail, Language::Zh), wanted);
            assert_eq!(shown(detail, Language::En), detail);
        }
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        for detail in [
            "",
            "something new",
            "a pipeline",
            "the file is damaged badly",
            "+3 of 9 rows do not have 2 cells",
            "x of 9 rows do not have 2 cells",
            " of 9 rows do not have 2 cells",
            "3 of 9 rows do not have 2 cells each",
            "99999999999999999999 places are no character; they were replaced",
            "hologram: no reader for this format yet",
            "读取失败",
        ] {
            assert_eq!(shown(detail, Language::Zh), detail);
        }
    }

    #[test]
    fn the_words_of_the_operating_system_are_those_of_the_standard_library() {
        for kind in [
            ErrorKind::NotFound,
            ErrorKind::IsADirectory,
            ErrorKind::NotADirectory,
            ErrorKind::Interrupted,
            ErrorKind::TimedOut,
            ErrorKind::OutOfMemory,
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
            ErrorKind::ResourceBusy,
            ErrorKind::BrokenPipe,
            ErrorKind::ConnectionReset,
            ErrorKind::ConnectionAborted,
            ErrorKind::NotConnected,
            ErrorKind::HostUnreachable,
            ErrorKind::NetworkUnreachable,
            ErrorKind::NetworkDown,
            ErrorKind::StaleNetworkFileHandle,
            ErrorKind::InvalidFilename,
            ErrorKind::InvalidData,
            ErrorKind::InvalidInput,
            ErrorKind::UnexpectedEof,
            ErrorKind::PermissionDenied,
            ErrorKind::Unsupported,
            ErrorKind::Other,
        ] {
            assert!(words_in(&kind.to_string()).is_some(), "{kind}");
        }
        // A real error of no stable kind: input/output error, as of a bad sector.
        #[cfg(target_os = "linux")]
        assert!(words_in(&std::io::Error::from_raw_os_error(5).kind().to_string()).is_some());
    }

    #[test]
    fn every_sentence_can_be_reached_and_keeps_its_values() {
        for (english, chinese) in SENTENCES {
            let detail = sentence(english);
            let shown = shown(&detail, Language::Zh);
            let digits = |text: &str| text.matches('7').count();
            assert_eq!(digits(&shown), digits(&detail), "{english}");
            assert!(!shown.contains(['{', '}']), "{english}");
            let values = values(english, &detail).unwrap();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            assert_eq!(shown, put(chinese, &values), "{english} is hidden by a sentence before it");
        }
    }

    /// A sentence with something in each place.
    fn sentence(pattern: &str) -> String {
        pattern.replace("{n}", "7").replace("{w}", "icon")
    }

    /// Every sentence that the readers say, as written in their sources, has a Chinese one.
    #[test]
    fn no_sentence_of_the_readers_is_left_out() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../source/src");
        if !folder.is_dir() {
            eprintln!("SKIPPED: the sources of the readers are not beside this crate");
            return;
        }
        let mut said = Vec::new();
        collect(&folder, &mut said);
        assert!(said.len() > 100, "only {} sentences found", said.len());
        // Nobody is told of the first; the others begin with a name, which stands in the lists below.
        let known = ["stopped by the receiver", "7", "7 is damaged", "7: no reader for this format yet"];
        let left_out: Vec<&String> = said
            .iter()
            .filter(|detail| chinese(detail).is_none() && !known.contains(&detail.as_str()))
            .collect();
        assert!(left_out.is_empty(), "add to SENTENCES or WORDS: {left_out:#?}");
    }

    /// Sentences behind the words that make a problem, with 7 for what is put into them.
    fn collect(folder: &Path, said: &mut Vec<String>) {
        const MAKERS: &[&str] = &[
            "malformed(",
            "truncated(",
            "encrypted(",
            "unsupported(",
            "Malformed(",
            "Truncated(",
            "Denied(",
            "Limit(format!(",
            "let detail =",
            "ProblemKind::Encrypted,",
            "ProblemKind::Truncated,",
            "ProblemKind::Malformed,",
            "ProblemKind::Unsupported,",
            "ProblemKind::LinkLoop,",
            "ProblemKind::ReadFailed,",
            "ProblemKind::OverlongPiece,",
            "ProblemKind::RaggedRows,",
            "ProblemKind::BadCharacters,",
            "ProblemKind::LimitExceeded,",
            "ProblemKind::PermissionDenied,",
            "#[error(",
        ];
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                collect(&path, said);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            if path.ends_with("format/unsupported.rs") {
                // Offset, magic number, name.
                let names = text.lines().filter(|line| line.starts_with("    (") && line.ends_with("\"),"));
                said.extend(names.map(|line| {
                    let name = line.rsplit('"').nth(1).unwrap();
                    format!("{name}: no reader for this format yet")
                }));
            }
            for (at, _) in text.match_indices("decoder_error(") {
                let call = text[at..].lines().next().unwrap();
                said.extend(call.split('"').nth(1).map(|what| format!("{what} is damaged")));
            }
            for (at, maker) in MAKERS.iter().flat_map(|maker| text.match_indices(maker)) {
                let rest = text[at + maker.len()..].trim_start_matches(|letter: char| {
                    letter.is_whitespace() || letter == '(' || letter == '{'
                });
                let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
                let Some(literal) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                    continue;
                };
                let mut detail = String::new();
                for (index, part) in literal.split('{').enumerate() {
                    if index == 0 {
                        detail.push_str(part);
                    } else {
                        let (place, rest) = part.split_once('}').unwrap();
                        // Words stand at the end, behind a colon or before `(code`.
                        detail.push_str(if place == "kind" { "timed out" } else { "7" });
                        detail.push_str(rest);
                    }
                }
                said.push(detail);
            }
        }
    }
}
