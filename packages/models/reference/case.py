"""What one fixture records, and the sizes that all of them share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from torch import Tensor

from . import encoder_models

# Sizes differ from one another, so that two swapped axes cannot agree by accident.
SHAPE = {
    "vocab_size": 60,
    "hidden_size": 16,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "intermediate_size": 24,
    "max_position_embeddings": 20,
}
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
BATCH, SEQUENCE, DECODER_SEQUENCE, CHOICES = 3, 9, 6, 2


@dataclass(frozen=True)
class Case:
    """One fixture: the folder it goes to, the class that is recorded, and what its configuration changes."""

    name: str
    architecture: str
    config: dict[str, Any] = field(default_factory=dict)
    token_type_ids: bool = True
    attention_mask: bool = True
    sequence: int = SEQUENCE
    old_spelling: bool = False
    decoder: bool = False
    """Whether the inputs are a decoder's too."""
    ends: tuple[int, ...] = ()
    """Where every text has the token that ends a sequence."""

    encoder_states: int = 0
    """How many states of an encoder a decoder alone looks at."""

    inputs: Callable[[transformers.PreTrainedModel, torch.Generator], dict[str, Tensor]] | None = None
    """Makes the inputs of a model that reads others than a text, or pixels of the size that its configuration says."""

    outputs: Callable[[transformers.PreTrainedModel, dict[str, Tensor]], dict[str, Any]] | None = None
    """Computes what Python's `forward` does not give, or gives inside of other outputs, by name; see `record.outputs_of`."""

    labels: Callable[[transformers.PreTrainedModel, dict[str, Tensor], torch.Generator], dict[str, Tensor]] | None = None
    """Makes the labels that gradients are recorded for, given the outputs; `{}` where a head has a loss of another kind, or none."""

    half: bool = False
    """Whether weights are written in half precision, where files would be large."""

    thin: tuple[str, ...] = ()
    """Parts of the names of parameters that are large whatever a configuration says: most entries are zero, which git packs well."""

    unused: tuple[str, ...] = ()
    """Parts of the names of parameters that no output depends on."""

    @property
    def model_class(self) -> type[transformers.PreTrainedModel]:
        return class_of(self.architecture)


def class_of(name: str) -> type[transformers.PreTrainedModel]:
    """The class of Python, or one of those that it lacks."""
    return getattr(transformers, name, None) or getattr(encoder_models, name)
