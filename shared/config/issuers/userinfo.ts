// `issuers.NAME.userinfo`: asking the issuer who the user is, where the token does not say. OpenID Connect Core 1.0
// section 5.3.

import { isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import {
  checkAnswerTimes,
  checkEndpoint,
  type AnswerTimes,
  type EndpointSource,
  type ResolvedAnswerTimes,
} from './endpoint.ts'

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

export function checkUserinfo(value: unknown, path: string, addProblem: AddProblem): ResolvedUserinfo | null {
  if (value === undefined) return null
  const known = ['endpoint', 'discovery', 'claim', 'cacheSeconds', 'timeoutSeconds']
  const given = objectAt(value, path, addProblem, known)
  if (!isNonEmptyString(given['claim'])) addProblem(`${path}.claim`, 'must be the name of a claim')
  return {
    source: checkEndpoint(given, path, addProblem),
    claim: String(given['claim']),
    ...checkAnswerTimes(given, path, addProblem),
  }
}
