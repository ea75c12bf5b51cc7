// `identity`: under which names the edges pass on the identity of the caller.

import { GATEWAY_NAMES, IDENTITY_NAMES } from '../grant/identity.ts'
import { isNonEmptyString, optionalObjectAt, type AddProblem } from './checks.ts'
import type { Meanings } from './meaning.ts'

/** Names of the identity that the edges pass on: headers of the Worker, context of API Gateway. */
export interface IdentityConfig {
  /**
   * Prefix of the headers that carry the identity to the origin: lower case, from `x-` to a last `-`. Headers of a
   * client that begin with it are removed. Default `x-lanekeeper-`. API Gateway's context has no prefix.
   */
  readonly headerPrefix?: string
  /**
   * Further claims to pass on: name (a-z, 0-9 and `_`, a letter first) -> claim. A claim that the token lacks is left
   * out; one that no header can carry refuses the request. Default: none.
   */
  readonly claims?: Readonly<Record<string, string>>
}

export interface ResolvedIdentity {
  readonly headerPrefix: string
  readonly claims: Readonly<Record<string, string>>
}

export const DEFAULT_HEADER_PREFIX = 'x-lanekeeper-'

export const identityMeanings = (): Meanings<keyof IdentityConfig> => ({
  headerPrefix: { default: DEFAULT_HEADER_PREFIX, meaning: 'prefix of the identity headers' },
  claims: {
    absent: '`{}`',
    meaning:
      'further claims to pass on: name -> claim ([elsewhere](providers.md#claims-that-are-elsewhere): refused)',
  },
})

export function checkIdentity(value: unknown, addProblem: AddProblem): ResolvedIdentity {
  const given = optionalObjectAt(value, 'identity', addProblem, ['headerPrefix', 'claims'])
  const headerPrefix = given['headerPrefix'] ?? DEFAULT_HEADER_PREFIX
  if (typeof headerPrefix !== 'string' || !/^x-[a-z0-9]+(?:-[a-z0-9]+)*-$/.test(headerPrefix)) {
    addProblem(
      'identity.headerPrefix',
      'must look like "x-name-": lower case, beginning with "x-" and ending with "-"',
    )
  }
  const claims = optionalObjectAt(given['claims'], 'identity.claims', addProblem)
  for (const [name, claim] of Object.entries(claims)) {
    const path = `identity.claims.${name}`
    if (name === 'assertion') addProblem(path, 'is the name of the signed assertion')
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      addProblem(path, 'must be named with a-z, 0-9 and "_", a letter first')
    if ([...IDENTITY_NAMES, ...GATEWAY_NAMES].includes(name))
      addProblem(path, 'is a name that every identity carries already')
    if (!isNonEmptyString(claim)) addProblem(path, 'must be the name of a claim')
  }
  return { headerPrefix: headerPrefix as string, claims: claims as Readonly<Record<string, string>> }
}
