// `lanekeeper init` as a function of its arguments and answers: what it asks, refuses and writes, and that every project
// that it offers passes `lanekeeper check`.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../../../cli/build.ts'
import type { CommandIo } from '../../../cli/command.ts'
import { runCommand } from '../../../cli/commands.ts'
import { findProvider, PROVIDERS } from '../../../cli/init/providers.ts'
import { TOOL_VERSIONS } from '../../../cli/init/tool-versions.ts'
import { findConfigFile, loadConfig } from '../../../cli/load-config.ts'
import { resolveStageConfig } from '../../../cli/stage-config.ts'
import { NO_PROFILE, PROFILES } from '../../../shared/compiler.ts'
import { createCommandIo } from '../../support/command-io.ts'
import { DEPLOYMENTS, PROJECTS, providerArguments } from '../../support/init-projects.ts'
import { generateKey } from '../../support/test-issuer.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-init-')))
})

afterEach(() => rmSync(root, { recursive: true }))

async function run(args: readonly string[], given: Partial<CommandIo> = {}) {
  const { io, kept } = createCommandIo({ cwd: root, ...given })
  const exitCode = await runCommand(args, io)
  return { exitCode, text: kept.printed.join('\n'), errors: kept.errors.join('\n') }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !lstatSync(join(folder, name)).isDirectory())
    .sort()

const read = (name: string): string => readFileSync(join(root, name), 'utf8')

const load = () => loadConfig(findConfigFile(root), root)

const KEYCLOAK = ['init', ...providerArguments('keycloak')]

describe('every project that is offered', () => {
  test.each(PROVIDERS)(
    'for %s is a configuration of ten to thirty lines, the same for every tool',
    async (provider) => {
      const texts = new Set<string>()
      const projects = PROJECTS.filter((args) => args[2] === provider)
      expect(projects).toHaveLength(17)
      for (const args of projects) {
        const { exitCode, text, errors } = await run(args)
        expect([exitCode, errors], args.join(' ')).toEqual([0, ''])
        expect(text).toContain('written: lanekeeper.config.ts, ')
        texts.add(read('lanekeeper.config.ts'))
        rmSync(root, { recursive: true })
        mkdirSync(root)
      }
      // With either origin, with each kind of rule on AWS, and with both edges.
      expect(texts.size).toBe(5)
      for (const text of texts) {
        const lines = text.trimEnd().split('\n')
        expect(lines.length).toBeGreaterThanOrEqual(10)
        expect(lines.length).toBeLessThanOrEqual(30)
        expect(lines.filter((line) => line.includes('// ') && line.length > 120)).toEqual([])
      }
    },
  )

  const checkProject = async (args: readonly string[]) => {
    await run(args)
    const config = await load()
    expect(config.reportOnly).toBe(true)
    expect(resolveStageConfig(config, undefined, {}).open).toEqual([])
    const checked = await run(['check', '--json'])
    expect([checked.exitCode, JSON.parse(checked.text)]).toMatchObject([0, { ok: true }])
  }

  test.each(PROVIDERS)('for %s passes check, for both edges', async (provider) => {
    await checkProject(PROJECTS.find((args) => args[2] === provider && args.includes('both'))!)
  })

  test.each([
    ['osls', ['--edge', 'both', '--origin', 'sample'], ['lambda/authorizer.mjs', 'worker/index.js']],
    ['sam', ['--api', 'websocket', '--enforce'], ['lambda/authorizer.mjs']],
  ])('for %s, %j is built', async (tool, more, artefacts) => {
    await run([...KEYCLOAK, '--tool', tool, ...more])
    const { exitCode, errors } = await run(['build', ...(tool === 'osls' ? [] : ['--edge', 'aws'])])
    expect([exitCode, errors]).toEqual([0, ''])
    expect(filesIn(join(root, 'dist'))).toEqual(expect.arrayContaining(artefacts))
  })

  test.each(DEPLOYMENTS.map((deployment) => [deployment.join(' '), deployment] as const))(
    'with %s passes check',
    async (_, deployment) => checkProject([...KEYCLOAK, ...deployment]),
  )

  test('there is one for every profile', () => {
    const offered = PROVIDERS.map((name) => (findProvider(name) as { profile: string }).profile)
    expect(offered.toSorted()).toEqual(Object.keys(PROFILES).toSorted())
    for (const name of Object.keys(PROFILES)) expect(findProvider(name)).toMatchObject({ profile: name })
  })

  test('the versions of tools are those of this repository', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const { wrangler, osls } = TOOL_VERSIONS
    expect(devDependencies).toMatchObject({ wrangler, osls })
  })
})

