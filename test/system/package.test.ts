// The npm package as another project uses it: packed, installed into an empty project and used from TypeScript. Its
// dependencies come from this project's node_modules, so that the test contacts no registry.

import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createConfigSchema } from '../../cli/schema/config-schema.ts'
import { startBareWorkerd } from '../support/bare-workerd.ts'
import { NODES } from '../support/hand-made-project.ts'
import { generateKey, startTestIssuer } from '../support/test-issuer.ts'

const ROOT = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
  exports: Record<string, Record<string, string>>
}

const USE = `
import { assembleAuthorizer, createAuthorizer, defineConfig, webCrypto, ConfigError, FAILURES, type Decision, type FailureCode } from 'lanekeeper'
import { createWorker, createHonoMiddleware, toAuthorizationRequest, type LanekeeperVariables, type RpcAnswer } from 'lanekeeper/cloudflare'
import { Hono } from 'hono'
import { createHandler, type AuthorizerHandler } from 'lanekeeper/aws'
import { nodeCryptoAsync } from 'lanekeeper/node'

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
const authorizer = createAuthorizer(config, { fetch, now: Date.now, crypto: nodeCryptoAsync, ...silent })
const decision: Decision = await authorizer.authorize({ method: 'GET', path: '/orders', authorization: [], accessTokenInQuery: false })
const code: FailureCode | null = decision.allow ? null : decision.code

// What tests take checks out with. It is in no type, and nothing that is passed in its place is looked at.
const withoutChecks = { readCredential: () => ({ token: 'x' }), verifySignature: async () => true }
// @ts-expect-error -- three arguments
const whole = assembleAuthorizer(config, { fetch, now: Date.now, crypto: webCrypto, ...silent }, {}, withoutChecks)
const still = await whole.authorize({ method: 'GET', path: '/orders', authorization: [], accessTokenInQuery: false })

// As wrangler types writes it.
interface Env {
  ORDERS: string
}
const response = await createWorker(config, {} as Env, silent).fetch(new Request('https://api.example.com/orders'))
const app = new Hono<{ Variables: LanekeeperVariables }>()
app.use(createHonoMiddleware(authorizer))
app.get('*', (context) => context.json({ public: context.get('grant') === null }))
const mine = await Promise.all(['/health', '/orders', '/nowhere'].map(async (path) => (await app.request('https://api.example.com' + path)).status))
const asked: RpcAnswer = await createWorker(config, {}, silent).authorize(toAuthorizationRequest(new Request('https://api.example.com/orders')))

const handler: AuthorizerHandler = createHandler(config, {}, silent)
const answer = await handler({ type: 'TOKEN', authorizationToken: 'Bearer x', methodArn: 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/health' })

let problems: readonly string[] = []
try {
  // @ts-expect-error -- the audience has no default
  createHandler({ ...config, issuers: { main: { issuer: 'https://a.example', profile: 'rfc9068', keys: { discovery: 'openid-configuration' } } } })
} catch (error) {
  if (error instanceof ConfigError) problems = error.problems.map((problem) => problem.path)
}
console.log(JSON.stringify({ code, still: still.allow ? null : still.code, known: code !== null && code in FAILURES, status: response.status, mine, asked: asked.refusal?.status, answer, problems }))
`

// A Lambda project has the types of Node, which those of aws-lambda need.
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

/** The failure of a Lambda without the SDK for a token whose key is in AWS Secrets Manager. */
const USE_WITHOUT_SDK = `
import { createHandler } from 'lanekeeper/aws'

const issuer = 'https://login.example.com'
const audience = 'https://api.example.com'
const config = {
  issuers: { main: { issuer, audience, profile: 'rfc9068', keys: { jwksSecret: { secretsManager: 'jwks' } }, algorithms: ['ES256'] } },
  routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
}
const toText = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const iat = Math.floor(Date.now() / 1000)
const claims = { iss: issuer, aud: audience, sub: 'user-1', client_id: 'app', jti: 'j', iat, exp: iat + 300 }
const token = [toText({ alg: 'ES256', typ: 'at+jwt', kid: 'k' }), toText(claims), Buffer.alloc(64, 1).toString('base64url')].join('.')

const seen = []
const handler = createHandler(config, {}, { report: ({ event, outcome, code, detail }) => seen.push({ event, outcome, code, ...(detail && { detail }) }) })
const methodArn = 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/orders'
const thrown = await handler({ type: 'TOKEN', authorizationToken: 'Bearer ' + token, methodArn }).then(() => null, (error) => error.message)
console.log(JSON.stringify({ thrown, seen }))
`

