// The settings of the Lambda authorizer that runs: those of the entry in `aws.authorizers` that LANEKEEPER_AUTHORIZER
// names.

import type { ResolvedAuthorizer } from '../config/config.ts'
import type { ConfigProblem } from './config-error.ts'

/** The settings of an entry; `undefined` without a name. `name`: of the entry, or absent or empty. */
export function chooseAuthorizer(
  authorizers: ReadonlyMap<string, ResolvedAuthorizer>,
  name: string | undefined,
): ResolvedAuthorizer | ConfigProblem | undefined {
  if (name === undefined || name === '') return undefined
  const known = [...authorizers.keys()].join(', ')
  const quoted = JSON.stringify(name)
  return (
    authorizers.get(name) ?? {
      path: 'aws.authorizers',
      message:
        known === ''
          ? `is missing, and LANEKEEPER_AUTHORIZER names ${quoted}; add that entry`
          : `has no authorizer ${quoted} (LANEKEEPER_AUTHORIZER); it has: ${known}`,
    }
  )
}
