/** @file Forms of outputs, made ready for a vocabulary; what was made is kept for the next call. */
import { ResponseFormatError } from '../../errors'
import { matching } from './automata/determine'
import { isEmpty } from './automata/dfa'
import { SpelledAutomaton } from './automata/spelling'
import type { Constraint, ResponseFormat } from './format'
import { textGrammar } from './grammar'
import { Insides } from './insides'
import { type GrammarSymbol, Machine, terminal } from './machine'
import { Masks } from './masks'
import { schemaGrammar } from './schema/rules'
import { Vocabulary } from './vocabulary'

/** Forms that are kept; each holds the masks that it has come to. */
const KEPT = 4
/** Stacks that a form may come to before it begins anew. */
const MOST_STACKS = 200_000
/** What is done before the first token, in milliseconds. */
const PREPARED = 15
const vocabularies = new Map<number, Insides>()
const compiled = new Map<string, Masks>()

/** @throws {ResponseFormatError} when the form can't be read, can't be enforced, or allows nothing */
export function compile({ format, tokenizer, tokens }: Constraint): Masks {
  let insides = vocabularies.get(tokenizer)
  if (!insides) {
    insides = new Insides(new Vocabulary(tokens!))
    vocabularies.set(tokenizer, insides)
  }
  const key = `${tokenizer} ${JSON.stringify(format)}`
  const known = compiled.get(key)
  const fits = known && known.machine.size < MOST_STACKS
  const masks = fits ? known : new Masks(new Machine(grammarOf(format)), insides)
  // Tokens need not wait for it.
  masks.of(masks.machine.start)
  if (!fits) masks.prepare(PREPARED)
  compiled.delete(key)
  compiled.set(key, masks)
  for (const oldest of [...compiled.keys()].slice(0, -KEPT)) compiled.delete(oldest)
  return masks
}

/** @throws {ResponseFormatError} */
export function grammarOf(format: ResponseFormat): GrammarSymbol {
  switch (format.type) {
    case 'json_object':
      return schemaGrammar({ type: 'object' })
    case 'json_schema':
      return schemaGrammar(format.schema)
    case 'grammar':
      return textGrammar(format.grammar)
    case 'regex': {
      const dfa = matching(format.pattern)
      if (isEmpty(dfa))
        throw new ResponseFormatError(
          `No text matches the regular expression ${JSON.stringify(format.pattern)}.`,
        )
      return terminal(new SpelledAutomaton(dfa, { json: false, escapes: false }))
    }
  }
}
