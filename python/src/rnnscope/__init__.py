"""rnnscope: a microscope for recurrent networks. The program itself is in this wheel; see the README."""

from ._version import __version__

__all__ = ["__version__"]
