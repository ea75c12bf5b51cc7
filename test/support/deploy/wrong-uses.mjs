// Wrong uses of the constructs, each with what CDK has to say. Runs in a copy of examples/cdk (cdk-app-steps.ts), and
// prints the number of rows, or the rows with what they say instead.

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { App, Stack } from 'aws-cdk-lib'
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { HttpApi, HttpMethod, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpUrlIntegration, WebSocketMockIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import {
  LanekeeperHttpAuthorizer,
  LanekeeperLogout,
  LanekeeperMetadata,
  LanekeeperRestAuthorizer,
  LanekeeperWebSocketAuthorizer,
} from 'lanekeeper/cdk'

const artefact = 'dist/lambda'
const GET = [HttpMethod.GET]
const addRoute = (stack, authorizer, options = {}) =>
  new HttpApi(stack, options.id ?? 'Api', options).addRoutes({
    path: '/orders',
    methods: GET,
    integration: new HttpUrlIntegration('Orders', 'https://orders.internal.example.com'),
    authorizer,
  })

/** A copy of the artefact, changed. Returns its folder. */
function changed(name, change) {
  const folder = `dist/${name}`
  cpSync('dist/lambda', folder, { recursive: true })
  const description = JSON.parse(readFileSync('dist/lambda.json', 'utf8'))
  writeFileSync(`${folder}.json`, JSON.stringify(change(description, folder) ?? description))
  return folder
}

const withOpenEndpointRefused = () =>
  changed('bound', (description) => {
    for (const kind of ['http', 'rest']) description.authorizers.orders[kind].disableExecuteApiEndpoint = true
  })

const OPEN =
  /default execute-api endpoint open, which asks for no client certificate.*disableExecuteApiEndpoint: true/

const ROWS = [
  [
    'no artefact',
    (stack) => new LanekeeperHttpAuthorizer(stack, 'A', { artefact: 'dist/none' }),
    /dist\/none is not there; run npx lanekeeper build --edge aws\n.*dist\/none\.json is not there/,
  ],
  [
    'another version',
    (stack) =>
      new LanekeeperHttpAuthorizer(stack, 'A', {
        artefact: changed('old', (description) => ({ ...description, lanekeeper: '0.0.1' })),
      }),
    /was written by Lanekeeper 0\.0\.1, and lanekeeper\/cdk is/,
  ],
  [
    'other bytes',
    (stack) =>
      new LanekeeperHttpAuthorizer(stack, 'A', {
        artefact: changed('other', (_, folder) => writeFileSync(`${folder}/authorizer.mjs`, '')),
      }),
    /authorizer\.mjs has other bytes than the build/,
  ],
  [
    'a stage that was not built',
    (stack) => new LanekeeperHttpAuthorizer(stack, 'A', { artefact, stage: 'production' }),
    /stage is "production", and the configuration has no stages/,
  ],
  [
    'another stage',
    (stack) =>
      new LanekeeperWebSocketAuthorizer(stack, 'A', {
        artefact: changed('staged', (description) => ({ ...description, stage: 'staging' })),
        authorizer: 'connect',
        stage: 'production',
      }),
    /stage is "production", and the artefact was built for "staging"/,
  ],
  [
    'no such authorizer',
    (stack) => new LanekeeperHttpAuthorizer(stack, 'A', { artefact, authorizer: 'order' }),
    /aws\.authorizers has no authorizer "order"; it has: orders, connect/,
  ],
  [
    'an API that it cannot serve',
    (stack) =>
      new LanekeeperHttpAuthorizer(stack, 'A', {
        artefact: changed('table', (description) => {
          description.cannotServe.push({
            authorizer: 'orders',
            api: 'http',
            because: 'its strategy is table',
          })
        }),
        authorizer: 'orders',
      }),
    /aws\.authorizers\.orders cannot serve an HTTP API: its strategy is table/,
  ],
  [
    'a variable that is missing',
    (stack) =>
      new LanekeeperHttpAuthorizer(stack, 'A', {
        artefact: changed('open', (description) => {
          description.environmentVariables.push({
            name: 'ISSUER',
            path: 'issuers.main.issuer',
            isSecret: false,
          })
        }),
      }),
    /environment has no ISSUER, which issuers\.main\.issuer needs/,
  ],
  [
    'a variable that the construct sets',
    (stack) =>
      new LanekeeperHttpAuthorizer(stack, 'A', {
        artefact,
        environment: { LANEKEEPER_AUTHORIZER: 'orders' },
      }),
    /environment has LANEKEEPER_AUTHORIZER, which the construct sets; use the option authorizer/,
  ],
  [
    'two HTTP APIs',
    (stack) => {
      const authorizer = new LanekeeperHttpAuthorizer(stack, 'A', { artefact, authorizer: 'orders' })
      addRoute(stack, authorizer)
      addRoute(stack, authorizer, { id: 'Other' })
    },
    /serves routes of two APIs/,
  ],
  [
    'two WebSocket APIs',
    (stack) => {
      const authorizer = new LanekeeperWebSocketAuthorizer(stack, 'A', { artefact, authorizer: 'connect' })
      for (const id of ['Api', 'Other'])
        new WebSocketApi(stack, id, {
          connectRouteOptions: { integration: new WebSocketMockIntegration('Mock'), authorizer },
        })
    },
    /serves \$connect of two APIs/,
  ],
  [
    'certificates and an open HTTP API',
    (stack) =>
      addRoute(
        stack,
        new LanekeeperHttpAuthorizer(stack, 'A', {
          artefact: withOpenEndpointRefused(),
          authorizer: 'orders',
        }),
      ),
    OPEN,
  ],
  [
    'certificates and an open REST API',
    (stack) => {
      const restApi = new RestApi(stack, 'Api')
      new LanekeeperRestAuthorizer(stack, 'A', {
        artefact: withOpenEndpointRefused(),
        authorizer: 'orders',
        restApi,
      })
      restApi.root.addMethod('GET')
    },
    OPEN,
  ],
  [
    'no metadata',
    (stack) => new LanekeeperMetadata(stack, 'A', { artefact }),
    /has no metadata\.mjs, which is written with resources/,
  ],
  [
    'no receiver of logout tokens',
    (stack) => new LanekeeperLogout(stack, 'A', { artefact }),
    /has no logout\.mjs, which is written with revocation\.logout/,
  ],
]

/** The twins: what differs from a refused row in one thing, and is accepted. */
const ACCEPTED = [
  ['an HTTP API', (stack) => addRoute(stack, new LanekeeperHttpAuthorizer(stack, 'A', { artefact }))],
  [
    'certificates and a closed HTTP API',
    (stack) =>
      addRoute(
        stack,
        new LanekeeperHttpAuthorizer(stack, 'A', {
          artefact: withOpenEndpointRefused(),
          authorizer: 'orders',
        }),
        { disableExecuteApiEndpoint: true },
      ),
  ],
  [
    'two authorizers of one REST API, closed, whose refusals scripts may read',
    (stack) => {
      const restApi = new RestApi(stack, 'Api', { disableExecuteApiEndpoint: true })
      const bound = withOpenEndpointRefused()
      for (const id of ['A', 'B']) {
        const options = { artefact: bound, authorizer: 'orders', restApi, allowOrigin: '*' }
        const authorizer = new LanekeeperRestAuthorizer(stack, id, options)
        restApi.root
          .addResource(id)
          .addMethod('GET', new LambdaIntegration(authorizer.function), { authorizer })
      }
    },
  ],
]

function said(use) {
  const app = new App()
  try {
    use(new Stack(app, 'Orders'))
    app.synth()
    return ''
  } catch (error) {
    return error.message
  }
}

const wrong = [
  ...ROWS.map(([name, use, expected]) => [name, said(use), expected]).filter(
    ([, text, expected]) => !expected.test(text),
  ),
  ...ACCEPTED.map(([name, use]) => [name, said(use), 'nothing']).filter(([, text]) => text !== ''),
]
rmSync('cdk.out', { recursive: true, force: true })
for (const [name, text, expected] of wrong)
  console.error(`${name}: says ${text || 'nothing'}, and not ${expected}`)
if (wrong.length === 0) console.log(`${ROWS.length} refused, ${ACCEPTED.length} accepted`)
process.exitCode = wrong.length === 0 ? 0 : 1
