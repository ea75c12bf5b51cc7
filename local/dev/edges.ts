// One generation of the edges: the artefacts of the stage `local`, built into a folder of their own, and the processes
// that run them. A new one is built while the last one runs, and takes over its ports.

import { mkdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildArtefact, type Artefact } from '../../cli/artefact/build.ts'
import { findTool } from '../../cli/project-tool.ts'
import { Stop } from '../../cli/stop.ts'
import { startChild, type Child } from '../child.ts'
import type { DevFunction, DevGatewayOptions } from '../processes/dev-gateway.ts'
import { demandWorkerTools } from '../worker-tools.ts'
import { deriveApis } from './api-model.ts'
import type { ApiName } from './choose-authorizers.ts'
import { LOCAL_STAGE, type DerivedStage } from './derive-stage.ts'
import type { LocalSecrets } from './local-secrets.ts'
import { readApis, type TemplateApis } from './template-apis.ts'

export type DevEdge = 'cloudflare' | 'aws'

export interface DevPorts {
  readonly worker: number
  readonly rest: number
  readonly http: number
  readonly webSocket: number
}

export interface EdgesRequest {
  readonly edges: readonly DevEdge[]
  readonly apis: readonly ApiName[] | null
  /** `null`: serverless.yml if the project has one, else the APIs are derived. */
  readonly template: string | null
  readonly project: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ports: DevPorts
  /** For functions whose code is not at hand. */
  readonly origin: string
}

export interface BuiltEdges {
  readonly artefacts: readonly Artefact[]
  readonly worker: WorkerOptions | null
  readonly gateway: DevGatewayOptions | null
  readonly apis: Pick<TemplateApis, 'elsewhere' | 'leftOut'>
}

interface WorkerOptions {
  readonly script: string
  readonly config: string | null
  readonly project: string
  readonly port: number
  readonly variables: Readonly<Record<string, string>>
  readonly origin: string
}

export interface EdgeUrls {
  readonly worker: string | null
  readonly rest: string | null
  readonly http: string | null
  readonly webSocket: string | null
}

const wranglerFile = (project: string): string | null => {
  const file = join(project, 'wrangler.toml')
  return existsSync(file) ? file : null
}

/** `ws` of the project, or that of its miniflare. */
function findWs(project: string): string {
  const miniflare = findTool('miniflare', project)
  const found = findTool('ws', project) ?? (miniflare === null ? null : findTool('ws', dirname(miniflare)))
  if (found === null)
    throw new Stop(
      'A WebSocket API runs with the package ws of the project; run: npm install --save-dev ws',
      2,
    )
  return found
}

/** @throws {Stop} if a tool is missing without which these edges do not run (exit code 2). */
export function demandTools({ edges, project }: Pick<EdgesRequest, 'edges' | 'project'>): void {
  if (edges.includes('cloudflare')) demandWorkerTools(project)
}

const AUTHORIZER = {
  runtime: 'nodejs24.x',
  handler: 'authorizer.handler',
  timeoutSeconds: 10,
  memoryMegabytes: 512,
}

/** The variables of the template that are plain text. */
const plainVariables = (environment: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [[name, String(value)]],
    ),
  )

/**
 * Builds what one generation runs. Nothing that runs is touched.
 *
 * @throws {ConfigError} with every problem of the configuration.
 * @throws {Stop} if something is missing.
 */
