// What stands behind the authorizer until it is replaced: a function of AWS, or a Worker without an address.

import { quoteData } from './quote.ts'
import { COMPATIBILITY_DATE } from './tool-versions.ts'
import type { ProjectFile } from './file.ts'

const FUNCTION = `// A function behind the authorizer, in place of yours. It answers with what the authorizer has told it about the caller:
// nothing while a request passes in report-only without an acceptable token.
export const handler = async ({ requestContext }) => {
  const { lambda, ...context } = requestContext.authorizer ?? {}
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ caller: lambda ?? context }),
  }
}
`

export const functionFiles = (): readonly ProjectFile[] => [{ path: 'backend/index.mjs', text: FUNCTION }]

const WORKER = `// A Worker behind the authorizer, in place of your origin. It answers with what the authorizer has told it about the
// caller: nothing while a request passes in report-only without an acceptable token.
export default {
  fetch: (request) =>
    Response.json({
      caller: Object.fromEntries([...request.headers].filter(([name]) => name.startsWith('x-lanekeeper-'))),
    }),
}
`

/** The name of the Worker behind the one with the name. */
export const originName = (name: string): string => `${name}-origin`

const settings = (
  name: string,
): string => `# The sample origin. Nothing but the Worker in ../wrangler.toml reaches it.
name = ${quoteData(originName(name))}
main = "index.js"
compatibility_date = ${quoteData(COMPATIBILITY_DATE)}
workers_dev = false
preview_urls = false
`

export const originFiles = (name: string): readonly ProjectFile[] => [
  { path: 'origin/index.js', text: WORKER },
  {
    path: 'origin/wrangler.toml',
    text: settings(name),
    alternatives: ['origin/wrangler.json', 'origin/wrangler.jsonc'],
  },
]
