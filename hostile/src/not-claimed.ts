/** What a hostile operator can do, or what rests on others: said, so that nobody reads more into a refusal than it proves. */
export const notClaimed: readonly string[] = [
  'Delay and denial of service: the operator can refuse, hold back and lose anything. Nothing runs because of it.',
  'A head withheld from an executor that never saw it counts until max_head_age_seconds or its valid_until: until then a revoked approver can still sign (EP-DIR-5).',
  'Without --trust an approver’s client takes the policy, its window and the approver’s own entry as the server’s word, and says so; executor and verifier do not.',
  'A page that the operator serves is the operator’s (EP 11.1); a signing client or trust file that the operator wrote is too. Receipts state the surface.',
  'An organization that signs a head without looking, or enrolls a key whose fingerprint it did not compare, has signed it.',
  'An approver who signs the same action in two attempts has approved it twice: each runs once. Its requested_at shows that it is the same (EP-INV-1).',
  'One executor_id is one nonce index: an organization that runs two executors of one id over two journals, or lets somebody write the journal, runs an effect twice (EP-DIR-1, EP-BUN-3).',
  'Under a policy that accepts STANDARD a receipt without the executor’s seal is the operator’s word, and is reported as asserted (EP-BUN-4).',
  'A log that tells two stories, a consumption logged twice, a denial left out: a receipt alone does not show them (not_established). Witnesses, fsck and audit do (EP-SEC-3, EP-VER-6).',
  'Times of signing and commitment are the operator’s within the signed window (EP-VER-3).',
]
