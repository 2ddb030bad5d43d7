export type { ApprovedAction, Effect, EffectOutcome, Reconcile } from '@countersign/engine/executor/effect'
export type { ExecutionResult, Executor, Recovered } from '@countersign/engine/executor/executor'
export { readTrust, verifyBundle, verifyDenial, verifyReceipt } from '@countersign/pure'
export { type ExecutorSettings, type OpenExecutor, openExecutor } from './executor/open-executor.js'
