// An app of CDK with the constructs of `lanekeeper/cdk`, and a function behind the authorizer.

import type { Answers, Api } from './answers.ts'
import { toEvents } from './api-events.ts'
import { functionFiles } from './backend.ts'
import type { ProjectFile } from './file.ts'
import { quoteScript } from './quote.ts'

const APP_FILE = 'app.mjs'

const SETTINGS = { app: `node ${APP_FILE}`, build: 'npx lanekeeper build --edge aws' }

const IMPORTS: Readonly<Record<Api, string>> = {
  http: `import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
`,
  rest: `import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
`,
  websocket: `import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
`,
}

const CONSTRUCTS: Readonly<Record<Api, string>> = {
  http: 'LanekeeperHttpAuthorizer',
  rest: 'LanekeeperRestAuthorizer',
  websocket: 'LanekeeperWebSocketAuthorizer',
}

const AUTHORIZER = `// Takes everything that it sets from dist/lambda.json, which \`lanekeeper build\` writes.
const authorizer = new`

const printRoutes = (answers: Answers, print: (method: string, path: string, with_: string) => string) =>
  toEvents(answers.routes)
    .map(({ method, path, isPublic }) =>
      print(quoteScript(method), quoteScript(path), isPublic ? '' : 'authorizer'),
    )
    .join('\n')

const printHttp = (
  answers: Answers,
): string => `${AUTHORIZER} ${CONSTRUCTS.http}(stack, 'Lanekeeper', { artefact: 'dist/lambda' })
const integration = new HttpLambdaIntegration('Integration', backend)
const api = new HttpApi(stack, 'Api')
${printRoutes(
  answers,
  (method, path, authorizer) =>
    `api.addRoutes({ path: ${path}, methods: [${method}], integration${authorizer === '' ? '' : `, ${authorizer}`} })`,
)}
new CfnOutput(stack, 'Url', { value: api.apiEndpoint })
`

const printRest = (answers: Answers): string => `const restApi = new RestApi(stack, 'Api')
${AUTHORIZER} ${CONSTRUCTS.rest}(stack, 'Lanekeeper', { artefact: 'dist/lambda', restApi })
const integration = new LambdaIntegration(backend)
${printRoutes(
  answers,
  (method, path, authorizer) =>
    `restApi.root.resourceForPath(${path}).addMethod(${method}, integration${authorizer === '' ? '' : `, { ${authorizer} }`})`,
)}
`

const printSockets =
  (): string => `${AUTHORIZER} ${CONSTRUCTS.websocket}(stack, 'Lanekeeper', { artefact: 'dist/lambda' })
const routeTo = (id) => ({ integration: new WebSocketLambdaIntegration(id, backend) })
const webSocketApi = new WebSocketApi(stack, 'Api', {
  connectRouteOptions: { ...routeTo('OnConnect'), authorizer },
  disconnectRouteOptions: routeTo('OnDisconnect'),
  defaultRouteOptions: routeTo('OnDefault'),
})
const stage = new WebSocketStage(stack, 'Stage', { webSocketApi, stageName: 'production', autoDeploy: true })
new CfnOutput(stack, 'Url', { value: stage.url })
`

const PRINTERS = { http: printHttp, rest: printRest, websocket: printSockets } as const

const app = (
  answers: Answers,
  api: Api,
): string => `// \`npx cdk deploy\` compiles lanekeeper.config.ts ("build" in cdk.json) and deploys it, with a function behind it.
// node_modules/lanekeeper/docs/aws.md
import { App, ${api === 'rest' ? '' : 'CfnOutput, '}Stack } from 'aws-cdk-lib'
${IMPORTS[api]}import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'
import { ${CONSTRUCTS[api]} } from 'lanekeeper/cdk'

const stack = new Stack(new App(), ${quoteScript(answers.name)})
const backend = new Function(stack, 'Backend', {
  runtime: Runtime.NODEJS_24_X,
  code: Code.fromAsset('backend'),
  handler: 'index.handler',
})
${PRINTERS[api](answers)}`

export const cdkFiles = (answers: Answers, api: Api): readonly ProjectFile[] => [
  { path: APP_FILE, text: app(answers, api) },
  { path: 'cdk.json', text: `${JSON.stringify(SETTINGS, null, 2)}\n` },
  ...functionFiles(),
]
