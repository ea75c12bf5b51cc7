// The edges of the fuzz tests: the core, the Lambda artefact and the Worker artefact in this process, with one clock
// and without a network. A request is sent through all of them, and the invariants of every request are checked.

import {
  toIdentity,
  toRefusal,
  type Authorizer,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../shared/index.ts'
import type { CaseRequest } from '../cases/row.ts'
import { TO_EVENT } from '../edges/events.ts'
import { cfOf, factsOf } from '../edges/presented-certificate.ts'
import type { Variables } from '../edges/edge.ts'
import { loadLambda } from '../support/artefact/lambda.ts'
import { evaluateWorker } from '../support/artefact/worker.ts'
import { findLeaks } from '../support/leaks.ts'

/** A claim, a header field and a variable that nothing uses; it may appear in no output. */
export const CANARY = 'canary-3f9c1e7a5b2d8046'
/** Seconds since the epoch; every clock of the fuzz tests stands still. */
export const NOW = 1_800_000_000

/** The verdict of one edge about a request, and all of its output. */
export interface Seen {
  readonly edge: string
  readonly allow: boolean
  readonly code: string
  readonly output: string
}

/** Errors that a Lambda authorizer throws on purpose. */
const MEANT = /^(?:Unauthorized|lanekeeper: [a-z_]+)$/

class Broken extends Error {}

/** Throws if an invariant is broken. */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Broken(what)
}

function codeIn(events: readonly ReportEvent[]): string {
  const decisions = events.filter((event) => event.event === 'decision')
  demand(decisions.length === 1, `${decisions.length} decisions about one request`)
  return decisions[0]!.code
}

type Answer = {
  isAuthorized?: boolean
  policyDocument?: { Statement: { Effect: string; Resource: string }[] }
}

function lambdaAllows(answer: Answer, arn: unknown): boolean {
  if (answer.isAuthorized !== undefined) return answer.isAuthorized
  const [statement] = answer.policyDocument!.Statement
  const allows = statement!.Effect === 'Allow'
  demand(!allows || statement!.Resource === arn, 'a policy grants another resource than was asked about')
  return allows
}

export interface FuzzEdges {
  /** Sends a request through every edge that can express it, and checks the invariants that every request must keep. */
  send(request: CaseRequest, secrets?: readonly string[]): Promise<Seen[]>
  close(): Promise<void>
}

/**
 * `createCore`: the authorizer of the core, which reports what it is given. `env`: the secrets of the edges. `onTime`:
 * told how long each edge takes.
 */
export async function openFuzzEdges(
  config: LanekeeperConfig,
  env: Variables,
  createCore: (report: (event: ReportEvent) => void) => Authorizer<object> | Promise<Authorizer<object>>,
  onTime: (ms: number) => void,
): Promise<FuzzEdges> {
  let events: ReportEvent[] = []
  let reached: string | null = null
  const report = (event: ReportEvent) => void events.push(event)
  const now = () => NOW * 1000
  const authorizer = await createCore(report)
  // The keys stand in the plan, so the function makes no request.
  const openLambda = () => loadLambda(config, env, { now, report })
  // Two functions: one would refuse the proof that it has seen in the event of the other API.
  const lambdas = { rest_request: await openLambda(), http_2: await openLambda() }
  const atOrigin = async (input: RequestInfo | URL): Promise<Response> => {
    const { method, url, headers } = input as Request
    reached = JSON.stringify([method, url, [...headers].filter(([name]) => name.startsWith('x-lanekeeper-'))])
    return new Response('from the origin')
  }
  const worker = await evaluateWorker(config, env, { fetch: atOrigin, now, report })

  async function core({
    method,
    path,
    query,
    authorization,
    fields = [],
    certificate,
  }: CaseRequest): Promise<Seen> {
    const accessTokenInQuery = new URLSearchParams(query).has('access_token')
    const { needs } = authorizer
    const valuesOf = (wanted: string) =>
      fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
    const clientCertificate = needs.clientCertificate ? factsOf(certificate) : null
    const decision = await authorizer.authorize({
      method,
      path,
      authorization,
      accessTokenInQuery,
      fields: Object.fromEntries(needs.fields.map((name) => [name, valuesOf(name)])),
      ...(clientCertificate === null ? {} : { clientCertificate }),
    })
    const shown = decision.allow ? decision.grant && toIdentity(decision.grant) : toRefusal(decision, 'api')
    return { edge: 'core', allow: decision.allow, code: codeIn(events), output: JSON.stringify(shown) }
  }

  async function lambda(shape: 'rest_request' | 'http_2', request: CaseRequest): Promise<Seen> {
    const event = TO_EVENT[shape](request)
    try {
      const answer = (await lambdas[shape].handler(event as never)) as Answer
      const allow = lambdaAllows(answer, event['methodArn'])
      // The resource in a policy is the client's own path, sent back to the gateway.
      const { policyDocument: _, ...shown } = answer
      return { edge: shape, allow, code: codeIn(events), output: JSON.stringify(shown) }
    } catch (error) {
      if (error instanceof Broken) throw error
      const { message } = error as Error
      demand(MEANT.test(message), `the handler throws ${(error as Error).name}`)
      return { edge: shape, allow: false, code: codeIn(events), output: message }
    }
  }

  /** `null` if a Request of this platform cannot express it, or not unchanged. */
  async function edge({
    method,
    path,
    query,
    authorization,
    fields = [],
    certificate,
  }: CaseRequest): Promise<Seen | null> {
    if (!path.startsWith('/') || path.includes('?')) return null
    let request: Request
    try {
      const target = `https://edge.example${path}${query === undefined ? '' : `?${query}`}`
      const headers = [
        ...authorization.map((field): [string, string] => ['authorization', field]),
        ...fields.map(([name, value]): [string, string] => [name, value]),
      ]
      request = new Request(target, { method, headers })
      if (request.url !== target || request.method !== method) return null
      if (certificate !== undefined) Object.defineProperty(request, 'cf', { value: cfOf(certificate) })
    } catch {
      return null
    }
    reached = null
    const response = await worker.fetch(request, {}, { waitUntil() {} })
    const output = `${[...response.headers].join('\n')}\n${await response.text()}\n${reached}`
    demand(response.status !== 500, 'the Worker answers 500')
    demand((reached !== null) === (response.status === 200), 'the origin is reached without a 200')
    return { edge: 'worker', allow: reached !== null, code: codeIn(events), output }
  }

  return {
    async close() {
      for (const { close } of Object.values(lambdas)) await close()
    },
    async send(request, secrets = []) {
      const edges = [
        core,
        (r: CaseRequest) => lambda('rest_request', r),
        (r: CaseRequest) => lambda('http_2', r),
        edge,
      ]
      const seen: Seen[] = []
      for (const edge of edges) {
        events = []
        const started = performance.now()
        const outcome = await edge(request)
        onTime(performance.now() - started)
        if (outcome === null) continue
        demand(outcome.code !== 'internal_error', `${outcome.edge} reports an internal error`)
        const fields = request.authorization.flatMap((field) => field.split(' '))
        const leaks = findLeaks(`${outcome.output}\n${JSON.stringify(events)}`, [
          CANARY,
          ...fields,
          ...secrets,
        ])
        demand(leaks.length === 0, `${outcome.edge} shows a piece of a secret`)
        seen.push(outcome)
      }
      return seen
    },
  }
}
