// `issuers.NAME.userinfo`: the endpoint from which a claim about the user is fetched if the token lacks it. Refuses
// claims of scopes and clients. OpenID Connect Core 1.0 section 5.3.

import { isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings, MemberOf } from '../meaning.ts'
import {
  answerTimesAsAbove,
  checkAnswerTimes,
  checkEndpoint,
  type AnswerTimes,
  type EndpointSource,
  type ResolvedAnswerTimes,
} from './endpoint.ts'
import type { PickedScopes } from './profile.ts'

/**
 * The userinfo endpoint (OpenID Connect Core 1.0 section 5.3), from which one claim about the user is fetched if the
 * token lacks it. It does not replace the verification of the token, and gives no scopes.
 */
export type UserinfoConfig = EndpointSource &
  AnswerTimes & {
    /** The claim to fetch. If the userinfo response lacks it as well, the request is refused (`identity_missing`). */
    readonly claim: string
  }

/** `UserinfoConfig` with every default filled in. */
export interface ResolvedUserinfo extends ResolvedAnswerTimes {
  readonly source: EndpointSource
  readonly claim: string
}

export const userinfoMeanings = (): Meanings<MemberOf<UserinfoConfig>> => ({
  endpoint: { absent: 'this or `discovery`', meaning: 'URL of the userinfo endpoint' },
  discovery: { absent: 'this or `endpoint`', meaning: 'metadata that names it' },
  claim: { absent: 'required', meaning: 'claim to fetch if a token lacks it' },
  ...answerTimesAsAbove(),
})

const MEMBERS = [
  'endpoint',
  'discovery',
  'claim',
  'cacheSeconds',
  'timeoutSeconds',
] as const satisfies readonly MemberOf<UserinfoConfig>[]

/** Without the URL of `endpoint`, which plan/values/lookups.ts adds. */
export function checkUserinfo(value: unknown, path: string, addProblem: AddProblem): ResolvedUserinfo | null {
  if (value === undefined) return null
  const given = objectAt(value, path, addProblem, MEMBERS)
  if (!isNonEmptyString(given['claim'])) addProblem(`${path}.claim`, 'must be the name of a claim')
  return {
    source: checkEndpoint(given, path, addProblem),
    claim: String(given['claim']),
    ...checkAnswerTimes(given, path, addProblem),
  }
}

/** Userinfo identifies a user. It must not supply scopes or the client. */
export function checkUserinfoClaim(
  { claim }: { readonly claim?: string },
  { profile, scopes }: PickedScopes,
  path: string,
  addProblem: AddProblem,
): void {
  const scopeClaims = [scopes.user, scopes.client].map((scopeClaim) => [scopeClaim.claim].flat()[0])
  if (claim !== undefined && ['scope', 'client_id', profile.client, ...scopeClaims].includes(claim))
    addProblem(`${path}.userinfo.claim`, `cannot be ${claim}, which has scopes or names the client`)
}
