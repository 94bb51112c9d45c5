//! Tests of the reviewers' pages in a real browser: `tests/`.
