// The plain model of what a template deploys: functions, one REST API, one HTTP API, one WebSocket API. Everything here has been
// checked by template.ts; the servers read it and never look at CloudFormation again.

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
  /** Still with intrinsic functions: only the runtime needs the values, and may override them. */
  environment: Record<string, unknown>
}

export interface IdentitySource {
  from: 'header' | 'querystring' | 'context' | 'stageVariables'
  name: string
}

interface Authorizer {
  logicalId: string
  functionId: string
  /** How long its answers are kept; 0: not at all. */
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

/** What a MOCK integration answers, always: the preflights that osls makes of `cors`. */
export interface FixedAnswer {
  status: number
  headers: [name: string, value: string][]
}

export interface RestMethod {
  authorizer?: RestAuthorizer
  /** What decides in place of a Lambda authorizer. Never in a model that runs, and so in the other two. */
  decidedBy?: string
  /** Empty where the answer is fixed. */
  functionId: string
  timeoutMs: number
  fixed?: FixedAnswer
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
  /** `GET /orders/{id}`, `ANY /{proxy+}` or `$default`. */
  key: string
  authorizer?: HttpAuthorizer
  decidedBy?: string
  functionId: string
  payloadVersion: PayloadVersion
  timeoutMs: number
}

/** CORS that an HTTP API does itself. */
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
  cors?: Cors
  /** `$default` has no path prefix, a named stage has. */
  stage: string
  stageVariables: Record<string, string>
  routes: HttpRoute[]
}

export interface WebSocketRoute {
  /** `$connect`, `$disconnect`, `$default` or a key of the application's own. */
  key: string
  /** On `$connect` only. */
  authorizer?: RequestAuthorizer
  decidedBy?: string
  functionId: string
  timeoutMs: number
  /** Whether what the function returns is sent to the client. */
  answers: boolean
}

export interface WebSocketApi {
  logicalId: string
  id: string
  stage: string
  stageVariables: Record<string, string>
  /** Member of a JSON message that names its route. */
  routeMember: string
  routes: WebSocketRoute[]
}
