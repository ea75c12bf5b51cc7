// One question to an introspection endpoint, and how its answer is read. oauth4webapi writes the request and reads
// the protocol; bounds, strict JSON and the signature of a signed answer are seen to here. Nothing that the library
// throws goes any further: its errors carry requests and answers. RFC 7662 sections 2.1 to 2.3, RFC 9701.

import {
  allowInsecureRequests,
  customFetch,
  introspectionRequest,
  processIntrospectionResponse,
  type AuthorizationServer,
  type Client,
  type ClientAuth,
} from 'oauth4webapi'
import { fetchBounded, type Answer } from '../platform/bounded-fetch.ts'
import { SECRET_USE } from './secret-use.ts'
import type { ResolvedIssuer } from '../config/config.ts'
import type { ResolvedIntrospection } from '../config/config.ts'
import { failure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { HttpAnswer, Ports, WaitUntil } from '../platform/ports.ts'
import { claimsOf } from './providers/row.ts'
import { createSecret } from '../secrets/secret.ts'
import { kindOfSecret } from '../secrets/secret-ref.ts'
import { member, parseJsonObject, type JsonObject } from '../token/strict-json.ts'
import {
  INACTIVE,
  isJsonType,
  MAX_ANSWER_BYTES,
  MAX_ANSWER_DEPTH,
  problem,
  rateLimited,
  fetchFailed,
  type Asked,
  type AskProblem,
} from './introspection-result.ts'
import { AUTHENTICATE } from './client-authentication.ts'
import { askWithSecret } from './ask-with-secret.ts'
import { createEndpointFinder } from './endpoint.ts'
import { findSignatureProblem } from './signed-response.ts'

const JWT_TYPE = 'application/token-introspection+jwt'

/**
 * What a status other than 200 means. By RFC 7662 section 2.3, 401 is about us, and an inactive token is no error; but
 * some servers answer 401 about tokens that they do not take.
 */
const STATUS_PROBLEM: Readonly<Record<number, AskProblem>> = {
  204: 'empty',
  400: 'unsupported',
  401: 'unauthorized',
  403: 'credentials_refused',
}

/** Answers whose bodies are read. */
const READ = [200, 401]

/** Whether an error says that our credentials are meant. RFC 6749 section 5.2. */
function isAboutUs(bytes: Uint8Array): boolean {
  const parsed = parseJsonObject(bytes, MAX_ANSWER_DEPTH)
  return !('problem' in parsed) && member(parsed.value, 'error') === 'invalid_client'
}

export type AskIssuer = (token: string, waitUntil?: WaitUntil) => Promise<Asked>

/** `note` is shown the header fields of every answer. */
export function createIntrospection(
  issuer: ResolvedIssuer,
  settings: ResolvedIntrospection,
  keys: KeyStore,
  ports: Ports,
  note: (headers: HttpAnswer['headers']) => void,
): AskIssuer {
  const path = `issuers.${issuer.name}.introspection.secret`
  const secret = createSecret(path, settings.secret, SECRET_USE[settings.authentication], ports)
  const { source, timeoutMs } = settings
  const findEndpoint = createEndpointFinder(issuer.issuer, source, 'introspection_endpoint', timeoutMs, ports)
  const client: Client = { client_id: settings.clientId }
  const signed = settings.response === 'jwt'
  let prepared: { readonly value: string; readonly authentication: ClientAuth } | null = null

  /** Keys are imported once for each value of the secret. `null`: it is no key that can be. */
  async function prepare(value: string): Promise<ClientAuth | null> {
    if (prepared?.value === value) return prepared.authentication
    try {
      const authentication = await AUTHENTICATE[settings.authentication](value, ports.now)
      prepared = { value, authentication }
      return authentication
    } catch {
      return null
    }
  }

  async function send(url: URL, token: string, authentication: ClientAuth): ReturnType<typeof fetchBounded> {
    let answer: Awaited<ReturnType<typeof fetchBounded>> = { problem: 'no_answer' }
    const bounds = { timeoutMs, maxBytes: MAX_ANSWER_BYTES }
    const server: AuthorizationServer = { issuer: issuer.issuer, introspection_endpoint: url.href }
    await introspectionRequest(server, client, authentication, token, {
      requestJwtResponse: signed,
      // Many servers look for a refresh token as well unless told not to, and answer about it as about an access token.
      additionalParameters: { token_type_hint: 'access_token' },
      // https, or http on loopback: the configuration and the metadata have been held to that.
      [allowInsecureRequests]: true,
      [customFetch]: async (_, { method, headers, body }) => {
        answer = await fetchBounded(
          ports.fetch,
          url.href,
          { method, headers, body: body as BodyInit },
          bounds,
          READ,
        )
        return new Response(null)
      },
    })
    return answer
  }

  /** The members of an answer whose form, and signature where there should be one, are beyond doubt. */
  async function readMembers({ bytes, mediaType }: Answer): Promise<JsonObject | null> {
    const algorithms = [...issuer.keys.algorithms]
    const server: AuthorizationServer = {
      issuer: issuer.issuer,
      introspection_signing_alg_values_supported: algorithms,
    }
    const again = new Response(bytes, { headers: { 'content-type': mediaType } })
    try {
      return (await processIntrospectionResponse(server, client, again)) as JsonObject
    } catch {
      return null
    }
  }

  async function read(answer: Answer, waitUntil: WaitUntil | undefined): Promise<Asked> {
    const { status, mediaType, bytes } = answer
    note(answer.headers)
    if (status === 429) return rateLimited(status, answer.headers, ports.now() / 1000)
    if (status === 401 && isAboutUs(bytes)) return problem('credentials_refused', { status })
    if (status !== 200) return problem(STATUS_PROBLEM[status] ?? 'status', { status })
    if (bytes.length === 0) return problem('empty')
    if (signed) {
      if (mediaType !== JWT_TYPE) return problem(isJsonType(mediaType) ? 'unverified' : 'not_json')
      const age = { maxAgeSeconds: settings.cacheSeconds, nowSeconds: ports.now() / 1000 }
      const unproven = await findSignatureProblem(bytes, issuer, keys, ports.crypto, age, waitUntil)
      if (unproven !== null) return unproven
    } else {
      if (!isJsonType(mediaType)) return problem('not_json')
      const parsed = parseJsonObject(bytes, MAX_ANSWER_DEPTH)
      if ('problem' in parsed) return problem('malformed', { problem: parsed.problem })
    }
    const members = await readMembers(answer)
    if (members === null) return problem(signed ? 'unverified' : 'malformed')
    const { active, ...claims } = members
    // Servers write `null` for what they do not say.
    return active === true ? { claims: claimsOf(claims) } : INACTIVE
  }

  const unusable = failure('secret_unavailable', {
    secret: kindOfSecret(settings.secret),
    problem: 'malformed',
  })

  return async (token, waitUntil) => {
    const url = await findEndpoint(waitUntil)
    if ('problem' in url) return problem('endpoint_unknown', { ...url })
    return askWithSecret(
      secret,
      async (value) => {
        const authentication = await prepare(value)
        if (authentication === null) return { failure: unusable }
        const answer = await send(url, token, authentication)
        return 'problem' in answer ? fetchFailed(answer.problem) : read(answer, waitUntil)
      },
      waitUntil,
    )
  }
}
