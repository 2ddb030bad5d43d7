import type { Policy } from '@countersign/pure/ep/policy'
import type { OrganizationFile } from '../server/organization-file.js'

type Particular = Pick<Policy, 'action_types' | 'rules' | 'max_window_seconds' | 'min_key_class'> &
  Partial<Pick<Policy, 'material'>>

// biome-ignore-start lint/suspicious/noThenProperty: the wire member of the format
const templates = {
  // Two people for large amounts, one for others, and nothing without an amount: a missing operand refuses (EP-POL-2).
  wires: {
    action_types: ['wire.release'],
    rules: [
      {
        when: { dec_ge: ['/parameters/amount', '100000'] },
        then: 'require',
        quorum: {
          all: [
            { k: 1, roles: ['treasury'] },
            { k: 1, roles: ['controller'] },
          ],
        },
      },
      { when: { dec_gt: ['/parameters/amount', '0'] }, then: 'require', quorum: { k: 1, roles: ['treasury'] } },
    ],
    max_window_seconds: 900,
    min_key_class: 'B',
    material: ['/parameters/amount', '/parameters/currency', '/parameters/beneficiary'],
  },
  deploy: {
    action_types: ['deploy.release'],
    rules: [
      {
        when: { eq: ['/parameters/environment', 'production'] },
        then: 'require',
        quorum: { k: 1, roles: ['release-manager', 'on-call'] },
      },
      { when: { exists: ['/parameters/environment'] }, then: 'ungated' },
    ],
    max_window_seconds: 1800,
    min_key_class: 'B',
    material: ['/parameters/environment', '/parameters/artifact'],
  },
  deletion: {
    action_types: ['data.delete'],
    rules: [
      {
        then: 'require',
        quorum: {
          all: [
            { k: 1, roles: ['data-owner'] },
            { k: 1, roles: ['operations'] },
          ],
        },
      },
    ],
    max_window_seconds: 3600,
    min_key_class: 'B',
  },
  'agent-tool': {
    action_types: ['agent.tool_call'],
    rules: [
      { when: { in: ['/parameters/tool', ['read_file', 'list_files', 'search']] }, then: 'ungated' },
      { when: { eq: ['/parameters/tool', 'run_shell'] }, then: 'refuse' },
      { then: 'require', quorum: { k: 1, roles: ['agent-owner', 'operations'] } },
    ],
    max_window_seconds: 600,
    min_key_class: 'B',
  },
} as const satisfies Readonly<Record<string, Particular>>
// biome-ignore-end lint/suspicious/noThenProperty: the wire member of the format

export type TemplateName = keyof typeof templates
export const templateNames = Object.keys(templates) as readonly TemplateName[]

/** A policy to start from, made for this organization: version 1, `separation: "responsible"`, enforced by the system of record. */
export function policyTemplate(
  name: TemplateName,
  pins: Pick<OrganizationFile, 'organization' | 'log' | 'directory'>,
): Policy {
  return {
    type: 'ep.policy.v1',
    policy_id: `ep:policy:${name}@v1`,
    organization: pins.organization,
    directory_id: pins.directory.directory_id,
    log_origin: pins.log.origin,
    separation: 'responsible',
    commit_after: { level: 'anchored' },
    enforcement_minimum: 'STRONG',
    display: {},
    delegation: { max_depth: 0 },
    evidence_required: [],
    ...templates[name],
  }
}
