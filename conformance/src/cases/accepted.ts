import { checkpointText } from '@countersign/pure/core/checkpoint'
import { encodeBinary, hashJson, hashString, parseHash, sha256 } from '@countersign/pure/core/digest'
import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { saltedHash } from '@countersign/pure/ep/salted-value'
import { makeReceipt } from '@countersign/simulator/attempt'
import { authenticatorFlags } from '@countersign/simulator/authenticator'
import { cosign, makeWitness, type Witness } from '@countersign/simulator/log'
import { octetsOf, type PasskeySigner, passkeySigner } from '@countersign/simulator/signer'
import { makeWorld, usualInstants, usualPolicy } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import {
  acceptClassC,
  bundle,
  deciding,
  denial,
  drop,
  put,
  receipt,
  requiring,
  rules,
  satisfied,
  set,
  treasury,
  trusting,
  usualClock,
} from './case.js'

const threeApprovers = [{ name: 'jchen' }, { name: 'mlopez' }, { name: 'asingh' }]
const twoOfThree = { policies: [rules(requiring({ k: 2, roles: ['treasury'] }))], approvers: threeApprovers }
const treasuryAndRisk = [
  { name: 'jchen', roles: ['treasury'] },
  { name: 'mlopez', roles: ['risk'] },
  { name: 'asingh', roles: ['treasury', 'risk'] },
]
const passkeys = (algorithm: 'ES256' | 'Ed25519') => ({
  approvers: [{ name: 'jchen', keyClass: 'A' as const, algorithm }],
})
const classC = { approvers: [{ name: 'jchen', keyClass: 'C' as const }], policies: [{ min_key_class: 'C' }] }
const { userPresent, userVerified, backupEligible, backedUp, extensionData } = authenticatorFlags

/** What a verifier must take: a verifier that refuses everything is of no use. */
export function acceptedCases(): readonly VectorCase[] {
  return [
    ...logs(),
    ...directories(),
    ...quorums(),
    ...keys(),
    ...policies(),
    ...consumptions(),
    ...trusts(),
    ...others(),
    ...instants(),
  ]
}

function logs(): VectorCase[] {
  const sizes: readonly (readonly [before: number, after: number])[] = [
    [0, 1],
    [6, 0],
    [2, 5],
    [8, 0],
    [300, 211],
  ]
  return [
    satisfied(
      'receipt-usual',
      'EP-REC-1 EP-VER-1 EP-REC-5',
      'One approver of class B, STRONG, in a log of two entries.',
      receipt(),
    ),
    satisfied(
      'receipt-single-leaf-log',
      'EP-VER-5',
      'The only entry of its log: an empty inclusion path. That its head was logged before is not established.',
      receipt({ headProof: false }, { logHeads: false }),
    ),
    ...sizes.map(([before, after]) =>
      satisfied(
        `receipt-log-${Math.max(before, 1) + 1 + after}-at-${Math.max(before, 1)}`,
        'EP-VER-5 EP-REC-3',
        'The entry stands at this index in a log of this size.',
        receipt({ entriesBefore: before, entriesAfter: after }),
      ),
    ),
    satisfied(
      'receipt-without-head-proof',
      'EP-REC-5 EP-VER-3',
      'Nothing shows that the head was logged before: not established, not refused.',
      receipt({ headProof: false }),
    ),
    satisfied('receipt-second-in-log', 'EP-CTX-4', 'It names the hash of the receipt before it.', secondReceipt()),
  ]
}

function secondReceipt() {
  const world = makeWorld()
  makeReceipt(world, { label: 'first' })
  return { kind: 'receipt', input: makeReceipt(world, { label: 'second' }).receipt, trust: 'trust/acme.json' }
}

