"""Scenes, referring expressions and the data sets that training and validation read.

Import from the modules themselves (``remotesam.data.scene``, ``remotesam.data.dataset`` ...): this package stays light,
so that reading the vocabulary does not load torch.
"""
