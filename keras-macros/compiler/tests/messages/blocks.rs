//! Mistakes in the definition of a block, and what is handed over of one.

use proc_macro2::TokenStream;
use quote::quote;

fn expand(source: &str) -> String {
    let tokens: TokenStream = source.parse().expect("tokens");
    keras_compiler::layer(quote!([::keras] #tokens)).to_string()
}

#[track_caller]
fn refused(source: &str, message: &str) {
    let code = expand(source);
    assert_eq!(code.matches("compile_error").count(), 2, "one mistake, and one for other uses: {code}");
    assert!(code.contains(message), "{code}");
}

#[test]
fn names_of_arguments() {
    let both = "an argument and a value of the block are both named";
    refused("struct B(units, x)(x) { Dense(units)(x) }", both);
    refused("struct B(rate)(x) { let rate = Dropout(rate)(x); rate + x }", both);
    refused("struct B(a)(x) { let (a, b) = self_::Two!(a)(x); a + b }", both);
    refused("struct B(name) < Dense(3, name = name) >;", "every block has an argument `name` already");
    refused("struct B(trainable) < Dense(3, trainable = trainable) >;", "every block has an argument `trainable`");
}

#[test]
fn paths_in_defaults() {
    refused("struct B(rate = self::RATE) < Dropout(rate) >;", "`self::` means another module where the block is used");
}

#[test]
fn what_is_handed_over() {
    let code = expand("/// Doc.\n pub(crate) struct B(n = crate::N) < Dense(n), crate::C!(n) >;");
    assert!(code.contains("struct B (n = $ crate :: N) < Dense (n) , $ crate :: C ! (n) >;"), "{code}");
    assert!(!code.contains("pub ($ crate)"), "{code}");
}

/// Blocks of one name can come from one place: those of a macro of the user's.
#[test]
fn each_has_a_name_of_its_own() {
    let name = |code: String| {
        let after = code.split("macro_rules ! ").nth(1).expect("a macro").to_owned();
        after.split(' ').next().expect("its name").to_owned()
    };
    let source = "pub struct B(n) < Dense(n) >;";
    assert_ne!(name(expand(source)), name(expand(source)));
}
