// The tour: the same requests, with real tokens, through both edges, and what each must answer. The expected
// code and wire form of every row are written out here; nothing is computed from the table of failures.

import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoTokens, ForgedTokens } from '../demo-tokens/index.ts'
import { layOut, type Cell } from '../../cli/table.ts'

export type EdgeName = 'worker' | 'request' | 'token' | 'http'

export type TourTokens = DemoTokens & ForgedTokens

/** What one edge must answer: the status, the code of the decision (`null`: the gateway answers for itself), the body. */
type Answer = readonly [status: number, code: string | null, body?: string]

interface TourRow {
  readonly sent: string
  /** What `sent` says more where an API takes part. */
  readonly onApis?: string
  readonly method?: 'GET' | 'POST'
  /** Default: /orders, and /invoices where the TOKEN authorizer guards. */
  readonly path?: string
  readonly token: Exclude<keyof TourTokens, 'all'> | null
  /** The token has been revoked, for as long as an answer about it is remembered. */
  readonly isRevokedBefore?: true
  readonly expected: Readonly<Record<EdgeName, Answer>>
  /** Who the origin must have been told is calling, on every edge. */
  readonly caller?: { readonly subject: string; readonly principal: 'user' | 'client' }
  /** The challenge of the Worker; API Gateway can carry none. */
  readonly challenge?: string
}

const INVALID = 'Bearer realm="api", error="invalid_token"'
const ID_TOKEN = `${INVALID}, error_description="An ID token cannot be used to call this API; send the access token."`

const ID_TOKEN_DETAIL = ',"detail":"An ID token cannot be used to call this API; send the access token."'

const LACKING = 'The access token lacks a scope that this request needs.'
const SCOPE_LACKING = `Bearer realm="api", error="insufficient_scope", error_description="${LACKING}", scope="orders:read orders:write"`
const NO_ACCESS_TOKEN = 'This is not recognisably an access token; send the access token issued for this API.'

/** `cacheSeconds` of the stage `local`: after that, a revocation has been seen by every instance. */
const REVOCATION_SECONDS = 2

const allowed = (status: number): TourRow['expected'] => ({
  worker: [status, 'access_token'],
  request: [status, 'access_token'],
  token: [status, 'access_token'],
  http: [status, 'access_token'],
})

const REST_401 = '{"message":"Unauthorized"}'
const REST_403 = '{"Message":"User is not authorized to access this resource with an explicit deny"}'
const REST_403_TABLE = '{"Message":"User is not authorized to access this resource"}'
const REST_NO_ROUTE = '{"message":"Missing Authentication Token"}'
const HTTP_401 = '{"message":"Unauthorized"}'
const HTTP_403 = '{"message":"Forbidden"}'
const HTTP_404 = '{"message":"Not Found"}'

/** 401 where the door can say it: an HTTP API knows only yes and no, and answers 403. */
const refused = (code: string, detail = ''): TourRow['expected'] => ({
  worker: [401, code, `{"title":"Unauthorized","status":401,"error":"invalid_token"${detail}}`],
  request: [401, code, REST_401],
  token: [401, code, REST_401],
  http: [403, code, HTTP_403],
})

/** A refusal that may end is thrown where the HTTP API keeps answers. The local gateway answers that with 401; AWS may answer 500. */
const refusedForNow = (code: string, detail = ''): TourRow['expected'] => ({
  ...refused(code, detail),
  http: [401, code, HTTP_401],
})

const NOT_ACTIVE = 'The access token is not active.'
const INACTIVE = {
  expected: refusedForNow('token_inactive', `,"detail":"${NOT_ACTIVE}"`),
  challenge: `${INVALID}, error_description="${NOT_ACTIVE}"`,
}

/** The TOKEN authorizer has answered for the whole API when the token came the first time. */
const forbidden = (code: string, detail: string): TourRow['expected'] => ({
  worker: [403, code, `{"title":"Forbidden","status":403,"error":"${code}"${detail}}`],
  request: [403, code, REST_403],
  token: [403, null, REST_403_TABLE],
  http: [403, code, HTTP_403],
})

/** Sent with every request: what a client might say about itself. The origin must never hear of it. */
const FORGED = {
  'x-lanekeeper-subject': 'mallory',
  x_lanekeeper_principal: 'admin',
  'X-LaneKeeper-Tenant': 'evil',
}

const ALICE = { subject: 'alice', principal: 'user' } as const
const SERVICE = { subject: 'orders-service', principal: 'client' } as const

