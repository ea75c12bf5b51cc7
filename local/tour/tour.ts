// The tour: the same requests, with real tokens, through both edges. Sends one after the other, compares what comes back
// with what the row states, and prints a table.

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

/** Sent with every request: what a client might say about itself. The origin must never hear of it. */
const FORGED = {
  'x-lanekeeper-subject': 'mallory',
  x_lanekeeper_principal: 'admin',
  'X-LaneKeeper-Tenant': 'evil',
}

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
