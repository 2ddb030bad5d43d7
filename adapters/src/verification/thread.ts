import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { judgeReceipt } from '@countersign/engine/authorization/judge-receipt'
import { pinTrust, type TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { DraftCall, FromThread, JudgeTrust, VerdictReply } from './messages.js'

// A thread that judges receipts: signatures are checked here, and not on the thread that serves requests.

/** Verdicts of one message: enough that messages cost little, few enough that commits begin while later drafts are judged. */
const replyGroup = 16

function main(port: MessagePort): void {
  const { trust, organization } = workerData as JudgeTrust
  try {
    const group = pinTrust(trust).groups.get(organization)
    if (group === undefined) throw new Error(`the trust file does not know ${organization}`)
    port.on('message', (calls: readonly DraftCall[]) => serve(port, calls, group))
    post(port, { ready: true })
  } catch (cause) {
    post(port, { ready: false, why: String(cause) })
  }
}

function serve(port: MessagePort, calls: readonly DraftCall[], group: TrustGroup): void {
  for (let at = 0; at < calls.length; at += replyGroup)
    post(port, { replies: calls.slice(at, at + replyGroup).map((call) => reply(call, group)) })
}

function reply({ id, draft }: DraftCall, group: TrustGroup): VerdictReply {
  try {
    return { id, verdict: judgeReceipt(draft, group) }
  } catch (cause) {
    return { id, bug: String(cause) }
  }
}

function post(port: MessagePort, message: FromThread): void {
  port.postMessage(message)
}

if (parentPort !== null) main(parentPort)
