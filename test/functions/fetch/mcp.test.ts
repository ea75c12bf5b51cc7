// An unmodified MCP server behind the Worker: the official SDK's client starts with nothing but the address, is
// challenged, finds the authorization server (RFC 9728, RFC 8414), registers (RFC 7591), has its user sign in at the
// real oidc-provider (PKCE, RFC 8707), and calls a tool of an SDK server, all through workerd.

import { auth, UnauthorizedError, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  DEMO_USER,
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../../local/authorization-server/index.ts'
import { runCodeFlow } from '../../../local/demo-tokens/code-flow.ts'
import { fetchMetadata } from '../../../local/demo-tokens/token-endpoint.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'

const OTHER = 'https://other.example/mcp'
const CALLBACK = 'https://app.example/callback'

let issuer: AuthorizationServer
let mcp: Server
let edge: WorkerEdge
let address: URL
let config: LanekeeperConfig

async function findFreePort(): Promise<number> {
  const server = createSocketServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A server with one tool, which returns the caller's name. It knows nothing about tokens. */
async function startMcpServer(): Promise<Server> {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  async function open(): Promise<StreamableHTTPServerTransport> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
    })
    const server = new McpServer({ name: 'orders', version: '1.0.0' })
    server.registerTool('whoami', { description: 'Says who calls.' }, ({ requestInfo }) => {
      const { 'x-lanekeeper-subject': subject, authorization = 'no token' } = requestInfo?.headers ?? {}
      return { content: [{ type: 'text', text: `${String(subject)}, ${String(authorization)}` }] }
    })
    await server.connect(transport as Transport)
    return transport
  }
  const server = createServer(async (request, response) => {
    const known = transports.get(String(request.headers['mcp-session-id']))
    await (known ?? (await open())).handleRequest(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

beforeAll(async () => {
  const port = await findFreePort()
  address = new URL(`http://127.0.0.1:${port}/mcp`)
  ;[issuer, mcp] = await Promise.all([
    startAuthorizationServer({
      port: 0,
      audience: address.href,
      otherAudience: OTHER,
      scopes: ['mcp:tools'],
      registration: true,
    }),
    startMcpServer(),
  ])
  config = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: [address.href, OTHER],
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
      },
    },
    routes: [
      { path: '/mcp', methods: ['GET', 'POST', 'DELETE'], scope: { allOf: ['mcp:tools'] } },
      { path: '/open', methods: ['GET'], public: true },
    ],
    resources: [{ identifier: address.href, name: 'Orders' }],
    origin: { url: `http://127.0.0.1:${(mcp.address() as AddressInfo).port}` },
  }
  edge = await openWorkerEdge(config, {}, port)
})

afterAll(async () => {
  mcp.closeAllConnections()
  mcp.close()
  await Promise.all([edge.close(), issuer.close()])
})

beforeEach(() => edge.events())

/** The storage of a client program, and the browser that it sends its user to. */
class Program implements OAuthClientProvider {
  redirectUrl = CALLBACK
  clientMetadata = {
    redirect_uris: [CALLBACK],
    client_name: 'A program that knows an address',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }
  information: OAuthClientInformationMixed | undefined
  held: OAuthTokens | undefined
  verifier = ''
  sentTo: URL | undefined
  clientInformation = () => this.information
  saveClientInformation = (information: OAuthClientInformationMixed) => void (this.information = information)
  tokens = () => this.held
  saveTokens = (tokens: OAuthTokens) => void (this.held = tokens)
  redirectToAuthorization = (url: URL) => void (this.sentTo = url)
  saveCodeVerifier = (verifier: string) => void (this.verifier = verifier)
  codeVerifier = () => this.verifier
}

/** The browser: follows redirects with its cookies until one leads back to the program. */
async function signIn(start: URL): Promise<string> {
  const cookies = new Map<string, string>()
  for (let location = start, hops = 0; hops < 6; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(location, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    location = new URL(response.headers.get('location') ?? '', location)
    if (location.href.startsWith(CALLBACK)) return location.searchParams.get('code') ?? ''
  }
  throw new Error('never sent back')
}

const connect = async (program: OAuthClientProvider) => {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(address, { authProvider: program })
  try {
    await client.connect(transport as Transport)
    return { client, transport }
  } catch (error) {
    return { error, transport }
  }
}

async function codes(): Promise<string[]> {
  return (await edge.events()).flatMap((event) => (event.event === 'decision' ? [event.code] : []))
}

async function goFromChallengeToToolCall(): Promise<void> {
  const program = new Program()
  const first = await connect(program)
  expect(first.error).toBeInstanceOf(UnauthorizedError)
  expect(await codes()).toEqual(['credential_missing'])
  expect(program.sentTo!.origin).toBe(issuer.issuer)
  expect(program.sentTo!.searchParams.get('resource')).toBe(address.href)
  expect(program.sentTo!.searchParams.get('scope')).toBe('mcp:tools')

  await first.transport.finishAuth(await signIn(program.sentTo!))
  expect(decodeJwt(program.held!.access_token)).toMatchObject({ aud: address.href, scope: 'mcp:tools' })

  const { client, error, transport } = await connect(program)
  expect(error).toBeUndefined()
  expect((await client!.listTools()).tools.map(({ name }) => name)).toEqual(['whoami'])
  expect(await client!.callTool({ name: 'whoami' })).toMatchObject({
    content: [{ type: 'text', text: `${DEMO_USER}, no token` }],
  })
  await transport.terminateSession()
  await client!.close()
  expect(new Set(await codes())).toEqual(new Set(['access_token']))
}

test('the SDK goes from a challenge to a tool call', goFromChallengeToToolCall)

test('a token for another resource is refused, though its issuer may issue it', async () => {
  const metadata = await fetchMetadata(issuer.issuer)
  const tokenFor = async (resource: string, scope: string) =>
    (await runCodeFlow({ metadata, client: issuer.clients.web, scope: `openid ${scope}`, resource }))
      .access_token
  const initialize = async (token: string) => {
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
      }),
    })
    await response.body?.cancel()
    return { status: response.status, challenge: response.headers.get('www-authenticate') }
  }
  expect(await initialize(await tokenFor(address.href, 'mcp:tools'))).toMatchObject({ status: 200 })
  const other = await initialize(await tokenFor(OTHER, 'mcp:tools'))
  expect(other.status).toBe(401)
  expect(other.challenge).toContain(
    `resource_metadata="${address.origin}/.well-known/oauth-protected-resource/mcp"`,
  )
  const short = await initialize(await tokenFor(address.href, 'orders:read'))
  expect(short.status).toBe(403)
  expect(short.challenge).toMatch(/error="insufficient_scope".*scope="mcp:tools"/)
  expect(await codes()).toEqual(['access_token', 'audience_mismatch', 'insufficient_scope'])
})

test('a program that is pointed at another resource does not ask for a token', async () => {
  const program = new Program()
  await expect(auth(program, { serverUrl: new URL('/other', address) })).rejects.toThrow()
  expect(program.sentTo).toBeUndefined()
})

// The last one, because it replaces the edge.
test('the SDK does the same where bound tokens are taken as well, and DPoP is offered beside Bearer', async () => {
  await edge.close()
  const main = { ...config.issuers['main']!, senderConstraint: 'any' } as never
  edge = await openWorkerEdge({ ...config, issuers: { main } }, {}, Number(address.port))
  const response = await fetch(address)
  await response.body?.cancel()
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*, DPoP .*algs=/)
  await edge.events()
  await goFromChallengeToToolCall()
})
