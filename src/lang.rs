//! Japanese by default, English with `--lang en`.

use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Ja,
    En,
}

impl Lang {
    /// The text in this language.
    pub fn t<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

static ENGLISH: AtomicBool = AtomicBool::new(false);

impl Lang {
    /// Chosen once, when the command line is read.
    pub fn choose(self) {
        ENGLISH.store(self == Self::En, Ordering::Relaxed);
    }

    /// The language of this run, for errors that are made far from the command line.
    pub fn current() -> Self {
        if ENGLISH.load(Ordering::Relaxed) { Self::En } else { Self::Ja }
    }
}

/// A message in the language of this run: `say!("…{x}…", "…{x}…")`.
macro_rules! say {
    ($ja:literal, $en:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        $(let $name = $value;)*
        match $crate::lang::Lang::current() {
            $crate::lang::Lang::Ja => format!($ja),
            $crate::lang::Lang::En => format!($en),
        }
    }};
}
pub(crate) use say;
