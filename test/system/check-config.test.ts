// `npm run check:config` as a command, and with the serverless.yml that osls packages; `lanekeeper check` with that of
// another project. The findings in a configuration are in test/cli/config-check.test.ts.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import config from '../../lanekeeper.config.ts'
import { ROOT } from '../../cli/build.ts'
import { checkConfig } from '../../cli/config-check.ts'
import { repositoryPackager } from '../../cli/repository-packager.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { serverlessWith } from '../support/serverless-subset.ts'
import { copyProject } from '../support/project-copy.ts'

/** The project without its serverless.yml. */
let copy: string

beforeEach(() => {
  copy = copyProject('wrangler.toml')
})

afterEach(() => rmSync(copy, { recursive: true }))

const toLines = (text: string): string[] => text.split('\n').map((line) => line.replace(/ +/g, ' ').trim())

function run(...args: string[]): { status: number | null; lines: string[]; errors: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/check-config.ts', ...args], {
    cwd: copy,
    encoding: 'utf8',
  })
  return { status, lines: toLines(stdout), errors: stderr }
}

test('the shipped configuration starts in every stage, given what the deployment supplies', () => {
  const { status, lines, errors } = run()
  expect(errors).toBe('')
  expect(status).toBe(0)
  // Without its serverless.yml.
  expect(lines).toContain('production ok left out 86430 s')
})

test('options are refused, and --help says so', () => {
  const wrong = run('--stage', 'staging')
  expect(wrong.status).toBe(2)
  expect(wrong.errors).toMatch(/^Unknown option '--stage'\.\n\nnpm run check:config\n/)
  const { status, lines } = run('--help')
  expect(status).toBe(0)
  expect(lines[0]).toBe('npm run check:config')
})

test('a secret that the Lambda cannot read is a problem as soon as there is a serverless.yml, readable or not', () => {
  const introspection = {
    endpoint: 'https://login.example.com/introspect',
    authentication: 'client_secret_basic',
    clientId: 'gateway',
    secret: { secretsStore: 'OURS' },
  }
  const issuers = { main: { ...config.issuers['main'], introspection } }
  writeFileSync(
    join(copy, 'lanekeeper.config.ts'),
    `export default ${JSON.stringify({ ...config, issuers })}`,
  )
  writeFileSync(join(copy, 'serverless.yml'), 'service: *nobody\n')
  cpSync(join(ROOT, 'tsconfig.json'), join(copy, 'tsconfig.json'))
  const { status, lines, errors } = run()
  expect(status).toBe(1)
  expect(lines.find((line) => line.startsWith('production '))).toMatch(/^production ok refused/)
  expect(errors).toMatch(
    /^\nserverless\.yml cannot be packaged, so it is not compared: osls failed: .* unidentified alias "nobody" in .*\n$/,
  )
})

test('an HTTP API alone is compared, with the leftovers of the REST API', () => {
  const yml = serverlessWith(['httpApi'], true)
  writeFileSync(join(copy, 'serverless.yml'), yml.replace(/^ +- \$context\.(httpMethod|path)\n/gm, ''))
  cpSync(join(ROOT, 'tsconfig.json'), join(copy, 'tsconfig.json'))
  const { status, lines, errors } = run()
  expect([status, errors]).toEqual([1, ''])
  const found = lines.filter((line) => /^(problem|warning): [^r]/.test(line))
  expect(found).toEqual([
    'problem: HTTP authorizer HttpApiAuthorizerLanekeeper: caches answers about one request; add the identity sources $context.httpMethod and $context.path (production, staging, local)',
    expect.stringMatching(
      /^problem: serverless\.yml: is compared only in part: (?:Response\w+, ){4}Response\w+: [^;]* names no resource of the template; take out what refers to it \(production, staging, local\)$/,
    ),
  ])
})

