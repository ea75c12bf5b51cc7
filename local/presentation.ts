// What `npm start` shows once everything runs: where things are, lines to paste, and decisions as they are logged.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResolvedConfig } from '../shared/index.ts'
import type { Model } from './api-gateway/model.ts'
import type { ApiKind } from '../cli/api-routes.ts'
import { examplePaths } from './local-config.ts'
import type { LocalRun } from './local-run.ts'
import { readLogLine } from './log-line.ts'
import { layOut } from '../cli/table.ts'
import type { EdgeName } from './tour/tour-rows.ts'
import { isServed, type TourPlan } from './tour/tour-plan.ts'

/** Header fields with the tokens, in files that only this user can read: no command line, process list or screen shows one. */
export async function writeTokens(run: LocalRun, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const [name, token] of Object.entries(run.tokens))
    await writeFile(join(directory, name), `Authorization: Bearer ${token}\n`, { mode: 0o600 })
}

/** What runs at one address, and where it is in the plan. */
const EDGES: readonly (readonly [first: EdgeName, api: ApiKind | null, names: readonly EdgeName[]])[] = [
  ['worker', null, ['worker']],
  ['request', 'REST', ['request', 'token']],
  ['http', 'HTTP', ['http']],
]

type Curl = (url: string, name: string | null, more?: string) => string

/** For every edge that runs and takes no part in the tour: what somebody else's routes have to offer there. */
function ownExamples(
  run: LocalRun,
  config: ResolvedConfig,
  { edges }: TourPlan,
  model: Model | null,
  curl: Curl,
): string[] {
  const running = EDGES.filter(
    ([first, , names]) => run.edges[first] !== undefined && !names.some((name) => edges.includes(name)),
  )
  return running.flatMap(([first, api], index) => {
    const paths = examplePaths(config, (path) => api === null || model === null || isServed(model, api, path))
    const names = index === 0 && edges.length === 0 ? ['all', 'idToken', null] : ['all', null]
    return paths.flatMap((path) => names.map((name) => curl(`${run.edges[first]!.url}${path}`, name)))
  })
}

/** Lines to paste, into any directory of any shell. */
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
    ...ownExamples(run, config, plan, model, curl),
  ]
}

/** `model`: of the packaged serverless.yml, where there is one. */
export function describe(
  run: LocalRun,
  config: ResolvedConfig,
  plan: TourPlan,
  tokenDirectory: string,
  model: Model | null,
): string {
  const { worker, request, http } = run.edges
  const places: [string, string | null | undefined][] = [
    ['Worker (workerd)', worker?.url],
    ['REST API (local API Gateway)', request?.url],
    ['HTTP API (local API Gateway)', http?.url],
    ['WebSocket API (local API Gateway)', run.webSocketUrl],
    ['authorization server', run.issuer],
    ['another authorization server', run.otherIssuer],
    ['origin behind the Worker, unprotected', run.originUrl],
  ]
  const running = places.flatMap(([what, at]) => (typeof at === 'string' ? [[what, at]] : []))
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

/** A line of a child for a person: logged events laid out, the noise of a thrown 401 left out. */
export function toReadable(child: string, line: string): string | null {
  const event = readLogLine(line)
  if (event !== null) {
    const route = 'route' in event ? (event.route ?? '') : ''
    const detail = 'detail' in event ? (event.detail ?? {}) : {}
    const details = Object.entries(detail).map(([name, value]) => `${name}: ${value}`)
    const parts = [child.padEnd(11), event.outcome, event.code, route, ...details]
    return parts.filter((part) => part !== '').join('  ')
  }
  const isNoise =
    line.startsWith('Invoke Error Error: Unauthorized') || /^\s+at /.test(line) || line.trim() === ''
  return isNoise ? null : `${child}: ${line}`
}
