// The instances of both edges: two Workers bound to the store Worker by `script_name`, and two Lambda sandboxes on one
// table. Each is what `lanekeeper build` writes, with a clock that the driver sets.

import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { startChild, type Child } from '../../../local/child.ts'
import { createLambdaProcess } from '../../../local/api-gateway/lambda-process.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { withGlobals, writeArtefact } from '../../support/artefact/build.ts'
import { dynamoDbEnvironment } from '../../support/dynalite.ts'
import { bundle } from '../bundle.ts'
import { BINDING, STORE_SCRIPT } from './config.ts'
import type { SandboxAnswer } from './entries/lambda.ts'
import type { WorkersOptions, WorkersReady } from './processes/workers.ts'

export const INSTANCES = ['Worker 1', 'Worker 2', 'Lambda 1', 'Lambda 2'] as const
export type Instance = (typeof INSTANCES)[number]

export type Edge = 'cloudflare' | 'aws'

export const edgeOf = (instance: Instance): Edge => (instance.startsWith('Worker') ? 'cloudflare' : 'aws')

/** `revoked` and `unavailable`: 401 and 503 for the reason that revocation has. `other`: any other answer, and none. */
export type Verdict = 'allow' | 'revoked' | 'unavailable' | 'other'

/** An answer about a token. */
export interface TokenAnswer {
  readonly verdict: Verdict
  /** What came in place of a verdict. */
  readonly detail?: string
}

export interface Running {
  ask(token: string): Promise<TokenAnswer>
  /** By how many milliseconds its clock is ahead, right after a request with the token. */
  setAhead(ms: number, token: string): Promise<void>
}

export interface EdgesOptions {
  /** An empty directory. */
  readonly directory: string
  /** The folder through which Workers find the store. */
  readonly registry: string
  readonly config: LanekeeperConfig
  /** That of the first Worker. */
  readonly firstConfig: LanekeeperConfig
  readonly dynamoDb: string
  readonly onSpawn: (child: Child) => void
}

export interface Edges {
  readonly of: Readonly<Record<Instance, Running>>
  close(): Promise<void>
}

const WORKERS = ['Worker 1', 'Worker 2'] as const
const SANDBOXES = ['Lambda 1', 'Lambda 2'] as const

const TIMEOUT_MS = 15_000

interface HttpAnswer {
  readonly status: number
  readonly challenge: string
  readonly body: string
}

/** What came in place of an answer. */
interface NoAnswer {
  readonly error: string
  /** Whether the connection was an older one, which the server may have closed. */
  readonly isReused: boolean
}

interface Sent {
  readonly method: string
  readonly url: string
  readonly token?: string
  readonly body?: string
}

function sendOnce(agent: Agent, { method, url, token, body }: Sent): Promise<HttpAnswer | NoAnswer> {
  return new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const outgoing = request(url, { agent, method, timeout: TIMEOUT_MS, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.once('error', ({ message }) => resolve({ error: message, isReused: false }))
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          challenge: answer.headers['www-authenticate'] ?? '',
          body: text,
        }),
      )
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.once('error', ({ message }) => resolve({ error: message, isReused: outgoing.reusedSocket }))
    outgoing.end(body)
  })
}

/** A request on a connection that the server had closed says nothing, and is sent again. */
async function send(agent: Agent, sent: Sent): Promise<HttpAnswer | NoAnswer> {
  const first = await sendOnce(agent, sent)
  return 'error' in first && first.isReused ? sendOnce(agent, sent) : first
}

function readHttp(answer: HttpAnswer | NoAnswer): TokenAnswer {
  if ('error' in answer) return { verdict: 'other', detail: answer.error }
  const { status, challenge, body } = answer
  if (status === 200 && body === 'from the origin') return { verdict: 'allow' }
  if (status === 401 && challenge.includes('The access token was revoked.')) return { verdict: 'revoked' }
  return status === 503
    ? { verdict: 'unavailable' }
    : { verdict: 'other', detail: `${status} ${challenge} ${body.slice(0, 200)}` }
}

