// Starts what the example needs: the edge twice, so that a revocation has to reach an isolate that did not receive it,
// the store Worker, the local API Gateway with the functions, and what they talk to. Everything listens on loopback.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { unstable_readConfig } from 'wrangler'
import { STAGE, EXAMPLE, type Build } from './build.ts'
import type { Service } from './options.ts'
import { awsEnvironment, startDynamoDb, startLogoutRelay, type StandIn } from './stand-ins.ts'
import { startChild, type Child } from '../child.ts'
import { readLogLine } from '../log-line.ts'
import type { ApiGateway } from '../api-gateway/index.ts'
import type { AuthorizationServer } from '../authorization-server/index.ts'

export const AUDIENCE = 'https://api.orders.example'
export const TABLE = 'lanekeeper-revocations'
const RECEIVER = '/backchannel-logout'
const STORE_TOML = 'store/wrangler.toml'
const STORE_NAME = unstable_readConfig({ config: join(EXAMPLE, STORE_TOML) }).name!

export interface Edge {
  readonly title: string
  readonly kind: 'cloudflare' | 'aws'
  readonly url: string
  /** The codes of the decisions that it has logged so far. */
  readonly codes: readonly string[]
}

export interface Services {
  readonly edges: readonly [Edge, Edge, Edge, Edge]
  readonly server: Omit<AuthorizationServer, 'close'>
  readonly storeUrl: string
  /** Empties the caches of API Gateway. */
  flush(): void
  /** Puts both stores out of reach. They keep their entries. */
  stopStores(): Promise<void>
  startStores(): Promise<void>
}

export type PortOf = (service: Service) => number

/** The environment of the edges and of `lanekeeper revoke`: variables of the stage, credentials and the AWS SDK's. */
export function environmentOf(portOf: PortOf) {
  const url = (service: Service) => `http://127.0.0.1:${portOf(service)}`
  const secret = () => randomBytes(32).toString('base64url')
  return {
    LANEKEEPER_STAGE: STAGE,
    LOCAL_ISSUER: url('authorization server'),
    LOCAL_AUDIENCE: AUDIENCE,
    LOCAL_ORIGIN: url('origin'),
    REVOKE_CREDENTIAL: secret(),
    LIST_CREDENTIAL: secret(),
    ...awsEnvironment({ dynamodb: portOf('DynamoDB'), management: portOf('management of API Gateway') }),
  }
}

export type Environment = ReturnType<typeof environmentOf>

const SECRETS: readonly string[] = ['REVOKE_CREDENTIAL', 'LIST_CREDENTIAL']

const without = (env: Environment, isLeftOut: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name)))

export interface StartOptions {
  readonly build: Build
  readonly directory: string
  readonly portOf: PortOf
  readonly env: Environment
  /** Receives every child as soon as its process runs. */
  readonly onSpawn: (child: Child) => void
  readonly onStandIn: (standIn: StandIn) => void
}

export async function startServices(options: StartOptions): Promise<Services> {
  const { build, directory, portOf, env, onSpawn, onStandIn } = options
  const children = new Map<string, Child>()
  const codes: Record<string, string[]> = {}
  const start = <Ready>(name: Service | 'API Gateway', module: string, settings: object) =>
    startChild<Ready>({
      name,
      module,
      options: settings,
      onSpawn(child) {
        children.set(name, child)
        onSpawn(child)
      },
      onLine(line) {
        const event = readLogLine(line)
        if (event?.event === 'decision') (codes[name] ??= []).push(event.code)
      },
    })
  const startWorker = (name: Service, config: string, script: string, variables: Record<string, string>) =>
    start<{ url: string }>(name, 'worker-edge', {
      script,
      config: join(EXAMPLE, config),
      port: portOf(name),
      variables,
      registered: {
        // The edges find the store by their `script_name`, which is its name.
        name: name === 'store Worker' ? STORE_NAME : name.toLowerCase().replace(' ', '-'),
        registry: join(directory, 'registry'),
      },
    })
  const isSecret = (name: string) => SECRETS.includes(name)
  const isAws = (name: string) => name.startsWith('AWS_')

  const dynamoDb = await startDynamoDb(portOf('DynamoDB'), TABLE)
  onStandIn(dynamoDb)
  const [server, store] = await Promise.all([
    start<Omit<AuthorizationServer, 'close'>>('authorization server', 'authorization-server', {
      port: portOf('authorization server'),
      audience: AUDIENCE,
      otherAudience: 'https://api.shipping.example',
      backchannelLogoutUri: `http://127.0.0.1:${portOf('logout relay')}`,
    }),
    startWorker('store Worker', STORE_TOML, build.store, without(env, isAws)),
    start('origin', 'orders', { port: portOf('origin') }),
  ])
  const edgeVariables = without(env, (name) => isAws(name) || isSecret(name))
  const [workerA, workerB, gateway] = await Promise.all([
    startWorker('Worker A', 'wrangler.toml', build.edge, edgeVariables),
    startWorker('Worker B', 'wrangler.toml', build.edge, edgeVariables),
    start<Pick<ApiGateway, 'restUrl' | 'httpUrl'>>('API Gateway', 'gateway-edge', {
      template: build.template,
      archive: build.archive,
      codeDirectory: join(directory, 'functions'),
      environment: without(env, isSecret),
      ports: {
        rest: portOf('REST API'),
        http: portOf('HTTP API'),
        webSocket: 0,
        management: portOf('management of API Gateway'),
      },
    }),
  ])
  onStandIn(
    await startLogoutRelay(portOf('logout relay'), [
      `${workerA.url}${RECEIVER}`,
      `${gateway.httpUrl}${RECEIVER}`,
    ]),
  )
  const codesOf = (name: string) => (codes[name] ??= [])
  const signalStore = (signal: NodeJS.Signals) => process.kill(-children.get('store Worker')!.pid, signal)
  return {
    edges: [
      { title: 'Worker A', kind: 'cloudflare', url: workerA.url, codes: codesOf('Worker A') },
      { title: 'Worker B', kind: 'cloudflare', url: workerB.url, codes: codesOf('Worker B') },
      { title: 'REST API', kind: 'aws', url: gateway.restUrl!, codes: codesOf('API Gateway') },
      { title: 'HTTP API', kind: 'aws', url: gateway.httpUrl!, codes: codesOf('API Gateway') },
    ],
    server,
    storeUrl: store.url,
    flush: () => children.get('API Gateway')!.send('flush'),
    async stopStores() {
      signalStore('SIGSTOP')
      await dynamoDb.stop()
    },
    async startStores() {
      signalStore('SIGCONT')
      await dynamoDb.start()
    },
  }
}
