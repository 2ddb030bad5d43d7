import { keyFileCodes } from '@countersign/adapters/keys/codes'
import { coreCodes } from '@countersign/pure/core/codes'
import type { Failure } from '@countersign/pure/core/outcome'
import { epCodes, preparationCodes } from '@countersign/pure/ep/codes'
import { invitationCodes } from '../organization/invitation.js'
import { servedCodes } from './recompute.js'
import { visible } from './visible.js'

const meanings: Readonly<Record<string, string>> = {
  ...coreCodes,
  ...epCodes,
  ...preparationCodes,
  ...keyFileCodes,
  ...invitationCodes,
  ...servedCodes,
}

/** A refusal in one line: its code, where, and what the code means. */
export function refusalLine({ code, at }: Failure): string {
  const meaning = Object.hasOwn(meanings, code) ? `: ${meanings[code]}` : ''
  return `${visible(code)} at ${at === '' ? 'the whole document' : visible(at)}${meaning}`
}
