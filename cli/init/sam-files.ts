// template.yaml for SAM, with a function behind the authorizer.

import type { Answers, Api } from './answers.ts'
import { toEvents, type ApiEvent } from './api-events.ts'
import { functionFiles } from './backend.ts'
import type { ProjectFile } from './file.ts'
import { quoteData } from './quote.ts'
import { GATEWAY_RESPONSES } from './rest-responses.ts'
import { LAMBDA_RUNTIME } from './tool-versions.ts'

/** The reason why no authorizer here has identity sources. */
const NO_SOURCES = `# Nothing is cached, and without identity sources requests without a token are decided, too: report-only needs that.`

const HTTP_API = `    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Lanekeeper
        Authorizers:
          Lanekeeper:
            FunctionArn: !GetAtt Authorizer.Arn
            EnableFunctionDefaultPermissions: true
            AuthorizerPayloadFormatVersion: '2.0'
            EnableSimpleResponses: true
            ${NO_SOURCES}
            Identity: { ReauthorizeEvery: 0 }
`

const printResponses = (): string =>
  GATEWAY_RESPONSES.map(({ type, status, headers }) => {
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${quoteData(value)}`)
    return `        ${type}:
          StatusCode: ${status}
          ResponseParameters: { Headers: { ${fields.join(', ')} } }`
  }).join('\n')

const REST_API = `    Type: AWS::Serverless::Api
    Properties:
      StageName: production
      Auth:
        DefaultAuthorizer: Lanekeeper
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Lanekeeper:
            FunctionArn: !GetAtt Authorizer.Arn
            FunctionPayloadType: REQUEST
            ${NO_SOURCES}
            Identity: { ReauthorizeEvery: 0 }
      # The challenge of a refusal, and 503 where Lanekeeper cannot decide.
      GatewayResponses:
${printResponses()}
`

const SOCKET_API = `    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: production
      RouteSelectionExpression: $request.body.action
      Auth:
        AuthType: CUSTOM
        AuthArn: !GetAtt Authorizer.Arn
        ${NO_SOURCES}
        IdentitySource: []
      Routes:
        $connect: { FunctionArn: !GetAtt Backend.Arn }
        $disconnect: { FunctionArn: !GetAtt Backend.Arn }
        $default: { FunctionArn: !GetAtt Backend.Arn }
`

const API_RESOURCES: Readonly<Record<Api, string>> = { http: HTTP_API, rest: REST_API, websocket: SOCKET_API }

const URLS: Readonly<Record<Api, string>> = {
  http: 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}',
  rest: 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/production',
  websocket: 'wss://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/production',
}

function printEvent({ method, path, isPublic }: ApiEvent, at: number, api: 'http' | 'rest'): string {
  const [type, member] = api === 'http' ? ['HttpApi', 'ApiId'] : ['Api', 'RestApiId']
  const auth = isPublic ? ', Auth: { Authorizer: NONE }' : ''
  return `        Route${at + 1}:
          Type: ${type}
          Properties: { ${member}: !Ref Api, Method: ${quoteData(method)}, Path: ${quoteData(path)}${auth} }`
}

const printEvents = ({ routes }: Answers, api: Api): string =>
  api === 'websocket'
    ? ''
    : `      Events:
${toEvents(routes)
  .map((event, at) => printEvent(event, at, api))
  .join('\n')}
`

const template = (
  answers: Answers,
  api: Api,
): string => `# \`npx lanekeeper build --edge aws && sam deploy\` compiles lanekeeper.config.ts and deploys it, with a function behind it.
# \`sam build\` is not needed. node_modules/lanekeeper/docs/aws.md
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: ${LAMBDA_RUNTIME}
    MemorySize: 256
    Timeout: 8 # more than Lanekeeper waits for keys, and less than API Gateway waits for an authorizer
Resources:
  Authorizer:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: dist/lambda, Handler: authorizer.handler }
  Api:
${API_RESOURCES[api]}  Backend:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: backend
      Handler: index.handler
${printEvents(answers, api)}Outputs:
  Url: { Value: !Sub '${URLS[api]}' }
`

export const samFiles = (answers: Answers, api: Api): readonly ProjectFile[] => [
  { path: 'template.yaml', text: template(answers, api), alternatives: ['template.yml', 'template.json'] },
  ...functionFiles(),
]
