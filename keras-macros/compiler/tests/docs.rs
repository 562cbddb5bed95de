//! The documentation of a model's struct.

use proc_macro2::TokenStream;
use quote::quote;

/// The documentation of a struct among the items, and of its fields.
fn documented(code: TokenStream, name: &str) -> (String, Vec<String>) {
    let file: syn::File = syn::parse2(code).expect("items");
    let item = file.items.iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    let item = item.expect("a struct of this name");
    (text(&item.attrs), item.fields.iter().map(|field| text(&field.attrs)).collect())
}

fn text(attrs: &[syn::Attribute]) -> String {
    let docs = attrs.iter().filter(|attr| attr.path().is_ident("doc"));
    let lines = docs.filter_map(|attr| match &attr.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_chain() {
    let code = keras_compiler::sequential(quote! {
        [::keras] pub struct Mlp< Input(784), Dense(HIDDEN * 2, relu), Dropout(0.5), Dense(10, softmax, trainable = false) >;
    });
    let (text, fields) = documented(code, "Mlp");
    assert_eq!(
        text,
        "\
A model compiled by keras.

- Input: `[f32; 784]`
- Output: `[f32; 10]`
- Weights: `(((784 * (HIDDEN * 2)) + (HIDDEN * 2)) + ((HIDDEN * 2) * 10)) + 10`; trained: `(784 * (HIDDEN * 2)) + (HIDDEN * 2)`

| layer | class | output | weights | trained |
|---|---|---|---|---|
| [`dense`](MlpDense) | Dense | (`HIDDEN * 2`,) | `(784 * (HIDDEN * 2)) + (HIDDEN * 2)` | all |
| `dropout` | Dropout | (`HIDDEN * 2`,) | 0 |  |
| [`dense_1`](MlpDense1) | Dense | (10,) | `((HIDDEN * 2) * 10) + 10` | none |"
    );
    assert_eq!(fields, ["`dense` (Dense): (784,) to (`HIDDEN * 2`,).", "`dense_1` (Dense): (`HIDDEN * 2`,) to (10,)."]);
}

#[test]
fn what_the_user_says_comes_first() {
    let code = keras_compiler::sequential(quote! {
        [::keras]
        /// Digits.
        struct Net< Input(2), Dense(1) >;
    });
    let (text, _) = documented(code, "Net");
    assert!(text.starts_with(" Digits.\n\nA model compiled by keras.\n\n- Input: `[f32; 2]`\n"), "{text}");
}

#[test]
fn a_graph() {
    let code = keras_compiler::model(quote! {
        [::keras] pub struct Towers(a: [[f32; 4]; 2], b: [4]) {
            let encoder = Dense(3, lora_rank = 2, use_bias = false);
            let u = encoder(b);
            let backbone = self::Backbone;
            let v = backbone(u);
            let w = self::Scale(0.5)(u);
            (Dense(1, name = "aux")(Flatten()(a)), v, w)
        }
    });
    let (text, _) = documented(code, "Towers");
    assert_eq!(
        text,
        "\
A model compiled by keras.

- Inputs: `a` is `[[f32; 4]; 2]`, `b` is `[f32; 4]`
- Outputs: `aux` is `[f32; 1]`, `backbone` is an array of the shape that the layer gives, \
`scale` is an array of the shape that the layer gives
- Weights: 35 and those of `backbone`, `scale`; trained: 23 and those of `backbone`, `scale`

| layer | class | output | weights | trained |
|---|---|---|---|---|
| [`dense`](TowersDense) | Dense | (3,) | 26 | 14 |
| [`backbone`](self::Backbone) | Backbone | … | those of `backbone` | all |
| `scale` | Scale | … | those of `scale` | all |
| `flatten` | Flatten | (8,) | 0 |  |
| [`aux`](TowersAux) | Dense | (1,) | 9 | all |"
    );
}
