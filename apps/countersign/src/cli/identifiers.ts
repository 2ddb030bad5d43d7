import { readShape, type Shape } from '@countersign/pure/core/shape'
import { InvalidArgumentError } from 'commander'

/** A parser of an option: the identifier, or only its last part, which stands behind `prefix` then. */
export function identifier(prefix: string, shape: Shape<string>): (given: string) => string {
  return (given) => {
    const whole = given.startsWith('ep:') ? given : prefix + given
    try {
      return readShape(shape, whole)
    } catch {
      throw new InvalidArgumentError(`an identifier looks like ${prefix}${example(prefix)}`)
    }
  }
}

/** As `identifier`, for an option that may be given several times. */
export function identifiers(prefix: string, shape: Shape<string>): (given: string, before?: string[]) => string[] {
  const one = identifier(prefix, shape)
  return (given, before = []) => [...before, one(given)]
}

function example(prefix: string): string {
  return prefix === 'ep:policy:' ? 'wires@v1' : 'acme'
}

/** The last segment of an identifier: `acme` of `ep:org:acme`. */
export function segmentOf(id: string): string {
  return id.slice(id.lastIndexOf(':') + 1)
}