test('a function beside the authorizer is in the package, or a problem', () => {
  const own = `
  things: { handler: dist/orders/things.handler, role: BackendRole }
  lost: { handler: src/lost.handler, role: BackendRole }
`
  const yml = serverlessWith(['http', 'httpApi', 'websocket'])
  writeFileSync(join(copy, 'serverless.yml'), yml.replace('\nresources:', `${own}\nresources:`))
  cpSync(join(ROOT, 'tsconfig.json'), join(copy, 'tsconfig.json'))
  writeFileSync(
    join(copy, 'examples/orders/lambda/things.ts'),
    'export const handler = async () => ({ statusCode: 200 })',
  )
  // A user's deployment builds without the files of the demo.
  rmSync(join(copy, 'examples/orders/lambda/sockets.ts'))
  const { status, lines, errors } = run()
  expect([status, errors]).toEqual([1, ''])
  expect(lines.filter((line) => /^(problem|warning): /.test(line))).toEqual([
    expect.stringMatching(
      /^problem: function SocketsLambdaFunction: .* examples\/orders\/lambda\/sockets\.ts .*/,
    ),
    expect.stringMatching(
      /^problem: function LostLambdaFunction: has the handler src\/lost\.handler, which is not in lanekeeper\.zip; .* package\.patterns \(production, staging, local\)$/,
    ),
  ])
})

test('serverless.yml is compared as it would be deployed to every stage, those with open variables included', async () => {
  const { production, staging, local } = config.stages!
  const changed: LanekeeperConfig = {
    ...config,
    stages: {
      production: production!,
      staging: { ...staging, aws: { authorizers: {}, resultTtlSeconds: 7 } },
      local: {
        ...local,
        reportOnly: true,
        aws: {
          httpApiResponse: 'policy',
          authorizers: {
            token: {},
            request: {},
            http: { resultTtlSeconds: 300 },
            connect: { webSocketToken: 'protocol' },
          },
        },
      },
    },
  }
  let printed = ''
  const exitCode = await checkConfig(changed, {
    root: ROOT,
    env: {},
    packager: repositoryPackager,
    print: (text) => void (printed += `${text}\n`),
    printError: (text) => expect.unreachable(text),
  })
  const lines = toLines(printed)
  expect(exitCode).toBe(1)
  expect(lines).toContain(
    'API Gateway may serve an answer for at most 300 s after it was decided (docs/aws.md).',
  )
  expect(lines).toContain(
    'Compared with serverless.yml as it would be deployed to: production, staging, local.',
  )
  const found = lines.filter((line) => /^(problem|warning):/.test(line))
  expect(found).toContain(
    'problem: REST authorizer AuthorizeRequestApiGatewayAuthorizer: runs with LANEKEEPER_AUTHORIZER request, and the configuration has no aws.authorizers; add aws: { authorizers: { request: {} } }, or take the variable out (staging)',
  )
  expect(found).toContainEqual(
    expect.stringMatching(/^warning: HTTP authorizer .*: only reports on everything, .*\(local\)$/),
  )
  expect(found.filter((line) => line.includes('production'))).toEqual([])
}, 180_000)