describe('the configuration', () => {
  test('has what was given, enforces with --enforce, and has the rules of --route', async () => {
    const routes = [
      '--route',
      'GET,PUT /a/{id} a:read b',
      '--route',
      'GET /health public',
      '--route',
      'GET /me none',
    ]
    const { exitCode } = await run([
      ...KEYCLOAK,
      '--audience',
      'two',
      '--client',
      'web',
      '--tool',
      'sam',
      '--enforce',
      ...routes,
    ])
    expect(exitCode).toBe(0)
    expect(await load()).toEqual({
      issuers: {
        keycloak: {
          issuer: 'https://id.example.com/realms/acme',
          audience: ['api://orders', 'two'],
          clients: ['web'],
          profile: 'keycloak',
          keys: { discovery: 'openid-configuration' },
        },
      },
      routes: [
        { path: '/a/{id}', methods: ['GET', 'PUT'], scope: { allOf: ['a:read', 'b'] } },
        { path: '/health', methods: ['GET'], public: true },
        { path: '/me', methods: ['GET'], scope: 'none' },
      ],
      aws: { resultTtlSeconds: 0 },
    })
    expect(read('template.yaml').match(/Path: "[^"]*"/g)).toEqual([
      'Path: "/a/{id}"',
      'Path: "/a/{id}"',
      'Path: "/health"',
      'Path: "/me"',
    ])
    expect(read('template.yaml').match(/Authorizer: NONE/g)).toHaveLength(1)
  })

  test('has the issuer and the algorithms that the metadata names', async () => {
    const key = await generateKey('ES256', 'k')
    const documents: Readonly<Record<string, object>> = {
      'https://acme.eu.auth0.com/.well-known/openid-configuration': {
        issuer: 'https://acme.eu.auth0.com/',
        jwks_uri: 'https://acme.eu.auth0.com/keys',
      },
      'https://acme.eu.auth0.com/keys': { keys: [key.publicJwk] },
    }
    const args = [
      '--provider',
      'auth0',
      '--issuer',
      'https://acme.eu.auth0.com',
      '--audience',
      'https://api.example.com',
    ]
    const { exitCode, text } = await run(['init', ...args, '--tool', 'cdk', '--json'], {
      fetch: async (url) => Response.json(documents[url]),
    })
    expect([exitCode, JSON.parse(text)]).toMatchObject([
      0,
      {
        ...{ version: 1, ok: true, written: true, standing: [] },
        files: ['lanekeeper.config.ts', 'app.mjs', 'cdk.json', 'backend/index.mjs'].map((path) => ({ path })),
        issuer: {
          typed: 'https://acme.eu.auth0.com',
          issuer: 'https://acme.eu.auth0.com/',
          isConfirmed: true,
          metadataUrl: 'https://acme.eu.auth0.com/.well-known/openid-configuration',
          algorithms: ['ES256'],
        },
        warnings: [expect.stringContaining('https://acme.eu.auth0.com/, and not')],
      },
    ])
    expect((await load()).issuers['auth0']).toMatchObject({
      issuer: 'https://acme.eu.auth0.com/',
      algorithms: ['ES256'],
    })
    expect(read('lanekeeper.config.ts')).not.toContain('UNCONFIRMED')
  })

  test('says so where the metadata cannot be read, which is no failure', async () => {
    const args = KEYCLOAK.filter((argument) => argument !== '--offline')
    const { exitCode, text } = await run([...args, '--tool', 'cdk'], {
      fetch: async () => new Response('', { status: 503 }),
    })
    expect(exitCode).toBe(0)
    expect(text).toContain('warning: The issuer is unconfirmed, because its metadata cannot be read')
    expect(read('lanekeeper.config.ts')).toContain(
      "issuer: 'https://id.example.com/realms/acme', // UNCONFIRMED",
    )
  })

  test.each([`it's \${env:PATH} \`x\` */ // "q" \\`, "'], evil: { issuer: '", 'line\nend\u2028\u202e\u0000'])(
    'keeps hostile text a string: %j',
    async (text) => {
      const { exitCode } = await run([
        ...['init', '--provider', 'rfc9068', '--issuer', 'https://login.example.com', '--offline'],
        ...['--tool', 'sam', '--audience', text, '--client', text],
      ])
      expect(exitCode).toBe(0)
      expect((await load()).issuers).toEqual({
        main: {
          ...{ issuer: 'https://login.example.com', audience: text, clients: [text], profile: 'rfc9068' },
          keys: { discovery: 'openid-configuration' },
        },
      })
      expect(read('lanekeeper.config.ts')).not.toMatch(/\u2028|\u202e|\u0000/)
    },
  )

  test.each([
    [['--audience', 'account'], 'issuers.keycloak.audience'],
    [['--route', 'GET orders a'], 'routes[0].path'],
    [['--route', 'get /orders a'], 'routes[0].methods'],
    [['--route', 'GET /a\'}b" a'], 'routes[0].path'],
    [['--route', 'GET /${x} a'], 'routes[0].path'],
  ])('with a problem is not written: %j', async (more, path) => {
    const { exitCode, errors } = await run([...KEYCLOAK, '--tool', 'sam', ...more])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(path)])
    expect(filesIn(root)).toEqual([])
  })

  test('of an origin with a problem is not written', async () => {
    const { exitCode, errors } = await run([...KEYCLOAK, '--edge', 'cloudflare', '--origin', 'ftp://x'])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('origin.url')])
    expect(filesIn(root)).toEqual([])
  })
})

