/** @file The names a template sees where it stands. */
import { fail, Undefined, type Value } from './values'

/** A loop's body and a macro see the names around them; what they set is theirs. */
export class Scope {
  readonly names = new Map<string, Value>()
  private readonly outer: Scope | undefined
  private readonly steps: { left: number }

  /** Within another scope, or with as many steps as the template may take. */
  constructor(outer: Scope | number) {
    this.outer = typeof outer === 'number' ? undefined : outer
    this.steps = typeof outer === 'number' ? { left: outer } : outer.steps
  }

  get(name: string): Value {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.outer) {
      const value = scope.names.get(name)
      if (value !== undefined) return value
    }
    return new Undefined(`'${name}' is undefined`)
  }

  /** @throws {TokenizerError} when the template took so many steps that it may never end. */
  step(): void {
    if (--this.steps.left < 0) fail('it takes so many steps that it may never end')
  }
}
