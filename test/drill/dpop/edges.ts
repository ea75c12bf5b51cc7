// The instances of both edges: three Workers bound to the store Worker by `script_name`, one of them with nonces, and
// two Lambda sandboxes on one table. Each is what `lanekeeper build` writes.

import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createLambdaProcess } from '../../../local/api-gateway/lambda-process.ts'
import { startChild, type Child } from '../../../local/child.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { withGlobals, writeArtefact } from '../../support/artefact/build.ts'
import { dynamoDbEnvironment } from '../../support/dynalite.ts'
import { bundle } from '../bundle.ts'
import type { WorkersOptions, WorkersReady } from '../revocation/processes/workers.ts'
import { CODE_FIELD, NO_ANSWER, PROBLEM_FIELD, type Answer, type Verdict } from './answer.ts'
import type { Sent } from './clients.ts'
import { BINDING, HOST, NONCE_SECRET, STORE_SCRIPT } from './config.ts'
import type { SandboxAnswer } from './entries/lambda.ts'

export type Edge = 'cloudflare' | 'aws'

/** The instances of each edge that share a store, and have the same configuration. */
export const INSTANCES = {
  cloudflare: ['Worker 1', 'Worker 2'],
  aws: ['Lambda 1', 'Lambda 2'],
} as const

export const NONCE_WORKER = 'Worker with nonces'

export type Instance = (typeof INSTANCES)[Edge][number] | typeof NONCE_WORKER

/** Sends a request to one instance. Never rejects. */
export type Ask = (sent: Sent) => Promise<Answer>

export interface Edges {
  readonly ask: Readonly<Record<Instance, Ask>>
  close(): Promise<void>
}

export interface EdgesOptions {
  /** An empty directory. */
  readonly directory: string
  /** The folder through which Workers find the store. */
  readonly registry: string
  readonly config: LanekeeperConfig
  /** That of the first instance of each edge. */
  readonly firstConfig: LanekeeperConfig
  readonly nonceConfig: LanekeeperConfig
  readonly dynamoDb: string
  readonly onSpawn: (child: Child) => void
}

const TIMEOUT_MS = 15_000

function verdictOf(status: number, body: string): Verdict {
  if (status === 200 && body === 'from the origin') return 'allow'
  if (status === 503) return 'unavailable'
  return status >= 400 && status < 500 ? 'refused' : 'none'
}

