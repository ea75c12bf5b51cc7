// Apps of CDK that use the constructs: the synthesized template of examples/cdk answers at the local API Gateway, wrong uses
// are refused, and the functions that are no authorizers have their rights.

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { ROOT } from '../../../cli/build.ts'
import { createLambdaRuntime, startApiGateway } from '../../../local/api-gateway/index.ts'
import { mustRunIn, writeFiles } from '../hand-made-project.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../test-issuer.ts'
import { buildExample, copyExample } from './example-project.ts'
import {
  assetsWith,
  expectSame,
  mustLint,
  propertiesOf,
  readJson,
  synth,
  WORK,
  type Step,
} from './workspace.ts'

const AUDIENCE = 'https://api.example.com'

/** The status of a handshake with a token in the subprotocols. */
const handshake = (url: string, protocols: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...protocols])
    socket.once('upgrade', ({ statusCode }) => {
      resolve(statusCode!)
      socket.close()
    })
    socket.once('unexpected-response', (request, { statusCode }) => {
      resolve(statusCode!)
      request.destroy()
    })
    socket.once('error', reject)
  })

/** The functions of an app in one folder: each asset has files of other names. */
function gatherCode(folder: string): string {
  const code = join(WORK, 'code')
  mkdirSync(code)
  for (const file of ['authorizer.mjs', 'index.mjs'])
    for (const asset of assetsWith(folder, file)) cpSync(asset, code, { recursive: true })
  return code
}

/** What each API of examples/cdk answers: without a token, to one with the scope, without it, and to no token. */
async function ask(template: unknown, code: string, issuer: TestIssuer) {
  const log: string[] = []
  const runtime = createLambdaRuntime({ template, codeDirectory: code, onLog: (_, line) => log.push(line) })
  const ports = { rest: 0, http: 0, webSocket: 0 }
  const gateway = await startApiGateway({ template, invoke: runtime.invoke, ports })
  const allowed = await issuer.token({ claims: { scope: 'orders:read' } })
  const other = await issuer.token({ claims: { scope: 'invoices:read' } })
  const statuses = (url: string) =>
    Promise.all(
      [undefined, `Bearer ${allowed}`, `Bearer ${other}`, 'Bearer x'].map(async (authorization) => {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
        return (await fetch(url, { headers })).status
      }),
    )
  const sockets = (tokens: readonly string[]) =>
    Promise.all(
      tokens.map((token) =>
        handshake(gateway.webSocketUrl!, ['orders.v1', ...(token ? ['bearer', token] : [])]),
      ),
    )
  try {
    const [httpUrl, restUrl] = [gateway.httpUrl!, gateway.restUrl!]
    const refusal = await fetch(`${restUrl}/orders`, { headers: { authorization: 'Bearer x' } })
    return {
      http: await statuses(`${httpUrl}/orders`),
      rest: await statuses(`${restUrl}/orders`),
      health: [(await fetch(`${httpUrl}/health`)).status, (await fetch(`${restUrl}/health`)).status],
      sockets: await sockets([allowed, other, 'x']),
      challenge: refusal.headers.get('www-authenticate'),
    }
  } catch (error) {
    throw new Error(`${String(error)}\n${log.join('\n')}`, { cause: error })
  } finally {
    await gateway.close()
    await runtime.close()
  }
}

const ANSWERS = {
  // API Gateway makes 403 of an invalid token on an HTTP API.
  http: [401, 200, 403, 403],
  rest: [401, 200, 403, 401],
  health: [200, 200],
  sockets: [101, 403, 401],
  challenge: 'Bearer realm="api"',
}

