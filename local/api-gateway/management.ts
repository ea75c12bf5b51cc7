// The two operations of the management API that remove cached authorizer answers: FlushStageAuthorizersCache of a REST
// API and ResetAuthorizersCache of an HTTP API (API Gateway API references, V1 and V2). Everything else is 404.
// Signatures are not verified, so listen on loopback only.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningServer } from './server.ts'

/** An API whose answers can be removed. */
export interface ManagedApi {
  kind: 'rest' | 'http'
  id: string
  stage: string
  flush(): void
}

const OPERATIONS = [
  { kind: 'rest', path: /^\/restapis\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/, status: 202 },
  { kind: 'http', path: /^\/v2\/apis\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/, status: 204 },
] as const

/** The status of the answer, after the cache was emptied. `undefined`: there is no such operation, API or stage. */
function handle(method: string, target: string, apis: readonly ManagedApi[]): number | undefined {
  if (method !== 'DELETE') return undefined
  for (const { kind, path, status } of OPERATIONS) {
    const [, id, stage] = path.exec(target) ?? []
    if (id === undefined || stage === undefined) continue
    const api = apis.find(
      (each) => each.kind === kind && each.id === id && encodeURIComponent(each.stage) === stage,
    )
    api?.flush()
    return api && status
  }
  return undefined
}

export async function startManagement(
  apis: readonly ManagedApi[],
  { host, port }: { host: string; port: number },
): Promise<RunningServer> {
  const server = createServer((request, response) => {
    request.resume()
    const status = handle(request.method ?? '', request.url ?? '', apis)
    if (status !== undefined) response.writeHead(status).end()
    else
      response
        .writeHead(404, { 'Content-Type': 'application/json', 'X-Amzn-ErrorType': 'NotFoundException' })
        .end('{"message":"Invalid stage identifier specified"}')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
