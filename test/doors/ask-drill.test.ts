// The drill with an endpoint that is asked about tokens, against a real HTTP server: the core on Node, the Worker in
// workerd and the Lambda handler. The clock is set by the rows; only a server that hangs takes real time.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { createAuthorizer, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import { ASK_ROWS, SAYINGS, type AskStep, type Saying } from '../cases/ask-drill.ts'
import { APP, CLIENT_ID, startOpaqueIssuer, type OpaqueIssuer, type Told } from '../support/opaque-issuer.ts'
import { AUDIENCE } from '../support/surroundings.ts'
import { openWorkerDoor } from './worker-door.ts'

interface Runtime {
  /** Forgets everything and sets the clock; milliseconds since the epoch. */
  beginAt(now: number): Promise<void>
  setClock(now: number): Promise<void>
  /** Sends a request for each token, all at once. */
  ask(tokens: readonly string[]): Promise<{ readonly codes: readonly string[]; readonly wait: number }>
  close(): Promise<void>
}

type Env = Readonly<Record<string, string>>

const codesIn = (events: readonly ReportEvent[]): string[] =>
  events.filter(({ event }) => event === 'decision').map(({ code }) => code)

/** Runtimes on Node differ in what they make and how it is asked. */
const onNode =
  <Made>(
    make: (
      config: LanekeeperConfig,
      env: Env,
      now: () => number,
      report: (event: ReportEvent) => void,
    ) => Made,
    ask: (made: Made, token: string) => Promise<number>,
  ) =>
  async (config: LanekeeperConfig, env: Env): Promise<Runtime> => {
    let clock = Date.now()
    let events: ReportEvent[] = []
    const create = () =>
      make(
        config,
        env,
        () => clock,
        (event) => void events.push(event),
      )
    let made = create()
    return {
      async beginAt(now) {
        clock = now
        made = create()
      },
      setClock: async (now) => void (clock = now),
      async ask(tokens) {
        events = []
        const waits = await Promise.all(tokens.map((token) => ask(made, token)))
        return { codes: codesIn(events), wait: Math.max(...waits) }
      },
      close: async () => {},
    }
  }

const startOnNode = onNode(
  (config, env, now, report) =>
    createAuthorizer(
      config,
      { fetch, now, report, secrets: async ({ env: name = '' }) => env[name] },
      { env },
    ),
  async (authorizer, token) => {
    const decision = await authorizer.authorize({
      method: 'GET',
      path: '/',
      authorization: [`Bearer ${token}`],
      accessTokenInQuery: false,
    })
    return decision.allow ? 0 : (decision.retryAfterSeconds ?? 0)
  },
)

const startOnLambda = onNode(
  (config, env, now, report) => createHandler(config, env, { now, report }),
  async (handler, token) => {
    const methodArn = 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/'
    await handler({ type: 'TOKEN', authorizationToken: `Bearer ${token}`, methodArn }).catch(() => {})
    return Number.NaN
  },
)

async function startInWorkerd(config: LanekeeperConfig, env: Env): Promise<Runtime> {
  const door = await openWorkerDoor(config, env)
  return {
    beginAt: (now) => door.beginAt(now),
    setClock: (now) => door.setClock(now),
    async ask(tokens) {
      const requests = tokens.map((token, number) => ({
        method: 'GET',
        target: `/?${number}`,
        fields: [['authorization', `Bearer ${token}`]] as const,
      }))
      const waits = (await door.sendAll(requests)).map(({ response }) =>
        Number(response.headers['retry-after'] ?? 0),
      )
      return { codes: codesIn(await door.takeEvents()), wait: Math.max(...waits) }
    },
    close: () => door.close(),
  }
}

type MakeIssuer = (url: string, timeoutSeconds: number) => LanekeeperConfig['issuers'][string]

const READERS: Readonly<Record<string, MakeIssuer>> = {
  introspection: (url, timeoutSeconds) => ({
    issuer: url,
    audience: AUDIENCE,
    introspection: {
      endpoint: `${url}/introspect/basic`,
      authentication: 'client_secret_basic',
      clientId: CLIENT_ID,
      secret: { env: 'OUR_SECRET' },
      timeoutSeconds,
    },
  }),
  'the check of GitHub': (url, timeoutSeconds) => ({
    check: {
      provider: 'github',
      clientId: APP,
      secret: { env: 'OUR_SECRET' },
      baseUrl: `${url}/github`,
      timeoutSeconds,
    },
  }),
}

/** What is said of a good token, in the words of both. */
const GOOD: Told = {
  json: {
    ...{ active: true, token_type: 'Bearer', sub: 'user-1', aud: AUDIENCE, client_id: 'client-1' },
    ...{ scope: 'read', app: { client_id: APP }, user: { id: 1 }, scopes: ['read'] },
  },
}

/** An introspection endpoint says of a token that it does not know that it is not active, and GitHub 404. */
const told = (saying: Saying, reader: string): Told =>
  saying === 'good'
    ? GOOD
    : saying === 'junk' && reader === 'introspection'
      ? { json: SAYINGS.junk.json }
      : SAYINGS[saying]

const count = (codes: readonly string[]) =>
  Object.fromEntries([...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]))

describe.each([
  ['Node', startOnNode, 1],
  ['Lambda', startOnLambda, 1],
  // A thousand connections take their time.
  ['workerd', startInWorkerd, 3],
] as const)('%s', (_, start, timeoutSeconds) => {
  describe.each(Object.keys(READERS))('%s', (reader) => {
    let issuer: OpaqueIssuer
    let runtime: Runtime
    let epoch: number
    let tokens: string[]

    beforeAll(async () => {
      issuer = await startOpaqueIssuer()
      runtime = await start(
        {
          issuers: { main: READERS[reader]!(issuer.url, timeoutSeconds) },
          routes: [{ path: '/', methods: ['GET'], scope: { allOf: ['read'] } }],
        },
        issuer.env,
      )
    }, 30_000)

    beforeEach(async () => {
      tokens = []
      epoch = Date.now()
      await runtime.beginAt(epoch)
    })

    afterAll(async () => {
      await runtime.close()
      await issuer.close()
    })

    async function take(step: AskStep): Promise<void> {
      if ('at' in step) return runtime.setClock(epoch + step.at)
      const made = Array.from({ length: step.about }, () => issuer.issue('tok_', told(step.saying, reader)))
      tokens.push(...made)
      const { codes, wait } = await runtime.ask(made)
      expect(count(codes)).toEqual(step.verdicts)
      expect(tokens.reduce((sum, token) => sum + issuer.calls(token), 0)).toBe(step.calls)
      if (step.wait !== undefined && !Number.isNaN(wait)) expect(wait).toBe(step.wait)
    }

    test.each(ASK_ROWS.map((row) => [row.id, row] as const))('%s', async (_, { steps }) => {
      for (const step of steps) await take(step)
    })
  })
})
