// The description of a compiled Lambda: what its deployment has to set for it. `lanekeeper build` writes it beside the
// folder (`dist/lambda.json`), and tools that deploy the folder read it. docs/deploying.md.

/** Raised whenever an older reader would misread a description. A reader refuses every other version. */
export const DESCRIPTION_VERSION = 1

export type ApiKind = 'rest' | 'http' | 'webSocket'

/** What the authorizer of a REST API has to be. */
export interface RestSettings {
  readonly type: 'REQUEST' | 'TOKEN'
  /** In any order. Together they are the key of a cached answer. Empty: API Gateway asks the function in any case. */
  readonly identitySources: readonly string[]
  /** `IdentityValidationExpression`, for TOKEN: the values for which API Gateway calls the function. `null`: all. */
  readonly identityValidationExpression: string | null
  readonly resultTtlSeconds: number
  /** Whether the default `execute-api` endpoint has to be off, because it asks for no client certificate. */
  readonly disableExecuteApiEndpoint: boolean
}

/** What the authorizer of an HTTP API has to be. Its type is REQUEST. */
export interface HttpSettings {
  readonly identitySources: readonly string[]
  readonly resultTtlSeconds: number
  readonly payloadFormatVersion: '2.0'
  readonly enableSimpleResponses: boolean
  readonly disableExecuteApiEndpoint: boolean
}

/** What the authorizer of `$connect` has to be. Its type is REQUEST, and no answer is cached. */
export interface WebSocketSettings {
  readonly identitySources: readonly string[]
}

/** One authorizer function, by its LANEKEEPER_AUTHORIZER. `null`: it cannot serve such an API (`cannotServe`). */
export interface DescribedAuthorizer {
  readonly strategy: 'exact' | 'table' | 'off'
  readonly rest: RestSettings | null
  readonly http: HttpSettings | null
  readonly webSocket: WebSocketSettings | null
}

/** An API that an authorizer cannot serve, and why. */
export interface CannotServe {
  /** LANEKEEPER_AUTHORIZER; empty: `aws` itself. */
  readonly authorizer: string
  readonly api: ApiKind
  readonly because: string
}

/** A secret that a function reads when it needs it. */
export interface DescribedSecret {
  /** `env`: an environment variable of the function. `secretsManager`: a secret of AWS Secrets Manager. */
  readonly kind: 'env' | 'secretsManager'
  /** Of the variable, or name or ARN of the secret. */
  readonly name: string
  /** The setting that names it. */
  readonly path: string
}

export type LambdaFunction = 'authorizer' | 'metadata' | 'logout'

/** What a function may do with a table: one statement of its policy. */
export interface TableRight {
  readonly actions: readonly string[]
  /** `dynamodb:LeadingKeys` of the statement, as patterns. `null`: no condition. */
  readonly leadingKeys: readonly string[] | null
}

export interface DescribedTable {
  readonly name: string
  /** `null`: that of the function. */
  readonly region: string | null
  readonly use: 'revocation' | 'replay'
  /** For each function that uses the table. */
  readonly rights: Readonly<Partial<Record<LambdaFunction, readonly TableRight[]>>>
}

/** A variable that a function needs when it starts. */
export interface NeededVariable {
  readonly name: string
  /** The setting whose value it is or has. */
  readonly path: string
  /** Whether its value is a secret. */
  readonly isSecret: boolean
}

export interface Description {
  readonly version: typeof DESCRIPTION_VERSION
  /** The version of Lanekeeper that has written it. */
  readonly lanekeeper: string
  /** The hash of the plan. */
  readonly plan: string
  /** LANEKEEPER_STAGE; `null` where no stages are configured. */
  readonly stage: string | null
  /** The files of the folder by their paths, each with its SHA-256 in base64url. */
  readonly files: Readonly<Record<string, string>>
  /** The handler of each function that is in the folder. */
  readonly handlers: { readonly authorizer: string } & Readonly<Partial<Record<LambdaFunction, string>>>
  /** By LANEKEEPER_AUTHORIZER. The one without a name is `aws` itself, for a function without that variable. */
  readonly authorizers: Readonly<Record<string, DescribedAuthorizer>>
  /** `WWW-Authenticate` of a 401, which a REST API can have alone: the same for every request. */
  readonly challenge: string
  readonly secrets: readonly DescribedSecret[]
  readonly tables: readonly DescribedTable[]
  readonly environmentVariables: readonly NeededVariable[]
  /** The paths that the function `metadata` serves. */
  readonly metadataPaths: readonly string[]
  /** The path of the function `logout`. `null`: there is none. */
  readonly logoutPath: string | null
  readonly cannotServe: readonly CannotServe[]
}
