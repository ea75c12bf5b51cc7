// The output of `npm start` after the start: addresses, `curl` lines, and decisions as the edges log them.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResolvedConfig } from '../shared/index.ts'
import type { Model } from './api-gateway/model.ts'
import type { ApiKind } from '../cli/api-routes.ts'
import { examplePaths } from './local-config.ts'
import type { LocalRun } from './local-run.ts'
import { layOut } from '../cli/table.ts'
import type { EdgeName } from './tour/tour-rows.ts'
import { isServed, type TourPlan } from './tour/tour-plan.ts'

/**
 * Writes an Authorization field for each token to a file that only this user can read, so that no command line, process
 * list or screen shows a token.
 */
export async function writeTokens(run: LocalRun, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const [name, token] of Object.entries(run.tokens))
    await writeFile(join(directory, name), `Authorization: Bearer ${token}\n`, { mode: 0o600 })
}

/** The addresses that examples use, each with its kind of API (`null`: the Worker) and its edges of the tour. */
const EDGES: readonly (readonly [first: EdgeName, api: ApiKind | null, names: readonly EdgeName[]])[] = [
  ['worker', null, ['worker']],
  ['request', 'REST', ['request', 'token']],
  ['http', 'HTTP', ['http']],
]

type Curl = (url: string, name: string | null, more?: string) => string

/** Lines for every edge that runs and takes no part in the tour, with paths of its own routes. */
function examplesOutsideTour(
  run: LocalRun,
  config: ResolvedConfig,
  { edges }: TourPlan,
  model: Model | null,
  curl: Curl,
): string[] {
  const running = EDGES.filter(
    ([edge, , names]) => run.edges[edge] !== undefined && !names.some((name) => edges.includes(name)),
  )
  return running.flatMap(([edge, api], index) => {
    const paths = examplePaths(config, (path) => api === null || model === null || isServed(model, api, path))
    const names = index === 0 && edges.length === 0 ? ['all', 'idToken', null] : ['all', null]
    return paths.flatMap((path) => names.map((name) => curl(`${run.edges[edge]!.url}${path}`, name)))
  })
}

/** `curl` lines, which work in any directory and shell. */
function examples(
  run: LocalRun,
  config: ResolvedConfig,
  plan: TourPlan,
  tokenDirectory: string,
  model: Model | null,
): string[] {
  const curl: Curl = (url, name, more = '') => {
    const header = name === null ? '' : `-H '@${join(tokenDirectory, name)}' `
    return `  curl -i ${more}${header}${url}`
  }
  const lines: [edge: EdgeName, path: string, name: string | null, more?: string][] = [
    ['worker', '/orders', 'read'],
    ['worker', '/orders', 'idToken'],
    ['worker', '/orders', 'read', '-X POST '],
    ['worker', '/orders', null],
    ['request', '/orders', 'read'],
    ['token', '/invoices', 'idTokenForApi'],
    ['http', '/orders', 'expired'],
  ]
  return [
    ...lines
      .filter(([edge]) => plan.edges.includes(edge))
      .map(([edge, path, name, more]) => curl(`${run.edges[edge]!.url}${path}`, name, more)),
    ...examplesOutsideTour(run, config, plan, model, curl),
  ]
}

/** `model`: that of the packaged serverless.yml, or `null` without one. */
export function describe(
  run: LocalRun,
  config: ResolvedConfig,
  plan: TourPlan,
  tokenDirectory: string,
  model: Model | null,
): string {
  const { worker, request, http } = run.edges
  const endpoints: [string, string | null | undefined][] = [
    ['Worker (workerd)', worker?.url],
    ['REST API (local API Gateway)', request?.url],
    ['HTTP API (local API Gateway)', http?.url],
    ['WebSocket API (local API Gateway)', run.webSocketUrl],
    ['authorization server', run.issuer],
    ['another authorization server', run.otherIssuer],
    ['origin behind the Worker, unprotected', run.originUrl],
  ]
  const running = endpoints.flatMap(([title, url]) => (typeof url === 'string' ? [[title, url]] : []))
  return [
    '',
    layOut(['running', 'at'], running),
    '',
    'Try it (tokens are in files that only you can read; they last an hour):',
    ...examples(run, config, plan, tokenDirectory, model),
    '',
    'Decisions appear below, laid out from the JSON lines the edges log. Ctrl-C ends everything.',
  ].join('\n')
}
