"""Encoders by themselves of models that Python has no such class for, as T5EncoderModel is one for T5."""

import copy
from typing import Any

import torch
from torch import nn
from transformers.models.bart import modeling_bart as bart
from transformers.models.m2m_100 import modeling_m2m_100 as m2m_100
from transformers.models.marian import modeling_marian as marian
from transformers.models.mbart import modeling_mbart as mbart


def encoder_model(name: str, base: type, encoder: type, embedding: type) -> type:
    """A class that holds what the whole model has of its encoder, under the same names."""

    def __init__(self, config: Any) -> None:
        base.__init__(self, config)
        config = copy.deepcopy(config)
        scale = {"embed_scale": config.d_model**0.5 if config.scale_embedding else 1.0}
        scale = {} if embedding is nn.Embedding else scale
        self.shared = embedding(config.vocab_size, config.d_model, config.pad_token_id, **scale)
        self.encoder = encoder(config, self.shared)
        self.post_init()

    def tie(self) -> None:
        self.encoder.embed_tokens.weight = self.shared.weight

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, **options: Any) -> Any:
        return self.encoder(input_ids, attention_mask=attention_mask, **options)

    members = {
        "__init__": __init__,
        "_tie_weights": tie,
        "get_input_embeddings": lambda self: self.shared,
        "forward": forward,
        "_tied_weights_keys": ["encoder.embed_tokens.weight"],
        "__module__": __name__,
    }
    return type(name, (base,), members)


BartEncoderModel = encoder_model(
    "BartEncoderModel", bart.BartPreTrainedModel, bart.BartEncoder, bart.BartScaledWordEmbedding
)
MBartEncoderModel = encoder_model(
    "MBartEncoderModel", mbart.MBartPreTrainedModel, mbart.MBartEncoder, mbart.MBartScaledWordEmbedding
)
MarianEncoderModel = encoder_model(
    "MarianEncoderModel", marian.MarianPreTrainedModel, marian.MarianEncoder, nn.Embedding
)
M2M100EncoderModel = encoder_model(
    "M2M100EncoderModel", m2m_100.M2M100PreTrainedModel, m2m_100.M2M100Encoder, m2m_100.M2M100ScaledWordEmbedding
)
