// `lanekeeper` and `lanekeeper check` as functions of their arguments. test/system/package.test.ts runs the executable.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import type { CheckDocument } from '../../cli/check-document.ts'
import { COMMANDS, runCommand } from '../../cli/commands.ts'
import { createCommandIo } from '../support/command-io.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-commands-')))
})

afterEach(() => rmSync(root, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), text)
}

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const { io, kept } = createCommandIo({ cwd: root, env })
  const exitCode = await runCommand(args, io)
  const { printed, errors } = kept
  const lines = printed.flatMap((text) => text.split('\n')).map((line) => line.replace(/ +/g, ' ').trim())
  return { exitCode, lines, text: printed.join('\n'), errors }
}

async function readDocument(...args: string[]): Promise<CheckDocument> {
  const { text, errors } = await run(['check', '--json', ...args])
  expect(errors).toEqual([])
  return JSON.parse(text) as CheckDocument
}

const ISSUER = {
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
}

const CONFIG = {
  issuers: { main: ISSUER },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  origin: { url: 'https://orders.internal.example.com' },
}

const writeConfig = (config: object, name = 'lanekeeper.config.ts') =>
  write(name, `export default ${JSON.stringify(config)}`)

describe('lanekeeper', () => {
  test.each(COMMANDS.map(({ name }) => [name]))('%s has --help and --json', async (name) => {
    const { exitCode, text } = await run([name, '--help'])
    expect(exitCode).toBe(0)
    expect(text).toMatch(new RegExp(`^lanekeeper ${name} `))
    expect(text).toMatch(/^ {2}--json +\S/m)
    expect(text).toMatch(/^ {2}--help +this text$/m)
  })

  test.each(COMMANDS.map(({ name }) => [name]))(
    '%s ends with 2 and its help if it is called in a wrong way',
    async (name) => {
      const { exitCode, text, errors } = await run([name, '--there-is-no-such-option'])
      expect(exitCode).toBe(2)
      expect(text).toBe('')
      expect(errors.join()).toContain(`lanekeeper ${name} `)
      expect(errors.join()).not.toMatch(/^ +at /m)
    },
  )

  test('foreign text cannot write to the terminal, and --json stays JSON', async () => {
    writeConfig({ ...CONFIG, issuers: { 'ma\u001b[2Jin\u202e': ISSUER } })
    const text = await run(['check'])
    expect([text.text, ...text.errors].join()).toContain('ma\\u{1b}[2Jin\\u{202e}')
    const json = await run(['check', '--json'])
    expect(json.text).not.toMatch(/\u001b|\u202e/)
    expect(JSON.stringify(JSON.parse(json.text))).toContain('ma\\u001b[2Jin\u202e')
  })

  test.each([
    ['everything at hand', {}],
    ['a secret that only the deployment has', { log: { fingerprintKey: { env: 'NOT_HERE' } } }],
  ])('check refuses an issuer at http on loopback, as build does, but in local: %s', async (_, more) => {
    const issuer = { ...ISSUER, issuer: 'http://127.0.0.1:4404' }
    const staged = (stage: string) => ({
      ...{ ...CONFIG, ...more },
      ...{ issuers: { main: issuer }, stages: { [stage]: {} } },
    })
    writeConfig(staged('production'))
    const refused = await run(['check', '--edge', 'cloudflare'])
    expect(refused).toMatchObject({ exitCode: 1 })
    expect([...refused.lines, ...refused.errors].join()).toContain(
      'issuers.main.keys: is http on loopback, which is for the stage local alone',
    )
    writeConfig(staged('local'))
    expect(await run(['check', '--edge', 'cloudflare'])).toMatchObject({ exitCode: 0 })
  })

  test('a command that fails under --json prints a document', async () => {
    write('lanekeeper.config.ts', 'export default 1')
    const { exitCode, text, errors } = await run(['build', '--json'])
    expect({ exitCode, errors }).toEqual({ exitCode: 1, errors: [] })
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      ok: false,
      error: expect.stringContaining('a number'),
    })
  })

  test('--help lists every command', async () => {
    const { exitCode, lines } = await run(['--help'])
    expect(exitCode).toBe(0)
    for (const { name, summary } of COMMANDS) expect(lines).toContain(`${name} ${summary}`)
  })

  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, text: version })
  })

  test.each([
    [[], 'No command is given.'],
    [['chekc'], 'There is no command chekc.'],
    [['toString'], 'There is no command toString.'],
  ])('%j is a wrong call', async (args, mistake) => {
    const { exitCode, lines, errors } = await run(args)
    expect([exitCode, lines]).toEqual([2, []])
    expect(errors.join()).toMatch(new RegExp(`^${mistake}\n\nlanekeeper COMMAND`))
  })
})

