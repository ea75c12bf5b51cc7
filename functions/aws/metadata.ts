// Serves the metadata of protected resources (RFC 9728 sections 3 and 3.1) behind a route of API Gateway that has no
// authorizer. `lanekeeper build` makes the documents; this file reads no configuration.

import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

/** The part of an event that is read: `path` of a REST API, `rawPath` and `requestContext.http` of an HTTP API. */
export interface MetadataEvent {
  readonly path?: string
  readonly rawPath?: string
  readonly httpMethod?: string
  readonly requestContext?: { readonly http?: { readonly method: string } }
}

export type MetadataHandler = (event: MetadataEvent) => Promise<APIGatewayProxyStructuredResultV2>

const METHODS: readonly string[] = ['GET', 'HEAD']

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
}

/** The handler. `documents`: by the path at which each is served. */
export const createMetadataHandler =
  (documents: Readonly<Record<string, object>>): MetadataHandler =>
  async ({ path = '', rawPath = path, httpMethod, requestContext }) => {
    const method = requestContext?.http?.method ?? httpMethod ?? 'GET'
    const document = Object.hasOwn(documents, rawPath) ? documents[rawPath] : undefined
    if (document === undefined) return { statusCode: 404 }
    if (!METHODS.includes(method)) return { statusCode: 405, headers: { allow: METHODS.join(', ') } }
    return { statusCode: 200, headers: HEADERS, body: method === 'HEAD' ? '' : JSON.stringify(document) }
  }
