/**
 * What a careless verifier accepts (requirements, section 11), phrase by phrase, and the cases that show the refusal. `elsewhere`
 * stands where no single artifact can show it: the test of the component that must refuse.
 */
export const sectionEleven: readonly (
  | { readonly phrase: string; readonly cases: readonly string[] }
  | { readonly phrase: string; readonly elsewhere: string }
)[] = [
  { phrase: "consumption.nonce differs from the contexts'", cases: ['consumed-other-nonce', 'consume-other-nonce'] },
  { phrase: 'consumption.nonce is missing', cases: ['receipt-usual-without:/consumption/nonce'] },
  { phrase: 'state DENIED', cases: ['state-DENIED'] },
  { phrase: 'anything but COMMITTED', cases: ['state-EXPIRED', 'state-APPROVED', 'state-committed'] },
  { phrase: 'no initiator', cases: ['receipt-usual-without:/action/initiator'] },
  { phrase: "a context's initiator differs from the action's", cases: ['context-initiator-other'] },
  { phrase: "a context's policy_id differs from the action's", cases: ['context-policy_id-other'] },
  { phrase: 'the same approver_index twice', cases: ['contexts-index-twice'] },
  { phrase: 'required_approvals missing', cases: ['receipt-usual-without:/contexts/0/required_approvals'] },
  { phrase: 'required_approvals zero', cases: ['structure-required-approvals-zero'] },
  { phrase: 'required_approvals a string', cases: ['structure-required-approvals-text'] },
  {
    phrase: 'required_approvals other than the policy gives',
    cases: ['required-approvals-other', 'required-approvals-too-few'],
  },
  {
    phrase: 'contexts that differ in any shared member',
    cases: [
      'contexts-differ-in-required_approvals',
      'contexts-differ-in-nonce',
      'contexts-differ-in-issued_at',
      'contexts-differ-in-expires_at',
      'contexts-differ-in-prev_receipt_hash',
      'context-action_hash-other',
      'context-policy_hash-other',
    ],
  },
  { phrase: 'a short nonce', cases: ['structure-nonce-short', 'structure-consumption-nonce-short'] },
  { phrase: 'two approver ids with one key', cases: ['two-approvers-one-key'] },
  { phrase: 'two approver ids with one credential', cases: ['two-approvers-one-credential'] },
  { phrase: 'two approver ids with one principal', cases: ['two-approvers-one-principal'] },
  { phrase: 'the same P-256 key in compressed form', cases: ['same-key-compressed', 'public-key-compressed'] },
  { phrase: 'a class C key without its label', cases: ['class-c-without-label', 'class-b-held-by-operator'] },
  { phrase: 'a P-256 key where the class says Ed25519', cases: ['class-b-with-p256'] },
  { phrase: 'and the reverse', cases: ['class-a-ed25519-bare', 'passkey-ed25519-key-es256-signature'] },
  { phrase: 'a class raised by the presenter', cases: ['class-raised'] },
  { phrase: 'a class lowered by the presenter', cases: ['class-lowered'] },
  {
    phrase: 'garbage in approver_key_proofs',
    cases: ['structure-openings-garbage', 'structure-openings-object', 'opening-status-other'],
  },
  {
    phrase: 'a missing opening',
    cases: ['opening-policy-missing', 'opening-executor-missing', 'opening-approver-missing'],
  },
  { phrase: 'a superfluous opening', cases: ['opening-surplus', 'opening-twice'] },
  {
    phrase: 'an authority that does not match',
    cases: ['initiator-other', 'opening-of-other-type', 'authority-approver-surplus', 'consume-other-bundle'],
  },
  { phrase: 'initiator opening missing', cases: ['opening-initiator-missing', 'denial-initiator-opening-missing'] },
  {
    phrase: 'an entry enrolled after issued_at',
    cases: ['approver-not-yet-in-force', 'initiator-not-yet-in-force', 'executor-not-yet-in-force'],
  },
  { phrase: 'an entry delegated after issued_at', cases: ['authority-delegation'] },
  { phrase: 'an entry attested after issued_at', cases: ['attestation-late'] },
  { phrase: 'an expired head', cases: ['head-expired'] },
  {
    phrase: 'a head by an operator key',
    cases: ['head-by-operator', 'head-by-log-key', 'head-by-listed-operator-key', 'head-custody-not-stated'],
  },
  { phrase: 'a head not logged before', cases: ['head-logged-after', 'head-not-logged', 'head-at-index-of-receipt'] },
  {
    phrase: 'a policy not under the head',
    cases: ['unauthorized-leaf-of-policy', 'policy-never-signed', 'authority-without-policy'],
  },
  { phrase: 'a policy ended', cases: ['policy-ended'] },
  { phrase: 'a policy not yet in force', cases: ['policy-not-yet-in-force'] },
  {
    phrase: 'a policy of another organization',
    cases: ['organization-foreign', 'policy-of-other-directory', 'policy-of-other-log'],
  },
  { phrase: 'a policy for another action type', cases: ['policy-for-other-action-type'] },
  { phrase: 'an approver without the role', cases: ['signoff-role-missing', 'superfluous-signoff-role-missing'] },
  { phrase: 'a window longer than allowed', cases: ['window-too-long'] },
  {
    phrase: 'leaf_index that does not fit',
    cases: ['log-index-other', 'log-index-beyond', 'opening-index-beyond', 'opening-index-other'],
  },
  {
    phrase: 'tree_size that does not fit',
    cases: ['log-size-other-signed', 'checkpoint-size-changed', 'log-single-leaf-with-path'],
  },
  { phrase: 'a checkpoint by another log key', cases: ['checkpoint-forged', 'checkpoint-key-unknown'] },
  { phrase: 'a checkpoint of another origin', cases: ['checkpoint-of-other-origin'] },
  {
    phrase: 'a checkpoint of another organization in the same trust file',
    cases: ['checkpoint-of-other-organization', 'checkpoint-by-other-organization-renamed'],
  },
  { phrase: 'a context nobody signed', cases: ['context-not-signed'] },
  { phrase: 'a signoff listed twice', cases: ['signoff-twice'] },
  {
    phrase: "B's signature under A's context",
    cases: ['signoff-of-other-approver', 'signoff-by-other-approver', 'signoffs-swapped'],
  },
  { phrase: 'WebAuthn with crossOrigin true', cases: ['passkey-cross-origin'] },
  { phrase: 'WebAuthn with another origin', cases: ['passkey-other-origin', 'passkey-origin-port'] },
  { phrase: 'WebAuthn with another rpId', cases: ['passkey-other-rp-id'] },
  { phrase: 'UV off', cases: ['passkey-no-user-verification'] },
  { phrase: 'BE on', cases: ['passkey-backup-eligible', 'passkey-enrolled-backup-eligible'] },
  { phrase: 'a duplicate member in clientDataJSON', cases: ['passkey-client-data-duplicate'] },
  {
    phrase: 'octets after the authenticator data',
    cases: ['passkey-octets-after-data', 'passkey-octets-after-extensions'],
  },
  { phrase: 'no pinned origin', cases: ['passkey-no-origin-pinned'] },
  { phrase: 'a denial as approval', cases: ['signed-denial-as-approval', 'signed-denial-as-approval-by-passkey'] },
  { phrase: 'an approval as denial', cases: ['approval-as-denial'] },
  {
    phrase: 'a sign-in signature as approval',
    cases: ['signed-signin-as-approval', 'signed-signin-as-approval-by-passkey'],
  },
  { phrase: 'a head signature as approval', cases: ['signed-head-as-approval', 'signed-head-as-approval-by-passkey'] },
  { phrase: 'a possession signature as approval', cases: ['signed-possession-as-approval'] },
  { phrase: 'an attestation signature as approval', cases: ['signed-attestation-as-approval'] },
  { phrase: 'a drill signature as approval', cases: ['signed-drill-as-approval', 'structure-drill'] },
  {
    phrase: 'an instant with an offset',
    cases: ['receipt-usual-offset:/contexts/0/issued_at', 'receipt-usual-offset:/consumption/committed_at'],
  },
  { phrase: 'an instant without zone', cases: ['structure-instant-no-zone'] },
  {
    phrase: 'compromised_at',
    cases: [
      'approver-compromised',
      'approver-compromised-by-trust',
      'executor-compromised',
      'initiator-compromised',
      'head-key-compromised',
    ],
  },
  { phrase: 'k met only by a delegate and its delegator', cases: ['authority-delegation'] },
  { phrase: 'a consume request by an executor that does not serve the system', cases: ['executor-other-system'] },
  { phrase: 'a consume request for another bundle_hash', cases: ['consume-other-bundle'] },
  { phrase: 'a consume request with a reused id', elsewhere: 'consume_id_reused' },
  {
    phrase: "an enforcement class above the executor's",
    cases: ['executor-class-above-leaf', 'executor-class-above-pin', 'record-class-raised'],
  },
  {
    phrase: "an enforcement class below the policy's minimum",
    cases: ['enforcement-below-policy', 'asserted-below-policy'],
  },
  {
    phrase: 'a condition whose operand is missing, under not and any too',
    cases: [
      'condition-operand-missing-alone',
      'condition-operand-missing-under-not',
      'condition-operand-missing-under-any',
    ],
  },
  {
    phrase: 'the universal Ed25519 key',
    cases: ['public-key-universal', 'signoff-r-small-order', 'spki-ed25519-neutral'],
  },
]