function directories(): VectorCase[] {
  const surface = '/organizations/0/directory/keys/0/surface'
  return [
    ...[5, 7, 8, 33].map((leaves) =>
      satisfied(
        `receipt-directory-${leaves}`,
        'EP-DIR-1 EP-REC-2',
        'Openings in a directory of this many leaves.',
        receipt({}, { leaves }),
      ),
    ),
    satisfied(
      'receipt-second-head',
      'EP-DIR-2',
      'Under the second head of the directory, logged as well.',
      secondHead(),
    ),
    satisfied(
      'receipt-entry-ending-later',
      'EP-DIR-5',
      'The approver entry ends, but after the contexts were issued.',
      endingLater(),
    ),
    satisfied('receipt-attested', 'EP-DIR-3', 'Two administrators attested every entry, as the trust file asks.', {
      ...receipt({}, { administrators: 2, attestedBy: 2 }),
      trust: 'trust/acme-attested.json',
    }),
    satisfied(
      'receipt-attested-operator-run',
      'EP-DIR-3',
      'The operator runs the directory; every entry is attested by an administrator of the organization.',
      trusting(
        { ...receipt({}, { administrators: 2, attestedBy: 2 }), trust: 'trust/acme-attested.json' },
        set('/organizations/0/directory/operated_by', 'operator'),
      ),
    ),
    satisfied(
      'receipt-head-by-two',
      'EP-DIR-2',
      'Two directory keys signed the head, and the trust file asks for both.',
      { ...receipt({}, { directoryKeys: 2 }), trust: 'trust/acme-threshold.json' },
    ),
    satisfied(
      'receipt-head-by-passkey',
      'EP-DIR-2 EP-KEY-A',
      "An administrator's passkey signed the head; origins and RP id are those that the trust file gives for this key.",
      headByPasskey(),
    ),
    satisfied(
      'receipt-head-by-operator-class-c',
      'EP-DIR-4',
      'Only the operator signed the head: every signoff counts as class C, which this trust file accepts.',
      trusting(receipt(), ...acceptClassC, set('/organizations/0/directory/keys/0/custody', 'operator')),
    ),
    ...(
      [
        ['operator', set(surface, 'operator')],
        ['not-stated', drop(surface)],
      ] as const
    ).map(([id, change]) =>
      satisfied(
        `receipt-head-surface-${id}`,
        'EP-DIR-4',
        'The organization holds the directory key, and nothing says that it signed on a surface of its own.',
        trusting(receipt(), change),
      ),
    ),
    satisfied(
      'receipt-attestation-object',
      'EP-REC-2',
      'The opening carries the attestation object whose hash the entry has.',
      attestationObject(),
    ),
  ]
}

function secondHead() {
  const world = makeWorld()
  world.log.fillTo(4, world.organization)
  world.publishHead({ issuedAt: '2026-11-10T00:00:00Z', validUntil: '2027-02-01T00:00:00Z' })
  return { kind: 'receipt', input: makeReceipt(world).receipt, trust: 'trust/acme.json' }
}

function endingLater() {
  const world = makeWorld()
  world.directory.setStatus(3, { valid_to: '2026-11-20T12:00:01Z' })
  world.publishHead({ issuedAt: '2026-11-10T00:00:00Z', validUntil: '2027-02-01T00:00:00Z' })
  return { kind: 'receipt', input: makeReceipt(world).receipt, trust: 'trust/acme.json' }
}

export function directoryPasskey(): PasskeySigner {
  const origin = 'https://admin.acme.example'
  return passkeySigner('ep:key:acme-directory#1', { seed: 'directory passkey', rpId: 'admin.acme.example', origin })
}

export function headByPasskey(signer = directoryPasskey()) {
  const key = {
    key_id: signer.keyId,
    public_key: signer.publicKey,
    custody: 'passkey',
    surface: 'independent',
    rp_id: 'admin.acme.example',
    origins: ['https://admin.acme.example'],
  }
  return trusting(receipt({}, { headSigners: [signer] }), set('/organizations/0/directory/keys/0', key))
}

function attestationObject() {
  const octets = octetsOf('attestation object', 48)
  const hash = hashString(sha256(octets))
  const world = { approvers: [{ name: 'jchen', keyClass: 'A' as const, entry: { attestation_hash: hash } }] }
  return receipt({ alter: { openings: [put('/3/attestation_object', encodeBinary(octets))] } }, world)
}

const fourApprovers = ['a', 'b', 'c', 'd'].map((name) => ({ name }))
const fourToTheFourth = { all: Array.from({ length: 4 }, () => ({ any: Array.from({ length: 4 }, () => treasury) })) }

