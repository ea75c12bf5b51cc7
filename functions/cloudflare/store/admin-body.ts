// The body of a request to the admin endpoint: JSON of at most 16 KiB, with one thing to revoke or a list of them, who
// asks and why. Refuses unknown members, and a JWT where a name or a note belongs.

import {
  hasJwt,
  isJsonObject,
  parseJsonObject,
  readBounded,
  type JsonObject,
  type RevocationAuthor,
  type RevocationRequest,
} from '../../../shared/edge.ts'
import { malformed, refuse } from './admin-answer.ts'

export const MAX_BODY_BYTES = 16_384

export const MAX_REQUESTS = 100
const MAX_JSON_DEPTH = 4

const MEDIA_TYPE = /^application\/json[\t ]*(?:;|$)/i

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'
const isNumber = (value: unknown): boolean => value === undefined || typeof value === 'number'

const MEMBERS: Readonly<Record<keyof RevocationRequest, (value: unknown) => boolean>> = {
  kind: (value) => typeof value === 'string',
  issuer: isText,
  id: isText,
  before: isNumber,
  expiresAt: isNumber,
  sub: isText,
}

/** `JSON.parse` gave the object, so it has no member of another type than JSON has. */
function isRequest(value: unknown): value is RevocationRequest & JsonObject {
  if (!isJsonObject(value)) return false
  const known = Object.keys(value).every((name) => Object.hasOwn(MEMBERS, name))
  return known && Object.entries(MEMBERS).every(([name, isWanted]) => isWanted(value[name]))
}

const isNote = (value: unknown, maxChars: number): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= maxChars

/** What a body asks for. */
export interface Asked {
  readonly requests: readonly RevocationRequest[]
  readonly author: RevocationAuthor
}

function toAsked({ by, reason, requests, ...one }: JsonObject): Asked | Response {
  if (!isNote(by, 256)) return malformed('"by" has to say who asks, in at most 256 characters.')
  if (reason !== undefined && !isNote(reason, 1_024))
    return malformed('"reason" has at most 1024 characters.')
  const isAlone = requests === undefined
  if (!isAlone && Object.keys(one).length > 0)
    return malformed('The body has either "requests" or the members of one request.')
  const asked = isAlone ? [one] : requests
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > MAX_REQUESTS)
    return malformed('"requests" is a list of 1 to 100.')
  if (!asked.every(isRequest))
    return malformed('A request has a member that is unknown or of the wrong type.')
  if (
    [by, reason, ...asked.flatMap(({ id, sub }) => [id, sub])].some(
      (text) => typeof text === 'string' && hasJwt(text),
    )
  )
    return malformed('A token stands where a name belongs; the kind "token" takes a digest.')
  return {
    requests: asked,
    author: { by: by as string, ...(reason === undefined ? {} : { reason: reason as string }) },
  }
}

/** Reads the body of a request, or answers why it is refused: 400, 413 or 415. */
export async function readAsked(request: Request): Promise<Asked | Response> {
  if (!MEDIA_TYPE.test(request.headers.get('content-type') ?? ''))
    return refuse(415, 'invalid_request', 'The Content-Type has to be application/json.')
  const bytes =
    request.body === null ? new Uint8Array() : await readBounded(request.body.getReader(), MAX_BODY_BYTES)
  if (bytes === null) return refuse(413, 'invalid_request', 'The body has at most 16384 bytes.')
  const parsed = parseJsonObject(bytes, MAX_JSON_DEPTH)
  return 'problem' in parsed ? malformed('The body has to be one JSON object.') : toAsked(parsed.value)
}
