// What a configuration needs of the role of its authorizers: the secrets that it names in Secrets Manager, and the
// tables of revocations and used proofs.

import type { ResolvedConfig } from '../../../shared/index.ts'

export interface Need {
  /** The setting that needs it. */
  readonly path: string
  readonly action: string
  /** What a role must allow the action on. An account and a region are examples. */
  readonly arn: string
  /** In words, such as `the table lanekeeper-revocations`. */
  readonly what: string
}

const ACCOUNT = 'us-east-1:123456789012'

/** AWS adds six characters to the name of a secret. */
const secretArn = (id: string): string => {
  const arn = id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${ACCOUNT}:secret:${id}`
  return /-[A-Za-z0-9]{6}$/.test(arn) && id.startsWith('arn:') ? arn : `${arn}-AbCdEf`
}

/** The section of a secret, and its issuer by the name that the configuration gives it: `issuers.main`. */
function nameIn(path: string, key: unknown, member: unknown): string {
  const name = typeof member === 'object' && member !== null && 'name' in member ? member.name : key
  return path === '' ? String(key) : path.includes('.') ? path : `${path}.${String(name)}`
}

/** Every secret below a value of the configuration. */
function secretsIn(value: unknown, path: string, seen: Set<unknown>, needs: Need[]): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  const members: readonly [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  for (const [name, member] of members) {
    const inner = nameIn(path, name, member)
    // The secrets of administration are read by `lanekeeper revoke` and by the store.
    if (inner === 'revocation.admin') continue
    if (name === 'secretsManager' && typeof member === 'string')
      needs.push({
        path,
        action: 'secretsmanager:GetSecretValue',
        arn: secretArn(member),
        what: `the secret ${member}`,
      })
    else secretsIn(member, inner, seen, needs)
  }
}

const tableNeed = (path: string, action: string, table: string): Need => ({
  path,
  action: `dynamodb:${action}`,
  arn: `arn:aws:dynamodb:${ACCOUNT}:table/${table}`,
  what: `the table ${table}`,
})

export function needsOf(config: ResolvedConfig): readonly Need[] {
  const needs: Need[] = []
  // Logout tokens are read by a function of their own.
  const { aws: _, ...others } = config
  secretsIn(others, '', new Set(), needs)
  const revocations = config.revocation?.dynamodb
  const replays = config.dpop?.replay?.dynamodb
  if (revocations) needs.push(tableNeed('revocation.dynamodb', 'BatchGetItem', revocations.table))
  if (replays) needs.push(tableNeed('dpop.replay.dynamodb', 'PutItem', replays.table))
  return needs
}
