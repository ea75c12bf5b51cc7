// A logout at a real authorization server (oidc-provider), which sends its logout token over HTTP to an edge: the
// access token of the session, good until then, is refused.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ALL_FETCH_PARTS } from '../../functions/fetch/all-parts.ts'
import { createFetchHandler, type FetchHandler } from '../../functions/fetch/handler.ts'
import { createLogoutHandler, type LogoutHandler } from '../../functions/aws/logout.ts'
import { startAuthorizationServer, type AuthorizationServer } from '../../local/authorization-server/index.ts'
import { runCodeFlow } from '../../local/demo-tokens/code-flow.ts'
import { logOut } from '../../local/demo-tokens/log-out.ts'
import { fetchMetadata } from '../../local/demo-tokens/token-endpoint.ts'
import {
  createAuthorizer,
  type Authorizer,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../shared/index.ts'
import type { RevocationEntry } from '../../shared/revocation/entry.ts'
import { createMemoryRevocations } from '../support/memory-revocations.ts'

const AUDIENCE = 'https://api.orders.example'
const SCOPE = 'orders:read'

interface Exchange {
  readonly status: number
  readonly contentType: string | undefined
}

let edge: Server
let server: AuthorizationServer
let events: ReportEvent[]
let entries: RevocationEntry[]
let exchanges: Exchange[]
/** The edge behind the server's address. */
let receive: (request: Request) => Promise<Response>

beforeEach(async () => {
  ;[events, entries, exchanges] = [[], [], []]
  edge = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const headers = new Headers(request.headers as Record<string, string>)
      const url = `http://${request.headers.host}${request.url}`
      const { method = 'GET' } = request
      const answer = await receive(
        new Request(url, { method, headers, ...(method === 'POST' && { body: Buffer.concat(chunks) }) }),
      )
      exchanges.push({ status: answer.status, contentType: request.headers['content-type'] })
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })
  })
  await once(edge.listen(0, '127.0.0.1'), 'listening')
  const { port } = edge.address() as AddressInfo
  server = await startAuthorizationServer({
    port: 0,
    audience: AUDIENCE,
    otherAudience: 'https://api.other.example',
    backchannelLogoutUri: `http://127.0.0.1:${port}/logout`,
  })
})

afterEach(async () => {
  await server.close()
  edge.closeAllConnections()
  await new Promise((resolve) => edge.close(resolve))
})

function open(session: { readonly session?: { readonly claim: string } }, client: string) {
  const memory = createMemoryRevocations()
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: server.issuer,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
        algorithms: ['RS256'],
        ...session,
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: [SCOPE] }, revocation: 'strong' }],
    origin: { url: 'https://origin.test.example' },
    revocation: { durableObject: 'STORE', logout: { path: '/logout', clients: { main: client } } },
  }
  const ports = {
    fetch,
    now: () => Date.now(),
    report: (event: ReportEvent) => void events.push(event),
    revocations: {
      ...memory,
      async revoke(...[given, author]: Parameters<typeof memory.revoke>) {
        entries.push(...given)
        return memory.revoke(given, author)
      },
    },
  }
  return { authorizer: createAuthorizer(config, ports), ports }
}

type Opened = ReturnType<typeof open>

const onFetchEdge = ({ authorizer, ports }: Opened): FetchHandler =>
  createFetchHandler(
    authorizer as never,
    ports,
    { readRequestId: () => undefined, readClientCertificate: () => null } as never,
    ALL_FETCH_PARTS,
    {},
  )

/** As API Gateway sends it: payload 2.0, the body in base64. */
const onLambda = (handle: LogoutHandler) => async (request: Request) => {
  const { statusCode, headers, body } = await handle({
    version: '2.0',
    headers: Object.fromEntries(request.headers),
    requestContext: { http: { method: request.method } },
    body: Buffer.from(await request.arrayBuffer()).toString('base64'),
    isBase64Encoded: true,
  })
  return new Response(body, { status: statusCode, headers })
}

async function logIn() {
  const cookies = new Map<string, string>()
  const metadata = await fetchMetadata(server.issuer)
  const client = server.clients.web
  const tokens = await runCodeFlow({
    metadata,
    client,
    scope: `openid ${SCOPE}`,
    resource: AUDIENCE,
    cookies,
  })
  return { ...tokens, logOut: () => logOut(metadata, cookies, tokens.id_token) }
}

const ask = async (authorizer: Authorizer, token: string) => {
  const decision = await authorizer.authorize({
    method: 'GET',
    path: '/orders',
    authorization: [`Bearer ${token}`],
    accessTokenInQuery: false,
  })
  return decision.allow ? 'allow' : decision.code
}

const post = (parameters: Record<string, string>) =>
  receive(new Request('http://127.0.0.1/logout', { method: 'POST', body: new URLSearchParams(parameters) }))

const EDGES = {
  'a Fetch edge': onFetchEdge,
  'the function on AWS': ({ authorizer }: Opened) => onLambda(createLogoutHandler(authorizer.receivers[0]!)),
}

test.each(Object.entries(EDGES))('%s: a logout revokes the tokens of its session', async (_, serve) => {
  const opened = open({ session: { claim: 'sid' } }, server.clients.web.client_id)
  receive = serve(opened)
  const [here, elsewhere] = [await logIn(), await logIn()]
  expect(await ask(opened.authorizer, here.access_token)).toBe('allow')
  await here.logOut()
  expect(exchanges).toEqual([
    { status: 200, contentType: expect.stringMatching(/^application\/x-www-form-urlencoded/) },
  ])
  expect(entries).toMatchObject([{ kind: 'sid', issuer: server.issuer }])
  expect(await ask(opened.authorizer, here.access_token)).toBe('token_revoked')
  expect(await ask(opened.authorizer, elsewhere.access_token)).toBe('allow')
})

test('a logout revokes all tokens of the user, where access tokens name no session', async () => {
  const opened = open({}, server.clients.web.client_id)
  receive = onFetchEdge(opened)
  const { access_token, logOut: end } = await logIn()
  expect(await ask(opened.authorizer, access_token)).toBe('allow')
  await end()
  expect(exchanges).toMatchObject([{ status: 200 }])
  expect(entries).toMatchObject([{ kind: 'sub', issuer: server.issuer, id: 'alice' }])
  expect(await ask(opened.authorizer, access_token)).toBe('token_revoked')
})

test('a logout token for a client that is not ours is refused, and revokes nothing', async () => {
  const opened = open({}, 'another-client')
  receive = onFetchEdge(opened)
  const { access_token, logOut: end } = await logIn()
  await end()
  expect(exchanges).toMatchObject([{ status: 400 }])
  expect(entries).toEqual([])
  expect(await ask(opened.authorizer, access_token)).toBe('allow')
})

test('the access token and the ID token of the server are refused as logout tokens', async () => {
  receive = onFetchEdge(open({}, server.clients.web.client_id))
  const { access_token, id_token } = await logIn()
  expect((await post({ logout_token: access_token })).status).toBe(400)
  expect((await post({ logout_token: id_token })).status).toBe(400)
  expect(entries).toEqual([])
})

test('a logout token of the server is refused as an access token', async () => {
  const { authorizer, ports } = open({}, server.clients.web.client_id)
  const handle = onFetchEdge({ authorizer, ports })
  let sent = ''
  receive = async (request) => {
    sent = new URLSearchParams(await request.clone().text()).get('logout_token') ?? ''
    return handle(request)
  }
  await (await logIn()).logOut()
  expect(await ask(authorizer, sent)).toBe('logout_token')
})
