// The rights of a function besides its log: the secrets and tables of its configuration, and no others.

import type { Description, LambdaFunction } from '../deployment/description.ts'

/** A statement of a policy that allows. */
export interface Right {
  readonly actions: readonly string[]
  /** An ARN, or the part of one after the account. */
  readonly resource:
    | string
    | { readonly service: string; readonly region: string | null; readonly name: string }
  /** `dynamodb:LeadingKeys`. `null`: no condition. */
  readonly leadingKeys: readonly string[] | null
}

/** AWS adds a hyphen and six characters to the name of a secret in its ARN. */
const ADDED = '-??????'

/** A secret by its name, its ARN, or its ARN without what AWS has added. */
function secretResource(name: string): Right['resource'] {
  if (!name.startsWith('arn:'))
    return { service: 'secretsmanager', region: null, name: `secret:${name}${ADDED}` }
  return /-[A-Za-z0-9]{6}$/.test(name) ? name : `${name}${ADDED}`
}

/** A secret that several settings name is one right. */
const once = (names: readonly string[]): readonly string[] => [...new Set(names)]

export function rightsOf(name: LambdaFunction, { secrets, tables }: Description): readonly Right[] {
  if (name === 'metadata') return []
  const stored = secrets.filter(({ kind }) => kind === 'secretsManager').map((secret) => secret.name)
  return [
    ...once(stored).map((secret) => ({
      actions: ['secretsmanager:GetSecretValue'],
      resource: secretResource(secret),
      leadingKeys: null,
    })),
    ...tables.flatMap(({ name: table, region, rights }) =>
      (rights[name] ?? []).map(({ actions, leadingKeys }) => ({
        actions,
        resource: table.startsWith('arn:') ? table : { service: 'dynamodb', region, name: `table/${table}` },
        leadingKeys,
      })),
    ),
  ]
}
