//! Progress lines of whole calls.