/** A field that an answer has at most once. */
const fieldOf = (value: string | readonly string[] | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** Requests of one Worker. They are told apart by `cf-ray`, which the log line has. */
function createWorkerAsk(origin: string, agent: Agent): Ask {
  let number = 0
  const askOnce = ({ method, path, authorization, proofs }: Sent) =>
    new Promise<Answer | 'closed'>((resolve) => {
      const startedAt = performance.now()
      const headers = {
        host: HOST,
        authorization,
        'cf-ray': (++number).toString(16).padStart(16, '0'),
        ...(proofs.length > 0 && { dpop: [...proofs] }),
      }
      const outgoing = request(
        `${origin}${path}`,
        { agent, method, timeout: TIMEOUT_MS, headers },
        (answer) => {
          let body = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
          answer.once('error', () => resolve(NO_ANSWER))
          answer.once('end', () => {
            const { statusCode: status = 0, headers: fields } = answer
            resolve({
              verdict: verdictOf(status, body),
              status,
              code: fieldOf(fields[CODE_FIELD]),
              problem: fieldOf(fields[PROBLEM_FIELD]),
              challenge: fieldOf(fields['www-authenticate']),
              nonce: fieldOf(fields['dpop-nonce']),
              tookMs: performance.now() - startedAt,
            })
          })
        },
      )
      outgoing.once('timeout', () => outgoing.destroy())
      outgoing.once('error', () => resolve(outgoing.reusedSocket ? 'closed' : NO_ANSWER))
      outgoing.end()
    })

  /** A request on a connection that the server had closed was not answered, and is sent again. */
  return async (sent) => {
    const first = await askOnce(sent)
    const answer = first === 'closed' ? await askOnce(sent) : first
    return answer === 'closed' ? NO_ANSWER : answer
  }
}

async function startWorkers(
  { directory, registry, config, firstConfig, nonceConfig, onSpawn }: EdgesOptions,
  agent: Agent,
): Promise<readonly (readonly [Instance, Ask])[]> {
  const [first, second] = INSTANCES.cloudflare
  const configs: readonly (readonly [Instance, LanekeeperConfig])[] = [
    [first, firstConfig],
    [second, config],
    [NONCE_WORKER, nonceConfig],
  ]
  const workers: WorkersOptions['workers'][number][] = []
  for (const [index, [, of]] of configs.entries()) {
    const name = `edge-${index}`
    const artefact = join(directory, `artefact ${name}`)
    const script = join(directory, name, 'index.js')
    await writeArtefact('cloudflare', of, artefact)
    await bundle('test/drill/dpop/entries/edge.ts', script, join(artefact, 'index.js'))
    workers.push({
      ...{ name, script, bindings: NONCE_SECRET },
      durableObjects: {
        [BINDING]: { className: 'ReplayStore', scriptName: STORE_SCRIPT, useSQLite: true },
      },
    })
  }
  const { urls } = await startChild<WorkersReady>({
    name: 'edge Workers',
    module: new URL('../revocation/processes/workers.ts', import.meta.url),
    options: { registry, storage: join(directory, 'storage of the edges'), workers } satisfies WorkersOptions,
    onLine: () => {},
    onSpawn,
  })
  return configs.map(([instance], index) => [instance, createWorkerAsk(urls[`edge-${index}`]!, agent)])
}

async function writeSandbox(directory: string, config: LanekeeperConfig): Promise<string> {
  const { files } = await writeArtefact('aws', config, join(directory, 'artefact'))
  for (const { path, text } of files) await writeFile(path, withGlobals(text, 'drill', ['console']))
  await bundle('test/drill/dpop/entries/lambda.ts', join(directory, 'globals.mjs'))
  await writeFile(
    join(directory, 'drill.mjs'),
    `import { createSandboxHandler } from './globals.mjs'
import { handler as artefact } from './artefact/authorizer.mjs'
export const handler = createSandboxHandler(artefact)
`,
  )
  return directory
}

function readSandbox({ isAuthorized, thrown, code, problem }: SandboxAnswer, tookMs: number): Answer {
  const isFailure = thrown !== null && thrown !== 'Unauthorized'
  const verdict = isAuthorized ? 'allow' : isFailure ? 'unavailable' : 'refused'
  return { ...NO_ANSWER, verdict, code, problem, tookMs }
}

async function startSandboxes({ directory, config, firstConfig, dynamoDb }: EdgesOptions) {
  const [first, second] = INSTANCES.aws
  const configs: readonly (readonly [Instance, LanekeeperConfig])[] = [
    [first, firstConfig],
    [second, config],
  ]
  return Promise.all(
    configs.map(async ([instance, of]) => {
      const sandbox = createLambdaProcess({
        settings: {
          codeDirectory: await writeSandbox(join(directory, instance), of),
          handler: 'drill.handler',
          functionName: 'drill',
          functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:drill',
          memoryMegabytes: 256,
        },
        environment: {
          ...dynamoDbEnvironment(dynamoDb),
          PATH: process.env['PATH'] ?? '',
          LANEKEEPER_STAGE: '',
        },
        timeoutMs: TIMEOUT_MS,
        onLine: () => {},
      })
      const ask: Ask = async ({ method, path, authorization, proofs }) => {
        const startedAt = performance.now()
        const event = TO_EVENT.http_2({
          ...{ method, path, authorization: [authorization] },
          fields: proofs.map((proof) => ['DPoP', proof] as const),
        })
        const result = await sandbox.invoke(event)
        if (!result.ok) return NO_ANSWER
        return readSandbox(result.payload as SandboxAnswer, performance.now() - startedAt)
      }
      return { instance, ask, close: () => sandbox.close() }
    }),
  )
}

export async function startEdges(options: EdgesOptions): Promise<Edges> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const workers = await startWorkers(options, agent)
  const sandboxes = await startSandboxes(options)
  return {
    ask: Object.fromEntries([
      ...workers,
      ...sandboxes.map(({ instance, ask }) => [instance, ask] as const),
    ]) as Record<Instance, Ask>,
    async close() {
      agent.destroy()
      await Promise.all(sandboxes.map((sandbox) => sandbox.close()))
    },
  }
}
