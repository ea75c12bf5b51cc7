// auth0/node-oauth2-jwt-bearer: where a request may carry a bearer token. The word "token" in its data becomes a good
// token of ours, so that only the place of the token decides. Its htu and Host cases are for DPoP: dpop-urls.ts.

import { dpopUrls } from './dpop-urls.ts'
import { readData, type Suite, type VectorCase } from './suite.ts'
import type { VectorWorld } from './world.ts'

interface BearerCase {
  readonly request: {
    readonly method?: string
    readonly authorization?: string
    readonly query?: Readonly<Record<string, string>>
    readonly json?: unknown
  }
  /** The token that the edge should find. */
  readonly token?: string
  readonly verdict?: string
  readonly edge_verdict?: string
}

const IN_QUERY = 'a token in the query is 400 invalid_request, so that it is noticed (RFC 9700 section 4.3.2)'

/** The verdict for an edge if the data has one; without any verdict, a request with a token passes. */
function expectation({
  request,
  verdict,
  edge_verdict: edge,
  token,
}: BearerCase): Omit<VectorCase, 'id' | 'run'> {
  const status = /^4\d\d/.exec(edge ?? verdict ?? '')?.[0]
  if (status === undefined) {
    if (token === undefined) throw new Error('a bearer case says neither token nor status')
    return { expect: 'accept' }
  }
  return status !== '400' && request.query?.['access_token'] !== undefined
    ? { expect: 'refuse', status: 400, departure: IN_QUERY }
    : { expect: 'refuse', status: Number(status) }
}

async function send(world: VectorWorld, { request }: BearerCase) {
  const token = await world.issuer.token()
  const filled = (text: string) => text.replace('token', token)
  const { method = 'GET', authorization, query, json } = request
  return world.atEdges({
    method,
    authorization: authorization === undefined ? [] : [filled(authorization)],
    ...(query === undefined
      ? {}
      : {
          query: Object.entries(query)
            .map(([name, value]) => `${name}=${filled(value)}`)
            .join('&'),
        }),
    ...(json === undefined
      ? {}
      : {
          body: JSON.stringify(json).replace('"token"', JSON.stringify(token)),
          fields: [['Content-Type', 'application/json']] as const,
        }),
  })
}

export const BEARER_REQUESTS: Suite = {
  folder: 'auth0-node-oauth2-jwt-bearer',
  parts(directory, world) {
    const { bearer, host } = readData<{ bearer: BearerCase[]; host: { host: string; valid: boolean }[] }>(
      directory,
      'bearer_and_host.json',
    )
    return [
      {
        name: 'bearer requests, at the edges',
        cases: bearer.map((given) => ({
          id: JSON.stringify(given.request),
          ...expectation(given),
          run: () => send(world, given),
        })),
      },
      ...dpopUrls(directory, host, world),
    ]
  },
}
