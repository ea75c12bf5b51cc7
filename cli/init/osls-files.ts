// serverless.yml for osls, with a function behind the authorizer.

import type { Answers, Api } from './answers.ts'
import { toEvents, type ApiEvent } from './api-events.ts'
import { functionFiles } from './backend.ts'
import type { ProjectFile } from './file.ts'
import { printValue, quoteData } from './quote.ts'
import { GATEWAY_RESPONSES } from './rest-responses.ts'
import { LAMBDA_RUNTIME } from './tool-versions.ts'

const HTTP_AUTHORIZER = `  httpApi:
    authorizers:
      lanekeeper:
        type: request
        functionName: authorizer
        payloadVersion: '2.0'
        enableSimpleResponses: true
        # Without identity sources, requests without a token are decided, too: report-only needs that. Once you enforce,
        # [$request.header.Authorization] makes API Gateway refuse them without a call of the function.
        identitySource: []
        resultTtlInSeconds: 0
`

/** Without identity sources: see HTTP_AUTHORIZER. */
const AUTHORIZERS: Readonly<Record<Api, string>> = {
  http: '{ name: lanekeeper }',
  rest: '{ name: authorizer, type: request, resultTtlInSeconds: 0 }',
  websocket: '{ name: authorizer, identitySource: [] }',
}

function printEvent({ method, path, isPublic }: ApiEvent, api: 'http' | 'rest'): string {
  const authorizer = isPublic ? '' : `, authorizer: ${AUTHORIZERS[api]}`
  const event = api === 'http' ? 'httpApi' : 'http'
  return `      - ${event}: { method: ${quoteData(method.toLowerCase())}, path: ${quoteData(path)}${authorizer} }`
}

const SOCKET_EVENTS = `      - websocket: { route: $connect, authorizer: ${AUTHORIZERS.websocket} }
      - websocket: { route: $disconnect }
      - websocket: { route: $default }`

const printEvents = ({ routes }: Answers, api: Api): string =>
  api === 'websocket'
    ? SOCKET_EVENTS
    : toEvents(routes)
        .map((event) => printEvent(event, api))
        .join('\n')

const settings = (
  answers: Answers,
  api: Api,
): string => `# \`npx lanekeeper build --edge aws && npx osls deploy\` compiles lanekeeper.config.ts and deploys it, with a function behind
# it. \`npx lanekeeper check\` compares this file with the configuration. node_modules/lanekeeper/docs/aws.md
service: ${quoteData(answers.name)}
provider:
  name: aws
  runtime: ${LAMBDA_RUNTIME}
  memorySize: 256
  timeout: 8 # more than Lanekeeper waits for keys, and less than API Gateway waits for an authorizer
  logRetentionInDays: 30
${api === 'http' ? HTTP_AUTHORIZER : ''}package:
  excludeDevDependencies: false
  patterns: ['!**', dist/lambda/**, backend/**]
functions:
  authorizer:
    handler: dist/lambda/authorizer.handler
  backend:
    handler: backend/index.handler
    events:
${printEvents(answers, api)}
${api === 'rest' ? `resources:\n  - \${file(${REST_FILE})}\n` : ''}`

const REST_FILE = 'rest-responses.cjs'

const RESPONSES = Object.fromEntries(
  GATEWAY_RESPONSES.map(({ type, status, headers }) => [type, { status, headers }]),
)

const REST = `// The gateway responses of the REST API: the challenge of a refusal, and 503 where Lanekeeper cannot decide. Its Deployment
// has to come after them, or it would not have them; osls makes up its name anew for every package.

'use strict'

const RESPONSES = {
${Object.entries(RESPONSES)
  .map(([type, response]) => `  ${type}: ${printValue(response)},`)
  .join('\n')}
}

const toResource = ([type, { status, headers }]) => [
  \`Response\${type.replaceAll('_', '')}\`,
  {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: {
      RestApiId: { Ref: 'ApiGatewayRestApi' },
      ResponseType: type,
      StatusCode: String(status),
      ResponseParameters: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [\`gatewayresponse.header.\${name}\`, value]),
      ),
    },
  },
]

module.exports = async ({ resolveVariable }) => {
  const Resources = Object.fromEntries(Object.entries(RESPONSES).map(toResource))
  const deployment = \`ApiGatewayDeployment\${await resolveVariable('sls:instanceId')}\`
  return { Resources, extensions: { [deployment]: { DependsOn: Object.keys(Resources) } } }
}
`

export const oslsFiles = (answers: Answers, api: Api): readonly ProjectFile[] => [
  {
    path: 'serverless.yml',
    text: settings(answers, api),
    alternatives: ['serverless.yaml', 'serverless.json', 'serverless.js', 'serverless.ts'],
  },
  ...(api === 'rest' ? [{ path: REST_FILE, text: REST }] : []),
  ...functionFiles(),
]
