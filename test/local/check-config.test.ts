// `npm run check:config` on the shipped configuration, and on copies with mistakes in them.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'lanekeeper-check-'))
  for (const name of ['shared', 'functions', 'package.json', 'lanekeeper.config.ts', 'wrangler.toml'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
})

afterEach(() => rmSync(copy, { recursive: true }))

function check(
  change: (text: string) => string = (text) => text,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): {
  status: number | null
  lines: string[]
  errors: string
} {
  const file = join(copy, 'lanekeeper.config.ts')
  writeFileSync(file, change(readFileSync(file, 'utf8')))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['functions/local/check-config.ts', ...args],
    {
      cwd: copy,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    },
  )
  const lines = stdout.split('\n').map((line) => line.replace(/ +/g, ' ').trim())
  return { status, lines, errors: stderr }
}

test('the shipped configuration starts in every stage, given what the deployment supplies', () => {
  const { status, lines } = check()
  expect(status).toBe(0)
  expect(lines).toContain('production ok ok 86730 s')
  expect(lines).toContain('staging ok ok 86730 s')
  expect(lines).toContain(
    'API Gateway may serve an answer for at most 300 s after it was decided (docs/aws.md).',
  )
  expect(lines).toContain('local ok ok LOCAL_ISSUER LOCAL_AUDIENCE LOCAL_INTROSPECTION_KEY LOCAL_ORIGIN')
})

test('a mistake is named with its stage and path', () => {
  const { status, lines } = check((text) =>
    text.replace("audience: 'https://api.staging.example.com'", "audience: ''"),
  )
  expect(status).toBe(1)
  expect(lines).toContain('production ok ok 86730 s')
  expect(lines).toContain('staging refused refused')
  expect(lines).toContain('issuers.main.audience: must be a list of at least one non-empty string')
})

test('what only reports is named, by route or as everything, and fits no table', () => {
  const route = "methods: ['POST'], scope: { allOf: ['orders:read', 'orders:write'] }"
  const tabled = check((text) => text.replace(route, `${route}, reportOnly: true`))
  expect(tabled.lines.join('\n')).toContain('the route only records what it would refuse')
  expect(tabled.status).toBe(1)
  const some = check((text) =>
    text.replace(route, `${route}, reportOnly: true`).replace("strategy: 'table'", "strategy: 'exact'"),
  )
  expect(some.status).toBe(0)
  expect(some.lines).toContain('production: report-only, nothing is refused: POST /orders')
  const stage = check((text) => text.replace('production: {}', 'production: { reportOnly: true }'))
  expect(stage.lines).toContain('production: report-only, nothing is refused: everything')
  expect(stage.lines.join()).not.toContain('staging: report-only, nothing is refused: everything')
})

test('what could fail open in wrangler.toml is refused, in every environment', () => {
  const file = join(copy, 'wrangler.toml')
  const shipped = readFileSync(file, 'utf8')
  writeFileSync(file, shipped.replace('[env.staging]', '[env.staging]\nworkers_dev = true'))
  const { status, lines } = check()
  expect(status).toBe(1)
  expect(lines.filter((line) => line.includes('workers_dev'))).toEqual([
    "staging: workers_dev: the workers.dev address has none of the zone's settings; say workers_dev = false",
  ])
  rmSync(file)
  expect(check().status).toBe(0)
})

test('and so is passThroughOnException in what it deploys; what only the dashboard shows is said', () => {
  const file = join(copy, 'functions/cloudflare/index.ts')
  const shipped = check()
  expect(shipped.lines.filter((line) => line.includes('passThroughOnException'))).toEqual([])
  expect(shipped.lines.filter((line) => line.startsWith('look for yourself: '))).toHaveLength(4)
  expect(shipped.lines.join('\n')).toContain('that each route fails closed')
  expect(shipped.lines.filter((line) => /^production: .*RFC 9728/.test(line))).toHaveLength(1)
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    text.replace(
      'return worker.authorize(',
      'this.ctx.passThroughOnException()\n    return worker.authorize(',
    ),
  )
  const { status, lines } = check()
  expect(status).toBe(1)
  expect(lines.filter((line) => line.includes('passThroughOnException'))).toEqual([
    expect.stringMatching(
      /^functions\/cloudflare\/index\.ts:\d+: passThroughOnException lets .*; take it out$/,
    ),
  ])
})

test('without an origin the Lambda is fine and the Worker is not', () => {
  const { status, lines } = check((text) => text.replaceAll(/^ +origin: .*$/gm, ''))
  expect(status).toBe(0)
  expect(lines).toContain('production no origin ok 86730 s')
})

const INTROSPECTED = (secret: string) => (text: string) =>
  text.replace(
    "profile: 'rfc9068',",
    `profile: 'rfc9068', introspection: { endpoint: 'https://login.example.com/introspect', cacheSeconds: 90,
       authentication: 'client_secret_basic', clientId: 'gateway', secret: ${secret}, response: 'jwt' },`,
  )

