import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'

/** One signature check of node:crypto and nothing else, with its key parsed before. */
export function bareCheck(type: 'ec' | 'ed25519'): () => void {
  const { keys, algorithm } = newKeys(type)
  const message = randomBytes(69)
  const signature = sign(algorithm, message, keys.privateKey)
  return () => {
    if (!verify(algorithm, message, keys.publicKey, signature))
      throw new Error('a signature of this benchmark does not hold')
  }
}

/** One Ed25519 signature of node:crypto. */
export function bareSignature(): () => void {
  const { keys, algorithm } = newKeys('ed25519')
  const message = randomBytes(120)
  return () => {
    sign(algorithm, message, keys.privateKey)
  }
}

function newKeys(type: 'ec' | 'ed25519') {
  const keys: { publicKey: KeyObject; privateKey: KeyObject } =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  return { keys, algorithm: type === 'ec' ? 'sha256' : null }
}
