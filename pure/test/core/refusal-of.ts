import { coreCodes } from '../../src/core/codes.js'
import { Refusal } from '../../src/core/refusal.js'

/** The code a call refuses with, `accepted` if it does not. Anything but a Refusal with a listed code is rethrown. */
export function codeOf(call: () => unknown): string {
  return refusalOf(call)?.code ?? 'accepted'
}

export function refusalOf(call: () => unknown): Refusal | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (error instanceof Refusal && error.code in coreCodes) return error
    throw error
  }
}