function quorums(): VectorCase[] {
  const all = rules(requiring({ all: [treasury, { k: 1, roles: ['risk'] }] }))
  const any = rules(
    requiring({
      any: [
        { k: 2, roles: ['treasury'] },
        { k: 1, roles: ['cfo'] },
      ],
    }),
  )
  return [
    satisfied(
      'receipt-two-of-three',
      'EP-POL-3 EP-CTX-6',
      'Two of three eligible approvers signed.',
      receipt({ approvers: ['jchen', 'asingh'], requiredApprovals: 2 }, twoOfThree),
    ),
    satisfied(
      'receipt-superfluous-signoff',
      'EP-SIG-1',
      'Three signed where two suffice: superfluous valid signoffs are allowed.',
      receipt({ approvers: ['jchen', 'mlopez', 'asingh'], requiredApprovals: 2 }, twoOfThree),
    ),
    satisfied(
      'receipt-index-gap',
      'EP-CTX-6',
      'The second of three approvers did not sign: indices 1 and 3.',
      receipt(
        { approvers: ['jchen', 'asingh'], requiredApprovals: 2, alter: { contexts: [set('/1/approver_index', 3)] } },
        twoOfThree,
      ),
    ),
    satisfied(
      'receipt-all-quorums',
      'EP-POL-3',
      'One of the treasury and one of risk.',
      receipt(
        { approvers: ['jchen', 'mlopez'], requiredApprovals: 2 },
        { policies: [all], approvers: treasuryAndRisk },
      ),
    ),
    satisfied(
      'receipt-all-quorums-crossed',
      'EP-POL-3',
      'The first approver has both roles, the second only the one that a greedy assignment gives away.',
      receipt(
        { approvers: ['asingh', 'jchen'], requiredApprovals: 2 },
        { policies: [all], approvers: treasuryAndRisk },
      ),
    ),
    satisfied(
      'receipt-quorum-256-ways',
      'EP-POL-3',
      'A quorum that can be satisfied in 4^4 ways.',
      receipt(
        { approvers: ['a', 'b', 'c', 'd'], requiredApprovals: 4 },
        { policies: [rules(requiring({ any: [fourToTheFourth] }))], approvers: fourApprovers },
      ),
    ),
    satisfied(
      'receipt-quorum-of-16',
      'EP-POL-3',
      'One of two alternatives asks for 16 approvers.',
      receipt(
        {},
        {
          policies: [
            rules(
              requiring({
                any: [
                  { k: 16, roles: ['treasury'] },
                  { k: 1, roles: ['treasury'] },
                ],
              }),
            ),
          ],
        },
      ),
    ),
    satisfied(
      'receipt-approver-of-more-roles',
      'EP-POL-3',
      'The approver has a role that no slot asks for, too.',
      receipt({}, { approvers: [{ name: 'jchen', roles: ['treasury', 'risk'] }] }),
    ),
    satisfied(
      'receipt-any-quorum',
      'EP-POL-3',
      'One with the role of the second alternative.',
      receipt({}, { policies: [any], approvers: [{ name: 'jchen', roles: ['cfo'] }] }),
    ),
    satisfied(
      'bundle-two-of-three',
      'EP-BUN-1 EP-POL-3',
      'A bundle with two signoffs.',
      bundle({ approvers: ['jchen', 'mlopez'], requiredApprovals: 2 }, twoOfThree),
    ),
  ]
}

