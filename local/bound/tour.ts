// The tour of examples/bound: sends the request of each row to every edge, one at a time, compares the answers with
// those of the row, and prints a table.

import { setTimeout as sleep } from 'node:timers/promises'
import { layOut, paint, type Cell } from '../../cli/table.ts'
import { make, send, type Received, type Sent, type Use } from './api-client.ts'
import { ConnectionClosed } from './connection.ts'
import { CLOSED, type Answer, type Row } from './row.ts'
import { SECTIONS } from './rows.ts'
import { EDGES, type Edge, type EdgeName, type Services } from './services.ts'
import type { Wallet } from './wallet.ts'

const LOG_WAIT_MS = 5_000
const QUIET_MS = 30
const PAUSE_MS = 250
const PATIENCE_MS = 30_000

const UNAVAILABLE = 'replay_unavailable'

const NO_ANSWER: Received = { status: CLOSED[0], body: '', challenges: '', wantsNonce: false }

const NOTES = `A cell shows the status, and the code where it is not the expected one; "gateway": API Gateway answered without a call of
the authorizer, itself or from what it has kept; "closed": it ended the connection; "-": the row is not about that edge.
Every request comes by TLS with a client certificate, unless the row says otherwise. Cloudflare asks for one, and API
Gateway demands one. workerd asks nobody: a listener before it does, and tells it as Cloudflare would.
Expected are the code of the decision, and the challenges of the Worker as oauth4webapi reads them. An HTTP API refuses
with 403, because its authorizer can only allow or deny. Only the Worker can demand a nonce.`

interface Result {
  readonly answer: Answer
  readonly problems: readonly string[]
}

/** The code that the instance logged for its last request. Log lines come over a pipe and may be late. */
async function readCode(codes: readonly string[], before: number, isCalled: boolean): Promise<string | null> {
  if (!isCalled) await sleep(QUIET_MS)
  for (let waited = 0; isCalled && codes.length === before && waited < LOG_WAIT_MS; waited += 5)
    await sleep(5)
  return codes[before] ?? null
}

/** The sender that the API was told of; `null`: none. */
function senderIn(body: string): unknown {
  const { caller } = JSON.parse(body) as { readonly caller?: { readonly sender?: unknown } }
  return caller?.sender ?? null
}

const describeAnswer = ([status, code]: Answer): string =>
  status === CLOSED[0] ? 'a closed connection' : `${status} ${code ?? 'by the gateway'}`

function findProblems(
  row: Row,
  name: EdgeName,
  [status, code]: Answer,
  { body, challenges }: Received,
): readonly string[] {
  const [wantedStatus, wantedCode] = row.expected[name]!
  const problems: string[] = []
  if (status !== wantedStatus || code !== wantedCode)
    problems.push(`expected ${describeAnswer(row.expected[name]!)}, not ${describeAnswer([status, code])}`)
  const wantedChallenges = wantedStatus === 200 ? '' : (row.challenges ?? '')
  if (name === 'worker' && challenges !== wantedChallenges)
    problems.push(`expected the challenges "${wantedChallenges}", not "${challenges}"`)
  const sender = status === 200 ? senderIn(body) : null
  if (status === 200 && sender !== (row.sender ?? null))
    problems.push(`expected the API to be told of the sender ${row.sender}, not ${String(sender)}`)
  return problems
}

