// The public documents of a Fetch edge: the metadata of the configured resources (RFC 9728 sections 3 and 3.1) and the
// public keys of its assertions (RFC 7517 section 5). Every client gets the same, and scripts of any origin may read
// it. Reads no token and never contacts the origin.

import {
  ASSERTION_JWKS_PATH,
  findMetadata,
  toResourceMetadata,
  type Assertions,
  type CoreConfig,
  type ResolvedResource,
  type WaitUntil,
} from '../../shared/edge.ts'

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
}

const METHODS = ['GET', 'HEAD']

/**
 * For scripts that send further header fields, as MCP clients do. Every origin is allowed: the documents are public.
 */
const PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': METHODS.join(', '),
  'access-control-allow-headers': '*',
  'cache-control': 'no-store',
}

const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' &&
  headers.has('origin') &&
  METHODS.includes(headers.get('access-control-request-method') ?? '')

/** Further members of the metadata of a resource. */
export type DescribeResource = (
  resource: ResolvedResource,
  config: CoreConfig,
) => Readonly<Record<string, unknown>>

/** Loads a document; `undefined` where it is not available at the moment. */
export type Published = (waitUntil: WaitUntil | undefined) => Promise<object | undefined>

/**
 * The document that is published at a path; `null` where there is none. `describe`: further members of the metadata of
 * a resource.
 */
export function findPublished(
  path: string,
  config: CoreConfig,
  assertions: Assertions | null,
  describe?: DescribeResource,
): Published | null {
  const resource = findMetadata(path, config)
  if (resource !== null)
    return async () => ({ ...toResourceMetadata(resource, config), ...describe?.(resource, config) })
  if (path !== ASSERTION_JWKS_PATH || assertions === null) return null
  return async (waitUntil) => {
    const jwks = await assertions.jwks(waitUntil)
    return 'keys' in jwks ? jwks : undefined
  }
}

/** The response to a request for a published document. */
export async function answerPublished(
  request: Request,
  published: Published,
  waitUntil: WaitUntil | undefined,
): Promise<Response> {
  const document = await published(waitUntil)
  if (isPreflight(request)) return new Response(null, { status: 204, headers: PREFLIGHT_HEADERS })
  const { method } = request
  if (!METHODS.includes(method))
    return new Response(null, {
      status: 405,
      headers: { allow: METHODS.join(', '), 'cache-control': 'no-store' },
    })
  if (document === undefined)
    return new Response(null, { status: 503, headers: { 'retry-after': '1', 'cache-control': 'no-store' } })
  return new Response(method === 'HEAD' ? null : JSON.stringify(document), { headers: HEADERS })
}

/** Fills the slot for published documents. */
export const PUBLISHED_PART = { find: findPublished, answer: answerPublished }

export type PublishedPart = typeof PUBLISHED_PART
