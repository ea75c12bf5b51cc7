// The tour of examples/revocation: revokes tokens in every way while it asks every edge about them, and prints what
// each answers and after how many seconds, beside N.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEMO_USER } from '../authorization-server/index.ts'
import { revocationStaleness, type ResolvedConfig } from '../../shared/index.ts'
import type { Commands } from './command.ts'
import { describeRows, problemsOf, type Observations, type Row } from './row.ts'
import type { Edge, Services } from './services.ts'
import type { Login, Tokens } from './tokens.ts'
import { watch, type Expectation } from './watch.ts'

const USUAL = '/orders'
const STRONG = '/payments'
const OFF = '/catalogue'

const LOG_WAIT_MS = 2_000

const NOTES = `"0.9 of 3 s": the first refusal came 0.9 seconds after the stores had the entry, and N is 3 seconds.
API Gateway answers from its cache until lanekeeper revoke empties it, at once and again after N; the call itself comes on
top. Nothing empties it after a logout: N of API Gateway has the lifetime of cached answers then.`

export interface TourRun {
  readonly config: ResolvedConfig
  readonly services: Services
  readonly commands: Commands
  readonly tokens: Tokens
  readonly progress: (text: string) => void
  readonly print: (text: string) => void
}

/** Takes the tour and prints its table. Returns the number of rows that came out wrong. */
export async function takeTour(run: TourRun): Promise<number> {
  const { config, services, commands, tokens, progress, print } = run
  const { edges } = services
  const workers = edges.filter(({ kind }) => kind === 'cloudflare')
  const gateways = edges.filter(({ kind }) => kind === 'aws')
  const rows: Row[] = []

  /** What `lanekeeper check` prints about the edge. */
  const boundOf = (kind: Edge['kind']) =>
    revocationStaleness(config).find(({ edge, demand }) => edge === kind && demand === 'usual')!

  const observe = (
    path: string,
    token: string,
    expectation: Expectation,
    on: readonly Edge[] = edges,
  ): Promise<Observations> =>
    Promise.all(edges.map((edge) => (on.includes(edge) ? watch(edge, path, token, expectation) : null)))

  async function accept(what: string, token: string, path = USUAL): Promise<void> {
    const seen = await observe(path, token, { wanted: 'accepted', before: ['unavailable'] })
    rows.push({ what, expected: 'accepted', seen })
  }

  const countLines = () => new Map(edges.map((edge) => [edge, edge.codes.length]))

  /** The edges that have logged the code fewer `times` since. Log lines come over a pipe and may be late. */
  async function findSilent(
    code: string,
    before: ReadonlyMap<Edge, number>,
    { on = edges, times = 1 }: { readonly on?: readonly Edge[]; readonly times?: number } = {},
  ): Promise<readonly string[]> {
    const silent = () =>
      on.filter((edge) => edge.codes.slice(before.get(edge)).filter((each) => each === code).length < times)
    for (let waited = 0; silent().length > 0 && waited < LOG_WAIT_MS; waited += 50) await sleep(50)
    return silent().map(({ title }) => `${title} did not log ${code}`)
  }

  /** Revokes with the command a token that every edge has accepted. Every edge is asked about it meanwhile. */
  async function revoke(what: string, selector: readonly string[], token: string, hasStrong = false) {
    progress(what)
    const paths = hasStrong ? [USUAL, STRONG] : [USUAL]
    const accepted = { wanted: 'accepted', before: ['unavailable'] } as const
    const earlier = await Promise.all(paths.map((path) => observe(path, token, accepted)))
    const before = countLines()
    let writtenAt = 0
    let endedAt: number | null = null
    const expectation: Expectation = {
      wanted: 'refused',
      before: ['accepted', 'unavailable'],
      bound: () => endedAt,
    }
    const revoking = commands.revoke(selector, () => (writtenAt = performance.now()))
    const [revoked, usual, strong] = await Promise.all([
      revoking.finally(() => (endedAt = performance.now())),
      observe(USUAL, token, expectation),
      hasStrong ? observe(STRONG, token, expectation) : null,
    ])
    rows.push({
      what,
      expected: 'refused within N',
      seen: usual,
      times: { since: writtenAt, boundOf: ({ kind }) => revoked.secondsOf(kind, 'usual') },
      more: [
        ...earlier.flatMap((seen) => problemsOf({ seen }, edges)),
        ...(await findSilent('token_revoked', before)),
      ],
    })
    if (strong !== null)
      rows.push({
        what: 'the same, a route with strong',
        expected: 'refused within N',
        seen: strong,
        times: { since: writtenAt, boundOf: ({ kind }) => revoked.secondsOf(kind, 'strong') },
      })
  }

  async function takeCaches({ token }: Login) {
    const start = countLines()
    await accept('access token of alice', token)
    // REST API and HTTP API share a function, and so a log.
    const late = await findSilent('access_token', start, { on: gateways, times: gateways.length })
    const before = countLines()
    const seen = await observe(USUAL, token, { wanted: 'accepted' })
    const callers = gateways.filter((edge) => edge.codes.length > before.get(edge)!)
    rows.push({
      what: "the same, from API Gateway's cache",
      expected: 'accepted',
      seen,
      more: [...late, ...callers.map(({ title }) => `${title} called its authorizer`)],
    })
  }

  async function takeUser(alice: Login) {
    await revoke('lanekeeper revoke --sub alice', ['--sub', DEMO_USER], alice.token, true)
    await accept('the same, a route with off', alice.token, OFF)
    // The entry is about tokens that were issued up to the second in which it was written.
    await sleep(1_000)
    await accept('alice has signed in again', (await tokens.logIn()).token)
    progress('lanekeeper unrevoke --sub alice')
    await commands.unrevoke(['--sub', DEMO_USER])
    const expectation: Expectation = { wanted: 'accepted', before: ['refused', 'unavailable'] }
    rows.push({
      what: 'lanekeeper unrevoke --sub alice',
      expected: 'accepted',
      seen: await observe(USUAL, alice.token, expectation),
    })
  }

  async function takeOthers(directory: string) {
    const [one, two, three] = [await tokens.logIn(), await tokens.logIn(), await tokens.logIn()]
    await revoke('lanekeeper revoke --jti', ['--jti', one.jti], one.token)
    const file = join(directory, 'token')
    await writeFile(file, two.token, { mode: 0o600 })
    await revoke('lanekeeper revoke --token-file', ['--token-file', file], two.token)
    await accept('another token of alice', three.token)
    const { client_id: client } = services.server.clients.service
    const token = await tokens.ofService()
    await accept(`access token of ${client}`, token)
    await revoke(`lanekeeper revoke --client ${client}`, ['--client', client], token)
    await accept('a token of another client', three.token)
  }

  async function takeLogout() {
    const [here, elsewhere] = [await tokens.logIn(), await tokens.logIn()]
    await accept('alice has signed in twice', here.token)
    progress('a logout at the authorization server')
    const before = countLines()
    await here.logOut()
    const since = performance.now()
    const secondsOf = (kind: Edge['kind']) => boundOf(kind).reachableSeconds!
    const expectationOf = (kind: Edge['kind']): Expectation => ({
      wanted: 'refused',
      before: ['accepted', 'unavailable'],
      bound: () => since + secondsOf(kind) * 1000,
    })
    const [atWorkers, atGateways] = await Promise.all([
      observe(USUAL, here.token, expectationOf('cloudflare'), workers),
      observe(USUAL, here.token, expectationOf('aws'), gateways),
    ])
    rows.push({
      what: 'a logout at the authorization server',
      expected: 'refused within N',
      seen: atWorkers.map((observation, index) => observation ?? atGateways[index]!),
      times: { since, boundOf: ({ kind }) => secondsOf(kind) },
      more: await findSilent('token_revoked', before),
    })
    await accept('the other session of alice', elsewhere.token)
    return { revoked: here.token, good: elsewhere.token }
  }

  async function takeOutage({ revoked, good }: { readonly revoked: string; readonly good: string }) {
    progress('the stores are stopped')
    await services.stopStores()
    const since = performance.now()
    const bound = boundOf('cloudflare').seconds
    // API Gateway would not ask its authorizer if its cache were not emptied.
    const expect = (before: 'accepted' | 'refused'): Expectation => ({
      wanted: 'unavailable',
      before: [before],
      bound: () => since + bound * 1000,
      prepare: services.flush,
    })
    const times = { since, boundOf: () => bound }
    const [seenGood, seenRevoked] = await Promise.all([
      observe(USUAL, good, expect('accepted')),
      observe(USUAL, revoked, expect('refused')),
    ])
    const failure = 'then 503 (API Gateway: 500)'
    rows.push({ what: 'the stores are stopped', expected: `accepted, ${failure}`, seen: seenGood, times })
    rows.push({
      what: 'the same, a revoked token',
      expected: `refused, ${failure}`,
      seen: seenRevoked,
      times,
    })
    await accept('the same, a route with off', revoked, OFF)
    progress('the stores are back')
    await services.startStores()
    await accept('the stores are back', good)
    const expectation: Expectation = { wanted: 'refused', before: ['unavailable'] }
    rows.push({
      what: 'the same, a revoked token',
      expected: 'refused',
      seen: await observe(USUAL, revoked, expectation),
    })
  }

  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-revocation-'))
  try {
    const alice = await tokens.logIn()
    await takeCaches(alice)
    await takeUser(alice)
    await takeOthers(directory)
    await takeOutage(await takeLogout())
  } finally {
    await rm(directory, { recursive: true, force: true })
    print(`\n${describeRows(rows, edges)}\n\n${NOTES}`)
  }
  return rows.filter((row) => problemsOf(row, edges).length > 0).length
}