/** Sends the requests of the rows to one edge after the other. */
function createVisitor({ keys, tokens, certificates: { serverCa, clients } }: Wallet) {
  const lastAt = new Map<Edge, Sent>()

  return async function visit(row: Row, edge: Edge): Promise<Result> {
    const { url: base, instance } =
      row.toDefaultEndpoint === true
        ? edge.defaultEndpoint!
        : { url: edge.url, instance: edge.instances[row.toOtherInstance === true ? 1 : 0] }
    const { port, codes } = instance
    // The TOKEN authorizer has a route of its own.
    const path = edge.name === 'token' ? '/invoices' : row.path
    const { certificate = 'device' } = row
    const use: Use = {
      method: row.method ?? 'GET',
      url: `${base}${path}`,
      token: tokens[row.token],
      dpop: row.key === undefined ? null : keys[row.key],
      tls: { serverCa, certificate: certificate === null ? null : clients[certificate] },
    }
    const last = lastAt.get(edge)!
    const change = async (made: Sent): Promise<Sent> => {
      const sent = await (row.change?.(made, {
        last,
        tokenOf: (name) => tokens[name],
        certificateOf: (name) => clients[name].pem,
        make: ({ path: other, ...more }) =>
          make({ ...use, ...(other !== undefined && { url: `${base}${other}` }), ...more }),
      }) ?? made)
      lastAt.set(edge, sent)
      return sent
    }
    const wantedCode = row.expected[edge.name]![1]
    const sendOnce = async () => {
      const before = codes.length
      const received = await send(use, port, change).catch((error: unknown) => {
        if (error instanceof ConnectionClosed) return NO_ANSWER
        throw error
      })
      return { received, code: await readCode(codes, before, wantedCode !== null) }
    }
    const startedAt = performance.now()
    let { received, code } = await sendOnce()
    if (received.wantsNonce && row.repeats !== false) ({ received, code } = await sendOnce())
    // On a busy machine, and right after its start, a store may be late. Then the edge says so, and lets nobody pass.
    while (
      code === UNAVAILABLE &&
      wantedCode !== UNAVAILABLE &&
      performance.now() - startedAt < PATIENCE_MS
    ) {
      await sleep(PAUSE_MS)
      ;({ received, code } = await sendOnce())
    }
    const answer: Answer = [received.status, code]
    return { answer, problems: findProblems(row, edge.name, answer, received) }
  }
}

function toCell({ answer: [status, code], problems }: Result, wantedCode: string | null): Cell {
  const byAuthorizer = code === wantedCode ? String(status) : `${status} ${code}`
  const byGateway = status === CLOSED[0] ? 'closed' : `${status} gateway`
  return {
    text: code === null ? byGateway : byAuthorizer,
    ...(problems.length > 0 && { colour: 'red' as const }),
  }
}

/** The answer that most edges of a row have. */
const answerOf = ({ expected }: Row): Answer =>
  expected.worker ?? EDGES.map((name) => expected[name]).find((answer) => answer !== undefined)!

function describeExpected(row: Row): string {
  const [status, code] = answerOf(row)
  return status === 200 ? 'passes' : (code ?? 'refused by API Gateway')
}

/** Takes the tour and prints its table. Returns how many rows there are, and how many came out wrong. */
export async function takeTour(
  { edges, stopStores, startStores }: Omit<Services, 'server'>,
  wallet: Wallet,
  { progress, print }: Readonly<Record<'progress' | 'print', (text: string) => void>>,
): Promise<{ readonly rows: number; readonly wrong: number }> {
  const visit = createVisitor(wallet)
  const lines: (string | Cell)[][] = []
  const problems: string[] = []
  let [rows, wrong] = [0, 0]
  for (const section of SECTIONS) {
    progress(section.title)
    if (section.stores !== undefined) await (section.stores === 'stop' ? stopStores : startStores)()
    lines.push(['', { text: section.title, colour: 'bold' }])
    for (const row of section.rows) {
      rows++
      const cells: (string | Cell)[] = []
      const before = problems.length
      for (const edge of edges) {
        if (row.expected[edge.name] === undefined) {
          cells.push('-')
          continue
        }
        const result = await visit(row, edge)
        cells.push(toCell(result, answerOf(row)[1]))
        problems.push(...result.problems.map((problem) => `row ${rows}, ${edge.title}: ${problem}`))
      }
      const isRight = problems.length === before
      if (!isRight) wrong++
      lines.push([
        String(rows).padStart(2),
        row.what,
        describeExpected(row),
        row.challenges ?? '',
        ...cells,
        isRight ? { text: 'as it should', colour: 'green' } : { text: 'WRONG', colour: 'red' },
      ])
    }
  }
  const headings = ['#', 'request', 'expected', "the Worker's challenges", ...edges.map(({ title }) => title)]
  print(`\n${layOut([...headings, ''], lines)}\n\n${NOTES}`)
  for (const problem of problems) print(paint('red', problem))
  return { rows, wrong }
}
