// Starts the processes of the local run: two authorization servers, the demo origin and the edges. If one of them ends,
// run-command.ts stops the others.

import type { JWK } from 'jose'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { ApiGateway } from './api-gateway/index.ts'
import { secretsOf, type AuthorizationServer } from './authorization-server/index.ts'
import type { SomeBuild } from '../cli/build.ts'
import { startChild, type Child } from './child.ts'
import { forgeTokens, obtainDemoTokens, revokeToken } from './demo-tokens/index.ts'
import type { LocalVariables } from './local-config.ts'
import type { Edges } from '../cli/edges.ts'
import { readLogLine } from './log-line.ts'
import type { TourTokens } from './tour/tour-rows.ts'
import type { TourEdges } from './tour/tour.ts'

const AUDIENCE = 'https://api.orders.example'
const OTHER_AUDIENCE = 'https://api.shipping.example'

/** The services in the order of their ports, from the base port on. */
export const SERVICES = [
  'Worker',
  'REST API',
  'HTTP API',
  'authorization server',
  'another authorization server',
  'origin',
  'WebSocket API',
] as const

type Service = (typeof SERVICES)[number]

/** Services that run only with a Worker. Services with a name that ends in `API` run only with a Lambda. */
const WORKER_SERVICES: readonly Service[] = ['Worker', 'origin']

const portOf = (basePort: number, service: Service): number => basePort + SERVICES.indexOf(service)

/** The environment variables of the stage `local`. */
export const localVariables = (basePort: number, introspectionKey: JWK): LocalVariables => ({
  LANEKEEPER_STAGE: 'local',
  LOCAL_ISSUER: `http://127.0.0.1:${portOf(basePort, 'authorization server')}`,
  LOCAL_AUDIENCE: AUDIENCE,
  LOCAL_ORIGIN: `http://127.0.0.1:${portOf(basePort, 'origin')}`,
  LOCAL_INTROSPECTION_KEY: JSON.stringify(introspectionKey),
})

export interface LocalRun {
  readonly edges: TourEdges
  readonly tokens: TourTokens
  /** Revokes the token `opaqueRevoked` at the authorization server. */
  readonly revoke: () => Promise<void>
  /** Every secret of the run except the tokens. */
  readonly secrets: readonly string[]
  /** `null` without a WebSocket API. */
  readonly webSocketUrl: string | null
  /** The codes of the decisions that the authorizer functions have logged so far, one for each call. */
  readonly functionCodes: readonly string[]
  /** Flushes the authorizer caches of the local API Gateway. */
  readonly flush: () => void
  readonly issuer: string
  readonly otherIssuer: string
  /** `null` without a Worker. */
  readonly originUrl: string | null
}

export interface LocalRunOptions {
  /** The edges that it contains are run. */
  readonly build: SomeBuild
  readonly basePort: number
  readonly variables: LocalVariables
  /** Scopes of the token `all`. */
  readonly scopes: readonly string[]
  /** Receives every line that a child prints. */
  readonly onLine: (child: string, line: string) => void
  readonly progress: (text: string) => void
  /** Least time between the expiry of the expired tokens and the end of the start, in seconds. Default 2. */
  readonly expiredBySeconds?: number
  /** Receives every child as soon as its process runs, so that the caller can stop it even if the start fails. */
  readonly onSpawn: (child: Child) => void
}

/** The first port of the run that is in use. */
export async function findBusyPort(
  basePort: number,
  { hasWorker, hasLambda }: Edges = { hasWorker: true, hasLambda: true },
): Promise<{ port: number; service: string } | null> {
  for (const [index, service] of SERVICES.entries()) {
    if (service.endsWith('API') ? !hasLambda : !hasWorker && WORKER_SERVICES.includes(service)) continue
    const port = basePort + index
    const busy = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(true))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)))
    })
    if (busy) return { port, service }
  }
  return null
}

/** Adds the code of every decision that an edge logs to `codes`. */
function collectCodes(codes: string[]): (line: string) => void {
  return (line) => {
    const event = readLogLine(line)
    if (event?.event === 'decision') codes.push(event.code)
  }
}