function keys(): VectorCase[] {
  const signing = (change: Parameters<PasskeySigner['with']>[0]) => ({
    approverSigner: (own: unknown) => (own as PasskeySigner).with(change),
  })
  return [
    satisfied('receipt-class-a-es256', 'EP-KEY-A', 'A passkey with a P-256 key.', receipt({}, passkeys('ES256'))),
    satisfied(
      'receipt-class-a-ed25519',
      'EP-KEY-A',
      'A passkey with an Ed25519 key.',
      receipt({}, passkeys('Ed25519')),
    ),
    satisfied(
      'bundle-class-a',
      'EP-KEY-A EP-BUN-1',
      'A bundle with the signoff of a passkey.',
      bundle({}, passkeys('ES256')),
    ),
    satisfied('denial-class-a', 'EP-KEY-A EP-DEN-1', 'A denial by passkey.', denial({}, passkeys('ES256'))),
    satisfied(
      'receipt-passkey-extensions',
      'EP-KEY-A',
      'Authenticator data ends after the CBOR map of extensions that its flags announce.',
      receipt(
        signing({
          flags: userPresent | userVerified | extensionData,
          extensions: Uint8Array.of(0xa1, 0x61, 0x61, 0xf5),
        }),
        passkeys('ES256'),
      ),
    ),
    satisfied(
      'receipt-passkey-unknown-client-data',
      'EP-KEY-A',
      'Unknown members of clientDataJSON are tolerated.',
      receipt(signing({ extraClientData: { later: { n: 1.5e300 } } }), passkeys('ES256')),
    ),
    satisfied(
      'receipt-passkey-synced-accepted',
      'EP-KEY-A',
      'A synced passkey where the trust file accepts them.',
      trusting(
        receipt(signing({ flags: userPresent | userVerified | backupEligible | backedUp }), passkeys('ES256')),
        set('/organizations/0/accept/synced_passkeys', true),
      ),
    ),
    satisfied(
      'receipt-class-c',
      'EP-KEY-C',
      'Class C where policy and trust file accept it.',
      trusting(receipt({}, classC), ...acceptClassC),
    ),
    satisfied(
      'receipt-operator-key-class-c',
      'EP-KEY-C EP-DIR-4',
      'A key of the operator enrolled as class B counts as C, which the trust file accepts.',
      trusting(receipt(), ...acceptClassC, set('/organizations/0/operator_keys', [approverKey()])),
    ),
    satisfied(
      'receipt-executor-es256',
      'EP-ENC-9',
      'The executor seals with ES256: r and s, 64 octets.',
      receipt({}, { executors: [{ name: 'payments', algorithm: 'ES256' }] }),
    ),
  ]
}

export function approverKey(): string {
  return makeWorld().approvers.get('jchen')!.signer.publicKey
}

function policies(): VectorCase[] {
  const everyOperator = {
    all: [
      { eq: ['/parameters/currency', 'USD'] },
      { in: ['/parameters/currency', ['EUR', 'USD']] },
      { prefix: ['/target/resource', 'wire/'] },
      { any: [{ dec_lt: ['/parameters/amount', '0'] }, { dec_gt: ['/parameters/amount', '2399999.999'] }] },
      { dec_le: ['/parameters/amount', '2400000'] },
      { dec_ge: ['/parameters/amount', '2400000.000'] },
      { not: { exists: ['/parameters/memo'] } },
    ],
  }
  const pinnedPolicy = hashJson(usualPolicy('acme'))
  return [
    satisfied(
      'receipt-every-operator',
      'EP-POL-2',
      'A condition with every operator.',
      receipt({}, { policies: [rules(requiring(treasury, everyOperator))] }),
    ),
    satisfied(
      'receipt-decimals-equal',
      'EP-POL-2',
      'Equal decimals are neither less nor greater, with however many places.',
      receipt(
        {},
        {
          policies: [
            rules(
              requiring(treasury, {
                not: {
                  any: [{ dec_lt: ['/parameters/amount', '2400000'] }, { dec_gt: ['/parameters/amount', '2400000'] }],
                },
              }),
            ),
          ],
        },
      ),
    ),
    satisfied(
      'receipt-list-member',
      'EP-POL-2',
      'A condition looks into a list of eleven.',
      receipt(
        { action: { parameters: { amount: '2400000.00', parts: Array.from({ length: 11 }, (_, index) => index) } } },
        {
          policies: [
            rules(
              requiring(treasury, {
                all: [
                  { eq: ['/parameters/parts/10', 10] },
                  ...['01', '11', '-', '1x'].map((token) => ({ not: { exists: [`/parameters/parts/${token}`] } })),
                  { not: { exists: ['/parameters/parts/11/x'] } },
                ],
              }),
            ),
          ],
        },
      ),
    ),
    satisfied(
      'receipt-second-rule',
      'EP-POL-1',
      'The first rule does not match, the second demands signoffs, the third is not reached.',
      receipt(
        {},
        {
          policies: [
            rules(deciding('refuse', { eq: ['/parameters/currency', 'EUR'] }), requiring(treasury), deciding('refuse')),
          ],
        },
      ),
    ),
    satisfied(
      'receipt-policy-pinned-by-hash',
      'EP-POL-4',
      'No policy leaf is named; the trust file pins the policy.',
      trusting(receipt({ pinnedPolicy: true }), set('/organizations/0/policy_pins', [pinnedPolicy])),
    ),
    satisfied(
      'receipt-whole-window',
      'EP-CTX-7',
      'The window is exactly as long as the policy allows.',
      receipt({ instants: { expiresAt: '2026-11-20T12:15:00Z' } }, { policies: [{ max_window_seconds: 900 }] }),
    ),
    satisfied(
      'receipt-material-and-pinned',
      'EP-ACT-4',
      'The policy names material and digest-pinned members of the action.',
      receipt(
        { action: { parameters: { amount: '2400000.00', artifact: hashJson('artifact') } } },
        { policies: [{ material: ['/parameters/amount'], pinned: ['/parameters/artifact'] }] },
      ),
    ),
    satisfied(
      'receipt-salted-value',
      'EP-ACT-3',
      'A sensitive value is salted; the salt travels outside the action.',
      receipt({
        action: {
          parameters: { amount: '2400000.00', account: saltedHash(octetsOf('salt', 32), 'DE02120300000000202051') },
        },
      }),
    ),
  ]
}

