// Starts what the example needs: the Worker and the local API Gateway, each as two instances behind one URL, so that a
// proof can be sent to an instance that has not seen it; their stores; and what they talk to. Clients reach the edges,
// and one of the listeners of the authorization server, by mutual TLS. Everything listens on loopback.

import type { JWK } from 'jose'
import { join } from 'node:path'
import { unstable_readConfig } from 'wrangler'
import type { ApiGateway } from '../api-gateway/index.ts'
import type { AuthorizationServer } from '../authorization-server/index.ts'
import type { Started } from '../example-command.ts'
import { startChild, type Child } from '../child.ts'
import { readLogLine } from '../log-line.ts'
import { startDynamoDb } from '../revocation/stand-ins.ts'
import { EXAMPLE, type Build } from './build.ts'
import type { Certificates } from './certificates.ts'
import { AUDIENCE, type Environments, type PortOf } from './environments.ts'
import type { Service } from './options.ts'

const TABLE = 'lanekeeper-replays'
const STORE_TOML = 'store/wrangler.toml'

/** One of the instances behind the URL of an edge. */
export interface Instance {
  readonly port: number
  /** The codes of the decisions that it has logged so far. */
  readonly codes: readonly string[]
}

/** In the order of the table. */
export const EDGES = ['worker', 'rest', 'http', 'token'] as const

export type EdgeName = (typeof EDGES)[number]

export interface Edge {
  readonly name: EdgeName
  readonly title: string
  /** Under which the client knows it. */
  readonly url: string
  readonly instances: readonly [Instance, Instance]
  /** The default endpoint of its API, without TLS. API Gateway alone has one. */
  readonly defaultEndpoint?: { readonly url: string; readonly instance: Instance }
}

export interface Services {
  readonly edges: readonly Edge[]
  readonly server: Omit<AuthorizationServer, 'close'>
  /** Puts the stores of used proofs out of reach. They keep their entries. */
  stopStores(): Promise<void>
  startStores(): Promise<void>
}

export interface StartOptions {
  readonly build: Build
  readonly directory: string
  readonly portOf: PortOf
  readonly environments: Environments
  readonly introspectionKey: JWK
  readonly certificates: Certificates
  /** Receives everything that has to be stopped, as soon as it runs. */
  readonly add: (started: Started) => void
}

type Gateway = Pick<ApiGateway, 'restUrl' | 'httpUrl' | 'restMutualTlsUrl' | 'httpMutualTlsUrl'>

/** 0: any free port, for a listener that nobody is sent to. */
const ANY_PORT = 0

export async function startServices(options: StartOptions): Promise<Services> {
  const { build, directory, portOf, environments, introspectionKey, certificates, add } = options
  const { clientCa, server: listener, clients } = certificates
  const codes = new Map<string, string[]>()
  const children = new Map<string, Child>()
  const codesOf = (name: string): string[] => {
    if (!codes.has(name)) codes.set(name, [])
    return codes.get(name)!
  }
  const start = <Ready>(name: string, module: string, settings: object) =>
    startChild<Ready>({
      name,
      module,
      options: settings,
      onSpawn(child) {
        children.set(name, child)
        add(child)
      },
      onLine(line) {
        const event = readLogLine(line)
        if (event?.event === 'decision') codesOf(name).push(event.code)
      },
    })
  const startWorker = (service: Service, config: string, script: string, name: string, more: object) =>
    start<{ mutualTlsUrl?: string }>(service, 'worker-edge', {
      script,
      config: join(EXAMPLE, config),
      variables: environments.worker,
      registered: { name, registry: join(directory, 'registry') },
      ...more,
    })
  const { pem: cert, key } = listener
  const startEdge = (service: Service, name: string) =>
    startWorker(service, 'wrangler.toml', build.edge, name, {
      port: ANY_PORT,
      mutualTls: { key, cert, ca: clientCa, port: portOf(service), revoked: [clients.former.thumbprint] },
    })
  const startGateway = (name: string, rest: Service, http: Service, ports: { rest: number; http: number }) =>
    start<Gateway>(name, 'gateway-edge', {
      template: build.template,
      archive: build.archive,
      codeDirectory: join(directory, name),
      environment: environments.lambda,
      ports: { ...ports, webSocket: 0 },
      mutualTls: { key, cert, truststore: clientCa, ports: { rest: portOf(rest), http: portOf(http) } },
    })

  const dynamoDb = await startDynamoDb(portOf('DynamoDB'), TABLE, ['pk'])
  add(dynamoDb)
  const [server] = await Promise.all([
    start<Omit<AuthorizationServer, 'close'>>('authorization server', 'authorization-server', {
      port: portOf('authorization server'),
      audience: AUDIENCE,
      otherAudience: 'https://api.shipping.example',
      dpopNonces: true,
      introspectionKey,
      mutualTls: {
        port: portOf('authorization server, mutual TLS'),
        certificate: cert,
        key,
        ca: clientCa,
        selfSigned: clients.workshop.pem,
      },
    }),
    // The edges find the store by their `script_name`, which is its name.
    startWorker(
      'store Worker',
      STORE_TOML,
      build.store,
      unstable_readConfig({ config: join(EXAMPLE, STORE_TOML) }).name!,
      { port: portOf('store Worker') },
    ),
    start('origin', 'orders', { port: portOf('origin') }),
  ])
  const [worker, , gateway] = await Promise.all([
    startEdge('Worker', 'edge-1'),
    startEdge('Worker, another instance', 'edge-2'),
    startGateway('API Gateway', 'REST API', 'HTTP API', {
      rest: portOf('default endpoint of the REST API'),
      http: portOf('default endpoint of the HTTP API'),
    }),
    startGateway(
      'API Gateway, another instance',
      'REST API, another instance',
      'HTTP API, another instance',
      {
        rest: ANY_PORT,
        http: ANY_PORT,
      },
    ),
  ])
  const instance = (service: Service, process: string): Instance => ({
    port: portOf(service),
    codes: codesOf(process),
  })
  const edge = (
    name: EdgeName,
    title: string,
    url: string,
    service: 'Worker' | 'REST API' | 'HTTP API',
    process: string,
    defaultUrl?: string,
  ): Edge => ({
    name,
    title,
    url,
    instances: [
      instance(service, process),
      instance(`${service}, another instance`, `${process}, another instance`),
    ],
    ...(defaultUrl !== undefined && {
      defaultEndpoint: {
        url: defaultUrl,
        instance: { port: Number(new URL(defaultUrl).port), codes: codesOf(process) },
      },
    }),
  })
  const { restUrl, httpUrl, restMutualTlsUrl: rest, httpMutualTlsUrl: http } = gateway
  const signalStore = (signal: NodeJS.Signals) => process.kill(-children.get('store Worker')!.pid, signal)
  return {
    server,
    async stopStores() {
      signalStore('SIGSTOP')
      await dynamoDb.stop()
    },
    async startStores() {
      signalStore('SIGCONT')
      await dynamoDb.start()
    },
    edges: [
      edge('worker', 'Worker', worker.mutualTlsUrl!, 'Worker', 'Worker'),
      edge('rest', 'REST API', rest!, 'REST API', 'API Gateway', restUrl),
      edge('http', 'HTTP API', http!, 'HTTP API', 'API Gateway', httpUrl),
      edge('token', 'REST, TOKEN', rest!, 'REST API', 'API Gateway', restUrl),
    ],
  }
}
