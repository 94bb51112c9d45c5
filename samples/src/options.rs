//! What is asked of a sample.

use std::path::PathBuf;

use tenken_parser::{Date, Month};

/// Which form the claim files have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// as institutions send them
    Uke,
    /// レセ電コード情報ファイル
    Insurer,
}

/// How much a month holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// what so many insured bring
    Natural,
    /// exactly so many claims
    Claims(u64),
    /// about so many bytes of claim files
    Bytes(u64),
}

#[derive(Clone, Debug)]
pub struct Options {
    pub out: PathBuf,
    /// members of 国保 in all towns; with a fixed size their number follows from it
    pub insured: u32,
    /// 後期 for 1000 of 国保
    pub kouki_per_mille: u32,
    /// first and last month of examination
    pub months: (Month, Month),
    pub seed: u64,
    pub form: Form,
    pub towns: u32,
    pub size: Size,
    /// the register as known on that day; nothing: whole, also what was learned after the last month. The truth
    /// is that of the whole one
    pub as_of: Option<Date>,
    /// with wrong and damaged claims, and look-alikes told; people who are seen without being covered are there
    /// in any case
    pub faults: u32,
}

impl Options {
    pub fn new(out: PathBuf, insured: u32, months: (Month, Month), seed: u64) -> Self {
        Self {
            out,
            insured,
            kouki_per_mille: 0,
            months,
            seed,
            form: Form::Uke,
            towns: 1,
            size: Size::Natural,
            as_of: None,
            faults: 1,
        }
    }

    pub(crate) fn months(&self) -> impl Iterator<Item = Month> + use<> {
        let (first, last) = self.months;
        (0..=last.index() - first.index()).map(move |n| first.plus(n))
    }
}