function consumptions(): VectorCase[] {
  return [
    satisfied(
      'receipt-standard-asserted',
      'EP-BUN-4 EP-ENF-1',
      'The consumption is the word of the operator: at most STANDARD, reported as asserted.',
      receipt({ executor: null }, { policies: [{ enforcement_minimum: 'STANDARD' }] }),
    ),
    satisfied(
      'receipt-basic-effect-first',
      'EP-ENF-1',
      'BASIC, and the effect came before the approval, which the receipt says.',
      receipt(
        { enforcementClass: 'BASIC', effectBeforeApproval: true },
        { policies: [{ enforcement_minimum: 'BASIC' }], executors: [{ name: 'payments', enforcementClass: 'BASIC' }] },
      ),
    ),
    satisfied(
      'receipt-weaker-than-executor',
      'EP-ENF-1',
      'A STRONG executor consumed as STANDARD, which the policy allows.',
      receipt({ enforcementClass: 'STANDARD' }, { policies: [{ enforcement_minimum: 'STANDARD' }] }),
    ),
    satisfied(
      'receipt-executor-pinned',
      'EP-ENF-1',
      'The trust file pins the executor too.',
      trusting(
        receipt(),
        put('/organizations/0/executors', [{ public_key: executorKey(), enforcement_class: 'STRONG' }]),
      ),
    ),
    satisfied(
      'receipt-anchor-said',
      'EP-SM-3',
      'The operator says that its anchor stands on the device of its database.',
      receipt({ alter: { consumption: [put('/anchor', 'same_device')] } }),
    ),
  ]
}

export function executorKey(): string {
  return makeWorld().executors.get('payments')!.signer.publicKey
}

function trusts(): VectorCase[] {
  const witnessed = { policies: [{ commit_after: { level: 'witnessed', k: 2 } }], witnesses: 3 }
  const witnesses = makeWorld({ witnesses: 3 }).witnesses
  const by = (...positions: number[]) => ({
    checkpoint: { witnesses: positions.map((position) => witnesses[position]!) },
  })
  return [
    satisfied(
      'receipt-witnessed',
      'EP-SEC-3 EP-SM-3',
      'The policy asks for two witnesses, two of three pinned ones cosigned.',
      { ...receipt(by(0, 2), witnessed), trust: 'trust/acme-witnessed.json' },
    ),
    satisfied(
      'receipt-witnesses-asked-by-trust',
      'EP-SEC-3',
      'The trust file asks for three witnesses.',
      trusting(
        { ...receipt(by(0, 1, 2), { witnesses: 3 }), trust: 'trust/acme-witnessed.json' },
        set('/organizations/0/witnesses/k', 3),
      ),
    ),
    satisfied(
      'receipt-unpinned-cosignature',
      'EP-REC-4',
      'A cosignature by a witness that nobody pinned is ignored.',
      receipt(by(0, 1), { witnesses: 3 }),
    ),
    satisfied(
      'receipt-one-of-two-organizations',
      'EP-VER-2',
      'The trust file has two organizations; the receipt is judged by the keys of its own.',
      { ...receipt(), trust: 'trust/two-organizations.json' },
    ),
    satisfied(
      'receipt-of-the-other-organization',
      'EP-VER-2',
      'The same trust file, a receipt of the other organization.',
      { ...receipt({}, { organization: 'globex' }), trust: 'trust/two-organizations.json' },
    ),
    ...(
      [
        ['approver', approverKey()],
        ['head', makeWorld().directoryKeys[0]!.publicKey],
        ['log', makeWorld().log.key.publicKey],
      ] as const
    ).flatMap(([noun, publicKey]) =>
      [['receipt', receipt(by(0, 1), witnessed)] as const, ['denial', denial(by(0, 1), witnessed)] as const].map(
        ([kind, made]) =>
          satisfied(
            `${kind}-${noun}-key-compromised-after-witnessed`,
            'EP-DIR-6',
            `The key behind the ${noun} counts as compromised, but from an instant after two witnesses saw the checkpoint.`,
            trusting(
              { ...made, trust: 'trust/acme-witnessed.json' },
              put('/organizations/0/compromised/-', { public_key: publicKey, compromised_at: '2026-11-20T12:00:01Z' }),
            ),
          ),
      ),
    ),
    satisfied(
      'receipt-unpinned-cosignature-first',
      'EP-REC-4',
      'The name of the witness that nobody pinned begins with a capital.',
      receipt({ checkpoint: { witnesses: [makeWitness('A.example/w', 'unpinned')] } }),
    ),
    satisfied(
      'receipt-compromised-after-enough-witnessed',
      'EP-DIR-6',
      'Two of three witnesses saw the checkpoint before the compromise, the second by name only after it.',
      trusting(
        {
          ...receipt({ ...by(0, 1, 2), alter: { logProof: (draft) => cosignedLate(draft, witnesses[1]!) } }, witnessed),
          trust: 'trust/acme-witnessed.json',
        },
        put('/organizations/0/compromised/-', { public_key: approverKey(), compromised_at: '2026-11-20T12:00:01Z' }),
      ),
    ),
    satisfied('trust-usual', 'EP-VER-2', 'A trust file.', { kind: 'trust', trust: 'trust/acme.json' }),
  ]
}

