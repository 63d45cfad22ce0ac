"""A causal model of a few lines, the same as src/generation/testing.ts: what it says depends on the last three tokens, through numbers
that are hashed and not learned. Its cache remembers the tokens themselves."""

import torch
from transformers import DynamicCache, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

VOCABULARY, WIDTH, LAYERS, CONTEXTS = 48, 12, 6, 97
PAD, EOS = 0, 1
MASK = 0xFFFFFFFF


def hashed(i):
    """From -0.5 to below 0.5."""
    x = (i * 2654435761) & MASK
    x ^= x >> 15
    x = (x * 2246822519) & MASK
    x ^= x >> 13
    return x / 2**32 - 0.5


def table(offset, rows, columns, scale=1.0):
    return torch.tensor([[scale * hashed(offset + r * columns + c) for c in range(columns)] for r in range(rows)])


class ToyConfig(PretrainedConfig):
    model_type = "toy"

    def __init__(self, noise=0.0, **rest):
        self.vocab_size, self.hidden_size, self.num_hidden_layers = VOCABULARY, WIDTH, LAYERS
        self.num_attention_heads, self.max_position_embeddings = 1, 512
        self.noise = noise
        super().__init__(pad_token_id=PAD, eos_token_id=EOS, tie_word_embeddings=False, **rest)


class Toy(PreTrainedModel, GenerationMixin):
    config_class = ToyConfig
    base_model_prefix = "model"

    def __init__(self, config):
        super().__init__(config)
        self.lm_head = torch.nn.Linear(WIDTH, VOCABULARY)
        with torch.no_grad():
            self.lm_head.weight.copy_(table(1, VOCABULARY, WIDTH, 6.0))
            self.lm_head.bias.zero_()
            self.lm_head.bias[EOS] = 1.5
        # One of these for each hidden state: of the embeddings and of each layer.
        self.states = [
            table(1000 + layer * CONTEXTS * WIDTH, CONTEXTS, WIDTH) + table(50000, CONTEXTS, WIDTH, config.noise)
            for layer in range(LAYERS + 1)
        ]

    def get_output_embeddings(self):
        return self.lm_head

    def forward(self, input_ids, past_key_values=None, attention_mask=None, use_cache=None, cache_position=None,
                output_hidden_states=None, return_dict=None, **_):  # fmt: skip
        tokens = input_ids
        if past_key_values is None and use_cache:
            past_key_values = DynamicCache()
        if past_key_values is not None:
            for layer in range(LAYERS):
                seen, _ = past_key_values.update(input_ids[:, None, :, None].float(), input_ids[:, None, :, None].float(), layer)
            tokens = seen[:, 0, :, 0].long()
        padded = torch.cat([torch.zeros(len(tokens), 2, dtype=torch.long), tokens], 1)
        contexts = (padded[:, 2:] * 31 + padded[:, 1:-1] * 17 + padded[:, :-2] * 7 + 3) % CONTEXTS
        contexts = contexts[:, -input_ids.shape[1] :]
        hidden = tuple(states[contexts] for states in self.states)
        return CausalLMOutputWithPast(
            logits=self.lm_head(hidden[-1]), past_key_values=past_key_values, hidden_states=hidden
        )


def toy(noise=0.0):
    torch.manual_seed(0)
    return Toy(ToyConfig(noise=noise)).eval()
