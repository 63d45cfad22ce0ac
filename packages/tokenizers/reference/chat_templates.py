"""Conversations rendered by real models' chat templates, small templates that show how Jinja behaves, and the ids of both."""

import datetime
import shutil
import tempfile
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

from chat_conversations import CASES, CONVERSATIONS, DOCUMENTS, IN_FULL, SPECIAL_TOKENS, TOKENIZED, TOOLS
from chat_snippets import CONTEXT, SNIPPETS, UNREADABLE
from fixtures import FIXTURES, digest, fill_charsmap, read, write

TEMPLATES = FIXTURES / "chat-templates"
NOW = datetime.datetime(2025, 7, 4, 9, 5, 3)


class Clock(datetime.datetime):
    """Templates that print the date must print the same one each time."""

    @classmethod
    def now(cls, tz=None):
        return NOW


class Lines:
    """Texts repeat each other's lines: each line is stored once, a text is a list of line numbers."""

    def __init__(self):
        self.numbers = {}

    def __call__(self, text):
        return [self.numbers.setdefault(line, len(self.numbers)) for line in text.split("\n")]


SNAKE = {
    "addGenerationPrompt": "add_generation_prompt",
    "continueFinalMessage": "continue_final_message",
    "chatTemplate": "chat_template",
    "returnDict": "return_dict",
    "returnAssistantTokensMask": "return_assistant_tokens_mask",
    "maxLength": "max_length",
    "tokenizerKwargs": "tokenizer_kwargs",
    "returnSpecialTokensMask": "return_special_tokens_mask",
    "returnLength": "return_length",
    "padToMultipleOf": "pad_to_multiple_of",
}
VALUES = {"maxLength": "max_length"}
SHARED = {"tools": TOOLS, "documents": DOCUMENTS}


def python(options):
    """The options as Python names them; `"tools": true` stands for the tools all cases share."""
    result = {}
    for name, value in options.items():
        if isinstance(value, dict):
            value = python(value)
        elif isinstance(value, str):
            value = VALUES.get(value, value)
        elif value is True:
            value = SHARED.get(name, True)
        result[SNAKE.get(name, name)] = value
    return result


def render(tokenizer, messages, options, keep):
    try:
        return keep(tokenizer.apply_chat_template(messages, tokenize=False, **python(options)))
    except Exception as error:
        return {type(error).__name__: str(error)}


def renderings(tokenizer):
    """Some texts in full, so that a difference can be read; of the others a digest."""
    lines = Lines()
    results = {}
    for path in sorted(TEMPLATES.glob("*.jinja")):
        name = path.name.removesuffix(".jinja")
        bos, eos = SPECIAL_TOKENS.get(name, ("<s>", "</s>"))
        tokenizer.bos_token, tokenizer.eos_token = bos, eos
        tokenizer.chat_template = path.read_text()
        results[name] = [
            render(tokenizer, CONVERSATIONS[conversation], options, lines if [conversation, options] in IN_FULL else digest)
            for conversation, options in CASES
        ]
    return {
        "conversations": CONVERSATIONS,
        "tools": TOOLS,
        "documents": DOCUMENTS,
        "specialTokens": SPECIAL_TOKENS,
        "cases": CASES,
        "lines": list(lines.numbers),
        "results": results,
    }


def snippets(tokenizer, sources):
    """For each snippet its text, or the kind and the text of the error it ends in."""
    results = []
    for snippet in sources:
        tokenizer.chat_template = snippet
        try:
            results.append([snippet, tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False, **CONTEXT)])
        except Exception as error:
            results.append([snippet, {type(error).__name__: str(error)}])
    return results


def tokenized(folder):
    """Ids and masks, by trained tokenizers."""
    results = {}
    for name, template, cases in TOKENIZED:
        where = folder / name
        for file in ("tokenizer.json", "tokenizer_config.json"):
            write(where / file, fill_charsmap(read(FIXTURES / name / file)))
        tokenizer = AutoTokenizer.from_pretrained(where)
        tokenizer.chat_template = (TEMPLATES / f"{template}.jinja").read_text()
        answers = []
        for conversation, options in cases:
            messages = [CONVERSATIONS[one] for one in conversation] if isinstance(conversation, list) else CONVERSATIONS[conversation]
            try:
                answer = tokenizer.apply_chat_template(messages, **python(options))
                answers.append([conversation, options, answer if isinstance(answer, list) else dict(answer)])
            except Exception as error:
                answers.append([conversation, options, {type(error).__name__: str(error)}])
        results[f"{name} {template}"] = answers
    return results


def repositories(folder):
    """Where a repository keeps its templates, and what Python takes of them."""
    one, two = "{{ 'one' }}", "{{ 'two' }}"
    layouts = [
        {"tokenizer_config.json": {"chat_template": one}},
        {"tokenizer_config.json": {"chat_template": [{"name": "default", "template": one}, {"name": "tool_use", "template": two}]}},
        {"tokenizer_config.json": {"chat_template": one}, "chat_template.jinja": two},
        {"chat_template.jinja": one + "\r\nnext\n"},
        {"chat_template.jinja": one, "additional_chat_templates/tool_use.jinja": two, "additional_chat_templates/rag.jinja": two},
        {"tokenizer_config.json": {"chat_template": one}, "additional_chat_templates/tool_use.jinja": two},
        {},
    ]
    result = []
    for number, layout in enumerate(layouts):
        where = folder / f"repository-{number}"
        (where / "additional_chat_templates").mkdir(parents=True)
        shutil.copy(FIXTURES / "roberta" / "tokenizer.json", where)
        config = {"tokenizer_class": "RobertaTokenizer", **layout.get("tokenizer_config.json", {})}
        write(where / "tokenizer_config.json", config)
        for path, text in layout.items():
            if path.endswith(".jinja"):
                (where / path).write_text(text, newline="")
        result.append({"files": {**layout, "tokenizer_config.json": config}, "chatTemplate": AutoTokenizer.from_pretrained(where).chat_template})
    return result


def main():
    chat_template_utils.datetime = Clock
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(FIXTURES / "roberta" / "tokenizer.json"))
    write(TEMPLATES / "renderings.json", renderings(tokenizer))
    tokenizer.bos_token, tokenizer.eos_token = "<s>", "</s>"
    write(TEMPLATES / "snippets.json", {"context": CONTEXT, "results": snippets(tokenizer, SNIPPETS), "unreadable": snippets(tokenizer, UNREADABLE)})
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(TEMPLATES / "tokenized.json", tokenized(folder))
        write(TEMPLATES / "repositories.json", repositories(folder))


if __name__ == "__main__":
    main()
