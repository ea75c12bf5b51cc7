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

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
const isString = (value: unknown): boolean => typeof value === 'string'
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isObjectOfStrings = (value: unknown): boolean => isObject(value) && Object.values(value).every(isString)
const isObjectOfLists = (value: unknown): boolean => isObject(value) && Object.values(value).every(isStrings)
const isSwitch = (value: unknown): boolean => typeof value === 'boolean'

interface MemberRow {
  readonly wanted: string
  readonly optional: boolean
  readonly fits: (value: unknown) => boolean
}

const STRING = { wanted: 'a string', fits: isString }
const STRINGS = { wanted: 'a list of strings', fits: isStrings }
const SWITCH = { wanted: 'true or false', fits: isSwitch }
const OBJECT_OF_STRINGS = { wanted: 'an object of strings', fits: isObjectOfStrings }
const OBJECT_OF_LISTS = { wanted: 'an object of lists of strings', fits: isObjectOfLists }

const MEMBERS: Readonly<Record<keyof AuthorizationRequest, MemberRow>> = {
  method: { ...STRING, optional: false },
  path: { ...STRING, optional: false },
  authorization: { ...STRINGS, optional: false },
  accessTokenInQuery: { ...SWITCH, optional: false },
  origin: { ...STRING, optional: true },
  otherSpellings: { ...STRINGS, optional: true },
  exceedsPolicyResource: { ...SWITCH, optional: true },
  isUnnameable: { ...SWITCH, optional: true },
  fields: { ...OBJECT_OF_LISTS, optional: true },
  clientCertificate: { ...OBJECT_OF_STRINGS, optional: true },
  requestId: { ...STRING, optional: true },
}

const MEMBER_ROWS = Object.entries(MEMBERS) as readonly [keyof AuthorizationRequest, MemberRow][]

/**
 * Whether every member has its type. It runs for every request, so it does not loop over `MEMBERS`, which is needed
 * only to name the wrong member.
 */
const isRequest = (read: Record<keyof AuthorizationRequest, unknown>): boolean =>
  isString(read.method) &&
  isString(read.path) &&
  isStrings(read.authorization) &&
  isSwitch(read.accessTokenInQuery) &&
  (read.origin === undefined || isString(read.origin)) &&
  (read.otherSpellings === undefined || isStrings(read.otherSpellings)) &&
  (read.exceedsPolicyResource === undefined || isSwitch(read.exceedsPolicyResource)) &&
  (read.isUnnameable === undefined || isSwitch(read.isUnnameable)) &&
  (read.fields === undefined || isObjectOfLists(read.fields)) &&
  (read.clientCertificate === undefined || isObjectOfStrings(read.clientCertificate)) &&
  (read.requestId === undefined || isString(read.requestId))

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
      exceedsPolicyResource,
      isUnnameable,
      fields: copyObject(fields),
      clientCertificate: copyObject(clientCertificate),
      requestId,
    }
    if (isRequest(read)) return read as AuthorizationRequest
    const [member, { wanted }] = MEMBER_ROWS.find(
      ([name, { optional, fits }]) => !(optional && read[name] === undefined) && !fits(read[name]),
    )!
    return unrecognised(member, wanted)
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