describe('the names of the deployment', () => {
  test.each([
    ['@acme/Order Service_2', 'order-service-2'],
    ["'; rm -rf / #\n", 'rm-rf'],
    ['x'.repeat(99), 'x'.repeat(40)],
    [{ no: 'string' }, null],
    ['漢', null],
  ])('that of package.json %j is %j', async (name, expected) => {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name }))
    await run([...KEYCLOAK, '--tool', 'osls'])
    expect(read('serverless.yml')).toMatch(/^service: "[a-z][a-z0-9-]{1,39}"$/m)
    if (expected !== null) expect(read('serverless.yml')).toContain(`service: "${expected}"`)
    expect(read('package.json')).toBe(JSON.stringify({ name }))
  })
})

describe('without a person', () => {
  test('names everything that is missing, at once', async () => {
    const { exitCode, text, errors } = await run(['init'])
    expect([exitCode, text]).toEqual([2, ''])
    for (const option of ['--edge', '--provider', '--issuer', '--audience', '--tool'])
      expect(errors.split('\n\n')[0]).toMatch(new RegExp(`^ {2}${option}: `, 'm'))
  })

  test('names what an edge needs, or a provider', async () => {
    const { errors } = await run(['init', '--edge', 'both', '--provider', 'cognito'])
    const [missing] = errors.split('\n\n')
    expect(missing!.match(/^ {2}--\w+/gm)).toEqual(['  --tool', '  --issuer', '  --client', '  --origin'])
  })

  test('names all mistakes at once', async () => {
    const { exitCode, errors } = await run([
      ...[
        'init',
        '--edge',
        'azure',
        '--provider',
        'nobody',
        '--issuer',
        'http://x.example',
        '--audience',
        '',
      ],
    ])
    expect(exitCode).toBe(2)
    expect(errors.split('\n\n')[0]!.split('\n')).toEqual([
      '--edge is cloudflare, aws or both.',
      expect.stringMatching(/^--provider is one of rfc9068, /),
      '--issuer begins with https:// (http only for this machine).',
      '--audience is empty.',
      'init needs, because nobody is here to be asked:',
      expect.stringContaining('--tool'),
    ])
  })

  test.each([
    [['--edge', 'cloudflare', '--origin', 'sample', '--tool', 'osls'], '--tool osls is for aws'],
    [['--edge', 'cloudflare', '--origin', 'sample', '--api', 'rest'], '--api is for aws'],
    [['--edge', 'aws', '--tool', 'wrangler', '--tool', 'cdk'], '--tool wrangler is for cloudflare'],
    [['--tool', 'cdk', '--origin', 'sample'], '--origin is for cloudflare'],
    [['--tool', 'cdk', '--tool', 'sam'], '--tool names one tool'],
    [['--tool', 'pulumi'], '--tool is wrangler, osls, cdk or sam.'],
    [['--tool', 'cdk', '--api', 'soap'], '--api is http, rest or websocket.'],
    [['--tool', 'cdk', '--api', 'websocket', '--edge', 'both', '--origin', 'sample'], 'for aws alone'],
    [['--tool', 'cdk', '--route', 'GET /orders'], '--route is a method, a path, and the scopes'],
    [['--tool', 'cdk', '--route', 'GET $connect a'], '--route $connect is for --api websocket.'],
    [['--tool', 'cdk', '--api', 'websocket', '--route', 'GET /a a'], '--route of a WebSocket API is'],
    [['--edge', 'cloudflare', '--origin', 'orders'], '--origin is a URL, or "sample".'],
  ])('%j is a wrong call', async (more, message) => {
    const { exitCode, errors } = await run([...KEYCLOAK, ...more])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)])
    expect(filesIn(root)).toEqual([])
  })

  test.each(Object.keys(NO_PROFILE))('%s has no profile, and the reason is said', async (provider) => {
    const { exitCode, errors } = await run(['init', '--provider', provider])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(NO_PROFILE[provider]!)])
  })

  test('wrangler and a tool for AWS mean both edges', async () => {
    await run([...KEYCLOAK, '--tool', 'wrangler', '--tool', 'osls', '--origin', 'sample'])
    expect(filesIn(root)).toEqual([
      ...['backend/index.mjs', 'lanekeeper.config.ts', 'origin/index.js', 'origin/wrangler.toml'],
      ...['serverless.yml', 'wrangler.toml'],
    ])
  })
})

