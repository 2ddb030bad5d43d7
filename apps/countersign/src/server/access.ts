import type { AuthorizationView } from '@countersign/engine/authorization/service'
import type { DenialRecord } from '@countersign/pure/ep/denial-record'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { Caller } from './api-keys.js'
import { unknown } from './decisions.js'
import type { ExecutorSystems } from './executor-systems.js'

/**
 * Which objects a caller may see: an initiator its own, an approver what it was asked for, an executor what is aimed at a system
 * it serves; administrators and auditors all. What one may not see answers as if it were not there.
 */
export class Access {
  readonly #executors: ExecutorSystems

  constructor(executors: ExecutorSystems) {
    this.#executors = executors
  }

  async toAuthorization(caller: Caller, view: AuthorizationView): Promise<void> {
    const asked = view.approvers.map(({ approver }) => approver)
    await this.#require(caller, view.initiator, asked, view.action.target.system, 'authorization_unknown')
  }

  async toReceipt(caller: Caller, receipt: TrustReceipt): Promise<void> {
    const signed = receipt.contexts.map(({ approver }) => approver)
    await this.#require(caller, receipt.action.initiator, signed, receipt.action.target.system, 'receipt_unknown')
  }

  async toDenial(caller: Caller, record: DenialRecord): Promise<void> {
    const { action, context } = record
    await this.#require(caller, action.initiator, [context.approver], action.target.system, 'denial_unknown')
  }

  async #require(
    { role, subject }: Caller,
    initiator: string,
    approvers: readonly string[],
    system: string,
    code: string,
  ): Promise<void> {
    if (role === 'administrator' || role === 'auditor') return
    if (role === 'initiator' && subject === initiator) return
    if (role === 'approver' && approvers.includes(subject!)) return
    if (role === 'executor' && (await this.#executors.serves(subject!, system))) return
    throw unknown(code)
  }
}
