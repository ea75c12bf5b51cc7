// The npm package, as somebody else uses it: packed, installed into an empty project and used from TypeScript.
// Its dependencies are taken from this project's node_modules, so that the test reaches no registry.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
  exports: Record<string, Record<string, string>>
}

const USE = `
import { createAuthorizer, defineConfig, ConfigError, FAILURES, type Decision, type FailureCode } from 'lanekeeper'
import { createWorker, lanekeeper } from 'lanekeeper/cloudflare'
import { createHandler, type AuthorizerHandler } from 'lanekeeper/aws'

const config = defineConfig({
  issuers: {
    main: { issuer: 'https://login.example.com', audience: 'https://api.example.com', profile: 'rfc9068', keys: { jwks_uri: 'https://login.example.com/jwks' } },
  },
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } },
  ],
  origin: { url: 'https://origin.example.com' },
})

const silent = { report: () => {} }
const authorizer = createAuthorizer(config, { fetch, now: Date.now, ...silent })
const decision: Decision = await authorizer.authorize({ method: 'GET', path: '/orders', authorization: [], accessTokenInQuery: false })
const code: FailureCode | null = decision.allow ? null : decision.code

const response = await createWorker(config, {}, silent).request('https://api.example.com/orders')
const middleware = typeof lanekeeper(authorizer)

const handler: AuthorizerHandler = createHandler(config, {}, silent)
const answer = await handler({ type: 'TOKEN', authorizationToken: 'Bearer x', methodArn: 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/health' })

let problems: readonly string[] = []
try {
  // @ts-expect-error -- the audience has no default
  createHandler({ ...config, issuers: { main: { issuer: 'https://a.example', profile: 'rfc9068', keys: { discovery: 'openid-configuration' } } } })
} catch (error) {
  if (error instanceof ConfigError) problems = error.problems.map((problem) => problem.path)
}
console.log(JSON.stringify({ code, known: code !== null && code in FAILURES, status: response.status, middleware, answer, problems }))
`

// What a Lambda project has: the types of Node, which those of aws-lambda need.
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    lib: ['ES2023'],
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
    outDir: 'out',
    skipLibCheck: false,
  },
  files: ['use.ts'],
}

let directory: string

function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  expect(status, `${command} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
  return stdout
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-package-'))
  run('npm', ['pack', '--silent', '--pack-destination', directory], ROOT)
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'))!
  const local = (name: string) => `file:${join(ROOT, 'node_modules', name)}`
  const project = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { lanekeeper: `file:./${tarball}`, '@types/node': local('@types/node') },
    overrides: Object.fromEntries(Object.keys(manifest.dependencies).map((name) => [name, local(name)])),
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(project))
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  writeFileSync(join(directory, 'use.ts'), USE)
  run('npm', ['install', '--offline', '--silent', '--no-audit', '--no-fund'], directory)
})

afterAll(() => rmSync(directory, { recursive: true }))

test('all three entries are typed and work', () => {
  run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', directory], directory)
  const output = JSON.parse(run(process.execPath, ['out/use.js'], directory))
  expect(output).toMatchObject({
    code: 'credential_missing',
    known: true,
    status: 401,
    middleware: 'function',
    answer: { principalId: 'public', policyDocument: { Statement: [{ Effect: 'Allow' }] } },
    problems: ['issuers.main.audience'],
  })
})

test('nothing but the package is in the package', () => {
  const files = readdirSync(join(directory, 'node_modules/lanekeeper'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /test|local|demo|\.tgz|config\.ts$|serverless|wrangler/.test(name))).toEqual(
    [],
  )
  for (const paths of Object.values(manifest.exports)) {
    for (const path of Object.values(paths)) expect(files).toContain(path.slice(2))
  }
})
