use keras::prelude::*;

sequential! {
    struct Normal<
        Input(48),
        GroupNormalization(groups = -2),
        LayerNormalization(epsilon = -1.0),
        RMSNormalization(axis = last),
        BatchNormalization(momentum = "fast"),
        BatchNormalization(center = False, renorm = true, renorm_clipping = 3.0),
    >;
}

fn main() {
    let _ = Normal::new();
}
