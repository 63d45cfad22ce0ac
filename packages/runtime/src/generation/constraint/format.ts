/** @file What is asked of an output's form, as it crosses to the worker. */
import type { TokenBytes } from './vocabulary'

/** The form of an output. */
export type ResponseFormat =
  /** An object of JSON. */
  | { readonly type: 'json_object' }
  /** A value of JSON that meets a schema. */
  | { readonly type: 'json_schema'; readonly schema: Readonly<Record<string, unknown>> | boolean }
  /** A text that a regular expression matches as a whole. */
  | { readonly type: 'regex'; readonly pattern: string }
  /** A text of a grammar in EBNF, from its rule `root`. */
  | { readonly type: 'grammar'; readonly grammar: string }

/** A form, and what the tokens are that an output is made of. */
export interface Constraint {
  readonly format: ResponseFormat
  /** By which the worker knows the tokens again. */
  readonly tokenizer: number
  /** The bytes of the tokens; left out where the worker has them. */
  readonly tokens?: TokenBytes
}
