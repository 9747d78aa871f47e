"""rnnscope: a microscope for recurrent networks. The program itself is in this wheel.

    import rnnscope
    run = rnnscope.train("novel.txt", "my-run", hidden=128)          # or Run("my-run"), or
    run = rnnscope.from_torch(model, alphabet=chars, out="my-run")   # a live nn.Module
    run.dissect("novel.txt")
    run.findings                                                     # pandas
"""

from ._keras import from_huggingface, from_keras
from ._program import MisuseError, RnnscopeError
from ._run import Run, dissect_states, train
from ._torch import from_torch
from ._version import __version__

__all__ = ["MisuseError", "RnnscopeError", "Run", "__version__", "dissect_states", "from_huggingface", "from_keras", "from_torch", "train"]
