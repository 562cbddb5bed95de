//! Models in a crate whose lints forgive nothing: generated code must not be what they find.
#![forbid(unsafe_code, dead_code, unused_variables, unused_parens, unused_braces, non_camel_case_types)]
#![forbid(non_snake_case, non_upper_case_globals, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
#![deny(warnings)]
#![deny(unused, nonstandard_style, future_incompatible, let_underscore)]
#![deny(trivial_casts, trivial_numeric_casts, unused_qualifications, unused_results, unused_lifetimes)]
#![deny(single_use_lifetimes, explicit_outlives_requirements, elided_lifetimes_in_paths, unused_import_braces)]
#![deny(missing_debug_implementations, meta_variable_misuse, macro_use_extern_crate, rust_2018_idioms)]

pub mod blocks;
pub mod forms;
pub mod fragments;
pub mod names;
pub mod shadows;
