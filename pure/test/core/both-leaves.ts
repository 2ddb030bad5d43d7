import { vi } from 'vitest'

/** The modules above the crypto leaf, once over each leaf: what one platform says the other one must say. */
export const leafNames = ['node', 'noble'] as const
export type LeafName = (typeof leafNames)[number]

export async function stackOver(name: LeafName) {
  vi.resetModules()
  const leafModule =
    name === 'node' ? await import('../../src/core/crypto-node.js') : await import('../../src/core/crypto-noble.js')
  vi.doMock('#crypto', () => leafModule)
  const { Refusal } = await import('../../src/core/refusal.js')
  const keys = await import('../../src/core/public-key.js')
  const signatures = await import('../../src/core/signature.js')
  vi.doUnmock('#crypto')

  /** The code of the refusal, or `accepted`. */
  function keyCode(spki: Uint8Array): string {
    try {
      keys.parsePublicKey(spki)
      return 'accepted'
    } catch (error) {
      if (error instanceof Refusal) return error.code
      throw error
    }
  }
  return { name, leaf: leafModule.leaf, keyCode, ...keys, ...signatures }
}

export type Stack = Awaited<ReturnType<typeof stackOver>>