function readSandbox({ isAuthorized, code }: SandboxAnswer): TokenAnswer {
  if (isAuthorized) return { verdict: 'allow' }
  if (code === 'token_revoked') return { verdict: 'revoked' }
  return code === 'revocation_unavailable'
    ? { verdict: 'unavailable' }
    : { verdict: 'other', detail: code ?? 'no decision' }
}

async function startWorkers(
  { directory, registry, config, firstConfig, onSpawn }: EdgesOptions,
  agent: Agent,
) {
  const script = async (name: string, of: LanekeeperConfig) => {
    const artefact = join(directory, `artefact ${name}`)
    const path = join(directory, name, 'index.js')
    await writeArtefact('cloudflare', of, artefact)
    await bundle('test/drill/revocation/entries/edge.ts', path, join(artefact, 'index.js'))
    return path
  }
  const scripts = [await script('first', firstConfig), await script('other', config)]
  const options: WorkersOptions = {
    registry,
    storage: join(directory, 'storage of the edges'),
    workers: scripts.map((path, index) => ({
      name: `edge-${index}`,
      script: path,
      bindings: {},
      durableObjects: {
        [BINDING]: { className: 'RevocationStore', scriptName: STORE_SCRIPT, useSQLite: true },
      },
    })),
  }
  const { urls } = await startChild<WorkersReady>({
    name: 'edge Workers',
    module: new URL('./processes/workers.ts', import.meta.url),
    options,
    onLine: () => {},
    onSpawn,
  })
  return WORKERS.map((instance, index) => {
    const url = urls[`edge-${index}`]!
    const running: Running = {
      ask: async (token) => readHttp(await send(agent, { method: 'GET', url: `${url}/orders`, token })),
      async setAhead(ms, token) {
        const answer = await send(agent, {
          method: 'PUT',
          url: `${url}/drill/clock`,
          token,
          body: String(ms),
        })
        if ('error' in answer || answer.status !== 200)
          throw new Error(`the clock of ${instance} cannot be set`)
      },
    }
    return [instance, running] as const
  })
}

async function writeSandbox(directory: string, config: LanekeeperConfig): Promise<void> {
  const { files } = await writeArtefact('aws', config, join(directory, 'artefact'))
  for (const { path, text } of files) await writeFile(path, withGlobals(text, 'drill', ['Date', 'console']))
  await bundle('test/drill/revocation/entries/lambda.ts', join(directory, 'globals.mjs'))
  await writeFile(
    join(directory, 'drill.mjs'),
    `import { createSandboxHandler } from './globals.mjs'
import { handler as artefact } from './artefact/authorizer.mjs'
export const handler = createSandboxHandler(artefact)
`,
  )
}

async function startSandboxes({ directory, config, dynamoDb }: EdgesOptions) {
  const codeDirectory = join(directory, 'lambda')
  await writeSandbox(codeDirectory, config)
  return SANDBOXES.map((instance) => {
    const sandbox = createLambdaProcess({
      settings: {
        codeDirectory,
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
    const invoke = async (event: unknown): Promise<SandboxAnswer> => {
      const result = await sandbox.invoke(event)
      return result.ok ? (result.payload as SandboxAnswer) : { isAuthorized: false, code: null }
    }
    const toEvent = (token: string) =>
      TO_EVENT.http_2({ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`] })
    const running: Running = {
      ask: async (token) => readSandbox(await invoke(toEvent(token))),
      setAhead: async (ahead, token) => void (await invoke({ ...toEvent(token), ahead })),
    }
    return { instance, running, close: () => sandbox.close() }
  })
}

export async function startEdges(options: EdgesOptions): Promise<Edges> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const workers = await startWorkers(options, agent)
  const sandboxes = await startSandboxes(options)
  return {
    of: Object.fromEntries([
      ...workers,
      ...sandboxes.map(({ instance, running }) => [instance, running] as const),
    ]) as Record<Instance, Running>,
    async close() {
      agent.destroy()
      await Promise.all(sandboxes.map((sandbox) => sandbox.close()))
    },
  }
}
