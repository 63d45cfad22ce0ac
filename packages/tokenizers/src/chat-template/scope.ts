/** @file The names a template sees where it stands. */
import { fail, Undefined, type Value } from './values'

/** More than any conversation needs: loops run over data, but loops within loops soon do not end. */
const MOST_STEPS = 2_000_000

/** A loop's body and a macro see the names around them; what they set is theirs. */
export class Scope {
  readonly names = new Map<string, Value>()
  private readonly steps: { taken: number }

  constructor(private readonly outer?: Scope) {
    this.steps = outer?.steps ?? { taken: 0 }
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
    if (++this.steps.taken > MOST_STEPS) fail(`it takes more than ${MOST_STEPS.toLocaleString('en')} steps`)
  }
}