describe('lanekeeper check', () => {
  test('--help lists the options', async () => {
    const { exitCode, lines } = await run(['check', '--help'])
    expect([exitCode, lines[0]]).toEqual([0, 'lanekeeper check [options]'])
  })

  test.each([
    [['--bogus'], /^Unknown option '--bogus'\.\n\nlanekeeper check/],
    [['extra'], /^Unexpected argument 'extra'\.\n\nlanekeeper check/],
    [['--config'], /^Option '--config(?: <value>)?' argument (?:missing|is ambiguous)\.\n\nlanekeeper check/],
    [['--config', 'missing.ts'], /^missing\.ts: there is no such file\.$/],
    [['--edge', 'azure'], /^--edge is cloudflare or aws\.$/],
    [['--stage', 'prod'], /^--stage prod: the configuration has the stages production, staging\.$/],
    [['--config', 'plain.js', '--stage', 'prod'], /^--stage prod: the configuration has no stages\.$/],
    [['--env-file', 'missing.env'], /^--env-file missing\.env: cannot be read \(ENOENT\)\.$/],
  ])('%j is a wrong call, with --json, too', async (args, message) => {
    writeConfig({ ...CONFIG, stages: { production: {}, staging: {} } })
    writeConfig(CONFIG, 'plain.js')
    for (const more of [[], ['--json']]) {
      const { exitCode, lines, errors } = await run(['check', ...args, ...more])
      expect([exitCode, lines]).toEqual([2, []])
      expect(errors).toEqual([expect.stringMatching(message)])
    }
  })

  test('without a configuration it is a wrong call', async () => {
    const { exitCode, errors } = await run(['check'])
    expect([exitCode, errors]).toEqual([
      2,
      [expect.stringMatching(/^There is no lanekeeper\.config\.ts or /)],
    ])
  })

  test('--stage checks one stage, and --edge one edge', async () => {
    const broken = { issuers: { main: { audience: '' } } }
    writeConfig({ ...CONFIG, stages: { production: {}, staging: broken } })
    expect((await run(['check'])).exitCode).toBe(1)
    const { exitCode, lines } = await run(['check', '--stage', 'production'])
    expect(exitCode).toBe(0)
    expect(lines).toContain('production ok ok 86430 s')
    expect(lines.join('\n')).not.toContain('staging')
    expect((await run(['check', '--stage', 'staging'])).exitCode).toBe(1)
  })

  test('a secret of one platform is a problem of the other edge, which --edge leaves out', async () => {
    const keys = { jwksSecret: { secretsManager: 'lanekeeper/jwks' } }
    writeConfig({ ...CONFIG, issuers: { main: { ...ISSUER, keys, algorithms: ['ES256'] } } })
    const both = await run(['check'])
    expect([both.exitCode, both.lines]).toEqual([1, expect.arrayContaining(['(none) refused ok 86430 s'])])
    const aws = await run(['check', '--edge', 'aws'])
    expect([aws.exitCode, aws.lines]).toEqual([
      0,
      expect.arrayContaining(['(none) left out ok 86430 s', 'There is no serverless.yml here to compare.']),
    ])
  })

  test('--env-file supplies what the environment does not have', async () => {
    writeConfig({ ...CONFIG, origin: { url: '${env:ORIGIN_URL}' } })
    write('good.env', 'ORIGIN_URL=https://orders.internal.example.com\n')
    expect((await readDocument()).stages[0]).toMatchObject({
      cloudflare: 'ok',
      requiredVariables: ['ORIGIN_URL'],
      staleness: [],
    })
    const [stage] = (await readDocument('--env-file', 'good.env')).stages
    expect(stage).toMatchObject({ cloudflare: 'ok', requiredVariables: [] })
    const overridden = await run(['check', '--env-file', 'good.env'], { ORIGIN_URL: 'ftp://origin' })
    expect(overridden.exitCode).toBe(1)
  })

  test.each([
    [{}],
    [{ issuers: null }],
    [{ ...CONFIG, issuers: 'main' }],
    [{ ...CONFIG, routes: 'all' }],
    [{ ...CONFIG, routes: [null] }],
    [{ ...CONFIG, stages: { production: null } }],
    [{ ...CONFIG, stages: [] }],
    [{ ...CONFIG, origin: 3, aws: 'x' }],
  ])('the malformed configuration %j has problems and no error of ours', async (config) => {
    writeConfig(config)
    for (const edge of [[], ['--edge', 'cloudflare'], ['--edge', 'aws']]) {
      const document = await readDocument(...edge)
      expect(document).toMatchObject({ ok: false, error: null })
      expect(document.stages.flatMap(({ problems }) => problems).length).toBeGreaterThan(0)
    }
  })
})