describe('with a person', () => {
  /** A person who gives these answers, in order. */
  function person(answers: readonly string[]) {
    const questions: string[] = []
    const ask = async (question: string): Promise<string> => {
      questions.push(question)
      const answer = answers[questions.length - 1]
      if (answer === undefined) throw new Error(`nobody answers: ${question}`)
      return answer
    }
    return { ask, questions }
  }

  test('asks for everything, again after a wrong answer, and takes an empty one for the default', async () => {
    const { ask, questions } = person([
      ...['azure', 'both', 'osls', '', 'keycloak', 'id.example.com', 'https://id.example.com/realms/acme'],
      ...['orders, orders-v2', ''],
    ])
    const { exitCode, errors } = await run(['init', '--offline'], { ask })
    expect(exitCode).toBe(0)
    expect(questions).toHaveLength(9)
    expect(errors.split('\n')).toEqual([
      'That is cloudflare, aws or both.',
      'That is a URL, as in https://login.example.com.',
    ])
    expect(await load()).toMatchObject({
      issuers: { keycloak: { audience: ['orders', 'orders-v2'] } },
      origin: { binding: 'ORIGIN' },
    })
    expect(read('serverless.yml')).toContain('httpApi')
  })

  test('asks only for what the options do not say', async () => {
    const { ask, questions } = person(['sam', 'rest'])
    expect((await run([...KEYCLOAK, '--edge', 'aws'], { ask })).exitCode).toBe(0)
    expect(questions).toEqual([
      'Which tool deploys to AWS: osls, cdk or sam?',
      'Which kind of API: http, rest or websocket? [http]',
    ])
  })

  test('gives up after five answers', async () => {
    const { ask, questions } = person(['', 'a', 'b', 'c', 'd'])
    const { exitCode, errors } = await run(['init'], { ask })
    expect([exitCode, questions.length]).toEqual([2, 5])
    expect(errors).toContain('There is no usable answer for --edge.')
  })
})

describe('what stands', () => {
  const BOTH = [...KEYCLOAK, '--edge', 'both', '--tool', 'osls', '--origin', 'sample']

  test.each([
    ['lanekeeper.config.ts', 'lanekeeper.config.ts'],
    ['lanekeeper.config.mjs', 'lanekeeper.config.mjs'],
    ['wrangler.toml', 'wrangler.toml'],
    ['wrangler.jsonc', 'wrangler.jsonc'],
    ['serverless.ts', 'serverless.ts'],
    ['origin/index.js', 'origin/index.js'],
    ['backend', 'backend'],
  ])('%s is not touched, and nothing is written', async (name, named) => {
    if (name.includes('/')) mkdirSync(join(root, 'origin'))
    writeFileSync(join(root, name), 'mine')
    const { exitCode, errors } = await run(BOTH)
    expect([exitCode, errors]).toEqual([1, expect.stringContaining(`this stands already: ${named}.`)])
    expect(filesIn(root)).toEqual([name])
    expect(read(name)).toBe('mine')
  })

  test('all of it is named, also in the document', async () => {
    mkdirSync(join(root, 'wrangler.toml'))
    symlinkSync(join(root, 'nowhere'), join(root, 'serverless.yml'))
    mkdirSync(join(root, 'elsewhere'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'origin'))
    const { exitCode, text, errors } = await run([...BOTH, '--json'])
    expect([exitCode, errors]).toEqual([1, ''])
    expect(JSON.parse(text)).toMatchObject({
      ...{ version: 1, ok: false, written: false, standing: ['wrangler.toml', 'origin', 'serverless.yml'] },
      error: expect.stringContaining('these stand already: wrangler.toml, origin, serverless.yml.'),
    })
    expect(existsSync(join(root, 'nowhere'))).toBe(false)
    expect(existsSync(join(root, 'lanekeeper.config.ts'))).toBe(false)
  })

  test('other files of the project do not matter, nor other files in a folder', async () => {
    mkdirSync(join(root, 'backend'))
    for (const name of ['package.json', 'tsconfig.json', 'backend/mine.mjs'])
      writeFileSync(join(root, name), '{}')
    expect((await run(BOTH)).exitCode).toBe(0)
    for (const name of ['package.json', 'tsconfig.json', 'backend/mine.mjs']) expect(read(name)).toBe('{}')
  })

  test('with --config-only, the files of tools do not matter', async () => {
    writeFileSync(join(root, 'wrangler.toml'), 'mine')
    expect((await run([...BOTH, '--config-only'])).exitCode).toBe(0)
    expect(filesIn(root)).toEqual(['lanekeeper.config.ts', 'wrangler.toml'])
  })

  test('a second run writes nothing', async () => {
    expect((await run(BOTH)).exitCode).toBe(0)
    const before = filesIn(root).map(read)
    expect((await run(BOTH)).exitCode).toBe(1)
    expect(filesIn(root).map(read)).toEqual(before)
  })

  test('a dry run writes nothing, and has the texts', async () => {
    const dry = await run([...BOTH, '--dry-run', '--json'])
    expect([dry.exitCode, filesIn(root)]).toEqual([0, []])
    const { written, files } = JSON.parse(dry.text) as {
      written: boolean
      files: { path: string; text: string }[]
    }
    expect(written).toBe(false)
    expect((await run([...BOTH, '--dry-run'])).text).toContain(files[0]!.text)
    await run(BOTH)
    expect(files.map(({ path, text }) => [path, text]).toSorted()).toEqual(
      filesIn(root).map((name) => [name, read(name)]),
    )
  })
})

