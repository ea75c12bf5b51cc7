// Names that must not appear in a deployed bundle: of the other edge, of code for tests and the local run, and, in the
// chunks that the Lambda reads at its start, of the SDK. The bench asserts them as well.

/** Libraries of the bench, names that only the documentation uses, and a router that no edge needs. */
const NEITHER = [
  'fast-jwt',
  'aws-jwt-verify',
  'Please report it',
  'deepest nesting in a token',
  'RegExpRouter',
]

export const NOT_IN_WORKER = [
  'node:',
  'aws-lambda',
  'execute-api',
  'oidc-provider',
  'aws-sdk',
  'AWSCURRENT',
  'methodArn',
  ...NEITHER,
] as const

export const NOT_IN_LAMBDA = [
  'hono',
  '@aws-sdk',
  'oidc-provider',
  'miniflare',
  'cloudflare:',
  ...NEITHER,
] as const
