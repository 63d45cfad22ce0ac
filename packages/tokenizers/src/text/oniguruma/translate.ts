/** @file Oniguruma's expressions in JavaScript's dialect. */
import { TokenizerError } from '../../errors'
import type { Translation } from '../pattern'
import { emit } from './emit'
import { parse } from './parse'
import { PatternError } from './syntax'

/** @throws {TokenizerError} when the pattern is malformed, or JavaScript has no equal for it. */
export function translate(pattern: string): Translation {
  try {
    const translation = emit(parse(pattern))
    new RegExp(translation.source, 'v') // what it refuses, it refuses here
    return translation
  } catch (cause) {
    const reason = cause instanceof PatternError ? cause.message : 'has no equal in JavaScript'
    throw new TokenizerError(`The pattern ${JSON.stringify(pattern)} ${reason}.`, { cause })
  }
}