describe('lanekeeper check --json', () => {
  test('has everything that the text has', async () => {
    writeConfig({
      ...CONFIG,
      issuers: { main: { ...ISSUER, profile: 'auth0', issuer: 'https://acme.eu.auth0.com/' } },
      routes: [
        { path: '/orders', methods: ['GETT'], scope: { allOf: ['orders:read'] } },
        { path: '/orders', methods: ['POST'], scope: { allOf: ['orders:write'] }, reportOnly: true },
      ],
      aws: { strategy: 'table', resultTtlSeconds: 60 },
    })
    expect(await readDocument()).toEqual({
      version: 1,
      config: 'lanekeeper.config.ts',
      ok: false,
      error: null,
      stages: [
        {
          name: null,
          cloudflare: 'ok',
          aws: 'ok',
          problems: [],
          warnings: [
            {
              path: 'issuers.main.profile',
              message: 'auth0 is called auth0-rfc9068 now; the old name goes away in 0.3.0',
            },
          ],
          requiredVariables: [],
          staleness: [
            {
              issuer: 'main',
              tokens: 'jwt',
              seconds: 86490,
              parts: [
                { name: 'until exp', seconds: 86400 },
                { name: 'clock tolerance', seconds: 30 },
                { name: 'kept by the gateway', seconds: 60 },
              ],
            },
          ],
          notes: [
            'report-only, nothing is refused: POST /orders',
            expect.stringMatching(/^no challenge names metadata/),
          ],
        },
      ],
      findings: [
        {
          severity: 'problem',
          subject: 'strategy of aws',
          message: expect.stringContaining('report-only'),
          stages: ['production'],
        },
      ],
      files: [],
      notes: [
        expect.stringMatching(/^There is neither wrangler\.toml nor serverless\.yml here: /),
        expect.stringMatching(/GETT is no registered method, the nearest is GET$/),
      ],
    })
  })

  test('a file that cannot be loaded is an error in the document', async () => {
    write('lanekeeper.config.ts', 'export default {')
    const document = await readDocument()
    expect(document).toEqual({
      version: 1,
      config: 'lanekeeper.config.ts',
      ok: false,
      error: expect.stringMatching(/^lanekeeper\.config\.ts:1:17: /),
      stages: [],
      findings: [],
      files: [],
      notes: [],
    })
  })
})

