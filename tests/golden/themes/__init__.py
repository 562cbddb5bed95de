"""One module per golden file; each has `write(out)`. Keras reads its environment when it is first imported, so it is
set here, before any theme can import it."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
