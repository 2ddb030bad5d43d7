import { pattern, type Shape } from '../core/shape.js'

// EP-ENC-6: one ASCII grammar per segment.
const segment = '[a-z0-9][a-z0-9._-]{0,63}'
const keySuffix = '[A-Za-z0-9._-]{1,64}'
// Crockford base32, 128 bits: the first character carries three bits.
const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}'

function identifier(form: string): Shape<string> {
  return pattern(new RegExp(`^${form}$`), 'identifier_malformed')
}

export const organizationId = identifier(`ep:org:${segment}`)
export const principalId = identifier(`ep:principal:${segment}`)
export const entityId = identifier(`ep:entity:${segment}`)
export const approverId = identifier(`ep:approver:${segment}`)
export const executorId = identifier(`ep:executor:${segment}`)
export const policyId = identifier(`ep:policy:${segment}@v[1-9][0-9]{0,8}`)
export const keyId = identifier(`ep:key:${segment}#${keySuffix}`)
export const logKeyId = identifier(`ep:log:${segment}#${keySuffix}`)
export const directoryId = identifier(`ep:directory:${segment}`)
export const receiptId = identifier(`ep:receipt:${ulid}`)
export const denialId = identifier(`ep:denial:${ulid}`)
/** Action types, systems, roles, teams. */
export const name = identifier(segment)
/** Also the note key name of the log: a schema-less URL without spaces or plus signs. */
export const logOrigin = identifier('[a-z0-9][a-z0-9._:/-]{0,127}')
/** Types of evidence objects. */
export const typeName = identifier('[a-z][a-z0-9._-]{0,63}')
/** A WebAuthn relying party id (a domain), and an origin, both as the browser writes them. */
export const webauthnRpId = pattern(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'rp_id_malformed')
export const origin = pattern(/^https?:\/\/[a-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?$/, 'origin_malformed')
/** RFC 6901. */
export const pointer = pattern(/^(\/([^~/]|~[01])*)+$/, 'pointer_malformed')
