// Names that must not appear in what is deployed: of the other edge, of what only tests and the local run need, and,
// in the part of the Lambda that is read at its start, of the SDK. Whoever measures the bundles asserts them as well.

export const NOT_IN_WORKER = [
  'node:',
  'aws-lambda',
  'execute-api',
  'oidc-provider',
  'aws-sdk',
  'AWSCURRENT',
  'methodArn',
  'fast-jwt',
  'aws-jwt-verify',
] as const

export const NOT_IN_LAMBDA = [
  'hono',
  '@aws-sdk',
  'oidc-provider',
  'miniflare',
  'cloudflare:',
  'fast-jwt',
  'aws-jwt-verify',
] as const
