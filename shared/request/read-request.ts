// Checks that the argument of the authorizer is an AuthorizationRequest. The compiler checks neither another Worker nor
// a program in JavaScript, so a wrong argument is denied (`request_unrecognised`), and the detail says what to change.
// Reads only the members that are needed, each once, and copies them.

import { toReport } from '../audit/decision-event.ts'
import type { AuthorizationRequest, Deny } from '../decision.ts'
import { toDeny } from '../failures/deny.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import { OLD_NAME_GOES } from '../platform/version.ts'

/** A member that has not its type, and what it must be. */
interface Wrong {
  readonly member: keyof AuthorizationRequest
  readonly wanted: string
}

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const hasOnly = (value: unknown, fits: (item: unknown) => boolean): boolean =>
  isObject(value) && Object.values(value).every(fits)

const demandString = (member: Wrong['member'], value: unknown): Wrong | null =>
  typeof value === 'string' ? null : { member, wanted: 'a string' }
const demandStrings = (member: Wrong['member'], value: unknown): Wrong | null =>
  isStrings(value) ? null : { member, wanted: 'a list of strings' }
const demandSwitch = (member: Wrong['member'], value: unknown): Wrong | null =>
  typeof value === 'boolean' ? null : { member, wanted: 'true or false' }
const demandObjectOfStrings = (member: Wrong['member'], value: unknown): Wrong | null =>
  hasOnly(value, (item) => typeof item === 'string') ? null : { member, wanted: 'an object of strings' }
const demandObjectOfLists = (member: Wrong['member'], value: unknown): Wrong | null =>
  hasOnly(value, isStrings) ? null : { member, wanted: 'an object of lists of strings' }

/** An absent member has every type. */
const optional = (demand: typeof demandString, member: Wrong['member'], value: unknown): Wrong | null =>
  value === undefined ? null : demand(member, value)

/** The first member that has not its type. It runs for every request, so it does not loop over a table. */
const findWrong = (read: Readonly<Record<keyof AuthorizationRequest, unknown>>): Wrong | null =>
  demandString('method', read.method) ??
  demandString('path', read.path) ??
  demandStrings('authorization', read.authorization) ??
  demandSwitch('accessTokenInQuery', read.accessTokenInQuery) ??
  optional(demandString, 'origin', read.origin) ??
  optional(demandStrings, 'otherSpellings', read.otherSpellings) ??
  optional(demandSwitch, 'isPathDecoded', read.isPathDecoded) ??
  optional(demandSwitch, 'exceedsPolicyResource', read.exceedsPolicyResource) ??
  optional(demandSwitch, 'isUnnameable', read.isUnnameable) ??
  optional(demandObjectOfLists, 'fields', read.fields) ??
  optional(demandObjectOfStrings, 'clientCertificate', read.clientCertificate) ??
  optional(demandString, 'requestId', read.requestId)

const copy = (value: unknown): unknown => (Array.isArray(value) ? [...(value as readonly unknown[])] : value)

/** A copy of an object's own members. Lists among them are copied too. */
const copyObject = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]))
    : value

const unrecognised = (member: string, wanted: string): Failure =>
  failure('request_unrecognised', { member, wanted, use: 'toAuthorizationRequest(request)' })

function readRequest(given: unknown): AuthorizationRequest | Failure {
  try {
    if (given === null || typeof given !== 'object') return unrecognised('request', 'an object')
    const {
      method,
      path,
      authorization,
      accessTokenInQuery,
      origin,
      otherSpellings,
      isPathDecoded,
      exceedsPolicyResource,
      isUnnameable,
      fields,
      clientCertificate,
      requestId,
    } = given as AuthorizationRequest
    const read: Record<keyof AuthorizationRequest, unknown> = {
      method,
      path,
      authorization: copy(authorization),
      accessTokenInQuery,
      origin,
      otherSpellings: copy(otherSpellings),
      isPathDecoded,
      exceedsPolicyResource,
      isUnnameable,
      fields: copyObject(fields),
      clientCertificate: copyObject(clientCertificate),
      requestId,
    }
    const wrong = findWrong(read)
    return wrong === null ? (read as AuthorizationRequest) : unrecognised(wrong.member, wrong.wanted)
  } catch {
    return unrecognised('request', 'an object of plain data')
  }
}

/**
 * Reads the argument of `authorize`: a copy of the request, or the denial of an argument that is none, which it has
 * reported.
 */
export type CheckRequest = (
  ports: Ports,
) => (given: unknown, deadline: Deadline) => AuthorizationRequest | Deny

/** Stands in the log for an argument that is no request. */
const NO_REQUEST: AuthorizationRequest = {
  method: '',
  path: '',
  authorization: [],
  accessTokenInQuery: false,
}

/** Of an argument that is no request. */
const NO_FACTS = { issuer: undefined, client: undefined, token: undefined, remembered: false }

/** Creates the check of requests that a caller makes: another Worker or a program. */
export const createRequestCheck: CheckRequest = ({ report }) => {
  let isWarned = false

  /** Reports once that a member has its old name. */
  function warn(): void {
    const message = `is called exceedsPolicyResource now; ${OLD_NAME_GOES}`
    if (!isWarned)
      report({
        event: 'config',
        outcome: 'accepted',
        code: 'warning',
        setting: 'request.isUnnameable',
        message,
      })
    isWarned = true
  }

  return (given, deadline) => {
    const read = readRequest(given)
    if (isFailure(read)) {
      // No rule can be found for such an argument, so it is refused in report-only too.
      const deny = toDeny(read, undefined, null, () => 1)
      report(toReport(deny, NO_REQUEST, { ...NO_FACTS, ...deadline.read() }))
      return deny
    }
    if (read.isUnnameable === undefined) return read
    warn()
    const { isUnnameable, exceedsPolicyResource = false, ...request } = read
    return { ...request, exceedsPolicyResource: exceedsPolicyResource || isUnnameable }
  }
}