describe('the next steps', () => {
  const stepsOf = async (...args: string[]): Promise<{ command: string | null; what: string }[]> =>
    JSON.parse((await run([...KEYCLOAK, '--dry-run', '--json', ...args])).text).next

  test('install what is missing, with versions', async () => {
    expect((await stepsOf('--tool', 'cdk')).map(({ command }) => command)).toEqual([
      'npm init -y',
      expect.stringMatching(/^npm install \.\/lanekeeper-\d[\d.]*\.tgz$/),
      expect.stringMatching(
        /^npm install --save-dev aws-cdk@\d[\d.]* aws-cdk-lib@\d[\d.]* constructs@\d[\d.]*$/,
      ),
      'npx lanekeeper build --edge aws',
      expect.stringMatching(
        /^npx cdk synth --quiet && npx lanekeeper check --edge aws --template cdk\.out\/[a-z0-9-]+\.template\.json$/,
      ),
      expect.stringMatching(
        /^npx lanekeeper dev --edge aws --template cdk\.out\/[a-z0-9-]+\.template\.json$/,
      ),
      'npx cdk bootstrap && npx cdk deploy',
      null,
    ])
    writeFileSync(join(root, 'package.json'), '{}')
    mkdirSync(join(root, 'node_modules/lanekeeper'), { recursive: true })
    writeFileSync(join(root, 'node_modules/lanekeeper/package.json'), '{}')
    const [first] = await stepsOf('--tool', 'cdk')
    expect(first!.command).toMatch(/^npm install --save-dev aws-cdk@/)
  })

  test('name the edges and the templates that check does not see by itself', async () => {
    const commands = async (...args: string[]) =>
      (await stepsOf(...args))
        .map(({ command }) => command)
        .filter((command) => command?.includes(' lanekeeper '))
    const both = ['--edge', 'both', '--origin', 'sample', '--tool']
    expect(await commands(...both, 'osls')).toEqual([
      'npx lanekeeper build',
      'npx lanekeeper check',
      'npx lanekeeper dev',
      'npx lanekeeper build --edge aws && npx osls deploy --region eu-west-1',
    ])
    expect(await commands(...both, 'sam')).toEqual([
      'npx lanekeeper build --edge cloudflare',
      'npx lanekeeper check --edge cloudflare',
      'npx lanekeeper build --edge aws',
      'npx lanekeeper check --edge aws --template template.yaml',
      'npx lanekeeper dev',
      'npx lanekeeper dev --edge aws --template template.yaml',
      'npx lanekeeper build --edge aws && sam deploy --guided',
    ])
  })

  test('end with enforcing, unless that is how it starts', async () => {
    expect((await stepsOf('--tool', 'sam')).at(-1)!.what).toContain('`reportOnly`')
    expect((await stepsOf('--tool', 'sam', '--enforce')).at(-1)!.command).toContain('sam deploy')
  })
})
