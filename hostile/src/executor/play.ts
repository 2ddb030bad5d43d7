import type { Attack } from '../attack.js'
import { inScene, type Scene, type Setting } from './scene.js'

/** An attack on an executor that is told as a story. */
export interface Play {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly setting?: Setting
  /** Answers the code with which it ended. */
  readonly play: (scene: Scene) => Promise<string>
}

export function asAttack({ setting = {}, play, ...attack }: Play): Attack {
  return {
    ...attack,
    target: 'executor',
    run: () => inScene(setting, async (scene) => ({ code: await play(scene), succeeded: scene.succeeded })),
  }
}
