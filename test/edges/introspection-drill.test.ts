// The introspection drill against a real HTTP server: the core on Node, the Worker in workerd and the Lambda handler.
// The rows set the clock, and timeouts fire while a server hangs.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { createAuthorizer, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import {
  INTROSPECTION_DRILL_ROWS,
  ANSWERS,
  type DrillStep,
  type ServerBehaviour,
} from '../cases/introspection-drill.ts'
import {
  APP,
  CLIENT_ID,
  startOpaqueIssuer,
  type OpaqueIssuer,
  type IssuerAnswer,
} from '../support/opaque-issuer.ts'
import { AUDIENCE } from '../support/case-world.ts'
import { elapse, HANG_MS, until } from '../support/time.ts'
import { openWorkerEdge } from './worker-edge.ts'

interface Runtime {
  /** Clears all state and sets the clock; milliseconds since the epoch. */
  beginAt(now: number): Promise<void>
  setClock(now: number): Promise<void>
  /** Sends a request for each token, all at once. `onAnswer` is called with each answer. */
  ask(
    tokens: readonly string[],
    onAnswer: () => void,
  ): Promise<{ readonly codes: readonly string[]; readonly wait: number }>
  /** Lets timeouts of the next `ms` fire. */
  elapse(ms: number): unknown
  close(): Promise<void>
}

type Env = Readonly<Record<string, string>>

const codesIn = (events: readonly ReportEvent[]): string[] =>
  events.filter(({ event }) => event === 'decision').map(({ code }) => code)

/** The runtimes on Node differ in what they create and how they call it. */
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
      async ask(tokens, onAnswer) {
        events = []
        const waits = await Promise.all(tokens.map((token) => ask(made, token).finally(onAnswer)))
        return { codes: codesIn(events), wait: Math.max(...waits) }
      },
      elapse,
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
  const edge = await openWorkerEdge(config, env)
  return {
    beginAt: (now) => edge.beginAt(now),
    setClock: (now) => edge.setClock(now),
    async ask(tokens, onAnswer) {
      const sent = tokens.map(async (token) => {
        const fields = [['authorization', `Bearer ${token}`]] as const
        const { response } = await edge.sendRaw({ method: 'GET', target: '/', fields })
        onAnswer()
        return Number(response.headers['retry-after'] ?? 0)
      })
      const waits = await Promise.all(sent)
      return { codes: codesIn(await edge.takeEvents()), wait: Math.max(...waits) }
    },
    elapse: (ms) => edge.elapse(ms),
    close: () => edge.close(),
  }
}

type MakeIssuer = (url: string) => LanekeeperConfig['issuers'][string]

/** Prefix of a token in the provider's form; 32 more hexadecimal digits follow. */
const PREFIXES: Readonly<Record<string, string>> = {
  introspection: 'tok_',
  'the check of GitHub': 'gho_wxyz',
}

const READERS: Readonly<Record<string, MakeIssuer>> = {
  introspection: (url) => ({
    issuer: url,
    audience: AUDIENCE,
    introspection: {
      endpoint: `${url}/introspect/basic`,
      authentication: 'client_secret_basic',
      clientId: CLIENT_ID,
      secret: { env: 'OUR_SECRET' },
      timeoutSeconds: 1,
    },
  }),
  'the check of GitHub': (url) => ({
    check: {
      provider: 'github',
      clientId: APP,
      secret: { env: 'OUR_SECRET' },
      baseUrl: `${url}/github`,
      timeoutSeconds: 1,
    },
  }),
}

/** The answer about a good token, with the members of both kinds of server. */
const GOOD: IssuerAnswer = {
  json: {
    ...{ active: true, token_type: 'Bearer', sub: 'user-1', aud: AUDIENCE, client_id: 'client-1' },
    ...{ scope: 'read', app: { client_id: APP }, user: { id: 1 }, scopes: ['read'] },
  },
}

/** About an unknown token, an introspection endpoint answers that it is inactive, and GitHub answers 404. */
const answerOf = (server: ServerBehaviour, reader: string): IssuerAnswer =>
  server === 'good'
    ? GOOD
    : server === 'junk' && reader === 'introspection'
      ? { json: ANSWERS.junk.json }
      : ANSWERS[server]

const count = (codes: readonly string[]) =>
  Object.fromEntries([...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]))

describe.each([
  ['Node', startOnNode],
  ['Lambda', startOnLambda],
  ['workerd', startInWorkerd],
] as const)('%s', (_, start) => {
  describe.each(Object.keys(READERS))('%s', (reader) => {
    let issuer: OpaqueIssuer
    let runtime: Runtime
    let epoch: number
    let tokens: string[]
    let active: string[]

    beforeAll(async () => {
      issuer = await startOpaqueIssuer()
      runtime = await start(
        {
          issuers: { main: READERS[reader]!(issuer.url) },
          routes: [{ path: '/', methods: ['GET'], scope: { allOf: ['read'] } }],
        },
        issuer.env,
      )
    }, 30_000)

    beforeEach(async () => {
      tokens = []
      active = []
      issuer.allow(null)
      epoch = Date.now()
      await runtime.beginAt(epoch)
    })

    afterAll(async () => {
      await runtime.close()
      await issuer.close()
    })

    const callsFor = (some: readonly string[]) => some.reduce((sum, token) => sum + issuer.calls(token), 0)
    const calls = () => callsFor(tokens)

    async function take(step: DrillStep): Promise<void> {
      if ('at' in step) return runtime.setClock(epoch + step.at)
      if ('allowance' in step)
        return issuer.allow({ limit: step.allowance, until: Math.ceil((epoch + step.until) / 1000) })
      const before = calls()
      let answered = 0
      // The server answers no request before each request has either reached it or been answered without introspection.
      const after = Promise.withResolvers<void>()
      const made = Array.from({ length: step.count }, () =>
        issuer.issue(step.odd === true ? 'tok_' : PREFIXES[reader]!, {
          ...{ after: after.promise, ...answerOf(step.server, reader) },
        }),
      )
      const again = active.slice(0, step.again ?? 0)
      const said = answerOf(step.count === 0 ? step.server : 'good', reader)
      for (const token of again) issuer.setAnswer(token, { after: after.promise, ...said })
      tokens.push(...made)
      if (step.server === 'good') active.push(...made)
      const sending = runtime.ask([...made, ...again], () => answered++)
      const sent = step.count + again.length
      await until(() => calls() - before + answered === sent)
      after.resolve()
      if (step.server === 'hangs') {
        await until(() => answered === sent - callsFor(made))
        await runtime.elapse(HANG_MS)
      }
      const { codes, wait } = await sending
      expect(count(codes)).toEqual(step.verdicts)
      expect(calls()).toBe(step.calls)
      if (step.wait !== undefined && !Number.isNaN(wait)) expect(wait).toBe(step.wait)
    }

    const rows = INTROSPECTION_DRILL_ROWS.filter((row) => row.reader === undefined || row.reader === reader)
    test.each(rows.map((row) => [row.id, row] as const))('%s', async (_, { steps }) => {
      for (const step of steps) await take(step)
    })
  })
})
