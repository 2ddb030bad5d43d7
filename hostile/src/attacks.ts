import type { Attack, Control } from './attack.js'
import { signingClientAttacks, signingClientControls } from './client/signing-client.js'
import { asBundle } from './executor/bundles.js'
import { executorControls } from './executor/controls.js'
import { asAnswer } from './executor/false-answers.js'
import { headPlays } from './executor/heads.js'
import { misdirected } from './executor/misdirected.js'
import { asAttack } from './executor/play.js'
import { replays } from './executor/replays.js'
import { ungatingAttacks } from './executor/ungated.js'
import { authorityForgeries } from './forgeries/authority.js'
import { contentForgeries } from './forgeries/contents.js'
import { falseReceipts } from './forgeries/receipts.js'
import { signatureForgeries } from './forgeries/signatures.js'
import { verifierControls } from './verifier/controls.js'
import { denialAttacks } from './verifier/denials.js'
import { asEvidence } from './verifier/false-receipts.js'
import { asReceipt } from './verifier/forged-receipts.js'
import { unauthorizedAttacks, unauthorizedControls } from './verifier/unauthorized.js'

const forgeries = [...contentForgeries, ...signatureForgeries, ...authorityForgeries]

export const executorAttacks: readonly Attack[] = [
  ...forgeries.map(asBundle),
  ...falseReceipts.map(asAnswer),
  ...[...misdirected, ...replays, ...headPlays].map(asAttack),
  ...ungatingAttacks,
]

export const verifierAttacks: readonly Attack[] = [
  ...forgeries.map(asReceipt),
  ...falseReceipts.filter(({ executorOnly }) => !executorOnly).map(asEvidence),
  ...denialAttacks,
  ...unauthorizedAttacks,
]

/** Everything that happens in this process: executor and verifier. */
export const inProcess: { readonly attacks: readonly Attack[]; readonly controls: readonly Control[] } = {
  attacks: [...executorAttacks, ...verifierAttacks],
  controls: [...executorControls, ...verifierControls, ...unauthorizedControls],
}

/** The signing clients, each a process of its own that is started with these words. */
export function overSockets(program: readonly string[]): typeof inProcess {
  return { attacks: signingClientAttacks(program), controls: signingClientControls(program) }
}