const TOML = `name = "gateway"
main = "dist/worker.js"
compatibility_date = "2026-10-20"
compatibility_flags = ["global_fetch_strictly_public"]
workers_dev = false
preview_urls = false
vars = { LANEKEEPER_STAGE = "production" }
routes = [{ pattern = "api.example.com/*", zone_name = "example.com" }]

[env.staging]
workers_dev = true
vars = { LANEKEEPER_STAGE = "staging" }
routes = [{ pattern = "api.staging.example.com/*", zone_name = "example.com" }]
`

describe('wrangler.toml', () => {
  beforeEach(() => {
    writeConfig({ ...CONFIG, stages: { production: {}, staging: {}, local: {} } })
    write('wrangler.toml', TOML)
    write('dist/worker.js', 'export default {}')
  })

  const useTools = () => symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))

  test('is compared by the wrangler of the project', async () => {
    useTools()
    const document = await readDocument()
    expect(document).toMatchObject({
      ok: false,
      stages: [{ aws: 'left out' }, { aws: 'left out' }, { aws: 'left out' }],
      files: [
        {
          file: 'wrangler.toml',
          notComparedBecause: null,
          findings: [
            {
              severity: 'problem',
              subject: 'wrangler.toml',
              message: expect.stringMatching(/^staging: workers_dev: /),
              stages: [],
            },
          ],
          notes: expect.arrayContaining([expect.stringMatching(/^look for yourself: /)]),
        },
      ],
    })
  })

  test('only the environments of --stage are searched', async () => {
    useTools()
    expect((await run(['check', '--stage', 'production'])).exitCode).toBe(0)
    expect((await run(['check', '--stage', 'staging'])).exitCode).toBe(1)
    const { exitCode, lines } = await run(['check', '--stage', 'local'])
    expect([exitCode, lines]).toEqual([
      0,
      expect.arrayContaining(['no environment of wrangler.toml has LANEKEEPER_STAGE local']),
    ])
  })

  test('a module that is yet to be built is a problem, unless wrangler builds it', async () => {
    useTools()
    rmSync(join(root, 'dist'), { recursive: true })
    const { exitCode, lines } = await run(['check', '--stage', 'production'])
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toMatch(/^main: cannot be searched for passThroughOnException: /m)
    write('wrangler.toml', TOML.replace('[env.staging]', '[build]\ncommand = "make"\n\n[env.staging]'))
    const built = await run(['check', '--stage', 'production'])
    expect([built.exitCode, built.lines]).toEqual([
      0,
      expect.arrayContaining([
        `main: ${join('dist', 'worker.js')} is not built yet, so it is not searched for passThroughOnException`,
      ]),
    ])
  })

  test.each([
    ['', 'wrangler is not installed in this project'],
    ['export const other = 1', 'the wrangler of this project has no unstable_readConfig; update it'],
    ["throw new Error('needs a newer Node')", 'wrangler cannot be loaded: needs a newer Node'],
  ])('is not compared with the wrangler %j, and the Worker is checked', async (code, reason) => {
    if (code !== '') {
      write('node_modules/wrangler/package.json', '{"name":"wrangler","type":"module","exports":"./cli.js"}')
      write('node_modules/wrangler/cli.js', code)
    }
    const document = await readDocument('--stage', 'production')
    expect(document).toMatchObject({
      ok: true,
      stages: [{ name: 'production', cloudflare: 'ok', aws: 'left out' }],
      files: [{ file: 'wrangler.toml', notComparedBecause: reason, findings: [] }],
    })
  })

  test('that cannot be read is a problem with its location', async () => {
    useTools()
    write('wrangler.toml', `${TOML}\nname = = "x"\n`)
    const { exitCode, lines } = await run(['check'])
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toMatch(/^cannot be read: wrangler\.toml:\d+:\d+: /m)
  })

  test('is left alone with --edge aws', async () => {
    const { exitCode, lines } = await run(['check', '--edge', 'aws'])
    expect(exitCode).toBe(0)
    expect(lines).toContain('staging left out ok 86430 s')
    expect(lines.join('\n')).not.toContain('wrangler')
  })
})
