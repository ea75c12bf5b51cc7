// Whether what the authorizer was asked about is an AuthorizationRequest at all. Types end where another Worker, or a
// program without them, calls; a wrong argument is answered like everything else, with a denial that says what to change.
// Looks at members that are needed and at none besides, and copies them, so that they are read once.

import type { AuthorizationRequest } from './decision.ts'
import { failure, type Failure } from './failure.ts'

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
const isText = (value: unknown): boolean => typeof value === 'string'

interface MemberRow {
  readonly member: keyof AuthorizationRequest
  readonly wanted: string
  readonly optional: boolean
  readonly fits: (value: unknown) => boolean
}

const MEMBERS: readonly MemberRow[] = [
  { member: 'method', wanted: 'a text', optional: false, fits: isText },
  { member: 'path', wanted: 'a text', optional: false, fits: isText },
  { member: 'authorization', wanted: 'a list of texts', optional: false, fits: isTexts },
  {
    member: 'accessTokenInQuery',
    wanted: 'true or false',
    optional: false,
    fits: (value) => typeof value === 'boolean',
  },
  { member: 'otherSpellings', wanted: 'a list of texts', optional: true, fits: isTexts },
  { member: 'requestId', wanted: 'a text', optional: true, fits: isText },
]

/** What is reported of an argument that is no request. */
export const NO_REQUEST: AuthorizationRequest = {
  method: '',
  path: '',
  authorization: [],
  accessTokenInQuery: false,
}

const unrecognised = (member: string, wanted: string): Failure =>
  failure('request_unrecognised', { member, wanted, use: 'toAuthorizationRequest(request)' })

/** The request that was given, or what is wrong with it. */
export function readRequest(given: unknown): AuthorizationRequest | Failure {
  try {
    if (given === null || typeof given !== 'object') return unrecognised('request', 'an object')
    const read: Record<string, unknown> = {}
    for (const { member, wanted, optional, fits } of MEMBERS) {
      const value: unknown = (given as Record<string, unknown>)[member]
      if (optional && value === undefined) continue
      if (!fits(value)) return unrecognised(member, wanted)
      read[member] = Array.isArray(value) ? [...(value as readonly string[])] : value
    }
    return read as unknown as AuthorizationRequest
  } catch {
    return unrecognised('request', 'an object of plain data')
  }
}
