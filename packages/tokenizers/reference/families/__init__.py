"""Tokenizers as real models have them, small: by name, what writes one's files into a folder.

Each is trained on `texts.corpus()` with the components of the real model. Training is not the same twice where the
library iterates over a hash map, so what is trained stays in fixtures/ and is trained again only when asked for.
"""

from . import byte_level, characters, sentence_piece, word_piece

RECIPES = {**word_piece.RECIPES, **byte_level.RECIPES, **characters.RECIPES, **sentence_piece.RECIPES}
