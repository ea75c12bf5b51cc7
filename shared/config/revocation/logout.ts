// `revocation.logout`: the receiver of logout tokens, and whose it accepts. Refuses a path that no request can have.
// OpenID Connect Back-Channel Logout 1.0 section 2.2.

import { findTargetProblem } from '../../routes/target.ts'
import { checkStrings, isJsonObject, isNonEmptyString, list, objectAt, type AddProblem } from '../checks.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { Meanings } from '../meaning.ts'

/** A receiver of logout tokens (OpenID Connect Back-Channel Logout 1.0). */
export interface LogoutConfig {
  /** The path at which the Worker takes them. On AWS the function of `dist/lambda/logout.mjs` does, at any path. */
  readonly path: string
  /**
   * By the name of an issuer, the clients whose logout tokens it sends here: one of them must be in `aud`. A client has
   * the URL of the receiver as its `backchannel_logout_uri`.
   */
  readonly clients: Readonly<Record<string, string | readonly string[]>>
}

/** `LogoutConfig`, checked. */
export interface ResolvedLogout {
  readonly path: string
  /** By the name of the issuer. */
  readonly clients: ReadonlyMap<string, ReadonlySet<string>>
}

export const logoutMeanings = (): Meanings<keyof LogoutConfig> => ({
  path: { absent: 'required', meaning: 'where the Worker takes logout tokens' },
  clients: {
    absent: 'required',
    meaning: 'by the name of an issuer: its clients, one of which must be in `aud` of a logout token',
  },
})

export function checkLogout(
  value: unknown,
  issuers: Iterable<string>,
  addProblem: AddProblem,
): ResolvedLogout | null {
  if (value === undefined) return null
  const at = 'revocation.logout'
  const given = objectAt(value, at, addProblem, ['path', 'clients'])
  const { path } = given
  if (!isNonEmptyString(path) || findTargetProblem(path, DEFAULT_LIMITS.maxPathBytes) !== null)
    addProblem(`${at}.path`, path === undefined ? 'is missing' : 'must be a path without parameters')
  const known = new Set(issuers)
  const clients = new Map<string, ReadonlySet<string>>()
  for (const [name, ids] of Object.entries(objectAt(given['clients'], `${at}.clients`, addProblem))) {
    if (!known.has(name)) addProblem(`${at}.clients.${name}`, `is no issuer; configured: ${list(known)}`)
    const listed = isNonEmptyString(ids) ? [ids] : checkStrings(ids, `${at}.clients.${name}`, addProblem)
    clients.set(name, new Set(listed))
  }
  if (isJsonObject(given['clients']) && clients.size === 0)
    addProblem(`${at}.clients`, 'must name the issuers whose logout tokens are accepted')
  return { path: String(path), clients }
}