/** A log proof whose checkpoint this witness saw an hour later than the others. */
export function cosignedLate(proof: JsonValue, witness: Witness): JsonValue {
  const { checkpoint, ...rest } = proof as JsonObject
  const { origin, tree_size, root_hash, cosignatures } = checkpoint as JsonObject
  const rootHash = parseHash(String(root_hash))
  const text = checkpointText({ origin: String(origin), treeSize: tree_size as number, rootHash })
  const late = (cosignatures as readonly JsonObject[]).map((one) =>
    one['name'] === witness.name ? cosign(witness, text, (one['timestamp'] as number) + 3600) : one,
  )
  return { ...rest, checkpoint: { ...(checkpoint as JsonObject), cosignatures: late } }
}

/** Every bound, met exactly: one second further it is refused. */
function instants(): VectorCase[] {
  const { directoryAt, issuedAt } = usualInstants
  return [
    satisfied(
      'receipt-head-ending-with-contexts',
      'EP-DIR-5',
      'The head ends at the very instant of the contexts.',
      receipt({}, { directoryUntil: issuedAt }),
    ),
    satisfied(
      'receipt-head-key-ending-with-head',
      'EP-DIR-2',
      'The trust file ends the directory key at the very instant of the head.',
      trusting(receipt(), put('/organizations/0/directory/keys/0/not_after', directoryAt)),
    ),
    satisfied('receipt-attested-with-contexts', 'EP-DIR-3', 'Attested at the very instant of the contexts.', {
      ...receipt({}, { administrators: 2, attestedBy: 2, attestedAt: issuedAt }),
      trust: 'trust/acme-attested.json',
    }),
    satisfied(
      'receipt-entry-beginning-with-contexts',
      'EP-DIR-5',
      'The approver entry begins at the very instant of the contexts.',
      receipt({}, { approvers: [{ name: 'jchen', entry: { valid_from: issuedAt } }] }),
    ),
    satisfied(
      'receipt-at-once',
      'EP-MN-1',
      'Requested, issued, signed and committed at one instant.',
      receipt({
        instants: { consumeAt: issuedAt, committedAt: issuedAt },
        alter: { signoffs: [set('/0/signed_at', issuedAt)] },
      }),
    ),
    satisfied('receipt-clock-behind', 'EP-VER-2', 'Committed a minute after the given clock.', {
      ...receipt(),
      clock: '2026-11-20T12:09:01Z',
    }),
    satisfied('denial-clock-behind', 'EP-VER-2', 'Denied a minute after the given clock.', {
      ...denial(),
      clock: issuedAt,
    }),
    satisfied('bundle-clock-behind', 'EP-BUN-2', "Signed a minute after the executor's clock.", {
      ...bundle(),
      clock: issuedAt,
    }),
    satisfied(
      'bundle-head-age-exact',
      'EP-DIR-5',
      'The head is exactly as old as the executor allows.',
      trusting(
        { ...bundle(), clock: usualClock },
        put('/organizations/0/max_head_age_seconds', 19 * 86_400 + 12 * 3600 + 5 * 60),
      ),
    ),
  ]
}

