//! What the clerk gave: files, folder trees and ZIPs, searched for claim files. Content decides, never the name.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tenken_parser::{Encoding, sniff};

use crate::lang::{Lang, say};

/// Bytes looked at to tell a claim file.
const SNIFF: usize = 64 * 1024;

/// A claim file ready to be read.
#[derive(Clone, Debug)]
pub struct Input {
    /// path below the PATH given, `/` between folders; in a ZIP `name.zip/inner/path`
    pub source_file: String,
    pub path: PathBuf,
    pub bytes: u64,
}

/// A file among the claims that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub source_file: String,
    pub reason: String,
}

/// Everything found under the paths given.
#[derive(Debug, Default)]
pub struct Found {
    pub inputs: Vec<Input>,
    pub skipped: Vec<Skipped>,
}

/// What a claim file is, for messages.
fn expected() -> &'static str {
    Lang::current().t(
        "RECEIPTC.UKE などの請求ファイル、または 11_RECODEINFO_MED.CSV などのレセ電コード情報ファイル",
        "a claim file such as RECEIPTC.UKE, or a レセ電コード情報ファイル such as 11_RECODEINFO_MED.CSV",
    )
}

/// Searches the paths. Members of ZIPs are unpacked into `temporary`.
///
/// # Errors
/// A file named by the user that is no claim file; a folder or ZIP without any; an encrypted ZIP.
pub fn find(paths: &[PathBuf], temporary: &Path) -> Result<Found> {
    let mut found = Found::default();
    for path in paths {
        let meta =
            fs::metadata(path).with_context(|| say!("{p} が開けません", "cannot open {p}", p = path.display()))?;
        let before = found.inputs.len();
        if meta.is_dir() {
            walk(path, path, temporary, &mut found)?;
            if found.inputs.len() == before {
                bail!(
                    "{}",
                    say!(
                        "{p} の中に請求ファイルがありません。{e} を含むフォルダを指定してください",
                        "{p} holds no claim file; give a folder with {e}",
                        p = path.display(),
                        e = expected()
                    )
                );
            }
            continue;
        }
        let name = file_name(path);
        if !meta.is_file() {
            found.inputs.push(spool(path, name, temporary)?);
        } else if is_zip(path)? {
            unpack(path, &name, temporary, &mut found)?;
            if found.inputs.len() == before {
                bail!(
                    "{}",
                    say!(
                        "{p} の中に請求ファイルがありません。{e} を含む ZIP を指定してください",
                        "{p} holds no claim file; give a ZIP with {e}",
                        p = path.display(),
                        e = expected()
                    )
                );
            }
        } else if meta.len() == 0 {
            bail!(
                "{}",
                say!(
                    "{p} は空のファイルです。{e} を指定してください",
                    "{p} is empty; give {e}",
                    p = path.display(),
                    e = expected()
                )
            );
        } else if !looks_like_claims(path)? {
            bail!(
                "{}",
                say!(
                    "{p} は請求ファイルではありません。{e} を指定してください",
                    "{p} is no claim file; give {e}",
                    p = path.display(),
                    e = expected()
                )
            );
        } else {
            found.inputs.push(Input { source_file: name, path: path.clone(), bytes: meta.len() });
        }
    }
    Ok(found)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn head(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).with_context(|| say!("{p} が開けません", "cannot open {p}", p = path.display()))?;
    let mut bytes = Vec::new();
    file.take(SNIFF as u64)
        .read_to_end(&mut bytes)
        .with_context(|| say!("{p} が読めません", "cannot read {p}", p = path.display()))?;
    Ok(bytes)
}

fn looks_like_claims(path: &Path) -> Result<bool> {
    Ok(sniff(&head(path)?))
}

/// A pipe can be read only once: its bytes are kept in a file while the import runs.
fn spool(pipe: &Path, name: String, temporary: &Path) -> Result<Input> {
    fs::create_dir_all(temporary)
        .with_context(|| say!("{p} が作れません", "cannot make {p}", p = temporary.display()))?;
    let path = temporary.join(format!("pipe-{name}"));
    let failed = || say!("{p} が読めません", "cannot read {p}", p = pipe.display());
    let mut input = File::open(pipe).with_context(failed)?;
    let mut output =
        File::create(&path).with_context(|| say!("{p} が作れません", "cannot make {p}", p = path.display()))?;
    let bytes = io::copy(&mut input, &mut output).with_context(failed)?;
    if !looks_like_claims(&path)? {
        bail!(
            "{}",
            say!(
                "{p} から読んだものは請求ファイルではありません。{e} を渡してください",
                "what came from {p} is no claim file; give {e}",
                p = pipe.display(),
                e = expected()
            )
        );
    }
    Ok(Input { source_file: name, path, bytes })
}

