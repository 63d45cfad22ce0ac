/** @file The tokens with a role: what the files and the tokenizer's class say they are. */
import type { AddedToken } from '../added-vocabulary'

export const ROLES = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const

/** A role, as special_tokens_map.json names it. */
export type Role = (typeof ROLES)[number]

/** A token as the files write it: its text, or its text and how it matches. */
export type TokenLike = string | (Partial<AddedToken> & { content: string })

export interface SpecialTokenFields extends Partial<Record<Role, TokenLike | null>> {
  additional_special_tokens?: readonly TokenLike[] | null
}

export const contentOf = (token: TokenLike): string => (typeof token === 'string' ? token : token.content)

/** A token with all it leaves out; one that is special is matched as it stands. */
export function addedToken(token: TokenLike, special = false): AddedToken {
  const given = typeof token === 'string' ? { content: token } : token
  const isSpecial = given.special ?? special
  return {
    content: given.content,
    single_word: given.single_word ?? false,
    lstrip: given.lstrip ?? false,
    rstrip: given.rstrip ?? false,
    normalized: given.normalized ?? !isSpecial,
    special: isSpecial,
  }
}

/** The tokens in their roles, and further ones without. */
export class SpecialTokens {
  readonly roles = new Map<Role, TokenLike>()
  additional: TokenLike[] = []

  constructor(fields: SpecialTokenFields) {
    for (const role of ROLES) {
      const token = fields[role]
      if (token !== undefined && token !== null) this.roles.set(role, token)
    }
    this.additional = [...(fields.additional_special_tokens ?? [])]
  }

  /** As special_tokens_map.json has them. */
  get fields(): SpecialTokenFields {
    const additional = this.additional.length > 0 && { additional_special_tokens: this.additional }
    return { ...Object.fromEntries(this.roles), ...additional }
  }

  contentOf(role: Role): string | undefined {
    const token = this.roles.get(role)
    return token === undefined ? undefined : contentOf(token)
  }

  /** All of them in the order of the roles, each text once; as in Python, twice where it is twice without a role. */
  get all(): TokenLike[] {
    const tokens = new Map<string, TokenLike>()
    for (const role of ROLES) {
      const token = this.roles.get(role)
      if (token !== undefined && !tokens.has(contentOf(token))) tokens.set(contentOf(token), token)
    }
    return [...tokens.values(), ...this.additional.filter((token) => !tokens.has(contentOf(token)))]
  }
}
