/** @file `clsToken`, `clsTokenId` and their like: one property a role, and what all of them are. */
import type { Role, TokenLike } from './special-tokens'

/**
 * The tokens in their roles. Setting one gives a token that role, and adds none: for that there is addSpecialTokens.
 * @example
 * tokenizer.padToken = tokenizer.eosToken
 * tokenizer.padTokenId // 50256
 */
export abstract class SpecialTokenProperties {
  protected abstract roleToken(role: Role): string | undefined
  protected abstract roleId(role: Role): number | undefined
  protected abstract setRole(role: Role, token: TokenLike | undefined): void
  protected abstract setRoleId(role: Role, id: number | undefined): void

  get bosToken(): string | undefined {
    return this.roleToken('bos_token')
  }
  set bosToken(token: TokenLike | undefined) {
    this.setRole('bos_token', token)
  }
  get bosTokenId(): number | undefined {
    return this.roleId('bos_token')
  }
  set bosTokenId(id: number | undefined) {
    this.setRoleId('bos_token', id)
  }
  get eosToken(): string | undefined {
    return this.roleToken('eos_token')
  }
  set eosToken(token: TokenLike | undefined) {
    this.setRole('eos_token', token)
  }
  get eosTokenId(): number | undefined {
    return this.roleId('eos_token')
  }
  set eosTokenId(id: number | undefined) {
    this.setRoleId('eos_token', id)
  }
  get unkToken(): string | undefined {
    return this.roleToken('unk_token')
  }
  set unkToken(token: TokenLike | undefined) {
    this.setRole('unk_token', token)
  }
  get unkTokenId(): number | undefined {
    return this.roleId('unk_token')
  }
  set unkTokenId(id: number | undefined) {
    this.setRoleId('unk_token', id)
  }
  get sepToken(): string | undefined {
    return this.roleToken('sep_token')
  }
  set sepToken(token: TokenLike | undefined) {
    this.setRole('sep_token', token)
  }
  get sepTokenId(): number | undefined {
    return this.roleId('sep_token')
  }
  set sepTokenId(id: number | undefined) {
    this.setRoleId('sep_token', id)
  }
  get padToken(): string | undefined {
    return this.roleToken('pad_token')
  }
  set padToken(token: TokenLike | undefined) {
    this.setRole('pad_token', token)
  }
  get padTokenId(): number | undefined {
    return this.roleId('pad_token')
  }
  set padTokenId(id: number | undefined) {
    this.setRoleId('pad_token', id)
  }
  get clsToken(): string | undefined {
    return this.roleToken('cls_token')
  }
  set clsToken(token: TokenLike | undefined) {
    this.setRole('cls_token', token)
  }
  get clsTokenId(): number | undefined {
    return this.roleId('cls_token')
  }
  set clsTokenId(id: number | undefined) {
    this.setRoleId('cls_token', id)
  }
  get maskToken(): string | undefined {
    return this.roleToken('mask_token')
  }
  set maskToken(token: TokenLike | undefined) {
    this.setRole('mask_token', token)
  }
  get maskTokenId(): number | undefined {
    return this.roleId('mask_token')
  }
  set maskTokenId(id: number | undefined) {
    this.setRoleId('mask_token', id)
  }
}
