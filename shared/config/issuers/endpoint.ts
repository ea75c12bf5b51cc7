// What `introspection`, `check` and `userinfo` have in common: the endpoint that is asked, and how long its answers are
// waited for and cached.

import { METADATA_DOCUMENTS, type MetadataDocument } from '../../keys/metadata-url.ts'
import { checkOneOf, checkUrl, type AddProblem, type JsonObject } from '../checks.ts'
import { defaultsOf, readerOf, seconds, type Settings } from '../setting.ts'

/** An endpoint, either as it is or as the issuer's metadata names it. Exactly one of the members. */
export type EndpointSource =
  | { readonly endpoint: string; readonly discovery?: never }
  | {
      readonly discovery: MetadataDocument
      readonly endpoint?: never
    }

export interface AnswerTimes {
  /** Longest time an answer is remembered: how late a revocation may be seen. Default 60 seconds, at most 3 600. */
  readonly cacheSeconds?: number
  /** How long one answer is waited for. Default 2 seconds, 0.1 to 5. */
  readonly timeoutSeconds?: number
}

export interface ResolvedAnswerTimes {
  readonly cacheSeconds: number
  readonly timeoutMs: number
}

/** What the rules read of a way to ask about tokens, whichever it is. */
export interface ResolvedMethod extends ResolvedAnswerTimes {
  /** Members without which an answer is about no access token. */
  readonly requiredMembers: readonly string[]
  /** Clients whose tokens are taken, also where the answer has no `aud`; `null`: the audience alone decides. */
  readonly clients: ReadonlySet<string> | null
  /** Whose a token without `sub` is: nobody's, its client's, or its client's unless the answer names a user otherwise. */
  readonly withoutSub: 'refuse' | 'client' | 'client_unless_named'
  /** Whether its tokens live no longer than `maxLifetimeSeconds`. */
  readonly boundsLifetime: boolean
  /** `jwt`: answers are signed. */
  readonly response: 'json' | 'jwt'
}

const ANSWER_TIMES = {
  cacheSeconds: seconds(0, 3_600, 60),
  timeoutSeconds: seconds(0.1, 5, 2),
} as const satisfies Settings<keyof AnswerTimes>

export const ANSWER_DEFAULTS = defaultsOf(ANSWER_TIMES)

export function checkEndpoint(given: JsonObject, path: string, addProblem: AddProblem): EndpointSource {
  const { endpoint, discovery } = given
  if ((endpoint === undefined) === (discovery === undefined))
    addProblem(path, 'must have exactly one of endpoint and discovery')
  if (discovery === undefined)
    return { endpoint: endpoint === undefined ? '' : checkUrl(endpoint, `${path}.endpoint`, addProblem) }
  return { discovery: checkOneOf(discovery, `${path}.discovery`, METADATA_DOCUMENTS, addProblem) }
}

export function checkAnswerTimes(
  given: JsonObject,
  path: string,
  addProblem: AddProblem,
): ResolvedAnswerTimes {
  const read = readerOf(ANSWER_TIMES, given, path, addProblem)
  return { cacheSeconds: read('cacheSeconds'), timeoutMs: 1000 * read('timeoutSeconds') }
}