export const TOUR: readonly TourRow[] = [
  { sent: 'access token of a user', token: 'read', expected: allowed(200), caller: ALICE },
  {
    sent: 'the same again',
    onApis: ', which API Gateway has kept',
    token: 'read',
    expected: {
      worker: [200, 'access_token'],
      request: [200, null],
      token: [200, null],
      http: [200, null],
    },
    caller: ALICE,
  },
  { sent: 'access token of a service', token: 'service', expected: allowed(200), caller: SERVICE },
  {
    sent: 'the same user, POST, scope lacking',
    method: 'POST',
    token: 'read',
    expected: forbidden('insufficient_scope', `,"detail":"${LACKING}"`),
    challenge: SCOPE_LACKING,
  },
  {
    sent: 'the same user, POST, scope granted',
    method: 'POST',
    token: 'write',
    expected: allowed(201),
    caller: ALICE,
  },
  {
    sent: 'no token',
    token: null,
    expected: {
      worker: [401, 'credential_missing', '{"title":"Unauthorized","status":401}'],
      request: [401, null, REST_401],
      token: [401, null, REST_401],
      http: [401, null, HTTP_401],
    },
    challenge: 'Bearer realm="api"',
  },
  {
    sent: "the user's ID token",
    token: 'idToken',
    expected: refused('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    sent: 'an ID token whose aud is the API',
    token: 'idTokenForApi',
    expected: refused('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    sent: 'an ID token with typ at+jwt as well',
    token: 'disguisedIdToken',
    expected: refused('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    sent: 'expired',
    token: 'expired',
    expected: refused('token_expired', ',"detail":"The access token expired."'),
    challenge: `${INVALID}, error_description="The access token expired."`,
  },
  {
    sent: 'for another audience',
    token: 'otherAudience',
    expected: refused('audience_mismatch', ',"detail":"The access token was issued for another API."'),
    challenge: `${INVALID}, error_description="The access token was issued for another API."`,
  },
  {
    sent: 'from another issuer',
    token: 'otherIssuer',
    expected: refused('issuer_unknown'),
    challenge: INVALID,
  },
  {
    sent: 'payload tampered with',
    token: 'tampered',
    expected: refusedForNow('signature_invalid'),
    challenge: INVALID,
  },
  { sent: 'alg: none', token: 'algNone', expected: refused('alg_unsupported'), challenge: INVALID },
  {
    sent: 'signed by another key',
    token: 'foreignKey',
    expected: refusedForNow('signature_invalid'),
    challenge: INVALID,
  },
  {
    sent: 'bound to a key (cnf), as plain bearer',
    token: 'dpopBound',
    expected: refusedForNow(
      'sender_constraint_unproven',
      ',"detail":"The access token is sender-constrained and cannot be used as a plain bearer token here."',
    ),
    challenge: `${INVALID}, error_description="The access token is sender-constrained and cannot be used as a plain bearer token here."`,
  },
  { sent: 'opaque token of a user', token: 'opaque', expected: allowed(200), caller: ALICE },
  { sent: 'opaque token of a service', token: 'opaqueService', expected: allowed(200), caller: SERVICE },
  {
    sent: 'opaque token, POST, scope lacking',
    method: 'POST',
    token: 'opaque',
    expected: forbidden('insufficient_scope', `,"detail":"${LACKING}"`),
    challenge: SCOPE_LACKING,
  },
  { sent: 'opaque token, expired', token: 'opaqueExpired', ...INACTIVE },
  {
    sent: 'opaque token, not revoked yet',
    token: 'opaqueRevoked',
    expected: allowed(200),
    caller: ALICE,
  },
  {
    sent: `the same, revoked ${REVOCATION_SECONDS} seconds ago`,
    onApis: ', caches flushed',
    token: 'opaqueRevoked',
    isRevokedBefore: true,
    ...INACTIVE,
  },
  {
    sent: 'a refresh token, which introspects as active',
    token: 'refresh',
    expected: refused('token_kind_unproven', `,"detail":"${NO_ACCESS_TOKEN}"`),
    challenge: `${INVALID}, error_description="${NO_ACCESS_TOKEN}"`,
  },
  {
    sent: 'public route, no token',
    path: '/health',
    token: null,
    expected: { worker: [200, 'public'], request: [200, null], token: [200, null], http: [200, null] },
  },
  {
    sent: 'unknown route, good token',
    path: '/admin',
    token: 'write',
    expected: {
      worker: [403, 'route_unknown', '{"title":"Forbidden","status":403}'],
      request: [403, null, REST_NO_ROUTE],
      token: [403, null, REST_NO_ROUTE],
      http: [404, null, HTTP_404],
    },
  },
]

export interface TourEdge {
  readonly title: string
  readonly url: string
  readonly defaultPath: string
  /** Codes of the decisions this edge has logged so far. */
  readonly codes: readonly string[]
}

/** Those that run. */
export type TourEdges = Readonly<Partial<Record<EdgeName, TourEdge>>>

const EDGE_TITLES = {
  request: 'REST, REQUEST: an answer for each request',
  token: 'REST, TOKEN: one answer for the whole API',
  http: 'HTTP API: an answer for each request',
} as const
const ANSWER_MS = 15_000
const LOG_WAIT_MS = 2_000
const QUIET_MS = 30

/** The code logged for the request just answered: log lines come over a pipe, so they may be a moment late. */
async function readCode(edge: TourEdge, before: number, expected: string | null): Promise<string | null> {
  if (expected === null) await sleep(QUIET_MS)
  for (let waited = 0; expected !== null && edge.codes.length === before && waited < LOG_WAIT_MS; waited += 5)
    await sleep(5)
  return edge.codes[before] ?? null
}

interface Result {
  readonly answer: Answer
  readonly problem: string | null
}

/** Why an answer is not the one the row states, or `null`. */
function findProblem(
  row: TourRow,
  name: EdgeName,
  seen: Answer,
  response: Response,
  text: string,
): string | null {
  const [status, code, body] = row.expected[name]
  if (seen[0] !== status || seen[1] !== code) return `expected ${status} ${code ?? 'from the gateway'}`
  if (body !== undefined && text !== body) return `expected the body ${body}, got ${text}`
  const type = response.headers.get('content-type')
  if (name === 'worker' && body !== undefined) {
    if (type !== 'application/problem+json') return `the content type is ${type}`
    if (response.headers.get('cache-control') !== 'no-store') return 'the refusal may be stored'
  }
  const challenge = response.headers.get('www-authenticate')
  if (name === 'worker' && challenge !== (row.challenge ?? null)) return `the challenge is ${challenge}`
  if (row.caller === undefined) return null
  const { caller } = JSON.parse(text) as { caller?: Record<string, unknown> }
  const told =
    caller?.['subject'] === row.caller.subject &&
    caller['principal'] === row.caller.principal &&
    !('tenant' in caller)
  return told ? null : `the origin was told that the caller is ${JSON.stringify(caller)}`
}

async function ask(row: TourRow, name: EdgeName, edge: TourEdge, tokens: TourTokens): Promise<Result> {
  const before = edge.codes.length
  const authorization = row.token === null ? {} : { authorization: `Bearer ${tokens[row.token]}` }
  const response = await fetch(`${edge.url}${row.path ?? edge.defaultPath}`, {
    method: row.method ?? 'GET',
    headers: { ...FORGED, ...authorization },
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  const text = await response.text()
  const answer: Answer = [response.status, await readCode(edge, before, row.expected[name][1])]
  return { answer, problem: findProblem(row, name, answer, response, text) }
}

const toText = ([status, code]: Answer, usual: string | null): string => {
  if (code === null) return `${status} gateway`
  return code === usual ? String(status) : `${status} ${code}`
}

/** How often each authorizer was called, out of the requests that were let through or refused by what it answers. */
function describeCalls(asked: ReadonlyMap<EdgeName, readonly Result[]>): string {
  const names = (['request', 'token', 'http'] as const).filter((name) => asked.has(name))
  const lines = names.map((name) => {
    const results = asked.get(name)!
    const calls = results.filter(({ answer: [, code] }) => code !== null).length
    return [EDGE_TITLES[name], String(results.length), String(calls)]
  })
  return layOut(['API Gateway', 'requests', 'calls of the authorizer'], lines)
}

const hasApis = (names: readonly EdgeName[]): boolean => names.some((name) => name !== 'worker')

/** What a row of the tour sends, in words that fit the edges that take part. */
export const describeSent = ({ sent, onApis = '' }: TourRow, names: readonly EdgeName[]): string =>
  hasApis(names) ? sent + onApis : sent

interface TourRun {
  readonly flush: () => void
  readonly edges: TourEdges
  readonly tokens: TourTokens
  readonly revoke: () => Promise<void>
}

/** Takes the tour through these edges, which all run, one request at a time, and prints its table. Returns the number of rows that came out wrong. */
export async function takeTour(
  { edges, tokens, revoke, flush }: TourRun,
  names: readonly EdgeName[],
  print: (text: string) => void,
): Promise<number> {
  const problems: string[] = []
  let wrong = 0
  const rows: (string | Cell)[][] = []
  const asked = new Map<EdgeName, Result[]>(names.map((name) => [name, []]))
  for (const [index, row] of TOUR.entries()) {
    const usual = row.expected.worker[1]
    if (row.isRevokedBefore) {
      await revoke()
      flush()
      await sleep(REVOCATION_SECONDS * 1000)
    }
    const results: Result[] = []
    for (const name of names) {
      const result = await ask(row, name, edges[name]!, tokens)
      results.push(result)
      asked.get(name)!.push(result)
    }
    for (const [at, { problem }] of results.entries()) {
      if (problem !== null) problems.push(`row ${index + 1}, ${edges[names[at]!]!.title}: ${problem}`)
    }
    const right = results.every(({ problem }) => problem === null)
    if (!right) wrong++
    rows.push([
      String(index + 1).padStart(2),
      describeSent(row, names),
      `${usual === 'access_token' || usual === 'public' ? 'allow' : 'deny'}  ${usual}`,
      ...results.map(({ answer, problem }): Cell => ({
        text: toText(answer, usual),
        ...(problem === null ? {} : { colour: 'red' }),
      })),
      right ? { text: 'as it should', colour: 'green' } : { text: 'WRONG', colour: 'red' },
    ])
  }
  print(layOut(['#', 'sent', 'should be', ...names.map((name) => edges[name]!.title), ''], rows))
  print(
    `\nA cell shows the status, and the code where it is not the one of the row${
      hasApis(names)
        ? '; "gateway": answered without asking the authorizer, by itself or from what it keeps'
        : ''
    }.`,
  )
  if (hasApis(names)) print(`\n${describeCalls(asked)}`)
  for (const problem of problems) print(problem)
  return wrong
}
