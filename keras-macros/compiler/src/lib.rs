//! From the tokens of sequential! and model! to statically shaped Rust.
