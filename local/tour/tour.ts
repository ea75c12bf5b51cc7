// The tour: sends the same requests with real tokens through every edge, one at a time, compares the answers with those
// of the row, and prints a table.

import { setTimeout as sleep } from 'node:timers/promises'
import { layOut, type Cell } from '../../cli/table.ts'
import {
  REVOCATION_SECONDS,
  TOUR,
  type Answer,
  type EdgeName,
  type TourRow,
  type TourTokens,
} from './tour-rows.ts'

export interface TourEdge {
  readonly title: string
  readonly url: string
  readonly defaultPath: string
  /** The codes of the decisions that this edge has logged so far. */
  readonly codes: readonly string[]
}

/** The edges that run. */
export type TourEdges = Readonly<Partial<Record<EdgeName, TourEdge>>>

const EDGE_TITLES = {
  request: 'REST, REQUEST: a policy for each request',
  token: 'REST, TOKEN: one policy for the whole API',
  http: 'HTTP API: a policy for each request',
} as const

/** Identity headers of an attacker, sent with every request. They must never reach the origin. */
const FORGED = {
  'x-lanekeeper-subject': 'mallory',
  x_lanekeeper_principal: 'admin',
  'X-LaneKeeper-Tenant': 'evil',
}

const ANSWER_MS = 15_000
const LOG_WAIT_MS = 2_000
const QUIET_MS = 30

/**
 * The code that the edge logged for the last request. Waits for it, because log lines come over a pipe and may be late.
 */
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

/** Why an answer differs from that of the row, or `null`. */
function findProblem(
  row: TourRow,
  name: EdgeName,
  answer: Answer,
  response: Response,
  text: string,
): string | null {
  const [status, code, body] = row.expected[name]
  if (answer[0] !== status || answer[1] !== code) return `expected ${status} ${code ?? 'from the gateway'}`
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
  const isCallerExpected =
    caller?.['subject'] === row.caller.subject &&
    caller['principal'] === row.caller.principal &&
    !('tenant' in caller)
  return isCallerExpected ? null : `the origin received the caller ${JSON.stringify(caller)}`
}

async function sendRequest(
  row: TourRow,
  name: EdgeName,
  edge: TourEdge,
  tokens: TourTokens,
): Promise<Result> {
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

const toText = ([status, code]: Answer, expectedCode: string | null): string => {
  if (code === null) return `${status} gateway`
  return code === expectedCode ? String(status) : `${status} ${code}`
}

/** A table of the requests on each API and the calls of its authorizer. */
function describeCalls(resultsByEdge: ReadonlyMap<EdgeName, readonly Result[]>): string {
  const names = (['request', 'token', 'http'] as const).filter((name) => resultsByEdge.has(name))
  const lines = names.map((name) => {
    const results = resultsByEdge.get(name)!
    const calls = results.filter(({ answer: [, code] }) => code !== null).length
    return [EDGE_TITLES[name], String(results.length), String(calls)]
  })
  return layOut(['API Gateway', 'requests', 'calls of the authorizer'], lines)
}

const hasApis = (names: readonly EdgeName[]): boolean => names.some((name) => name !== 'worker')

/** The request of a row in words, with a note on API Gateway only if one of its edges takes part. */
export const describeRequest = ({ request, apiNote = '' }: TourRow, names: readonly EdgeName[]): string =>
  hasApis(names) ? request + apiNote : request

interface TourRun {
  readonly flush: () => void
  readonly edges: TourEdges
  readonly tokens: TourTokens
  readonly revoke: () => Promise<void>
}

/**
 * Takes the tour through these edges, which must run, and prints its table. Returns the number of rows with a wrong
 * answer.
 */
export async function takeTour(
  { edges, tokens, revoke, flush }: TourRun,
  names: readonly EdgeName[],
  print: (text: string) => void,
): Promise<number> {
  const problems: string[] = []
  let wrongRows = 0
  const rows: (string | Cell)[][] = []
  const resultsByEdge = new Map<EdgeName, Result[]>(names.map((name) => [name, []]))
  for (const [index, row] of TOUR.entries()) {
    const expectedCode = row.expected.worker[1]
    if (row.isRevoked) {
      await revoke()
      flush()
      await sleep(REVOCATION_SECONDS * 1000)
    }
    const results: Result[] = []
    for (const name of names) {
      const result = await sendRequest(row, name, edges[name]!, tokens)
      results.push(result)
      resultsByEdge.get(name)!.push(result)
    }
    for (const [edgeIndex, { problem }] of results.entries()) {
      if (problem !== null) problems.push(`row ${index + 1}, ${edges[names[edgeIndex]!]!.title}: ${problem}`)
    }
    const isExpected = results.every(({ problem }) => problem === null)
    if (!isExpected) wrongRows++
    rows.push([
      String(index + 1).padStart(2),
      describeRequest(row, names),
      `${expectedCode === 'access_token' || expectedCode === 'public' ? 'allow' : 'deny'}  ${expectedCode}`,
      ...results.map(({ answer, problem }): Cell => ({
        text: toText(answer, expectedCode),
        ...(problem === null ? {} : { colour: 'red' }),
      })),
      isExpected ? { text: 'as it should', colour: 'green' } : { text: 'WRONG', colour: 'red' },
    ])
  }
  print(layOut(['#', 'request', 'expected', ...names.map((name) => edges[name]!.title), ''], rows))
  print(
    `\nA cell shows the status, and the code if it differs from the expected one${
      hasApis(names)
        ? '; "gateway": API Gateway answered without a call of the authorizer, itself or from its cache'
        : ''
    }.`,
  )
  if (hasApis(names)) print(`\n${describeCalls(resultsByEdge)}`)
  for (const problem of problems) print(problem)
  return wrongRows
}
