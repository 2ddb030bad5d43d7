import type { Assurance } from '@countersign/pure/ep/assurance'

const keyClasses: Readonly<Record<Assurance['key_class'], string>> = {
  A: 'every approver signed with a passkey that verified its user (class A)',
  B: 'the weakest approver key is a software key held by the approver (class B)',
  C: 'a key or the directory is in the hands of the operator: this is the operator’s word (class C)',
}

const custodies: Readonly<Record<Assurance['directory_custody'], string>> = {
  organization: 'the list of approvers and policies is signed by the organization',
  operator: 'the list of approvers and policies is signed by the operator only',
}

const surfaces: Readonly<Record<Assurance['directory_surface'], string>> = {
  independent: 'it was signed with a program that does not come from the operator',
  operator: 'it was signed on a page of the operator, or nobody stated otherwise',
}

const policies: Readonly<Record<Assurance['policy_authority'], string>> = {
  directory: 'the policy stands in the organization’s signed directory',
  pinned: 'the policy is pinned by the trust file',
}

const initiators: Readonly<Record<Assurance['initiator_identity'], string>> = {
  sealed: 'who asked is proven by a signature',
  asserted: 'who asked is the operator’s word',
}

const executors: Readonly<Record<NonNullable<Assurance['executor']>, string>> = {
  sealed: 'the executing system signed that it verified exactly this before running it',
  asserted: 'that an executing system verified this is the operator’s word',
}

const anchors: Readonly<Record<NonNullable<Assurance['anchor']>, string>> = {
  same_device: 'the log is anchored on the database’s own device: it survives a restored database, not a restored disk',
  separate: 'the log is anchored on another device, as the operator says',
  not_stated: 'the operator did not say where the log is anchored',
}

const displays: Readonly<Record<string, string>> = {
  client: 'approvers saw the action in a program of their own, as the operator says',
  'operator-page': 'approvers saw the action on a page that the operator served',
}

/** What a verified artifact carries, in sentences that claim no more than that. */
export function assuranceWords(assurance: Assurance): readonly string[] {
  const { executor, anchor, display, enforcement_class: enforcement, effect, witnesses } = assurance
  return [
    keyClasses[assurance.key_class],
    custodies[assurance.directory_custody],
    surfaces[assurance.directory_surface],
    policies[assurance.policy_authority],
    initiators[assurance.initiator_identity],
    ...(executor === undefined ? [] : [executors[executor]]),
    ...(enforcement === undefined ? [] : [`the executing system enforces in class ${enforcement}`]),
    ...(effect === 'before_approval' ? ['THE EFFECT HAD ALREADY RUN when the approvers signed'] : []),
    ...(anchor === undefined ? [] : [anchors[anchor]]),
    witnesses === 0 ? 'no independent witness cosigned the log' : `${witnesses} pinned witness(es) cosigned the log`,
    ...(display === undefined ? [] : [displays[display] ?? display]),
  ]
}

const open: Readonly<Record<string, string>> = {
  post_issuance_revocation: 'whether a key or policy was revoked after this was issued',
  revocation_before_signing_under_older_head:
    'whether one was revoked before signing, when an older signed directory head was still valid',
  log_split_view: 'that the log shows everybody the same entries',
  faithful_display: 'that the approvers were shown what they signed',
  global_non_replay: 'that no other system ran the effect a second time',
  time_of_signing_and_commitment: 'when exactly it was signed and committed (only witnesses bound this)',
  absence_of_denial: 'that nobody denied the same action in another attempt',
  initiator_identity: 'who asked: the operator says so, no signature does',
  head_logged_before: 'that the directory head was in the log before this entry',
  executor: 'that an executing system verified this: no signature of one is here',
  consumption: 'that the authorization was used, or can still be used: a bundle is evidence before the commitment',
}

/** What a verification left open, in words. */
export function openWords(name: string): string {
  if (name.startsWith('evidence:'))
    return `what the evidence of type ${name.slice('evidence:'.length)} says: not evaluated`
  return open[name] ?? name
}

const steps: Readonly<Record<string, string>> = {
  structure: 'every member is known and well formed',
  action_hash: 'the action is the one that was hashed',
  contexts: 'every approver was asked about this action and this policy',
  authority: 'the organization’s signed directory names policy, initiator and approvers',
  policy: 'the policy covers this action and asks for these approvals',
  signoffs: 'every signature is by the key that the organization enrolled',
  denial: 'the denial is signed by the key that the organization enrolled',
  separation_of_duties: 'the approvers are different people, and none of them asked for it',
  consumption: 'it was consumed once, by an executing system that may',
  inclusion: 'the pinned log integrated it under a signed checkpoint',
  windows: 'everything happened in the right order and in time',
}

export function stepWords(step: string): string {
  return steps[step] ?? ''
}
