//! The forms of `model!`.
pub fn parse(
    _tokens: proc_macro2::TokenStream,
    _errors: &mut crate::Errors,
) -> Option<(proc_macro2::TokenStream, super::Model)> {
    None
}
