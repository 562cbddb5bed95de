//! docs/emitted-code.md shows what the compiler emits. `KERAS_BLESS=1 cargo test -p keras-compiler` writes it anew.

use proc_macro2::TokenStream;
use quote::quote;

const BEGIN: &str = "```rust,ignore\n";
const END: &str = "\n```\n";

fn mlp() -> TokenStream {
    keras_compiler::sequential(quote! {
        [::keras] pub struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >;
    })
}

/// The code without `const GRAPH`, as rustfmt would lay it out.
fn shown(tokens: TokenStream) -> String {
    let mut file: syn::File = syn::parse2(tokens).expect("generated code parses");
    for item in &mut file.items {
        if let syn::Item::Impl(block) = item {
            block.items.retain(|item| !matches!(item, syn::ImplItem::Const(_)));
        }
    }
    prettyplease::unparse(&file)
}

#[test]
fn the_page_shows_what_is_emitted() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/emitted-code.md");
    let page = std::fs::read_to_string(path).expect("docs/emitted-code.md");
    let (before, rest) = page.split_once(BEGIN).expect("a block of code");
    let (block, after) = rest.split_once(END).expect("the end of the block");
    let code = shown(mlp());
    if std::env::var_os("KERAS_BLESS").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{}{END}{after}", code.trim_end())).expect("written");
        return;
    }
    assert_eq!(block.trim_end(), code.trim_end(), "run `KERAS_BLESS=1 cargo test -p keras-compiler`");
}

/// The mask of an output is for the loss alone: inference makes none that no layer reads.
#[test]
fn inference_makes_no_mask_for_the_loss() {
    let masks = |tokens: TokenStream| shown(keras_compiler::sequential(tokens)).matches("::not_equal(").count();
    let unread = quote!([::keras] pub struct Words< Input(4, dtype = u32), Embedding(6, 3, mask_zero = true) >;);
    let read = quote! {
        [::keras] pub struct Words< Input(4, dtype = u32), Embedding(6, 3, mask_zero = true), LSTM(2, return_sequences = true) >;
    };
    assert_eq!([masks(unread), masks(read)], [1, 2]);
}