export async function startLocalRun({
  build,
  basePort,
  variables,
  scopes,
  expiredBySeconds = 2,
  onLine,
  progress,
  onSpawn,
}: LocalRunOptions): Promise<LocalRun> {
  const children = new Map<string, Child>()
  const start = <Ready>(name: string, module: string, options: unknown, onOutput?: (line: string) => void) =>
    startChild<Ready>({
      name,
      module,
      options,
      onSpawn: (child) => {
        children.set(name, child)
        onSpawn(child)
      },
      onLine: (line) => {
        onOutput?.(line)
        onLine(name, line)
      },
    })
  const port = (service: Service) => portOf(basePort, service)
  type Server = Omit<AuthorizationServer, 'close'>

  const { workerScript, template, archive } = build
  const hasWorker = workerScript !== undefined
  progress(`starting the authorization servers${hasWorker ? ' and the origin' : ''}`)
  const audiences = { audience: AUDIENCE, otherAudience: OTHER_AUDIENCE, scopes }
  const [server, otherServer, origin] = await Promise.all([
    start<Server>('authorization server', 'authorization-server', {
      port: port('authorization server'),
      introspectionKey: JSON.parse(variables.LOCAL_INTROSPECTION_KEY) as JWK,
      ...audiences,
    }),
    start<Server>('another authorization server', 'authorization-server', {
      port: port('another authorization server'),
      ...audiences,
    }),
    hasWorker ? start<{ url: string }>('origin', 'orders', { port: port('origin') }) : null,
  ])

  const hasGateway = template !== undefined && archive !== undefined
  progress(`starting ${hasWorker && hasGateway ? 'both edges' : hasWorker ? 'the Worker' : 'API Gateway'}`)
  const workerCodes: string[] = []
  const lambdaCodes: string[] = []
  const [worker, gateway] = await Promise.all([
    hasWorker
      ? start<{ url: string }>(
          'Worker',
          'worker-edge',
          {
            script: workerScript,
            config: 'wrangler.toml',
            port: port('Worker'),
            variables,
            origin: variables.LOCAL_ORIGIN,
          },
          collectCodes(workerCodes),
        )
      : null,
    hasGateway
      ? start<Pick<ApiGateway, 'restUrl' | 'httpUrl' | 'webSocketUrl'>>(
          'API Gateway',
          'gateway-edge',
          {
            template,
            archive,
            codeDirectory: join(build.scratch, 'lambda'),
            environment: variables,
            ports: { rest: port('REST API'), http: port('HTTP API'), webSocket: port('WebSocket API') },
          },
          collectCodes(lambdaCodes),
        )
      : null,
  ])

  progress('obtaining tokens')
  const flowSecrets: string[] = []
  const tokens = await obtainDemoTokens({
    onSecret: (secret) => void flowSecrets.push(secret),
    expiredBySeconds,
    issuer: server.issuer,
    otherIssuer: otherServer.issuer,
    ...audiences,
    clients: server.clients,
    otherClients: otherServer.clients,
  })
  const revoke = () => revokeToken(server.issuer, server.clients.web, tokens.opaqueRevoked)
  const edge = (title: string, url: string | undefined, defaultPath: string, codes = lambdaCodes) =>
    url === undefined ? undefined : { title, url, defaultPath, codes }
  const edges = {
    worker: edge('Worker', worker?.url, '/orders', workerCodes),
    request: edge('REST, REQUEST', gateway?.restUrl, '/orders'),
    token: edge('REST, TOKEN', gateway?.restUrl, '/invoices'),
    http: edge('HTTP API', gateway?.httpUrl, '/orders'),
  }
  return {
    edges: Object.fromEntries(Object.entries(edges).filter(([, each]) => each !== undefined)) as TourEdges,
    webSocketUrl: gateway?.webSocketUrl ?? null,
    functionCodes: lambdaCodes,
    revoke,
    flush: () => children.get('API Gateway')?.send('flush'),
    tokens: { ...tokens, ...(await forgeTokens(tokens)) },
    secrets: [
      ...flowSecrets,
      ...[server, otherServer].flatMap((one) => [...one.secrets, ...secretsOf(one.clients)]),
    ],
    issuer: server.issuer,
    otherIssuer: otherServer.issuer,
    originUrl: origin?.url ?? null,
  }
}
