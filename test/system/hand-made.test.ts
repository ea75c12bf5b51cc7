// A project made by hand, with the files of docs/deploying.md: `lanekeeper build` builds each edge with one command, and
// what wrangler and osls would upload answers, in workerd and in Lambda processes behind a local API Gateway. Only the
// addresses of issuer and origin are those of loopback.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createLambdaRuntime,
  startApiGateway,
  unpackDeploymentPackage,
} from '../../local/api-gateway/index.ts'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import {
  DEPLOYING,
  initProject,
  mustRunIn,
  NODES,
  ORDERS_FUNCTION,
  packTarball,
  runIn,
  writeFiles,
} from '../support/hand-made-project.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../support/test-issuer.ts'

/** npm, wrangler and osls are slow on a busy machine. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const AUDIENCE = 'https://api.example.com'
const PROJECT_FILES = ['lanekeeper.config.ts', 'wrangler.toml', 'serverless.yml']

let directory: string
let project: string
/** The same project with issuer and origin on loopback, which a stage `local` alone may have. */
let local: string
let issuer: TestIssuer
let origin: Server
const seen: IncomingHttpHeaders[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-hand-made-'))
  project = join(directory, 'orders')
  mkdirSync(project)
  initProject(project, packTarball(directory), ['wrangler', 'osls'])
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('RS256', 'k1')] })
  origin = createServer(({ headers }, response) => {
    seen.push(headers)
    response.setHeader('content-type', 'text/plain').end('the orders')
  })
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  const originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
  const atLoopback = (text: string) =>
    text
      .replace("'https://login.example.com'", `'${issuer.issuer}'`)
      .replace("'https://orders.internal.example.com'", `'${originUrl}'`)
      .replace(/^\}\)$/m, '  stages: { local: {} },\n})')
  const files = Object.fromEntries(PROJECT_FILES.map((name) => [name, DEPLOYING[name]!]))
  writeFiles(project, { ...files, 'orders.mjs': ORDERS_FUNCTION })
  local = join(directory, 'local')
  cpSync(project, local, { recursive: true, verbatimSymlinks: true })
  writeFiles(local, { 'lanekeeper.config.ts': atLoopback(DEPLOYING['lanekeeper.config.ts']!) })
})

afterAll(async () => {
  origin.close()
  await issuer.close()
  rmSync(directory, { recursive: true })
})

const LOCAL = { LANEKEEPER_STAGE: 'local' }

/** What `lanekeeper build` prints and writes, with one Node. */
const build = (node: string, ...args: string[]) => buildIn(project, node, args)

function buildIn(folder: string, node: string, args: readonly string[], env: object = {}) {
  const command = join(folder, 'node_modules/.bin/lanekeeper')
  const output = mustRunIn(folder, node, [command, 'build', ...args], env)
  const plans = Object.fromEntries(
    [...output.matchAll(/^(aws|cloudflare)\b.*\nplan ([\w-]{12}), /gm)].map(([, edge, plan]) => [edge, plan]),
  )
  return { output, plans }
}

/** Every file below a folder, with its bytes. */
const contentsOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path).toString('base64')]),
  )

/** What stands for sizes and hashes, which differ between configurations. */
const withoutFigures = (text: string): string =>
  text.replace(/plan [\w-]{12}/g, 'plan HASH').replace(/\d+\.\d kB */g, 'SIZE ')

const tokens = async () => ({
  access: await issuer.token({ claims: { scope: 'orders:read' } }),
  id: await issuer.token({
    header: { typ: 'JWT' },
    claims: { aud: ['client-1', AUDIENCE], azp: 'client-1', nonce: 'n', scope: undefined },
  }),
})

/** Status and body for a request without a token, with an access token, and with an ID token. */
async function askWithEach(url: string) {
  const { access, id } = await tokens()
  const answers = []
  for (const token of [null, access, id]) {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(url, { headers })
    answers.push({
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: await response.text(),
    })
  }
  return answers
}

const readDecisions = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'decision')

test('the configuration has at most ten lines, and wrangler.toml and serverless.yml fit it', () => {
  const lines = DEPLOYING['lanekeeper.config.ts']!.split('\n').filter((line) => line !== '')
  expect(lines.length).toBeLessThanOrEqual(10)
  build(process.execPath)
  const { status, output } = runIn(project, 'npx', ['lanekeeper', 'check'])
  expect([status, output]).toEqual([0, expect.stringContaining('Compared with serverless.yml')])
  expect(output).not.toContain('warning')
})

test('one command builds both edges, or one, and prints what the page shows; every Node writes the same bytes', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')
  const [, shown = ''] = /^```\n(aws: dist\/lambda\n[^]*?)^```$/m.exec(page)!
  const dist = join(project, 'dist')
  const built = [...NODES.values()].map((node) => {
    rmSync(dist, { recursive: true, force: true })
    const { output, plans } = build(node)
    const both = contentsOf(dist)
    expect(Object.keys(both)).toEqual(['lambda.json', 'lambda/authorizer.mjs', 'worker/index.js'])
    expect(withoutFigures(output)).toContain(withoutFigures(shown))
    rmSync(dist, { recursive: true })
    expect(build(node, '--edge', 'aws').plans).toEqual({ aws: plans['aws'] })
    expect(Object.keys(contentsOf(dist))).toEqual(['lambda.json', 'lambda/authorizer.mjs'])
    expect(build(node, '--edge', 'cloudflare').plans).toEqual({ cloudflare: plans['cloudflare'] })
    expect(contentsOf(dist)).toEqual(both)
    return { plans, both }
  })
  for (const one of built) expect(one).toEqual(built[0])
})

