"""What is recorded: for every architecture one tiny model a head.

A head's fixture also carries a variation of the configuration (another activation, another depth, untied
embeddings), so that every key is seen at work without a fixture of its own.
"""

from dataclasses import dataclass, field
from typing import Any

import transformers

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
BATCH, SEQUENCE, CHOICES = 3, 9, 2


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

    @property
    def model_class(self) -> type[transformers.PreTrainedModel]:
        return getattr(transformers, self.architecture)


def heads(
    prefix: str, *, token_type_ids: bool = True, activation: str = "hidden_act", **config: Any
) -> list[Case]:
    """The base model and the five heads of an architecture, all over `config`; `activation` is that key's name."""
    varied = {
        "Model": ("base", {"num_hidden_layers": 3}),
        "ForMaskedLM": ("masked-lm", {"num_hidden_layers": 2, activation: "gelu_new"}),
        "ForSequenceClassification": (
            "sequence-classification",
            {"num_labels": 5, activation: "relu", "problem_type": "single_label_classification"},
        ),
        "ForTokenClassification": (
            "token-classification",
            {"id2label": dict(enumerate(TAGS)), activation: "silu"},
        ),
        "ForQuestionAnswering": ("question-answering", {}),
        "ForMultipleChoice": ("multiple-choice", {}),
    }
    return [
        Case(name, prefix + head, SHAPE | config | variation, token_type_ids=token_type_ids)
        for head, (name, variation) in varied.items()
    ]


# An epsilon this large shows where a smaller one, or none, was used.
BERT = {"layer_norm_eps": 0.05, "type_vocab_size": 2}
ONE_TYPE = {"layer_norm_eps": 0.05, "type_vocab_size": 1}

CASES: dict[str, list[Case]] = {
    "bert": [
        *heads("Bert", **BERT),
        Case("masked-lm-untied", "BertForMaskedLM", SHAPE | BERT | {"tie_word_embeddings": False}),
        Case("gamma-beta", "BertForMaskedLM", SHAPE | BERT, old_spelling=True),
        Case(
            "multi-label",
            "BertForSequenceClassification",
            SHAPE | BERT | {"num_labels": 6, "problem_type": "multi_label_classification"},
        ),
        Case(
            "regression",
            "BertForSequenceClassification",
            SHAPE | BERT | {"num_labels": 1, "problem_type": "regression"},
        ),
        Case("without-mask", "BertModel", SHAPE | BERT, token_type_ids=False, attention_mask=False),
    ],
    "distilbert": heads("DistilBert", token_type_ids=False, activation="activation", hidden_dim=24),
    "roberta": [
        *heads("Roberta", **BERT, pad_token_id=3),
        Case("masked-lm-untied", "RobertaForMaskedLM", SHAPE | BERT | {"tie_word_embeddings": False}),
    ],
    "xlm-roberta": heads("XLMRoberta", token_type_ids=False, **ONE_TYPE),
    "camembert": heads("Camembert", token_type_ids=False, **ONE_TYPE),
    "mpnet": [
        *heads("MPNet", token_type_ids=False, layer_norm_eps=0.05),
        # Long enough for the relative positions that share logarithmic buckets.
        Case("long", "MPNetModel", SHAPE | {"max_position_embeddings": 60}, token_type_ids=False, sequence=40),
    ],
    "albert": [
        *heads("Albert", **BERT, embedding_size=12),
        Case(
            "groups",
            "AlbertModel",
            SHAPE | BERT | {"embedding_size": 12, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2},
        ),
    ],
    "electra": [
        *heads("Electra", **BERT, embedding_size=12),
        Case(
            "masked-lm-untied",
            "ElectraForMaskedLM",
            SHAPE | BERT | {"embedding_size": 16, "tie_word_embeddings": False},
        ),
        Case(
            "summary-last",
            "ElectraForMultipleChoice",
            SHAPE | BERT | {"embedding_size": 12, "summary_type": "last", "summary_activation": "tanh"},
        ),
        Case(
            "summary-mean",
            "ElectraForMultipleChoice",
            SHAPE | BERT | {"embedding_size": 12, "summary_type": "mean", "summary_use_proj": False},
        ),
    ],
}
