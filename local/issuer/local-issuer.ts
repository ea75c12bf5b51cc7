// The issuer of a local run: one server on loopback with the metadata, the key set, the introspection endpoint and the
// userinfo endpoint of every issuer of the configuration, and a door at which tokens are asked for with the secret of
// the run. It serves nobody beyond this machine. RFC 8414, RFC 7517, RFC 7662, RFC 9701, OpenID Connect Core 1.0.

import { CompactSign } from 'jose'
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ResolvedConfig } from '../../shared/index.ts'
import { mintingIssuers, type Members, type ResolvedIssuer } from './issuer-of-config.ts'
import type { LocalKeys } from './keys.ts'
import { MintProblem, mintToken, userinfoAbout, type MintedToken, type TokenRequest } from './mint.ts'

export interface MintRequest extends TokenRequest {
  /** Name of the issuer, or its name with `/` and the tenant. Default: the only issuer, or the one of the profile. */
  readonly issuer?: string
  /** Name of the profile of the issuer. */
  readonly profile?: string
}

export interface MintAnswer extends MintedToken {
  /** As the log of the edges names it. */
  readonly issuer: string
  readonly profile: string
}

/** What the local issuer knows of the configuration that runs. */
export interface LocalRunConfig {
  readonly config: ResolvedConfig
  /** Issuers with keys of their own, which this server does not have. */
  readonly foreign: ReadonlySet<string>
}

export interface LocalIssuer {
  readonly url: string
  /** Replaces the configuration. Keys and tokens stay. */
  update(run: LocalRunConfig): void
  /** @throws {MintProblem} if no issuer of the configuration has such a token. */
  mint(request: MintRequest): Promise<MintAnswer>
  close(): Promise<void>
}

