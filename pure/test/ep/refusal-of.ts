import { coreCodes } from '../../src/core/codes.js'
import { Refusal } from '../../src/core/refusal.js'
import { epCodes, preparationCodes } from '../../src/ep/codes.js'

/** The refusal of a call, undefined if it does not refuse. Anything but a Refusal with a listed code is rethrown. */
export function refusalOf(call: () => unknown): Refusal | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    const listed = (code: string) => code in coreCodes || code in epCodes || code in preparationCodes
    if (error instanceof Refusal && listed(error.code)) return error
    throw error
  }
}