export async function buildEdges(
  request: EdgesRequest,
  { config, sharedSecrets }: DerivedStage,
  secretOf: (issuer: string) => string,
  secrets: LocalSecrets,
  folder: string,
): Promise<BuiltEdges> {
  const { edges, project, env, ports, origin } = request
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const built = new Map<DevEdge, { readonly artefact: Artefact; readonly out: string }>()
  for (const edge of edges) {
    const out = join(folder, edge)
    const local = { config, edge, stage: LOCAL_STAGE, env, project, out, metrics: null }
    built.set(edge, { artefact: await buildArtefact(local), out })
  }
  const shared = Object.fromEntries([...sharedSecrets].map(([name, variable]) => [variable, secretOf(name)]))
  const variablesFor = async ({ compiled }: Artefact) => {
    const open = compiled.open.map(({ variable }) => [variable, env[variable] ?? ''])
    const values = await secrets.valuesFor(compiled.plan.secrets, { ...env, ...shared })
    return { LANEKEEPER_STAGE: LOCAL_STAGE, ...Object.fromEntries(open), ...values, ...shared }
  }
  const worker = built.get('cloudflare')
  const lambda = built.get('aws')
  const apis =
    lambda === undefined ? null : await findApis(request, lambda.artefact, join(folder, 'template'))
  return {
    artefacts: [...built.values()].map(({ artefact }) => artefact),
    worker:
      worker === undefined
        ? null
        : {
            script: join(worker.out, 'index.js'),
            config: wranglerFile(project),
            ...{ project, port: ports.worker, origin },
            variables: await variablesFor(worker.artefact),
          },
    gateway:
      lambda === undefined || apis === null
        ? null
        : {
            model: apis.model,
            functions: functionsOf(apis, lambda.out, await variablesFor(lambda.artefact)),
            ...{ origin, ports },
            ws: apis.model.webSocketApi === undefined ? null : findWs(project),
          },
    apis: { elsewhere: apis?.elsewhere ?? [], leftOut: apis?.leftOut ?? [] },
  }
}

async function findApis(
  { template, apis, project, cwd }: EdgesRequest,
  { compiled }: Artefact,
  scratch: string,
): Promise<TemplateApis> {
  const hasFile = template !== null || existsSync(join(project, 'serverless.yml'))
  if (!hasFile) return { ...deriveApis(compiled.config, apis), functions: [], elsewhere: [] }
  return readApis({ file: template, cwd, root: project, scratch, wanted: apis })
}

/** The authorizers, which run the artefact, and the functions of the user. */
function functionsOf(
  { authorizers, functions }: TemplateApis,
  artefact: string,
  variables: Readonly<Record<string, string>>,
): DevFunction[] {
  const ours = [...authorizers].map(([logicalId, entry]) => ({
    lambda: { ...AUTHORIZER, logicalId, name: logicalId },
    codeDirectory: artefact,
    variables: { ...variables, ...(entry !== null && { LANEKEEPER_AUTHORIZER: entry }) },
  }))
  const theirs = functions.map(({ lambda: { environment, ...lambda }, codeDirectory }) => ({
    ...{ lambda, codeDirectory },
    variables: plainVariables(environment),
  }))
  return [...ours, ...theirs]
}

export interface RunningEdges {
  readonly urls: EdgeUrls
  /** Ends every process. */
  stop(): Promise<void>
}

export interface EdgeEvents {
  /** Receives every line that an edge logs. */
  readonly onLine: (edge: string, line: string) => void
  /** Receives a sentence when a process has ended that nobody has stopped. */
  readonly onEnd: (sentence: string) => void
}

/** Starts the processes of a generation. Rejects with one sentence if one of them does not start; then none runs. */
export async function startEdges(
  { worker, gateway }: BuiltEdges,
  { onLine, onEnd }: EdgeEvents,
): Promise<RunningEdges> {
  const children: Child[] = []
  let isStopping = false
  const start = <Ready>(name: string, module: string, options: unknown) =>
    startChild<Ready>({
      ...{ name, module, options, serialization: module === 'dev-gateway' ? 'advanced' : 'json' },
      onLine: (line) => onLine(name, line),
      onSpawn(child) {
        children.push(child)
        void child.ended.then((sentence) => isStopping || onEnd(sentence))
      },
    })
  async function stop(): Promise<void> {
    isStopping = true
    await Promise.all(children.map((child) => child.stop()))
  }
  type Gateway = { readonly [name in 'restUrl' | 'httpUrl' | 'webSocketUrl']?: string }
  try {
    const [ofWorker, ofGateway] = await Promise.all([
      worker && start<{ url: string }>('Worker', 'worker-edge', worker),
      gateway && start<Gateway>('API Gateway', 'dev-gateway', gateway),
    ])
    return {
      urls: {
        worker: ofWorker?.url ?? null,
        rest: ofGateway?.restUrl ?? null,
        http: ofGateway?.httpUrl ?? null,
        webSocket: ofGateway?.webSocketUrl ?? null,
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
