// Names that must not appear in what is deployed: of the other edge, of what only tests and the local run need, and,
// in the part of the Lambda that is read at its start, of the SDK. Whoever measures the bundles asserts them as well.

/** Peers of the bench, what only the documentation reads, and a router that nothing here needs. */
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
