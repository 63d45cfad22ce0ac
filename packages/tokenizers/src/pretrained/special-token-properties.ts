/** @file `clsToken`, `clsTokenId` and their like: one property a role. */
import type { Role } from './special-tokens'

export abstract class SpecialTokenProperties {
  protected abstract roleToken(role: Role): string | undefined
  protected abstract roleId(role: Role): number | undefined
  protected abstract setRole(role: Role, token: string | undefined): void

  get bosToken(): string | undefined {
    return this.roleToken('bos_token')
  }
  set bosToken(token: string | undefined) {
    this.setRole('bos_token', token)
  }
  get bosTokenId(): number | undefined {
    return this.roleId('bos_token')
  }
  get eosToken(): string | undefined {
    return this.roleToken('eos_token')
  }
  set eosToken(token: string | undefined) {
    this.setRole('eos_token', token)
  }
  get eosTokenId(): number | undefined {
    return this.roleId('eos_token')
  }
  get unkToken(): string | undefined {
    return this.roleToken('unk_token')
  }
  set unkToken(token: string | undefined) {
    this.setRole('unk_token', token)
  }
  get unkTokenId(): number | undefined {
    return this.roleId('unk_token')
  }
  get sepToken(): string | undefined {
    return this.roleToken('sep_token')
  }
  set sepToken(token: string | undefined) {
    this.setRole('sep_token', token)
  }
  get sepTokenId(): number | undefined {
    return this.roleId('sep_token')
  }
  get padToken(): string | undefined {
    return this.roleToken('pad_token')
  }
  set padToken(token: string | undefined) {
    this.setRole('pad_token', token)
  }
  get padTokenId(): number | undefined {
    return this.roleId('pad_token')
  }
  get clsToken(): string | undefined {
    return this.roleToken('cls_token')
  }
  set clsToken(token: string | undefined) {
    this.setRole('cls_token', token)
  }
  get clsTokenId(): number | undefined {
    return this.roleId('cls_token')
  }
  get maskToken(): string | undefined {
    return this.roleToken('mask_token')
  }
  set maskToken(token: string | undefined) {
    this.setRole('mask_token', token)
  }
  get maskTokenId(): number | undefined {
    return this.roleId('mask_token')
  }
}
