// The edges that take bound tokens, each opened anew for a case: its clock stands at the time of the
// case, and it has seen no proof yet. The Worker is `createWorker` in workerd, started again for each case.

import type { LanekeeperConfig } from '../../shared/index.ts'
import type { CaseRequest, EdgeName, Field, PresentedCertificate } from '../cases/row.ts'
import { openCoreEdge } from '../edges/core-edge.ts'
import { codeOf, type Edge, type OpenEdge } from '../edges/edge.ts'
import { openLambdaEdge } from '../edges/lambda-edge.ts'
import { openCreatedWorkerEdge, toCfField, type WorkerEdge } from '../edges/worker-edge.ts'
import type { Verdict } from './suite.ts'
import { statusOf } from './verdict.ts'

/** What a client sends: the token with its scheme, DPoP fields, and its certificate in TLS. */
export interface BoundRequest {
  readonly method?: string
  readonly path: string
  readonly query?: string
  readonly host?: string
  readonly authorization: string
  readonly proofs: readonly string[]
  /** Further fields that name a host. */
  readonly fields?: readonly Field[]
  readonly certificate?: PresentedCertificate
}

export interface DpopPlaces {
  /**
   * Sends requests one after the other to new instances of the edges, whose clocks stand at `nowSeconds` (default: the
   * present), and returns the verdicts about each. `skip`: edges that cannot express them.
   */
  send(
    requests: readonly BoundRequest[],
    nowSeconds?: number,
    skip?: readonly EdgeName[],
  ): Promise<readonly (readonly Verdict[])[]>
  close(): Promise<void>
}

const LAMBDA_EDGES = {
  'rest TOKEN': 'rest_token',
  'rest REQUEST': 'rest_request',
  'http 2.0 simple': 'http_2',
  'http 1.0': 'http_1',
  websocket: 'websocket',
} as const

const toCase = ({
  method = 'GET',
  authorization,
  proofs,
  fields = [],
  ...rest
}: BoundRequest): CaseRequest => ({
  method,
  ...rest,
  authorization: [authorization],
  fields: [...fields, ...proofs.map((proof): Field => ['DPoP', proof])],
})

/** The events of the tests have a Host of their own. */
const withHost = (given: CaseRequest): CaseRequest =>
  given.host === undefined ? given : { ...given, fields: [['Host', given.host], ...given.fields!] }

/** The socket of a test has no TLS, and a client of TLS leaves the port 443 out. */
const withoutTlsPort = (host: string | undefined): string | undefined => host?.replace(/:443$/, '')

/** Sends to the Worker; workerd refuses some values of Host itself. */
async function sendToWorker(worker: WorkerEdge, given: CaseRequest): Promise<Verdict> {
  const { method, path, query, authorization, fields = [], certificate } = given
  const { response, seen } = await worker.sendRaw({
    method,
    target: query === undefined ? path : `${path}?${query}`,
    host: withoutTlsPort(given.host),
    fields: [...toCfField(certificate), ['Authorization', authorization[0]!], ...fields],
  })
  const events = await worker.takeEvents()
  const code = events.some(({ event }) => event === 'decision') ? codeOf(events) : 'refused by workerd'
  return { where: 'worker', accepted: seen !== undefined, status: response.status, code }
}

async function sendTo(edge: Edge, given: CaseRequest): Promise<Verdict> {
  const outcome = await edge.send(edge.name === 'core' ? given : withHost(given))
  return { where: edge.name, accepted: outcome.allow, status: statusOf(outcome), code: outcome.code }
}

/**
 * The configuration of the edges. `websocket`: of the WebSocket API, whose `$connect` has the URL of the API alone;
 * `worker`: of the Worker. Default: `config`.
 */
export interface DpopConfigs {
  readonly config: LanekeeperConfig
  readonly websocket?: LanekeeperConfig
  readonly worker?: LanekeeperConfig
}

export function createDpopPlaces(
  { config, websocket = config, worker: workerConfig = config }: DpopConfigs,
  env: Readonly<Record<string, string>>,
): DpopPlaces {
  let opening: Promise<WorkerEdge> | undefined
  const others: Readonly<Record<string, OpenEdge>> = {
    core: openCoreEdge,
    ...Object.fromEntries(
      Object.entries(LAMBDA_EDGES).map(([name, shape]): [string, OpenEdge] => [
        name,
        (given, variables) =>
          openLambdaEdge(
            name === 'websocket' ? websocket : given,
            name as EdgeName,
            shape,
            'simple',
            variables,
          ),
      ]),
    ),
  }

  return {
    async send(requests, nowSeconds = Math.floor(Date.now() / 1000), skip = []) {
      const cases = requests.map(toCase)
      const verdicts: Verdict[][] = cases.map(() => [])
      if (!skip.includes('worker')) {
        const worker = await (opening ??= openCreatedWorkerEdge(workerConfig, env))
        await worker.beginAt(nowSeconds * 1000)
        for (const [index, given] of cases.entries()) verdicts[index]!.push(await sendToWorker(worker, given))
      }
      for (const [name, open] of Object.entries(others)) {
        if (skip.includes(name as EdgeName)) continue
        const edge = await open(config, env)
        await edge.advance(nowSeconds * 1000 - Date.now())
        for (const [index, given] of cases.entries()) verdicts[index]!.push(await sendTo(edge, given))
        await edge.close()
      }
      return verdicts
    },
    close: async () => (await opening)?.close(),
  }
}