function others(): VectorCase[] {
  const human = { entities: [{ name: 'pmartin', kind: 'human' as const }] }
  return [
    satisfied(
      'bundle-usual',
      'EP-BUN-1 EP-BUN-2',
      'The bundle of the usual attempt, judged within its window.',
      bundle(),
    ),
    satisfied('denial-usual', 'EP-DEN-1 EP-SIG-2', 'A denial without a reason.', denial()),
    satisfied(
      'denial-with-reason',
      'EP-SIG-2',
      'A denial with a reason, which is signed.',
      denial({ reason: 'Not this beneficiary: call me.' }),
    ),
    satisfied(
      'receipt-human-initiator',
      'EP-INV-4',
      'A human initiated the action and another one approved it.',
      receipt({}, human),
    ),
    satisfied(
      'receipt-initiator-asserted',
      'EP-ACT-5 EP-VER-3',
      "The initiator has no key: its identity is the operator's word, and not established.",
      receipt({}, { entities: [{ name: 'agent-recon-7', withKey: false }] }),
    ),
    satisfied(
      'receipt-separation-responsible',
      'EP-INV-4',
      'The policy also excludes who is responsible for the agent; somebody else approved.',
      receipt({}, { policies: [{ separation: 'responsible' }] }),
    ),
    satisfied(
      'receipt-approved-by-responsible',
      'EP-INV-4',
      'The human who is responsible for the agent approved, which this policy does not exclude.',
      receipt({}, { approvers: [{ name: 'jchen', entry: { principal_id: 'ep:principal:0042' } }] }),
    ),
    satisfied(
      'receipt-provenance',
      'EP-ACT-4',
      'Advisory free text in provenance, under the action hash.',
      receipt({ action: { provenance: { ticket: 'FIN-2213', note: 'wie besprochen \u20ac' } } }),
    ),
    satisfied(
      'receipt-unicode-members',
      'EP-ENC-2',
      'Members of the action in the order of UTF-16 code units, and numbers in ECMAScript form.',
      receipt({ action: { parameters: { amount: '2400000.00', '\u{1f600}': 1, '\ufb33': 1e21, '\u0080': -0.5 } } }),
    ),
    satisfied(
      'receipt-evidence-not-evaluated',
      'EP-ENC-7',
      'Evidence of an unknown type that the policy does not require is reported as not evaluated.',
      receipt({ evidence: [{ type: 'example.photo.v1', digest: hashJson('photo') }] }),
    ),
    satisfied(
      'receipt-evidence-of-two-types',
      'EP-ENC-7',
      'What was not evaluated is reported in the order of its types.',
      receipt({ evidence: [{ type: 'example.video.v1' }, { type: 'example.photo.v1' }] }),
    ),
    satisfied(
      'receipt-milliseconds',
      'EP-ENC-5',
      'Instants with milliseconds, compared as instants.',
      receipt({ instants: { issuedAt: '2026-11-20T12:00:00.250Z', expiresAt: '2026-11-20T12:15:00.250Z' } }),
    ),
    satisfied('receipt-clock', 'EP-VER-2', 'A clock after every instant of the receipt.', {
      ...receipt(),
      clock: '2031-01-01T00:00:00Z',
    }),
    satisfied('bundle-last-second', 'EP-MN-1', 'A bundle in the last second of its window.', {
      ...bundle(),
      clock: '2026-11-20T12:14:59Z',
    }),
    satisfied(
      'bundle-head-age',
      'EP-DIR-5',
      'The head is not older than the executor allows.',
      trusting({ ...bundle(), clock: usualClock }, put('/organizations/0/max_head_age_seconds', 30 * 86_400)),
    ),
    satisfied(
      'receipt-head-issued-with-contexts',
      'EP-DIR-5',
      'The head was issued at the very instant of the contexts.',
      receipt({}, { directoryAt: usualInstants.issuedAt }),
    ),
  ]
}
