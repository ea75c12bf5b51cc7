// Who asks, for the record of a store: a name and a reason.

import { userInfo } from 'node:os'
import type { RevocationAuthor } from '../../shared/edge.ts'
import type { Environment } from '../stage-findings.ts'
import { Stop } from '../stop.ts'

export const AUTHOR_OPTIONS = { by: { type: 'string' }, reason: { type: 'string' } } as const

export const AUTHOR_HELP = `  --by NAME               who asks, for the record; default: the user of this machine
  --reason TEXT           why, for the record`

function userOf(env: Environment): string {
  const named = env['USER'] ?? env['LOGNAME'] ?? env['USERNAME']
  if (named !== undefined && named !== '') return named.slice(0, 256)
  try {
    return userInfo().username.slice(0, 256) || 'unknown'
  } catch {
    return 'unknown'
  }
}

/** @throws {Stop} If the name or the reason is too long, or empty (exit code 2). */
export function readAuthor(
  { by, reason }: { readonly by?: string | undefined; readonly reason?: string | undefined },
  env: Environment,
): RevocationAuthor {
  if (by !== undefined && (by === '' || by.length > 256)) throw new Stop('--by has 1 to 256 characters.', 2)
  if (reason !== undefined && (reason === '' || reason.length > 1_024))
    throw new Stop('--reason has 1 to 1024 characters.', 2)
  return { by: by ?? userOf(env), ...(reason !== undefined && { reason }) }
}