describe('the Worker that wrangler would upload', () => {
  test('answers in workerd, and its log names the plan that the build has printed', async () => {
    const uploaded = join(directory, 'uploaded')
    rmSync(join(local, 'dist'), { recursive: true, force: true })
    const output = mustRunIn(local, 'wrangler', ['deploy', '--dry-run', '--outdir', uploaded], LOCAL)
    const [, plan] = /plan ([\w-]{12}), Lanekeeper/.exec(output)!
    const lines: string[] = []
    const worker = await startWorkerEdge({
      script: join(uploaded, 'index.js'),
      config: join(local, 'wrangler.toml'),
      port: 0,
      variables: {},
      onLog: (line) => void lines.push(line),
    })
    try {
      const [none, access, id] = await askWithEach(`${worker.url}/orders`)
      expect(none).toMatchObject({ status: 401, challenge: 'Bearer realm="api"' })
      expect(access).toEqual({ status: 200, challenge: null, body: 'the orders' })
      expect(id).toMatchObject({ status: 401, challenge: expect.stringContaining('invalid_token') })
      expect(seen.map((headers) => [headers['authorization'], headers['x-lanekeeper-subject']])).toEqual([
        [undefined, 'user-1'],
      ])
    } finally {
      await worker.close()
    }
    const decisions = readDecisions(lines)
    expect(decisions.map(({ code, plan }) => [code, plan])).toEqual([
      ['credential_missing', plan],
      ['access_token', plan],
      ['id_token', plan],
    ])
  })

  test('holds the stage of its environment', async () => {
    const staged = join(directory, 'staged')
    cpSync(project, staged, { recursive: true, verbatimSymlinks: true })
    const [config, toml] = ['lanekeeper.config.ts', 'wrangler.toml'].map((name) =>
      readFileSync(join(staged, name), 'utf8'),
    )
    const [, settings] = /^([^]*)\n\[build\]/.exec(toml!)!
    writeFiles(staged, {
      'lanekeeper.config.ts': config!.replace(
        '\n})',
        "\n  stages: { production: {}, staging: { issuers: { main: { issuer: 'https://login.staging.example.com' } } } },\n})",
      ),
      'wrangler.toml': `${settings}\n${DEPLOYING['wrangler.toml with stages']!}`,
    })
    const uploads = ['', 'staging'].map((env) => {
      const out = join(staged, `out-${env}`)
      mustRunIn(staged, 'wrangler', ['deploy', '--dry-run', '--outdir', out, `--env=${env}`])
      return readFileSync(join(out, 'index.js'), 'utf8')
    })
    expect(uploads.map((text) => text.includes('https://login.staging.example.com'))).toEqual([false, true])
    expect(uploads.map((text) => text.includes('https://login.example.com'))).toEqual([true, false])
    const bare = runIn(staged, 'npx', ['lanekeeper', 'build', '--edge', 'cloudflare'])
    expect([bare.status, bare.output]).toEqual([1, expect.stringContaining('production, staging')])
    // An environment without a [build] of its own inherits that of production: the variable stops it.
    const said: string[] = []
    const start = (stage: string) =>
      startWorkerEdge({
        script: join(staged, 'out-/index.js'),
        config: join(staged, 'wrangler.toml'),
        port: 0,
        variables: { LANEKEEPER_STAGE: stage },
        onLog: (line) => void said.push(line),
      })
    await expect(start('staging')).rejects.toThrow()
    expect(said.join('\n')).toContain(
      'LANEKEEPER_STAGE: is "staging", and this was built for the stage "production"',
    )
    await (await start('production')).close()
  })
})

test('an issuer on loopback is built for no other stage', () => {
  const staged = readFileSync(join(local, 'lanekeeper.config.ts'), 'utf8')
  for (const [stages, stage] of [
    ['', ''],
    ['  stages: { production: {} },\n', 'production'],
  ] as const) {
    writeFiles(local, { 'lanekeeper.config.ts': staged.replace('  stages: { local: {} },\n', stages) })
    const { status, output } = runIn(local, 'npx', ['lanekeeper', 'build'], { LANEKEEPER_STAGE: stage })
    expect([status, output]).toEqual([1, expect.stringContaining('issuers.main.keys: is http on loopback')])
  }
  writeFiles(local, { 'lanekeeper.config.ts': staged })
})

test('the Lambda that osls would upload answers behind an API, and its log names the plan', async () => {
  const { plans } = buildIn(local, process.execPath, ['--edge', 'aws', '--metrics', 'Orders'], LOCAL)
  mustRunIn(local, 'osls', ['package'])
  const packaged = join(local, '.serverless')
  const code = join(directory, 'code')
  await unpackDeploymentPackage(join(packaged, 'orders.zip'), code)
  expect(Object.keys(contentsOf(code))).toEqual(['dist/lambda/authorizer.mjs', 'orders.mjs'])
  const template: unknown = JSON.parse(
    readFileSync(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8'),
  )
  const lines: string[] = []
  const runtime = createLambdaRuntime({ template, codeDirectory: code, onLog: (_, line) => lines.push(line) })
  const gateway = await startApiGateway({ template, invoke: runtime.invoke, ports: { rest: 0, http: 0 } })
  try {
    const [none, access, id] = await askWithEach(`${gateway.httpUrl}/orders`)
    // API Gateway refuses a request without the identity source by itself.
    expect(none).toMatchObject({ status: 401 })
    expect(access).toMatchObject({ status: 200, body: expect.stringContaining('"subject":"user-1"') })
    expect(id).toMatchObject({ status: 403 })
  } finally {
    await gateway.close()
    await runtime.close()
  }
  expect(readDecisions(lines).map(({ code, plan, Decisions }) => [code, plan, Decisions])).toEqual([
    ['access_token', plans['aws'], 1],
    ['id_token', plans['aws'], 1],
  ])
})