describe('lanekeeper check packages the serverless.yml of any project with the osls that it has, and builds nothing', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanekeeper-user-'))
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'lanekeeper.config.mjs'), `export default ${JSON.stringify(config)}`)
    writeFileSync(join(folder, 'serverless.yml'), serverlessWith(['http', 'httpApi', 'websocket']))
    for (const name of ['rest-deployment.cjs', 'websocket-permission.cjs'])
      cpSync(join(ROOT, 'functions/aws', name), join(folder, 'functions/aws', name))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function lanekeeperCheck(...args: string[]) {
    const command = join(ROOT, 'cli/lanekeeper.ts')
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'check', ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
    return { status, lines: toLines(stdout), errors: stderr }
  }

  /** An HTTP API and a REST API with one authorizer. `closed`: the setting of both default endpoints. */
  const mutualTls = (closed: string) => `
service: mutual-tls
frameworkVersion: '4'
provider:
  name: aws
  runtime: nodejs24.x
  apiGateway: { ${closed} }
  httpApi:
    ${closed === '' ? '' : `${closed}\n    `}authorizers:
      lanekeeper:
        type: request
        functionName: authorizer
        payloadVersion: '2.0'
        enableSimpleResponses: true
        identitySource: [$request.header.Authorization]
        resultTtlInSeconds: 0
package: { patterns: ['!**', dist/**] }
functions:
  authorizer: { handler: dist/authorizer.handler }
  orders:
    handler: dist/orders.handler
    events:
      - httpApi: { method: get, path: /orders, authorizer: { name: lanekeeper } }
      - http:
          method: get
          path: /orders
          authorizer:
            name: authorizer
            type: request
            identitySource: method.request.header.Authorization
            resultTtlInSeconds: 0
`

  test.each([
    ['', true],
    ['disableDefaultEndpoint: false', true],
    ['disableDefaultEndpoint: true', false],
  ])('an issuer with mtls needs its default endpoints disabled: "%s"', (closed, isOpen) => {
    const main = {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      senderConstraint: 'mtls',
    }
    const bound = {
      issuers: { main },
      routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
      aws: { strategy: 'off' },
    }
    writeFileSync(join(folder, 'lanekeeper.config.mjs'), `export default ${JSON.stringify(bound)}`)
    writeFileSync(join(folder, 'serverless.yml'), mutualTls(closed))
    mkdirSync(join(folder, 'dist'))
    for (const name of ['authorizer', 'orders'])
      writeFileSync(join(folder, `dist/${name}.mjs`), 'export const handler = () => {}')
    const { status, lines, errors } = lanekeeperCheck()
    expect([status, errors]).toEqual([isOpen ? 1 : 0, ''])
    expect(lines).toContain('Compared with serverless.yml as it would be deployed to: production.')
    expect(lines.filter((line) => line.startsWith('problem: '))).toEqual(
      isOpen
        ? [
            expect.stringMatching(
              /^problem: REST API ApiGatewayRestApi: has its default .*; set provider\.apiGateway\.disableDefaultEndpoint: true .*$/,
            ),
            expect.stringMatching(
              /^problem: HTTP API HttpApi: has its default .*; set provider\.httpApi\.disableDefaultEndpoint: true .*$/,
            ),
          ]
        : [],
    )
  })

  test('functions that are not built yet leave it uncompared', () => {
    const { status, lines, errors } = lanekeeperCheck('--stage', 'production')
    expect([status, errors]).toEqual([0, ''])
    expect(lines).toContain('production left out ok 86730 s')
    expect(lines).toContain(
      'serverless.yml is not compared: osls finds no file to package; build the functions first.',
    )
  })

  test('a difference is a problem, and a function that is not built is a warning', () => {
    mkdirSync(join(folder, 'dist/lambda'), { recursive: true })
    writeFileSync(join(folder, 'dist/lambda/authorizer.mjs'), 'export const handler = () => {}')
    const changed = {
      ...config,
      aws: { ...config.aws, authorizers: { ...config.aws!.authorizers, token: { strategy: 'off' } } },
    }
    writeFileSync(join(folder, 'lanekeeper.config.mjs'), `export default ${JSON.stringify(changed)}`)
    const { status, lines, errors } = lanekeeperCheck('--stage', 'staging')
    expect([status, errors]).toEqual([1, ''])
    expect(lines).toContain('Compared with serverless.yml as it would be deployed to: staging.')
    const found = lines.filter((line) => /^(problem|warning): /.test(line))
    const missing = (name: string) =>
      `warning: function ${name}LambdaFunction: has the handler dist/orders/${name.toLowerCase()}.handler, which is not in lanekeeper.zip; build it before you deploy, or add its files to package.patterns (staging)`
    expect(found).toEqual([
      missing('Orders'),
      missing('Sockets'),
      expect.stringMatching(/^problem: REST authorizer \w+: .* its strategy is off; .* \(staging\)$/),
    ])
  })
})
