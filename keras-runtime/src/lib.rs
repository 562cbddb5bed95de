//! The training loop of keras, optimizers, losses, metrics, callbacks, data.
