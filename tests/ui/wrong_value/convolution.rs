//! Arguments of convolutions.
use keras::sequential;

sequential! {
    struct Steps<
        Input((28, 8)),
        Conv1D(8),
        Conv1D(8, 3, padding = full),
        Conv1DTranspose(8, 3, padding = causal),
        DepthwiseConv1D(8, 3, kernel_regularizer = L2),
        DepthwiseConv1D(3, padding = valid, depth_multiplier = 0),
        SeparableConv1D(8),
        SeparableConv1D(8, 3, kernel_initializer = HeNormal),
    >;
}

sequential! {
    struct Volume<
        Input((8, 8, 8, 1)),
        Conv3D(8, (3, 3)),
        Conv3D(8, 3, padding = causal),
        Conv3DTranspose(8, (3, 3)),
        Conv3DTranspose(0, 3),
    >;
}

sequential! { struct Lines< Input((5, 9, 1)), ConvLSTM1D(8), ConvLSTM1D(8, 3, unroll = true) >; }

sequential! { struct Volumes< Input((5, 9, 9, 9, 1)), ConvLSTM3D(8, (3, 3)), ConvLSTM3D(8, 3, padding = causal) >; }

fn main() {}
