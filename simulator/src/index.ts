export {
  type Alteration,
  type Alterations,
  type AttemptOptions,
  type MadeBundle,
  type MadeDenial,
  type MadeReceipt,
  makeBundle,
  makeDenial,
  makeReceipt,
} from './attempt.js'
export { type HeadInstants, type PublishedHead, SimulatedDirectory } from './directory.js'
export { cosign, makeWitness, SimulatedLog, type Witness } from './log.js'
export { passkeySigner, type Signer, type SoftwareKey, seal, softwareKey } from './signer.js'
export {
  joinTrust,
  makeWorld,
  octetsOfJson,
  pinned,
  usualInstants,
  usualPolicy,
  type World,
  type WorldOptions,
} from './world.js'
