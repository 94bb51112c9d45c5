//! The third-party engine from outside: claims of every kind, the cheap look against the score, properties.

mod claims;
mod prefilter;
mod properties;
mod words;
