// Whether what the authorizer was asked about is an AuthorizationRequest at all. Types end where another Worker, or a
// program without them, calls; a wrong argument is answered like everything else, with a denial that says what to change.
// Looks at members that are needed and at none besides, and copies them, so that they are read once.

import type { AuthorizationRequest } from '../decision.ts'
import { failure, type Failure } from '../failures/failure.ts'

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
const isText = (value: unknown): boolean => typeof value === 'string'
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isObjectOfTexts = (value: unknown): boolean => isObject(value) && Object.values(value).every(isText)
const isObjectOfLists = (value: unknown): boolean => isObject(value) && Object.values(value).every(isTexts)
const isSwitch = (value: unknown): boolean => typeof value === 'boolean'

interface MemberRow {
  readonly wanted: string
  readonly optional: boolean
  readonly fits: (value: unknown) => boolean
}

const TEXT = { wanted: 'a text', fits: isText }
const TEXTS = { wanted: 'a list of texts', fits: isTexts }
const SWITCH = { wanted: 'true or false', fits: isSwitch }
const OBJECT_OF_TEXTS = { wanted: 'an object of texts', fits: isObjectOfTexts }
const OBJECT_OF_LISTS = { wanted: 'an object of lists of texts', fits: isObjectOfLists }

const MEMBERS: Readonly<Record<keyof AuthorizationRequest, MemberRow>> = {
  method: { ...TEXT, optional: false },
  path: { ...TEXT, optional: false },
  authorization: { ...TEXTS, optional: false },
  accessTokenInQuery: { ...SWITCH, optional: false },
  origin: { ...TEXT, optional: true },
  otherSpellings: { ...TEXTS, optional: true },
  exceedsPolicyResource: { ...SWITCH, optional: true },
  isUnnameable: { ...SWITCH, optional: true },
  fields: { ...OBJECT_OF_LISTS, optional: true },
  clientCertificate: { ...OBJECT_OF_TEXTS, optional: true },
  requestId: { ...TEXT, optional: true },
}

const MEMBER_ROWS = Object.entries(MEMBERS) as readonly [keyof AuthorizationRequest, MemberRow][]

/** Whether all members fit. Asked about every request, so it is spelt out; the table says what is wrong. */
const isRequest = (read: Record<keyof AuthorizationRequest, unknown>): boolean =>
  isText(read.method) &&
  isText(read.path) &&
  isTexts(read.authorization) &&
  isSwitch(read.accessTokenInQuery) &&
  (read.origin === undefined || isText(read.origin)) &&
  (read.otherSpellings === undefined || isTexts(read.otherSpellings)) &&
  (read.exceedsPolicyResource === undefined || isSwitch(read.exceedsPolicyResource)) &&
  (read.isUnnameable === undefined || isSwitch(read.isUnnameable)) &&
  (read.fields === undefined || isObjectOfLists(read.fields)) &&
  (read.clientCertificate === undefined || isObjectOfTexts(read.clientCertificate)) &&
  (read.requestId === undefined || isText(read.requestId))

const copy = (value: unknown): unknown => (Array.isArray(value) ? [...(value as readonly unknown[])] : value)

/** A copy of the own members of an object, lists in it included. */
const copyObject = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]))
    : value

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