test('how late a revocation may be seen is one number for each stage, and a sum for each issuer', () => {
  const change = (text: string) =>
    INTROSPECTED("{ env: 'OUR_SECRET' }")(text)
      .replace("algorithms: ['RS256'],", 'maxLifetimeSeconds: 600,')
      .replace('\n  stages:', '\n  aws: { resultTtlSeconds: 300 },\n\n  stages:')
  const { status, lines } = check(change, { OUR_SECRET: 'x' })
  expect(status).toBe(0)
  expect(lines).toContain('production ok ok 3992 s')
  expect(lines).toContain(
    'main, opaque tokens: 3992 s = 90 remembered + 2 an answer under way + 3600 a withdrawn key of signed answers + 300 kept by the gateway',
  )
  expect(lines).toContain('main, JWTs: 930 s = 600 until exp + 30 clock tolerance + 300 kept by the gateway')
})

test.each([
  ["{ env: 'OUR_SECRET' }", 'ok', 'ok', 0],
  ["{ secretsStore: 'OURS' }", 'ok', 'left out', 0],
  ["{ secretsManager: 'ours' }", 'refused', 'ok', 1],
])('a secret at %s is for the Worker: %s, for the Lambda: %s', (secret, worker, lambda, exitCode) => {
  const { status, lines } = check(INTROSPECTED(secret))
  expect(status).toBe(exitCode)
  expect(lines.find((line) => line.startsWith('production '))).toMatch(
    new RegExp(`^production ${worker} ${lambda}`),
  )
})

test('a secret that the Lambda cannot read is a problem as soon as there is a serverless.yml, readable or not', () => {
  cpSync(join(ROOT, 'tsconfig.json'), join(copy, 'tsconfig.json'))
  writeFileSync(join(copy, 'serverless.yml'), 'service: *nobody\n')
  const { status, lines, errors } = check(INTROSPECTED("{ secretsStore: 'OURS' }"))
  expect(status).toBe(1)
  expect(lines.find((line) => line.startsWith('production '))).toMatch(/^production ok refused/)
  expect(errors).toMatch(
    /^\nserverless\.yml cannot be packaged, so it is not compared\.\nosls package .*failed:/,
  )
  expect(errors).toContain('unidentified alias "nobody"')
  expect(errors).not.toMatch(/^ +at /m)
}, 60_000)

test('a stage of wrangler.toml that the configuration does not have is named, with those it has', () => {
  const mistyped = check((text) => text.replace('production: {}', 'prodution: {}'))
  expect(mistyped.status).toBe(1)
  expect(mistyped.lines).toContain(
    '(top): vars: LANEKEEPER_STAGE: is "production", which is no stage; the configuration has: prodution, staging, local',
  )
  const none = check((text) => text.replace(/\n  stages: \{[^]*\n  \},\n\}\)/, '\n})'))
  expect(none.status).toBe(1)
  expect(none.lines).toContain(
    'staging: vars: LANEKEEPER_STAGE: is "staging", and the configuration has no stages; take it out',
  )
  const file = join(copy, 'wrangler.toml')
  const unstaged = readFileSync(file, 'utf8').replaceAll(/^LANEKEEPER_STAGE = .*$/gm, '')
  writeFileSync(file, unstaged)
  expect(check().status).toBe(0)
})

test('options are refused, and --help says so', () => {
  const wrong = check(undefined, {}, ['--stage', 'staging'])
  expect(wrong.status).toBe(2)
  expect(wrong.errors).toMatch(/^Unknown option '--stage'\.\n\nnpm run check:config\n/)
  expect(check(undefined, {}, ['--help']).status).toBe(0)
})

test('serverless.yml is compared as it would be deployed to every stage, those with open variables included', () => {
  for (const name of ['serverless.yml', 'tsconfig.json']) cpSync(join(ROOT, name), join(copy, name))
  const { status, lines } = check((text) =>
    text.replace('    staging: {', '    staging: { aws: { authorizers: {}, resultTtlSeconds: 7 },').replace(
      '    local: {',
      `    local: { reportOnly: true, aws: { httpApiResponse: 'policy', authorizers: {
          token: {}, request: {}, http: { resultTtlSeconds: 300 }, connect: { webSocketToken: 'protocol' } } },`,
    ),
  )
  expect(status).toBe(1)
  expect(lines).toContain(
    'Compared with serverless.yml as it would be deployed to: production, staging, local.',
  )
  const found = lines.filter((line) => /^(problem|warning):/.test(line))
  expect(found).toContain(
    'problem: REST authorizer AuthorizeRequestApiGatewayAuthorizer: runs with LANEKEEPER_AUTHORIZER request, and aws.authorizers has no such entry; add it (staging)',
  )
  expect(found).toContainEqual(
    expect.stringMatching(/^warning: HTTP authorizer .*: only reports on everything, .*\(local\)$/),
  )
  expect(found.filter((line) => line.includes('production'))).toEqual([])
}, 180_000)
