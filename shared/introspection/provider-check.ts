// One request to a provider that has its own check instead of introspection. The rows of providers/ say what to send
// and how to read the answer. This file adds the bounds, strict JSON and the secret.

import { fetchBounded } from '../platform/bounded-fetch.ts'
import type { IntrospectedIssuer, ResolvedCheck } from '../config/config.ts'
import type { Ports } from '../platform/ports.ts'
import type { ProviderCheck } from './providers/row.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import { createSecret } from '../secrets/secret.ts'
import { parseJsonObject } from '../token/strict-json.ts'
import {
  isJsonType,
  MAX_ANSWER_BYTES,
  MAX_ANSWER_DEPTH,
  problem,
  rateLimited,
  fetchFailed,
  type IntrospectionResult,
} from './introspection-result.ts'
import { requestWithSecret } from './request-with-secret.ts'
import type { LoadMethod } from './lazy-lookups.ts'
import type { Lookup, LookupMethod, NoteHeaders } from './lookup-method.ts'

const isRateLimited = (result: IntrospectionResult): boolean =>
  'problem' in result && result.problem === 'rate_limited'

function createCheck(
  issuer: IntrospectedIssuer,
  ports: Ports,
  note: NoteHeaders,
  row: ProviderCheck,
): LookupMethod {
  const settings = issuer.opaque.reader as ResolvedCheck
  const bounds = { timeoutMs: settings.timeoutMs, maxBytes: MAX_ANSWER_BYTES }

  async function send(token: string, secret: string): Promise<IntrospectionResult> {
    const app = { id: settings.clientId, secret }
    const { url, ...init } = row.toRequest(settings.baseUrl, token, app)
    const answer = await fetchBounded(ports.fetch, url, init, bounds, row.read)
    if ('problem' in answer) return fetchFailed(answer.problem)
    const { status, mediaType, bytes, headers } = answer
    note(headers)
    const limited = () => rateLimited(status, headers, ports.now() / 1000)
    if (status === 429) return limited()
    if (status === 204) return problem('empty', { status })
    if (!row.read.includes(status)) {
      const result = row.readAnswer(status, null, ports.now() / 1000)
      return isRateLimited(result) ? limited() : result
    }
    if (bytes.length === 0) return problem('empty')
    if (!isJsonType(mediaType)) return problem('not_json')
    const parsed = parseJsonObject(bytes, MAX_ANSWER_DEPTH)
    if ('problem' in parsed) return problem('malformed', { problem: parsed.problem })
    const result = row.readAnswer(status, parsed.value, ports.now() / 1000)
    if (isRateLimited(result)) return limited()
    return 'claims' in result ? { claims: { ...result.claims, iss: issuer.issuer } } : result
  }

  function withSecret(ref: SecretRef): Lookup {
    const secret = createSecret(`issuers.${issuer.name}.check.secret`, ref, 'client_secret', ports)
    return (token, waitUntil) => requestWithSecret(secret, (value) => send(token, value), waitUntil)
  }

  return {
    lookUp: settings.secret === null ? (token) => send(token, '') : withSecret(settings.secret),
    standing: (token) => (row.form.test(token) ? 'unseen' : 'odd'),
    explainInactive: (refused) => refused,
  }
}

/** Loads the check with the row of the issuer's provider. */
export const loadCheck: LoadMethod = async ({ opaque }, { providers }) => {
  const row = await providers![(opaque.reader as ResolvedCheck).provider]!()
  return (issuer, _keys, ports, note) => createCheck(issuer, ports, note, row)
}
