//! Registry files: CSV to rows (registry-files.md).