export interface LocalIssuerOptions {
  /** 0 picks a free port. */
  readonly port: number
  /** Whoever asks for a token has to know it. */
  readonly secret: string
  readonly keys: LocalKeys
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const scopesOf = ({ routes }: ResolvedConfig): string[] => [
  ...new Set(routes.flatMap(({ demand }) => [...(demand?.allOf ?? []), ...(demand?.anyOf ?? [])])),
]

const listed = (issuers: readonly ResolvedIssuer[]): string =>
  issuers.map(({ label, profile }) => `${label} (${profile.name})`).join(', ')

/** The issuer that a person means. */
function selectIssuer({ config, foreign }: LocalRunConfig, { issuer, profile }: MintRequest): ResolvedIssuer {
  const all = mintingIssuers(config)
  const found = all.filter(
    (one) =>
      (issuer === undefined || issuer === one.name || issuer === one.label) &&
      (profile === undefined || profile === one.profile.name),
  )
  const named = [...(issuer === undefined ? [] : [`--issuer ${issuer}`])].concat(
    profile === undefined ? [] : [`--profile ${profile}`],
  )
  const [first] = found
  if (first === undefined)
    throw new MintProblem(
      `No issuer of the configuration fits ${named.join(' and ')}. It has: ${listed(all)}.`,
    )
  if (found.some(({ name }) => name !== first.name))
    throw new MintProblem(
      `The configuration has several issuers; choose one with --issuer: ${listed(found)}.`,
    )
  if (foreign.has(first.name))
    throw new MintProblem(
      `issuers.${first.name} has keys of its own in the stage local: ask the issuer that has them for a token.`,
    )
  return first
}

const MAX_KEPT_TOKENS = 10_000

export async function startLocalIssuer({
  port,
  secret,
  keys,
  now,
}: LocalIssuerOptions): Promise<LocalIssuer> {
  let run: LocalRunConfig | null = null
  const minted = new Map<string, { readonly issuer: string; readonly token: MintedToken }>()

  const issuerNamed = (name: string): ResolvedIssuer | undefined =>
    run === null ? undefined : mintingIssuers(run.config).find((issuer) => issuer.name === name)

  async function mint(request: MintRequest): Promise<MintAnswer> {
    if (run === null) throw new MintProblem('The configuration has not been loaded yet.')
    const issuer = selectIssuer(run, request)
    const token = await mintToken(issuer, request, {
      keys,
      nowSeconds: Math.floor(now() / 1000),
      allScopes: scopesOf(run.config),
      resources: run.config.resources.map(({ identifier }) => identifier),
    })
    if (minted.size >= MAX_KEPT_TOKENS) minted.delete(minted.keys().next().value!)
    minted.set(token.token, { issuer: issuer.name, token })
    return { ...token, issuer: issuer.label, profile: issuer.profile.name }
  }

  /** RFC 8414 section 2. AD FS: `access_token_issuer` is the `iss` of access tokens. */
  function metadataOf(issuer: ResolvedIssuer): Members {
    const at = `${url}/${issuer.name}`
    const { source } = issuer.keys
    const named = source?.discovery === undefined ? issuer.issuer : source.metadataIssuer
    return {
      issuer: named,
      ...(named === issuer.issuer ? {} : { access_token_issuer: issuer.issuer }),
      jwks_uri: `${at}/jwks`,
      introspection_endpoint: `${at}/introspect`,
      userinfo_endpoint: `${at}/userinfo`,
    }
  }

  /** A key for each algorithm. Those of several tenants name the issuer with its placeholder. */
  async function keySetOf({ name, keys: accepted, keyOwner }: ResolvedIssuer): Promise<Members> {
    const owner = keyOwner?.issuers.find((issuer) => issuer.includes('{tenantid}'))
    const all = await Promise.all([...accepted.algorithms].map((one) => keys.signingKey(name, one)))
    const published = all.flatMap(({ publicJwk }) => (publicJwk === null ? [] : [publicJwk]))
    return { keys: published.map((key) => (owner === undefined ? key : { ...key, issuer: owner })) }
  }

  const nowSeconds = () => Math.floor(now() / 1000)

  function introspect(name: string, token: string): Members {
    const found = minted.get(token)
    const claims = found?.token.claims
    const isActive = found?.issuer === name && found.token.isActive && Number(claims!['exp']) > nowSeconds()
    return isActive ? { ...claims, active: true } : { active: false }
  }

  /** RFC 9701 section 5. */
  async function sign(issuer: ResolvedIssuer, clientId: string, answer: Members): Promise<string> {
    const [algorithm] = issuer.keys.algorithms
    const { key, kid } = await keys.signingKey(issuer.name, algorithm!)
    const claims = { iss: issuer.issuer, aud: clientId, iat: nowSeconds(), token_introspection: answer }
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: algorithm!, kid, typ: 'token-introspection+jwt' })
      .sign(key)
  }

  const isOwner = ({ headers }: IncomingMessage): boolean => {
    const [given, wanted] = [headers.authorization ?? '', `Bearer ${secret}`].map((value) =>
      Buffer.from(value),
    )
    return given!.length === wanted!.length && timingSafeEqual(given!, wanted!)
  }

  async function answerMint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isOwner(request)) return void response.writeHead(401).end()
    try {
      send(response, await mint(JSON.parse(await text(request)) as MintRequest))
    } catch (error) {
      if (!(error instanceof MintProblem)) throw error
      send(response, { problem: error.message }, 400)
    }
  }

  async function answerIntrospection(
    issuer: ResolvedIssuer,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const form = new URLSearchParams(await text(request))
    const answer = introspect(issuer.name, form.get('token') ?? '')
    const { reader } = issuer.opaque
    if (reader?.kind !== 'introspection' || reader.response === 'json') return send(response, answer)
    const jwt = await sign(issuer, reader.clientId, answer)
    response.writeHead(200, { 'content-type': 'application/token-introspection+jwt' }).end(jwt)
  }

  function answerUserinfo(
    issuer: ResolvedIssuer,
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): void {
    const found = minted.get((headers.authorization ?? '').replace(/^Bearer /i, ''))
    if (found?.issuer !== issuer.name) return void response.writeHead(401).end()
    send(response, userinfoAbout(issuer, found.token))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/token' && request.method === 'POST') return answerMint(request, response)
    const [, name = '', rest = ''] = /^\/([a-z][a-z0-9-]*)\/(.+)$/.exec(path) ?? []
    const issuer = issuerNamed(name)
    if (issuer === undefined) return void response.writeHead(404).end()
    if (rest.startsWith('.well-known/')) return send(response, metadataOf(issuer))
    if (rest === 'jwks') return send(response, await keySetOf(issuer))
    if (rest === 'introspect' && request.method === 'POST')
      return answerIntrospection(issuer, request, response)
    if (rest === 'userinfo') return answerUserinfo(issuer, request, response)
    response.writeHead(404).end()
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end())
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    mint,
    update: (next) => void (run = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, document: object, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(document))
}
