// The model of a template: its functions, one REST API, one HTTP API, one WebSocket API. template.ts has checked
// everything in it. The servers read the model and no CloudFormation.

export interface Model {
  functions: LambdaFunction[]
  restApi?: RestApi
  httpApi?: HttpApi
  webSocketApi?: WebSocketApi
}

export interface LambdaFunction {
  logicalId: string
  name: string
  runtime: string
  /** `path/to/module.export` inside the deployment package. */
  handler: string
  timeoutSeconds: number
  memoryMegabytes: number
  /** Values with unresolved intrinsic functions. Only the Lambda runtime needs them, and it may override them. */
  environment: Record<string, unknown>
}

export interface IdentitySource {
  from: 'header' | 'querystring' | 'context' | 'stageVariables'
  name: string
}

interface Authorizer {
  logicalId: string
  functionId: string
  /** Lifetime of cached answers. 0: answers are not cached. */
  resultTtlSeconds: number
}

export interface TokenAuthorizer extends Authorizer {
  type: 'TOKEN'
  header: string
  validation?: RegExp
}

export interface RequestAuthorizer extends Authorizer {
  type: 'REQUEST'
  identitySources: IdentitySource[]
}

export type RestAuthorizer = TokenAuthorizer | RequestAuthorizer

/** The fixed answer of a MOCK integration. Tools write such integrations for preflights. */
export interface FixedAnswer {
  status: number
  /** Default: empty. */
  body?: string
  headers: [name: string, value: string][]
}

export interface RestMethod {
  /** Absent: the model is of no template. */
  logicalId?: string
  authorizer?: RestAuthorizer
  /**
   * The authorization in place of a Lambda authorizer, such as AWS_IAM. A template with one is compared, but never
   * runs.
   */
  otherAuthorization?: string
  /** Empty if the method has a `fixedAnswer`. */
  functionId: string
  timeoutMs: number
  fixedAnswer?: FixedAnswer
}

export interface RestResource {
  id: string
  /** `/orders/{id}`; the root is `/`. */
  path: string
  methods: Map<string, RestMethod>
}

export interface GatewayResponse {
  statusCode?: number
  /** Header name -> mapping expression (`'literal'`, `context.x`, `method.request.header.x`, ...). */
  headers: [name: string, expression: string][]
  jsonTemplate?: string
}

export interface RestApi {
  logicalId: string
  id: string
  /** `DisableExecuteApiEndpoint`: only a custom domain answers. */
  isDefaultEndpointDisabled: boolean
  stage: string
  stageVariables: Record<string, string>
  binaryMediaTypes: string[]
  resources: RestResource[]
  gatewayResponses: Map<string, GatewayResponse>
}

export type PayloadVersion = '1.0' | '2.0'

export interface HttpAuthorizer extends RequestAuthorizer {
  payloadVersion: PayloadVersion
  simpleResponses: boolean
}

export interface HttpRoute {
  /** Absent: the model is of no template. */
  logicalId?: string
  /** `GET /orders/{id}`, `ANY /{proxy+}` or `$default`. */
  key: string
  authorizer?: HttpAuthorizer
  /** As in RestMethod. */
  otherAuthorization?: string
  functionId: string
  payloadVersion: PayloadVersion
  timeoutMs: number
}

/** The CORS settings of an HTTP API. */
export interface Cors {
  /** Origins, or `*`. */
  origins: string[]
  methods: string[]
  headers: string[]
  exposed: string[]
  maxAgeSeconds?: number
  credentials: boolean
}

export interface HttpApi {
  logicalId: string
  id: string
  /** `DisableExecuteApiEndpoint`: only a custom domain answers. */
  isDefaultEndpointDisabled: boolean
  cors?: Cors
  /** `$default`, or the name of a stage, which is then the first segment of every path. */
  stage: string
  stageVariables: Record<string, string>
  routes: HttpRoute[]
}

export interface WebSocketRoute {
  /** Absent: the model is of no template. */
  logicalId?: string
  /** `$connect`, `$disconnect`, `$default` or a route key of the application. */
  key: string
  /** On `$connect` only. */
  authorizer?: RequestAuthorizer
  /** As in RestMethod. */
  otherAuthorization?: string
  functionId: string
  timeoutMs: number
  /** Whether the API sends the body of the function's result to the client. */
  sendsResponse: boolean
}

export interface WebSocketApi {
  logicalId: string
  id: string
  stage: string
  stageVariables: Record<string, string>
  /** Name of the message member that holds the route key. */
  routeMember: string
  routes: WebSocketRoute[]
}
