//! The bytes of one claim as they were received, with the institution record of its block.

use tenken_parser::{Encoding, Form, RawClaim, frame::LineHead};
use tenken_store::{
    Store,
    arrow::{
        array::{Array, ArrayRef, AsArray},
        compute::cast,
        datatypes::{DataType, UInt64Type},
        record_batch::RecordBatch,
    },
    originals::Original,
    query::literal,
};

/// Bytes looked at in one step when searching the institution record above a claim.
const BACK: u64 = 1 << 20;

/// No message names a person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] tenken_store::Error),
    #[error("レセプト {claim_id} は、見える取込の中にありません（tenken imports で取込を確かめてください）")]
    NotVisible { claim_id: String },
}

impl Error {
    pub fn english(&self) -> String {
        match self {
            Self::Store(e) => e.english(),
            Self::NotVisible { claim_id } => format!("claim {claim_id} is in no visible import (see tenken imports)"),
        }
    }
}

/// Where the bytes of a claim lie: the columns of `claims` and `files` that say it.
#[derive(Clone, Debug)]
pub struct Location {
    /// name of the file as it was imported
    pub source_file: String,
    /// BLAKE3 of the file, in hexadecimal digits
    pub file_hash: String,
    pub byte_start: u64,
    pub byte_len: u64,
    /// of the claim in its file
    pub ordinal: u64,
    pub form: Form,
    pub encoding: Encoding,
    /// DPC 総括: this claim is a subordinate one
    pub has_parent: bool,
}

impl Location {
    /// `form` and `encoding` as the tables write them.
    pub fn form_and_encoding(form: &str, encoding: &str) -> (Form, Encoding) {
        (
            if form == "insurer" { Form::Insurer } else { Form::Uke },
            if encoding == "utf8" { Encoding::Utf8 } else { Encoding::Cp932 },
        )
    }

    /// The first row of a query that selects the columns by their names.
    fn of_row(batch: &RecordBatch) -> Result<Self, tenken_store::Error> {
        let column = |name: &str, ty: DataType| -> Result<Option<ArrayRef>, tenken_store::Error> {
            Ok(batch.column_by_name(name).map(|c| cast(c, &ty)).transpose()?.filter(|c| c.is_valid(0)))
        };
        let text = |name: &str| -> Result<Option<String>, tenken_store::Error> {
            Ok(column(name, DataType::Utf8)?.map(|c| c.as_string::<i32>().value(0).to_owned()))
        };
        let number = |name: &str| -> Result<u64, tenken_store::Error> {
            Ok(column(name, DataType::UInt64)?.map_or(0, |c| c.as_primitive::<UInt64Type>().value(0)))
        };
        let (form, encoding) =
            Self::form_and_encoding(&text("form")?.unwrap_or_default(), &text("encoding")?.unwrap_or_default());
        Ok(Self {
            source_file: text("source_file")?.unwrap_or_default(),
            file_hash: text("file_hash")?.unwrap_or_default(),
            byte_start: number("byte_start")?,
            byte_len: number("byte_len")?,
            ordinal: number("ordinal")?,
            form,
            encoding,
            has_parent: text("parent_claim_id")?.is_some(),
        })
    }
}

/// The kept bytes of one claim, with the institution record of its block.
pub struct Kept {
    pub source_file: String,
    pub encoding: Encoding,
    form: Form,
    ordinal: u64,
    has_parent: bool,
    header: Option<Vec<u8>>,
    pub bytes: Vec<u8>,
}

impl Kept {
    /// An accepted claim, or a rejected one, by its id.
    ///
    /// # Errors
    /// [`Error::NotVisible`]: no visible import has it. [`Error::Store`]: the store cannot be read.
    pub fn find(store: &Store, claim_id: &str) -> Result<Self, Error> {
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
            let (_, batches) = query.sql(&sql)?;
            if let Some(batch) = batches.iter().find(|b| b.num_rows() > 0) {
                return Self::at(store, &Location::of_row(batch)?);
            }
        }
        Err(Error::NotVisible { claim_id: claim_id.to_owned() })
    }

    /// The claim at a place that is known, without a query.
    ///
    /// # Errors
    /// [`Error::Store`]: the original is missing or damaged, or has no such place.
    pub fn at(store: &Store, place: &Location) -> Result<Self, Error> {
        let mut original = Original::open(store, &place.file_hash)?;
        let bytes = original.read(place.byte_start, place.byte_len)?;
        let header = match place.form {
            Form::Uke => header_above(&mut original, place.byte_start, bytes.starts_with(b"IR,"))?,
            Form::Insurer => None,
        };
        Ok(Self {
            source_file: place.source_file.clone(),
            encoding: place.encoding,
            form: place.form,
            ordinal: place.ordinal,
            has_parent: place.has_parent,
            header,
            bytes,
        })
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
fn header_above(
    original: &mut Original,
    claim_start: u64,
    dental: bool,
) -> Result<Option<Vec<u8>>, tenken_store::Error> {
    let mut end = claim_start;
    let mut tail: Vec<u8> = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BACK);
        let mut bytes = original.read(start, end - start)?;
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
