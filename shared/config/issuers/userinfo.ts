// `issuers.NAME.userinfo`: asking the issuer who the user is, where the token does not say. OpenID Connect Core 1.0
// section 5.3.

import { isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings, MemberOf } from '../meaning.ts'
import {
  ANSWER_DEFAULTS,
  checkAnswerTimes,
  checkEndpoint,
  type AnswerTimes,
  type EndpointSource,
  type ResolvedAnswerTimes,
} from './endpoint.ts'
import type { PickedScopes } from './profile.ts'

/** Asking the issuer who the user is, where the token does not say (OpenID Connect Core 1.0 section 5.3). */
export type UserinfoConfig = EndpointSource &
  AnswerTimes & {
    /** The claim without which no request passes. `/userinfo` is asked only where the token does not have it. */
    readonly claim: string
  }

export interface ResolvedUserinfo extends ResolvedAnswerTimes {
  readonly source: EndpointSource
  readonly claim: string
}

export const userinfoMeanings = (): Meanings<MemberOf<UserinfoConfig>> => ({
  endpoint: { absent: 'this or `discovery`', meaning: 'URL of the userinfo endpoint' },
  discovery: { absent: 'this or `endpoint`', meaning: 'metadata that names it' },
  claim: { absent: 'required', meaning: 'claim that is asked for where a token lacks it' },
  cacheSeconds: { default: ANSWER_DEFAULTS.cacheSeconds, meaning: 'as above' },
  timeoutSeconds: { default: ANSWER_DEFAULTS.timeoutSeconds, meaning: 'as above' },
})

const MEMBERS = [
  'endpoint',
  'discovery',
  'claim',
  'cacheSeconds',
  'timeoutSeconds',
] as const satisfies readonly MemberOf<UserinfoConfig>[]

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

/** `/userinfo` says who somebody is: where scopes or the client stand, it has nothing to say. */
export function checkUserinfoClaim(
  { claim }: { readonly claim?: string },
  { profile, scopes }: PickedScopes,
  path: string,
  addProblem: AddProblem,
): void {
  const places = [scopes.user, scopes.client].map(({ claim: place }) => [place].flat()[0])
  if (claim !== undefined && ['scope', 'client_id', profile.client, ...places].includes(claim))
    addProblem(
      `${path}.userinfo.claim`,
      `cannot be ${claim}, which says what somebody may do, or for which client`,
    )
}
