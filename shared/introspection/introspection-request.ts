// One introspection request, and how its response is read. RFC 7662 sections 2.1 to 2.3, RFC 9701.

import { fetchBounded, type Answer } from '../platform/bounded-fetch.ts'
import { SECRET_USE } from './secret-use.ts'
import type { IntrospectedIssuer, ResolvedIntrospection } from '../config/config.ts'
import { failure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { claimsOf } from './providers/row.ts'
import { createSecret } from '../secrets/secret.ts'
import { kindOfSecret } from '../secrets/secret-ref.ts'
import { member, parseJsonObject } from '../token/strict-json.ts'
import {
  INACTIVE,
  isJsonType,
  MAX_ANSWER_BYTES,
  MAX_ANSWER_DEPTH,
  problem,
  rateLimited,
  fetchFailed,
  type IntrospectionResult,
  type IntrospectionProblem,
} from './introspection-result.ts'
import { AUTHENTICATE, type Authenticate, type CreateAuthenticate } from './client-authentication.ts'
import { requestWithSecret } from './request-with-secret.ts'
import { createEndpointFinder } from './endpoint-finder.ts'
import { explainInactive } from './explain-inactive.ts'
import type { LoadMethod } from './lazy-lookups.ts'
import type { Lookup, LookupMethod, NoteHeaders } from './lookup-method.ts'
import type { readSigned } from './signed-response.ts'

/** The media type of a signed response. RFC 9701 section 5. */
const JWT_TYPE = 'application/token-introspection+jwt'

/**
 * What a status other than 200 means. By RFC 7662 section 2.3, 401 is about our credentials, and an inactive token is
 * no error; but some servers answer 401 about tokens that they do not accept.
 */
const STATUS_PROBLEM: Readonly<Record<number, IntrospectionProblem>> = {
  204: 'empty',
  400: 'unsupported',
  401: 'unauthorized',
  403: 'credentials_refused',
}

/** Statuses whose bodies are read. */
const READ = [200, 401]

/** Whether an error response refuses our credentials. RFC 6749 section 5.2. */
function isInvalidClient(bytes: Uint8Array): boolean {
  const parsed = parseJsonObject(bytes, MAX_ANSWER_DEPTH)
  return !('problem' in parsed) && member(parsed.value, 'error') === 'invalid_client'
}

/** What introspection needs for the authentication `private_key_jwt`, and for signed responses. */
interface IntrospectionExtras {
  readonly privateKeyJwt: CreateAuthenticate | undefined
  readonly readSigned: typeof readSigned | undefined
}

function createIntrospection(
  issuer: IntrospectedIssuer,
  keys: KeyStore,
  ports: Ports,
  note: NoteHeaders,
  { privateKeyJwt, readSigned }: IntrospectionExtras,
): LookupMethod {
  const settings = issuer.opaque.reader as ResolvedIntrospection
  const { authentication } = settings
  const createAuthenticate =
    authentication === 'private_key_jwt' ? privateKeyJwt! : AUTHENTICATE[authentication]
  const path = `issuers.${issuer.name}.introspection.secret`
  const secret = createSecret(path, settings.secret, SECRET_USE[settings.authentication], ports)
  const { source, timeoutMs } = settings
  const findEndpoint = createEndpointFinder(issuer.issuer, source, 'introspection_endpoint', timeoutMs, ports)
  const client = { clientId: settings.clientId, issuer: issuer.issuer, now: ports.now }
  const signed = settings.response === 'jwt'
  let prepared: { readonly value: string; readonly authenticate: Authenticate } | null = null

  /** Imports a key once for each value of the secret. `null`: the value is no key that can be imported. */
  async function prepare(value: string): Promise<Authenticate | null> {
    if (prepared?.value === value) return prepared.authenticate
    try {
      const authenticate = await createAuthenticate(value, client)
      prepared = { value, authenticate }
      return authenticate
    } catch {
      return null
    }
  }

  async function send(url: URL, token: string, authenticate: Authenticate): ReturnType<typeof fetchBounded> {
    const { headers, form } = await authenticate()
    const request = {
      method: 'POST',
      headers: {
        accept: signed ? JWT_TYPE : 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        ...headers,
      },
      // Without the hint many servers also look for a refresh token, and answer about it as about an access token.
      body: new URLSearchParams({ token_type_hint: 'access_token', token, ...form }),
    }
    return fetchBounded(ports.fetch, url.href, request, { timeoutMs, maxBytes: MAX_ANSWER_BYTES }, READ)
  }

  /**
   * The members of an answer, after its media type, its JSON and, where one is required, its signature were checked.
   */
  async function readMembers(
    { mediaType, bytes }: Answer,
    waitUntil: WaitUntil | undefined,
  ): Promise<IntrospectionResult> {
    if (signed) {
      if (mediaType !== JWT_TYPE) return problem(isJsonType(mediaType) ? 'unverified' : 'not_json')
      return readSigned!(bytes, issuer, settings, keys, ports, waitUntil)
    }
    if (!isJsonType(mediaType)) return problem('not_json')
    const parsed = parseJsonObject(bytes, MAX_ANSWER_DEPTH)
    return 'problem' in parsed ? problem('malformed', { problem: parsed.problem }) : { claims: parsed.value }
  }

  async function read(answer: Answer, waitUntil: WaitUntil | undefined): Promise<IntrospectionResult> {
    const { status, bytes } = answer
    note(answer.headers)
    if (status === 429) return rateLimited(status, answer.headers, ports.now() / 1000)
    if (status === 401 && isInvalidClient(bytes)) return problem('credentials_refused', { status })
    if (status !== 200) return problem(STATUS_PROBLEM[status] ?? 'status', { status })
    if (bytes.length === 0) return problem('empty')
    const read = await readMembers(answer, waitUntil)
    if (!('claims' in read)) return read
    const { active, ...claims } = read.claims
    if (typeof active !== 'boolean') return problem(signed ? 'unverified' : 'malformed')
    // Some servers send `null` for a member that has no value.
    return active ? { claims: claimsOf(claims) } : INACTIVE
  }

  const unusable = failure('secret_unavailable', {
    secret: kindOfSecret(settings.secret),
    problem: 'malformed',
  })

  const lookUp: Lookup = async (token, waitUntil) => {
    const url = await findEndpoint(waitUntil)
    if ('problem' in url) return problem('endpoint_unknown', { ...url })
    return requestWithSecret(
      secret,
      async (value) => {
        const authenticate = await prepare(value)
        if (authenticate === null) return { failure: unusable }
        const answer = await send(url, token, authenticate)
        return 'problem' in answer ? fetchFailed(answer.problem) : read(answer, waitUntil)
      },
      waitUntil,
    )
  }

  return {
    lookUp,
    standing: () => 'unseen',
    explainInactive: (refused, token, nowSeconds) => explainInactive(refused, token, settings, nowSeconds),
  }
}

/** Loads introspection with what the issuer needs of it. */
export const loadIntrospection: LoadMethod = async ({ opaque }, { privateKeyJwt, signedResponses }) => {
  const { authentication, response } = opaque.reader as ResolvedIntrospection
  const extras = {
    privateKeyJwt: authentication === 'private_key_jwt' ? await privateKeyJwt!() : undefined,
    readSigned: response === 'jwt' ? await signedResponses!() : undefined,
  }
  return (...about) => createIntrospection(...about, extras)
}
