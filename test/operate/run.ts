// `npm run test:operate`: runs each query of examples/operate/queries.sql in ClickHouse, whose dialect Analytics Engine
// has, on data points that the Worker wrote in workerd. It installs chdb (ClickHouse as a Python package) from PyPI into
// a temporary folder; CHDB_PYTHON names a Python that has it. Exit code 0 if every query has found what it should, else
// 1. What Analytics Engine itself accepts is not known here: test/docs/operating compares the functions with its manual.

import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { paint } from '../../cli/table.ts'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { startEchoOrigin } from '../support/origin-process.ts'
import { generateKey, startTestIssuer } from '../support/test-issuer.ts'
import { readQueries } from './files.ts'

if (process.argv.length > 2) {
  console.error('npm run test:operate takes no options. CHDB_PYTHON is the path of a Python that has chdb.')
  process.exit(2)
}

const AUDIENCE = 'https://api.example.com'
const work = mkdtempSync(join(tmpdir(), 'lanekeeper-operate-'))

interface Point {
  readonly indexes: readonly [string]
  readonly blobs: readonly string[]
  readonly doubles: readonly number[]
}

function findPython(): string {
  const given = process.env['CHDB_PYTHON']
  if (given !== undefined) return given
  console.log('installing chdb from PyPI ...')
  const python = join(work, 'venv/bin/python')
  for (const [command, args] of [
    ['python3', ['-m', 'venv', join(work, 'venv')]],
    [python, ['-m', 'pip', 'install', '--quiet', 'chdb']],
  ] as const)
    if (spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
      throw new Error(`${command} ${args.join(' ')} failed`)
  return python
}

async function findClosedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The data points of one request of each kind, by kind, as the Worker in workerd writes them. */
async function collectPoints(): Promise<Readonly<Record<string, readonly Point[]>>> {
  const key = await generateKey('ES256', 'k')
  const [issuer, gone, origin, port, closed] = await Promise.all([
    startTestIssuer({ audience: AUDIENCE, keys: [key] }),
    startTestIssuer({ audience: AUDIENCE, keys: [key] }),
    startEchoOrigin(),
    findClosedPort(),
    findClosedPort(),
  ])
  const issuerConfig = (url: string, jwksUri: string) =>
    ({
      issuer: url,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks_uri: jwksUri },
      algorithms: ['ES256'],
    }) as const
  const config: LanekeeperConfig = {
    issuers: {
      main: issuerConfig(issuer.issuer, issuer.jwksUri),
      gone: issuerConfig(gone.issuer, `http://127.0.0.1:${closed}/jwks`),
    },
    routes: [
      { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } },
      { path: '/reports', methods: ['GET'], scope: { allOf: ['read'] }, reportOnly: true },
    ],
    origin: { url: origin.url },
  }
  const script = join(work, 'worker.js')
  const bundled = await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    write: false,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  writeFileSync(script, bundled.outputFiles[0]!.text)
  const lines: string[] = []
  const edge = await startWorkerEdge({
    script,
    config: join(import.meta.dirname, '../../wrangler.toml'),
    port,
    variables: { CONFIG: JSON.stringify(config), LANEKEEPER_STAGE: '' },
    onLog: (line) => void lines.push(line),
  })
  const good = await issuer.token()
  const requests: readonly (readonly [kind: string, path: string, token: string | null])[] = [
    ['first', '/orders', good],
    ['allowed', '/orders', good],
    ['no token', '/orders', null],
    ['expired', '/orders', await issuer.token({ claims: { exp: 1_000_000_000 } })],
    ['issuer down', '/orders', await gone.token()],
    ['would be refused', '/reports', await issuer.token({ claims: { scope: 'other' } })],
    ['origin down', '/orders', good],
  ]
  const kinds: Record<string, Point[]> = {}
  for (const [kind, path, token] of requests) {
    if (kind === 'origin down') await origin.close()
    const before = lines.length
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${edge.url}${path}`, { headers })
    await response.text()
    const wanted = kind === 'origin down' ? '"origin_unreachable"' : '"decision"'
    const isDone = () =>
      lines.slice(before).some((line) => line.startsWith('{"point"') && line.includes(wanted))
    for (let wait = 0; !isDone(); wait++) {
      if (wait > 200)
        throw new Error(`${kind}: no data point; ${response.status}\n${lines.slice(before).join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    kinds[kind] = lines
      .slice(before)
      .filter((line) => line.startsWith('{"point"'))
      .map((line) => (JSON.parse(line) as { point: Point }).point)
  }
  await Promise.all([edge.close(), issuer.close(), gone.close()])
  return kinds
}

const kinds = await collectPoints()

interface Row {
  readonly ago: number
  readonly interval: number
  readonly index: string
  readonly blobs: readonly string[]
  readonly doubles: readonly number[]
}

/** Data points of a kind of request, so many seconds ago, each standing for `interval` of them. */
const place = (kind: string, ago: number, interval = 1): readonly Row[] =>
  kinds[kind]!.map(({ indexes: [index], blobs, doubles }) => ({ ago, interval, index, blobs, doubles }))

const healthy = [...place('first', 700), ...place('allowed', 600, 10), ...place('allowed', 60, 190)]