fn is_zip(path: &Path) -> Result<bool> {
    let head = head(path)?;
    Ok(head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"))
}

fn walk(root: &Path, folder: &Path, temporary: &Path, found: &mut Found) -> Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|d| d.map(|e| e.map(|e| e.path())).collect())
        .with_context(|| say!("{p} が読めません", "cannot read {p}", p = folder.display()))?;
    entries.sort();
    for path in entries {
        let below = path.strip_prefix(root).unwrap_or(&path);
        let name = below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let meta =
            fs::metadata(&path).with_context(|| say!("{p} が開けません", "cannot open {p}", p = path.display()))?;
        if meta.is_dir() {
            walk(root, &path, temporary, found)?;
        } else if !meta.is_file() {
            found.skipped.push(Skipped { source_file: name, reason: say!("ファイルではない", "not a file") });
        } else if is_zip(&path)? {
            unpack(&path, &name, temporary, found)?;
        } else if looks_like_claims(&path)? {
            found.inputs.push(Input { source_file: name, path, bytes: meta.len() });
        } else {
            found.skipped.push(skipped(name, &meta.len().to_string()));
        }
    }
    Ok(())
}

fn skipped(source_file: String, size: &str) -> Skipped {
    let reason = if size == "0" {
        say!("空のファイル", "an empty file")
    } else {
        say!("請求ファイルではない", "no claim file")
    };
    Skipped { source_file, reason }
}

/// Names in ZIPs made on Windows are CP932 unless they say otherwise.
fn member_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(s) => s.to_owned(),
        Err(_) => Encoding::Cp932.decode(raw).0.into_owned(),
    }
}

fn unpack(zip: &Path, name: &str, temporary: &Path, found: &mut Found) -> Result<()> {
    let broken =
        || say!("{p} は壊れた ZIP です。取り直してください", "{p} is a broken ZIP; fetch it again", p = zip.display());
    let file = File::open(zip).with_context(|| say!("{p} が開けません", "cannot open {p}", p = zip.display()))?;
    let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).with_context(broken)?;
    let mut order: Vec<(String, usize)> = Vec::new();
    let mut declared: u64 = 0;
    for i in 0..archive.len() {
        let member = archive.by_index_raw(i).with_context(broken)?;
        if member.encrypted() {
            bail!(
                "{}",
                say!(
                    "{p} は暗号化された ZIP です。パスワードを外して解凍したものを指定してください",
                    "{p} is an encrypted ZIP; unpack it and give what was inside",
                    p = zip.display()
                )
            );
        }
        if member.is_file() {
            declared = declared.saturating_add(member.size());
            order.push((member_name(member.name_raw()), i));
        }
    }
    order.sort();
    let free = crate::platform::free_bytes(temporary).unwrap_or(u64::MAX);
    if declared > free {
        bail!(
            "{}",
            say!(
                "{p} の解凍に {declared} バイト必要ですが、空きは {free} バイトです",
                "{p} unpacks to {declared} bytes, but {free} are free",
                p = zip.display()
            )
        );
    }
    fs::create_dir_all(temporary)
        .with_context(|| say!("{p} が作れません", "cannot make {p}", p = temporary.display()))?;
    for (inner, i) in order {
        // the inner name only labels the file: it is never used as a path
        let source_file = format!("{name}/{}", inner.replace('\\', "/"));
        let mut member = archive.by_index(i).with_context(broken)?;
        let size = member.size();
        let mut first = Vec::new();
        member.by_ref().take(SNIFF as u64).read_to_end(&mut first).with_context(broken)?;
        if !sniff(&first) {
            let nested = first.starts_with(b"PK\x03\x04");
            let mut skip = skipped(source_file, &size.to_string());
            if nested {
                skip.reason =
                    say!("ZIP の中の ZIP（解凍してから指定してください）", "a ZIP inside a ZIP (unpack it first)");
            }
            found.skipped.push(skip);
            continue;
        }
        let path = temporary.join(format!("zip-{}-{i}", found.inputs.len()));
        let mut out =
            File::create(&path).with_context(|| say!("{p} が作れません", "cannot make {p}", p = path.display()))?;
        out.write_all(&first)?;
        // no more than it announced: an archive that lies about its sizes is not believed
        let rest = size.saturating_sub(first.len() as u64);
        let copied = io::copy(&mut member.by_ref().take(rest + 1), &mut out).with_context(broken)?;
        if copied > rest {
            bail!("{}", broken());
        }
        found.inputs.push(Input { source_file, path, bytes: first.len() as u64 + copied });
    }
    Ok(())
}