/** An app with the functions that are no authorizers. */
const OTHERS = `
import { App, Stack } from 'aws-cdk-lib'
import { LanekeeperHttpAuthorizer, LanekeeperLogout, LanekeeperMetadata } from 'lanekeeper/cdk'

const stack = new Stack(new App(), 'Others')
const artefact = 'dist/lambda'
const { paths } = new LanekeeperMetadata(stack, 'Metadata', { artefact })
const { path } = new LanekeeperLogout(stack, 'Logout', { artefact })
new LanekeeperHttpAuthorizer(stack, 'Authorizer', { artefact, authorizer: 'orders' })
if (path !== '/logout' || paths.join() !== '/.well-known/oauth-protected-resource')
  throw new Error([path, ...paths].join())
`

const withOthers = (config: string): string =>
  config.replace(
    '\n  routes: [',
    `
  resources: [{ identifier: 'https://api.example.com' }],
  log: { fingerprintKey: { secretsManager: 'lanekeeper/fingerprint' } },
  revocation: {
    dynamodb: { table: 'revocations' },
    logout: { path: '/logout', clients: { main: 'web' } },
  },
  routes: [`,
  )

/** The actions of each function's role, by its handler. */
const rightsIn = (template: any) =>
  Object.fromEntries(
    propertiesOf(template, 'AWS::Lambda::Function').map(({ Handler, Role }) => [
      Handler,
      template.Resources[Role['Fn::GetAtt'][0]].Properties.Policies.flatMap(
        ({ PolicyDocument }: any) => PolicyDocument.Statement,
      ).flatMap(({ Action }: any) => Action),
    ]),
  )

const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents']
const SECRET = 'secretsmanager:GetSecretValue'

export const CDK_APP_STEPS: readonly Step[] = [
  [
    'local API Gateway',
    'the template of examples/cdk answers with 200, 401 and 403',
    async () => {
      const keys = [await generateKey('RS256', 'k1')]
      const issuer = await startTestIssuer({ audience: AUDIENCE, keys })
      try {
        const atLoopback = (config: string) =>
          config
            .replace('https://login.example.com', issuer.issuer)
            .replace('defineConfig({', 'defineConfig({ stages: { local: {} },')
        const folder = copyExample('cdk', 'running', atLoopback)
        // An issuer on loopback is for the stage local alone.
        const settings = join(folder, 'cdk.json')
        writeFileSync(
          settings,
          readFileSync(settings, 'utf8').replace('--edge aws', '--edge aws --stage local'),
        )
        synth(folder)
        const template = readJson(join(folder, 'cdk.out/Orders.template.json'))
        const answers = await ask(template, gatherCode(folder), issuer)
        expectSame('answers', answers, ANSWERS)
      } finally {
        await issuer.close()
      }
      return 'an HTTP API, a REST API with its challenge, and the handshake of a WebSocket API'
    },
  ],
  [
    'lanekeeper/cdk',
    'wrong uses are refused with their sentences',
    () => {
      const folder = buildExample('cdk', 'wrong')
      cpSync(join(import.meta.dirname, 'wrong-uses.mjs'), join(folder, 'wrong-uses.mjs'))
      return mustRunIn(folder, 'node', ['wrong-uses.mjs']).trim().split('\n').at(-1)!
    },
  ],
  [
    'lanekeeper/cdk',
    'the functions that are no authorizers, and the rights of each; cfn-lint accepts them',
    () => {
      const folder = copyExample('cdk', 'others', withOthers)
      symlinkSync(join(ROOT, 'node_modules/@aws-sdk'), join(folder, 'node_modules/@aws-sdk'))
      writeFiles(folder, { 'others.mjs': OTHERS })
      synth(folder, '--app', 'node others.mjs')
      mustLint(folder, 'cdk.out/Others.template.json')
      const template = readJson(join(folder, 'cdk.out/Others.template.json'))
      expectSame('rights', rightsIn(template), {
        'metadata.handler': LOG,
        'logout.handler': [
          ...[...LOG, SECRET, 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:PutItem', 'dynamodb:Scan'],
        ],
        'authorizer.handler': [...LOG, SECRET, 'dynamodb:BatchGetItem'],
      })
      return 'metadata, logout, and an authorizer with a secret and a table'
    },
  ],
]