let directory: string
let tarball: string

function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  expect(status, `${command} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
  return stdout
}

/** Makes a folder a project with the package, and with the other packages that it names. */
function install(folder: string, ...more: string[]): void {
  const local = (name: string) => `file:${join(ROOT, 'node_modules', name)}`
  const project = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: {
      lanekeeper: `file:${tarball}`,
      ...Object.fromEntries(more.map((name) => [name, local(name)])),
    },
    overrides: Object.fromEntries(Object.keys(manifest.dependencies).map((name) => [name, local(name)])),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project))
  run('npm', ['install', '--offline', '--silent', '--no-audit', '--no-fund'], folder)
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-package-'))
  run('npm', ['pack', '--silent', '--pack-destination', directory], ROOT)
  tarball = join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.tgz'))!,
  )
  install(directory, '@types/node', 'hono')
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  writeFileSync(join(directory, 'use.ts'), USE)
})

afterAll(() => rmSync(directory, { recursive: true }))

test('all four entries that are code are typed and work', () => {
  run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', directory], directory)
  const output = JSON.parse(run(process.execPath, ['out/use.js'], directory))
  expect(output).toMatchObject({
    code: 'credential_missing',
    still: 'credential_missing',
    known: true,
    status: 401,
    mine: [200, 401, 403],
    asked: 401,
    answer: { principalId: 'public', policyDocument: { Statement: [{ Effect: 'Allow' }] } },
    problems: ['issuers.main.audience'],
  })
})

test('every entry loads without the optional packages; a secret that needs the SDK is unavailable', () => {
  const bare = mkdtempSync(join(tmpdir(), 'lanekeeper-bare-'))
  try {
    install(bare)
    const installed = readdirSync(join(bare, 'node_modules'), { recursive: true, encoding: 'utf8' })
    expect(Object.keys(manifest.peerDependencies).filter((name) => installed.includes(name))).toEqual([])
    // The constructs are for projects that have aws-cdk-lib.
    const entries = Object.keys(manifest.exports)
      .filter((entry) => entry !== './cdk')
      .map((entry) => join('lanekeeper', entry))
    const load = `for (const name of ${JSON.stringify(entries)}) {
      const options = name.endsWith('.json') ? { with: { type: 'json' } } : {}
      console.log(Object.keys(await import(name, options)).length > 0)
    }`
    writeFileSync(join(bare, 'load.js'), load)
    expect(run(process.execPath, ['load.js'], bare)).toBe('true\n'.repeat(5))
    writeFileSync(
      join(bare, 'cdk.js'),
      "import('lanekeeper/cdk').catch(({ message }) => console.log(message))",
    )
    expect(run(process.execPath, ['cdk.js'], bare)).toMatch(/^Cannot find package 'aws-cdk-lib'/)
    writeFileSync(join(bare, 'use.js'), USE_WITHOUT_SDK)
    expect(JSON.parse(run(process.execPath, ['use.js'], bare))).toEqual({
      thrown: 'lanekeeper: secret_unavailable',
      seen: [
        { event: 'secret', outcome: 'failed', code: 'load_failed' },
        {
          event: 'decision',
          outcome: 'deny',
          code: 'secret_unavailable',
          detail: { secret: 'secretsManager', problem: 'load_failed' },
        },
      ],
    })
  } finally {
    rmSync(bare, { recursive: true })
  }
})

/** A Worker of a user: Hono, the middleware, and a handler that returns its variables. */
const OWN_WORKER = `
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { createAuthorizer } from 'lanekeeper'
import { createHonoMiddleware } from 'lanekeeper/cloudflare'

const authorizer = createAuthorizer(JSON.parse(env.CONFIG), { fetch, now: Date.now, report: () => {} })
const app = new Hono()
app.use(createHonoMiddleware(authorizer))
app.get('*', (context) => context.json(context.get('grant')?.principal ?? 'nobody'))
export default app
`

test('the middleware guards a Worker of your own in workerd, bundled from the package', async () => {
  const issuer = await startTestIssuer({
    audience: 'https://api.example.com',
    keys: [await generateKey('ES256', 'k')],
  })
  const bundle = await build({
    stdin: { contents: OWN_WORKER, resolveDir: directory, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  expect(Object.keys(bundle.metafile.inputs).join()).toContain('node_modules/lanekeeper/dist/package')
  const config = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: 'https://api.example.com',
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  }
  const workerd = await startBareWorkerd({
    script: bundle.outputFiles[0]!.text,
    boundScript: 'export default {}',
    compatibilityDate: '2026-10-20',
    compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
    variables: { CONFIG: JSON.stringify(config) },
    service: 'UNUSED',
    dataset: 'ALSO_UNUSED',
  })
  try {
    const ask = async (claims: object) => {
      const authorization = `Bearer ${await issuer.token({ claims: { ...claims } })}`
      const response = await fetch(`${workerd.url}/orders`, { headers: { authorization } })
      return [response.status, await response.json()]
    }
    expect(await ask({})).toEqual([200, { kind: 'user', id: 'user-1' }])
    expect(await ask({ nonce: 'n' })).toEqual([401, expect.objectContaining({ error: 'invalid_token' })])
    expect(await ask({ scope: 'other' })).toEqual([403, expect.objectContaining({ status: 403 })])
  } finally {
    await workerd.close()
    await issuer.close()
  }
})

test('the JSON Schema is that of the sources', () => {
  const path = manifest.exports['./schema.json']!['default']!
  const packed = readFileSync(join(directory, 'node_modules/lanekeeper', path), 'utf8')
  expect(JSON.parse(packed)).toEqual(createConfigSchema())
})

test('no declaration offers a way to remove a check', () => {
  const published = join(directory, 'node_modules/lanekeeper/dist/package')
  const names = readdirSync(published, { recursive: true, encoding: 'utf8' })
  const declarations = names.filter((name) => name.endsWith('.d.ts'))
  const read = (name: string) => readFileSync(join(published, name), 'utf8')
  expect(read('shared/authorizer.d.ts')).toContain('export declare const assembleAuthorizer')
  expect(declarations.filter((name) => /\bsteps\b|@internal/i.test(read(name)))).toEqual([])
})

describe.each([...NODES])('lanekeeper check in a project of a user, with Node %s', (_, node) => {
  const CONFIG = `import { defineConfig } from 'lanekeeper'
import { routes } from './routes.ts'

const issuer: string = 'https://login.example.com'

export default defineConfig({
  issuers: { main: { issuer, audience: 'https://api.example.com', profile: 'rfc9068', keys: { discovery: 'openid-configuration' } } },
  routes,
  origin: { url: '\${env:ORIGIN_URL}' },
})
`
  const ROUTES = `import type { RouteRule } from 'lanekeeper'
export const routes: RouteRule[] = [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }]
`
  const DEPLOYMENT_FILES = ['wrangler.toml', 'serverless.yml']
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanekeeper-user-'))
    install(folder)
  })

  beforeEach(() => {
    for (const name of DEPLOYMENT_FILES) rmSync(join(folder, name), { force: true })
    writeFileSync(join(folder, 'lanekeeper.config.ts'), CONFIG)
    writeFileSync(join(folder, 'routes.ts'), ROUTES)
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  function lanekeeper(...args: string[]) {
    const command = join(folder, 'node_modules/.bin/lanekeeper')
    const { status, stdout, stderr } = spawnSync(node, [command, ...args], { cwd: folder, encoding: 'utf8' })
    return {
      status,
      stdout,
      stderr,
      lines: stdout.split('\n').map((line) => line.replace(/ +/g, ' ').trim()),
    }
  }

  test('builds every edge with revocation, and says how large each part is by itself', () => {
    mkdirSync(join(folder, 'node_modules/@aws-sdk'), { recursive: true })
    const client = '@aws-sdk/client-dynamodb'
    const link = join(folder, 'node_modules', client)
    if (!existsSync(link)) symlinkSync(join(ROOT, 'node_modules', client), link, 'dir')
    const revocation = `revocation: {
    durableObject: 'REVOCATIONS',
    dynamodb: { table: 'revocations' },
    logout: { path: '/logout', clients: { main: 'web' } },
  },`
    writeFileSync(join(folder, 'lanekeeper.config.ts'), CONFIG.replace('routes,', `routes,\n  ${revocation}`))
    for (const [edge, files] of [
      ['cloudflare', ['worker/index.js']],
      ['aws', ['lambda/authorizer.mjs', 'lambda/logout.mjs']],
      ['store', ['store/index.js']],
    ] as const) {
      const { status, stderr, lines } = lanekeeper('build', '--edge', edge)
      expect([edge, status, stderr]).toEqual([edge, 0, ''])
      expect(files.filter((name) => !existsSync(join(folder, 'dist', name)))).toEqual([])
      const [, kilobytes] =
        /^rsa (\d+\.\d) kB/.exec(lines.find((line) => line.startsWith('rsa ')) ?? '') ?? []
      if (edge !== 'store') expect(Number(kilobytes)).toBeLessThan(5)
    }
  })

  test('builds every edge with bound tokens', () => {
    const link = join(folder, 'node_modules/@aws-sdk/client-dynamodb')
    mkdirSync(join(folder, 'node_modules/@aws-sdk'), { recursive: true })
    if (!existsSync(link)) symlinkSync(join(ROOT, 'node_modules/@aws-sdk/client-dynamodb'), link, 'dir')
    const bound = (nonce: string) =>
      CONFIG.replace("profile: 'rfc9068',", "profile: 'rfc9068', senderConstraint: 'any',").replace(
        'routes,',
        `routes: routes.map((route) => ({ ...route, replay: 'strong' as const })) as typeof routes,
  publicUrls: ['https://api.example.com'],
  aws: { strategy: 'off' },
  dpop: { ${nonce}replay: { durableObject: 'REPLAYS', dynamodb: { table: 'replays' } } },`,
      )
    for (const [edge, file, nonce] of [
      ['cloudflare', 'worker/index.js', "nonce: { key: { env: 'NONCE_KEY' } }, "],
      ['aws', 'lambda/authorizer.mjs', ''],
      ['store', 'store/index.js', ''],
    ] as const) {
      writeFileSync(join(folder, 'lanekeeper.config.ts'), bound(nonce))
      const { status, stderr } = lanekeeper('build', '--edge', edge)
      expect([edge, status, stderr]).toEqual([edge, 0, ''])
      expect(existsSync(join(folder, 'dist', file))).toBe(true)
    }
    writeFileSync(join(folder, 'lanekeeper.config.ts'), CONFIG)
  })

  test('builds both edges with client certificates, in a header too, and the metadata that says so', () => {
    const certified = (mtls: string) =>
      CONFIG.replace("profile: 'rfc9068',", "profile: 'rfc9068', senderConstraint: 'mtls',").replace(
        'routes,',
        `routes,
  aws: { strategy: 'off' },
  resources: [{ identifier: 'https://api.example.com' }],
  ${mtls}`,
      )
    const header = `mtls: { header: { name: 'x-leaf', format: 'rfc9440', guard: { header: 'x-guard', secret: { env: 'GUARD' } } } },`
    for (const [edge, mtls, parts] of [
      ['cloudflare', '', ['mtls', 'fetch/sender-metadata']],
      ['aws', '', ['mtls', 'aws/request-needs']],
      ['cloudflare', header, ['mtls', 'mtls-header', 'fetch/sender-metadata']],
      ['aws', header, ['mtls', 'mtls-header', 'aws/request-needs']],
    ] as const) {
      writeFileSync(join(folder, 'lanekeeper.config.ts'), certified(mtls))
      const { status, stderr, lines } = lanekeeper('build', '--edge', edge)
      expect([edge, status, stderr]).toEqual([edge, 0, ''])
      const named = lines.map((line) => line.split(' ')[0]!)
      expect(named.filter((name) => /mtls|sender|needs|dpop/.test(name))).toEqual(parts)
    }
    expect(readFileSync(join(folder, 'dist/lambda/metadata.json'), 'utf8')).toContain(
      '"tls_client_certificate_bound_access_tokens": true',
    )
    writeFileSync(join(folder, 'lanekeeper.config.ts'), CONFIG)
  })

  test('a configuration alone is checked for both edges', () => {
    const { status, lines, stderr } = lanekeeper('check')
    expect([status, stderr]).toEqual([0, ''])
    expect(lines).toContain('(none) ok ok ORIGIN_URL')
    expect(lines).toContain(
      'There is neither wrangler.toml nor serverless.yml here: the configuration is checked for both edges, and compared with nothing.',
    )
    writeFileSync(join(folder, 'staging.env'), 'ORIGIN_URL=https://origin.example.com')
    const { lines: given } = lanekeeper('check', '--env-file', 'staging.env', '--edge', 'cloudflare')
    expect(given).toContain('(none) ok left out 86430 s')
  })

  test('a problem is named with its path; --json has the same as data and nothing else on standard output', () => {
    writeFileSync(
      join(folder, 'routes.ts'),
      `console.log('loaded')\n${ROUTES.replace("'/orders'", "'orders'")}`,
    )
    const { status, lines, stderr } = lanekeeper('check')
    expect([status, stderr]).toEqual([1, 'loaded\n'])
    expect(lines.filter((line) => line.startsWith('routes'))).toEqual([
      expect.stringMatching(/^routes\[0\]\.path \(GET orders\): /),
    ])
    const { status: code, stdout } = lanekeeper('check', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      ok: false,
      error: null,
      stages: [
        {
          name: null,
          cloudflare: 'refused',
          aws: 'refused',
          problems: [{ path: 'routes[0].path', message: expect.any(String) }],
          requiredVariables: ['ORIGIN_URL'],
        },
      ],
    })
  })

  test('a file that cannot be loaded is one line with its location', () => {
    writeFileSync(join(folder, 'routes.ts'), 'export const routes = [\n  { path: }\n]')
    expect(lanekeeper('check')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'routes.ts:2:11: Unexpected "}"\n',
    })
    writeFileSync(join(folder, 'routes.ts'), '\nthrow new Error("no routes")\nexport const routes = []')
    expect(lanekeeper('check').stderr).toBe('routes.ts:2:7: Error: no routes\n')
  })

  test('wrangler.toml and serverless.yml are named as not compared without the tools that read them', () => {
    for (const name of DEPLOYMENT_FILES) cpSync(join(ROOT, name), join(folder, name))
    const { status, lines, stderr } = lanekeeper('check')
    expect([status, stderr]).toEqual([0, ''])
    expect(lines).toContain('is not compared: wrangler is not installed in this project')
    expect(lines).toContain('serverless.yml is not compared: osls is not installed in this project.')
  })

  test('a wrong call is explained on standard error', () => {
    const wrong = lanekeeper('check', '--bogus')
    expect([wrong.status, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toMatch(/^Unknown option '--bogus'\.\n\nlanekeeper check \[options\]\n/)
    expect(lanekeeper('--version').stdout).toBe(`${manifest.version}\n`)
  })
})

/** `dev` loads these of the project when something needs them, or names the command that installs them. */
const OF_THE_PROJECT = ['ws', 'yauzl', 'wrangler', 'miniflare']

/** A listener for client certificates loads these. The tours of this repository have one, and `dev` has none. */
const OF_CERTIFICATES = ['@peculiar/x509', 'reflect-metadata']

test('every package that the code imports is a dependency, or one that its user may have', () => {
  const published = join(directory, 'node_modules/lanekeeper/dist/package')
  const scripts = readdirSync(published, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  )
  const IMPORT = /(?:\bfrom |\bimport\(|^import )['"]((?:@[\w-]+\/)?[a-z][\w-]*)(?:\/[^'"]*)?['"]/gm
  const imported = scripts.flatMap((name) =>
    [...readFileSync(join(published, name), 'utf8').matchAll(IMPORT)].map(([, specifier]) => specifier!),
  )
  // Examples in comments import the package itself.
  const known = [
    'lanekeeper',
    ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    ...OF_THE_PROJECT,
    ...OF_CERTIFICATES,
  ]
  expect(imported).toContain('esbuild')
  expect([...new Set(imported)].filter((name) => !known.includes(name))).toEqual([])
})

/** Of `local` the package has what `check` and `dev` run, and nothing of the tours and their authorization server. */
const SHIPPED_LOCAL =
  /^dist\/package\/local(?:\/(?:api-gateway|client-certificates|dev|issuer)(?:\/[a-z-]+\.js)?|\/processes(?:\/(?:dev-gateway|serve-parent|worker-edge)\.js)?|\/(?:child|log-line|worker-edge|worker-tools)\.js)?$/

const SHIPPED = ['docs/local.md', 'dist/package/cli/init/wrangler-files.js']

test('the package has no other files', () => {
  const files = readdirSync(join(directory, 'node_modules/lanekeeper'), { recursive: true, encoding: 'utf8' })
  expect(
    files.filter(
      (name) =>
        /\btest|\blocal|\bdemo|\.tgz|config\.ts$|lanekeeper\.config|serverless|wrangler/.test(name) &&
        !SHIPPED_LOCAL.test(name) &&
        !SHIPPED.includes(name),
    ),
  ).toEqual([])
  expect(files.filter((name) => /cli\/(?:.*\.ts|build\.js|repository)/.test(name))).toEqual([])
  for (const paths of Object.values(manifest.exports)) {
    for (const path of Object.values(paths)) expect(files).toContain(path.slice(2))
  }
})
