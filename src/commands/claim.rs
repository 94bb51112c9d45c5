//! `tenken claim`: one claim, laid out like the paper form, or its original bytes.

use std::io::Write;

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use tenken_parser::{Claim, Encoding, Form, RawClaim, frame::LineHead, view::header::Header};
use tenken_store::{Store, audit::Look, originals::Original, query::literal};

use super::Ended;
use crate::{
    claim_page,
    lang::{Lang, say},
    masters::Names,
    output::List,
};

/// Bytes looked at in one step when searching the institution record above a claim.
const BACK: u64 = 1 << 20;

pub fn run(_lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let id = super::text(m, "claim_id");
    let kept = Kept::find(&store, id)?;
    let bytes = match super::text(m, "format") {
        "raw" => kept.bytes,
        format => {
            let (file, raw) = kept.file();
            let claim = Claim::read(&file, raw, kept.encoding);
            let names = Names::of_store(&store, Header::read(&claim).common.service_month)?;
            let page = claim_page::Page::of(&claim, id, &kept.source_file, &names);
            let text = match format {
                "json" => serde_json::to_string_pretty(&claim_page::json(&claim, id, &kept.source_file))? + "\n",
                "html" => page.html()?,
                _ => page.text(),
            };
            text.into_bytes()
        }
    };
    super::log_look(&store, Look::new("claim").target(id).rows(1).persons(Some(1)))?;
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()?;
    Ok(Ended::Done)
}

/// The kept bytes of one claim, with the institution record of its block.
pub struct Kept {
    pub source_file: String,
    pub encoding: Encoding,
    form: Form,
    ordinal: u64,
    /// DPC 総括: this claim is a subordinate one
    has_parent: bool,
    header: Option<Vec<u8>>,
    pub bytes: Vec<u8>,
}

impl Kept {
    /// An accepted claim, or a rejected one, by its id.
    pub fn find(store: &Store, claim_id: &str) -> Result<Self> {
        let query = store.query()?;
        let id = literal(claim_id);
        let accepted = format!(
            "SELECT c.source_file, c.file_hash, c.byte_start, c.byte_len, c.ordinal, c.form, f.encoding, c.parent_claim_id \
             FROM claims c JOIN files f ON c.import_id = f.import_id AND c.file_no = f.file_no WHERE c.claim_id = {id}"
        );
        let rejected = format!(
            "SELECT r.source_file, f.file_hash, r.byte_start, r.byte_len, r.ordinal, f.form, f.encoding, CAST(NULL AS VARCHAR) AS parent_claim_id \
             FROM rejects r JOIN files f ON r.import_id = f.import_id AND r.file_no = f.file_no \
             WHERE r.claim_id = {id} AND r.level = 'reject'"
        );
        for sql in [accepted, rejected] {
            let (schema, batches) = query.sql(&sql)?;
            let list = List::from_batches(&schema, &batches);
            if list.rows.is_empty() {
                continue;
            }
            let row = list.object(0);
            let text = |name: &str| row.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
            let number = |name: &str| row.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
            let mut original = Original::open(store, &text("file_hash"))?;
            let (start, len) = (number("byte_start"), number("byte_len"));
            let bytes = original.read(start, len)?;
            let form = if text("form") == "insurer" { Form::Insurer } else { Form::Uke };
            let header =
                if form == Form::Uke { header_above(&mut original, start, bytes.starts_with(b"IR,"))? } else { None };
            return Ok(Self {
                source_file: text("source_file"),
                encoding: if text("encoding") == "utf8" { Encoding::Utf8 } else { Encoding::Cp932 },
                form,
                ordinal: number("ordinal"),
                has_parent: row.get("parent_claim_id").is_some_and(|v| v.is_string()),
                header,
                bytes,
            });
        }
        bail!(
            "{}",
            say!(
                "レセプト {claim_id} は、見える取込の中にありません（tenken imports で取込を確かめてください）",
                "claim {claim_id} is in no visible import (see tenken imports)"
            )
        )
    }

    /// A small file that holds the institution record and this claim alone.
    pub fn file(&self) -> (Vec<u8>, RawClaim) {
        let header = self.header.clone().unwrap_or_default();
        let raw = RawClaim {
            ordinal: self.ordinal,
            start: header.len(),
            len: self.bytes.len(),
            line: 1,
            form: self.form,
            block: 0,
            header: self.header.as_ref().map(|h| (0, h.len())),
            parent: self.has_parent.then_some(0),
            cut: None,
        };
        ([header.as_slice(), &self.bytes].concat(), raw)
    }
}

/// The institution record of the block that a claim stands in: the last one before it, unless a GO closes
/// the block in between. A dental claim begins with its own IR and wants the UK.
fn header_above(original: &mut Original, claim_start: u64, dental: bool) -> Result<Option<Vec<u8>>> {
    let mut end = claim_start;
    let mut tail: Vec<u8> = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BACK);
        let mut bytes = original.read(start, end - start).context("原本")?;
        bytes.extend_from_slice(&tail);
        // the first line of a step may be cut: it is looked at with the step before
        let whole = if start == 0 { 0 } else { bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| i + 1) };
        for line in bytes[whole..].split_inclusive(|b| *b == b'\n').rev() {
            let marks = line.iter().take_while(|b| matches!(**b, 0x1A | 0xEF | 0xBB | 0xBF)).count();
            let line = &line[marks..];
            match LineHead::read(line).filter(|h| h.prefix.is_none()).map(|h| h.id.0) {
                Some(id) if id == *b"GO" => return Ok(None),
                Some(id) if id == *b"UK" || (!dental && matches!(&id, b"IR" | b"YK" | b"HM")) => {
                    return Ok(Some(line.to_vec()));
                }
                _ => {}
            }
        }
        tail = bytes[..whole].to_vec();
        end = start;
    }
    Ok(None)
}