/** What happened, by the name of a table. */
const TABLES: Readonly<Record<string, readonly Row[]>> = {
  healthy: [...healthy, ...place('no token', 30, 500), ...place('expired', 20, 20)],
  one_fault: [...healthy, ...place('issuer down', 200), ...place('origin down', 30)],
  faults: [
    ...healthy,
    ...[30, 90, 150].flatMap((ago) => [...place('issuer down', ago), ...place('origin down', ago, 2)]),
  ],
  long_ago: [400, 460, 520].flatMap((ago) => [
    ...place('issuer down', ago * 2),
    ...place('origin down', ago * 2),
  ]),
  refusing: [...healthy, ...place('expired', 40, 300)],
  few: [...place('expired', 40, 9), ...place('allowed', 30, 1)],
  watching: [...healthy, ...place('would be refused', 50, 7)],
}

const [plan, version] = kinds['allowed']![0]!.blobs.slice(8) as [string, string]

type Expected = readonly [table: string, query: string, isRight: (rows: readonly any[]) => boolean]

const none = (rows: readonly unknown[]) => rows.length === 0
const same = (expected: object) => (rows: readonly unknown[]) => isDeepStrictEqual(rows, expected)
const CODE = kinds['issuer down']!.find(({ blobs }) => blobs[0] === 'keys')!.blobs[2]

const EXPECTED: readonly Expected[] = [
  [
    'faults',
    'alarm: IssuerFails',
    same([{ blame: 'issuer', code: 'keys_unavailable', issuer: 'gone', minutes: 3, requests: 3 }]),
  ],
  ...['one_fault', 'healthy', 'long_ago'].map((table): Expected => [table, 'alarm: IssuerFails', none]),
  [
    'one_fault',
    'alarm: KeysNotFetched',
    same([{ event: 'keys', outcome: 'failed', code: CODE, issuer: 'gone', events: 1 }]),
  ],
  ['healthy', 'alarm: KeysNotFetched', none],
  ['long_ago', 'alarm: KeysNotFetched', none],
  ['faults', 'alarm: OriginFails', same([{ code: 'origin_unreachable', minutes: 3, requests: 6 }])],
  ...['one_fault', 'healthy', 'long_ago'].map((table): Expected => [table, 'alarm: OriginFails', none]),
  [
    'refusing',
    'alarm: RefusalShare',
    (rows) => rows.length === 1 && rows[0].refused === 300 && rows[0].percent > 50,
  ],
  ['healthy', 'alarm: RefusalShare', none],
  ['few', 'alarm: RefusalShare', none],
  [
    'healthy',
    'dashboard: decisions',
    (rows) => rows.reduce((sum, row) => sum + (row.outcome === 'deny' ? row.decisions : 0), 0) === 520,
  ],
  [
    'healthy',
    'dashboard: refusals',
    (rows) =>
      rows[0].code === 'credential_missing' && rows[0].requests === 500 && rows[1].client === 'client-1',
  ],
  [
    'healthy',
    'dashboard: milliseconds',
    (rows) =>
      rows.length === 1 &&
      rows[0].issuer === 'main' &&
      rows[0].decisions === 201 &&
      Math.abs(rows[0].fetches - 1 / 201) < 1e-9,
  ],
  [
    'healthy',
    'which configuration',
    (rows) =>
      rows.length === 1 &&
      rows[0].plan === plan &&
      rows[0].version === version &&
      rows[0].decisions === 721 &&
      rows[0].refused === 520,
  ],
  [
    'watching',
    'report-only',
    same([
      { rule: 'GET /reports', code: 'insufficient_scope', blame: 'client', client: 'client-1', requests: 7 },
    ]),
  ],
  ['healthy', 'report-only', none],
]

const queries = readQueries()
const queryOf = (title: string) => queries.find((query) => query.title.startsWith(title))!
const unused = queries.filter(({ title }) => !EXPECTED.some(([, query]) => title.startsWith(query)))

const { stdout, stderr, status } = spawnSync(findPython(), [join(import.meta.dirname, 'engine.py')], {
  input: JSON.stringify({
    tables: TABLES,
    queries: EXPECTED.map(([table, title]) => [table, queryOf(title).sql]),
  }),
  encoding: 'utf8',
  maxBuffer: 1 << 26,
})
rmSync(work, { recursive: true, force: true })
if (status !== 0) throw new Error(`the engine failed: ${stderr.slice(-1_000)}`)

const answers = JSON.parse(stdout) as { readonly rows?: readonly any[]; readonly error?: string }[]
let failed = unused.length
for (const { title } of unused) console.log(`${paint('red', 'not run')}  ${title}`)
for (const [index, [table, query, isRight]] of EXPECTED.entries()) {
  const { rows, error } = answers[index]!
  const isOk = rows !== undefined && isRight(rows)
  if (!isOk) failed++
  console.log(`${paint(isOk ? 'green' : 'red', isOk ? 'ok    ' : 'failed')}  ${table.padEnd(9)}  ${query}`)
  if (!isOk) console.log(`        ${error ?? JSON.stringify(rows)}`)
}
console.log(failed === 0 ? `All ${EXPECTED.length} passed.` : `${failed} failed.`)
process.exit(failed === 0 ? 0 : 1)
