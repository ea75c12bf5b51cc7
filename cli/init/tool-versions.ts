// The versions of the tools with which the files that init writes are known to work. Tests compare those of this
// repository with package.json; `npm run test:deploy` runs the others.

export const TOOL_VERSIONS = {
  wrangler: '4.156.0',
  osls: '4.3.1',
  'aws-cdk': '2.1148.1',
  'aws-cdk-lib': '2.276.0',
  constructs: '10.8.1',
} as const satisfies Readonly<Record<string, string>>

/** Of Workers. Known to the wrangler above. */
export const COMPATIBILITY_DATE = '2026-10-20'

/** Of the Lambda functions. */
export const LAMBDA_RUNTIME = 'nodejs24.x'
