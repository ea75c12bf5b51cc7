// The settings that `introspection`, `check` and `userinfo` share: the endpoint, and how long an answer is waited for
// and cached.

import { METADATA_DOCUMENTS, type MetadataDocument } from '../../keys/metadata-url.ts'
import { checkOneOf, type AddProblem, type JsonObject } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { defaultsOf, readerOf, seconds, type Settings } from '../setting.ts'

/** Exactly one of the URL of an endpoint (`endpoint`) and the metadata of the issuer that names it (`discovery`). */
export type EndpointSource =
  | { readonly endpoint: string; readonly discovery?: never }
  | {
      readonly discovery: MetadataDocument
      readonly endpoint?: never
    }

/** How long an answer of the issuer is waited for and cached. */
export interface AnswerTimes {
  /** Longest time an answer is cached, and a revocation is not seen. 0 to 3 600 seconds. Default 60; 0: not cached. */
  readonly cacheSeconds?: number
  /** How long one answer is waited for, that of the metadata too. 0.1 to 5 seconds. Default 2. */
  readonly timeoutSeconds?: number
}

export interface ResolvedAnswerTimes {
  readonly cacheSeconds: number
  readonly timeoutMs: number
}

/** The settings of a lookup method (introspection or check) that the rules of introspection read. */
export interface ResolvedMethod extends ResolvedAnswerTimes {
  /** Members that every answer about an access token has. */
  readonly requiredMembers: readonly string[]
  /** Clients whose tokens are accepted, also where the answer has no `aud`; `null`: the audience alone decides. */
  readonly clients: ReadonlySet<string> | null
  /**
   * A token whose answer has no `sub`: it is refused, or it is its client's own; with `client_unless_named` only if the
   * answer names no user in another member.
   */
  readonly withoutSub: 'refuse' | 'client' | 'client_unless_named'
  /** Whether `maxLifetimeSeconds` bounds the lifetime of its tokens. */
  readonly boundsLifetime: boolean
  /** `jwt`: answers are signed. */
  readonly response: 'json' | 'jwt'
}

export const ANSWER_TIMES = {
  cacheSeconds: seconds(0, 3_600, 60),
  timeoutSeconds: seconds(0.1, 5, 2),
} as const satisfies Settings<keyof AnswerTimes>

export const ANSWER_DEFAULTS = defaultsOf(ANSWER_TIMES)

/** The meanings of `cacheSeconds` and `timeoutSeconds` in a table below that of `introspection`, which says them. */
export const answerTimesAsAbove = (): Meanings<keyof AnswerTimes> => ({
  cacheSeconds: {
    default: ANSWER_DEFAULTS.cacheSeconds,
    row: ANSWER_TIMES.cacheSeconds,
    meaning: 'as above',
  },
  timeoutSeconds: {
    default: ANSWER_DEFAULTS.timeoutSeconds,
    row: ANSWER_TIMES.timeoutSeconds,
    meaning: 'as above',
  },
})

/** The source without the URL of `endpoint`, which plan/values/lookups.ts adds. */
export function checkEndpoint(given: JsonObject, path: string, addProblem: AddProblem): EndpointSource {
  const { endpoint, discovery } = given
  if ((endpoint === undefined) === (discovery === undefined))
    addProblem(path, 'must have exactly one of endpoint and discovery')
  if (discovery === undefined) return { endpoint: '' }
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
