// Facebook: debug_token of the Graph API. The endpoint takes no body, so the token to check is in the query, and
// nothing else is; the app's own token is in the Authorization field. The answer about an invalid token has status 200,
// too, so `is_valid`, `type` and `app_id` decide. https://developers.facebook.com/docs/graph-api/reference/debug_token

import { INACTIVE, problem, type IntrospectionResult } from '../introspection-result.ts'
import { isJsonObject, member, type JsonObject } from '../../token/strict-json.ts'
import { claimsOf, identifier, joinScopes, type ProviderCheck } from './row.ts'

/** Error codes that say nothing about the token. */
const CALL_LIMITS = [4, 17, 32, 341, 613]
const PASSING_ERRORS = [1, 2]

function passingProblem(code: unknown, status: number): IntrospectionResult | null {
  if (CALL_LIMITS.includes(code as number)) return problem('rate_limited')
  return PASSING_ERRORS.includes(code as number) ? problem('status', { status }) : null
}

function errorCodeOf(object: JsonObject): unknown {
  const error = member(object, 'error')
  return isJsonObject(error) ? member(error, 'code') : undefined
}

export const FACEBOOK: ProviderCheck = {
  form: /^EA[A-Za-z0-9]{40,}$/,
  read: [200, 400, 401, 403],
  toRequest: (baseUrl, token, app) => ({
    url: `${baseUrl}/debug_token?input_token=${encodeURIComponent(token)}`,
    method: 'GET',
    headers: { authorization: `Bearer ${app.id}|${app.secret}` },
  }),
  readAnswer(status, body) {
    if (body === null) return problem('status', { status })
    const data = member(body, 'data')
    if (!isJsonObject(data)) {
      // 190 at the top is about the app's own token, 190 below `data` about the token to check.
      const code = errorCodeOf(body)
      if (code === 190 || status === 401) return problem('credentials_refused', { status })
      return passingProblem(code, status) ?? problem(status === 200 ? 'malformed' : 'status', { status })
    }
    const valid = member(data, 'is_valid')
    if (typeof valid !== 'boolean') return problem('malformed', { member: 'is_valid' })
    if (!valid) return passingProblem(errorCodeOf(data), status) ?? INACTIVE
    // Tokens of pages and of apps belong to no user.
    if (member(data, 'type') !== 'USER') return INACTIVE
    const appId = identifier(data, 'app_id')
    if (appId === undefined) return problem('malformed', { member: 'app_id' })
    const expires = member(data, 'expires_at')
    return {
      claims: claimsOf({
        aud: appId,
        client_id: appId,
        sub: identifier(data, 'user_id'),
        scope: joinScopes(member(data, 'scopes')),
        // 0: the token never expires.
        exp: expires === 0 ? undefined : expires,
        iat: member(data, 'issued_at'),
      }),
    }
  },
}
