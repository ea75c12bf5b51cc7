// Facebook: debug_token of the Graph API. It offers no body: the token to look at stands in the query, and only it;
// the app's own token goes in the Authorization field. A token that is no good comes back with HTTP 200, so it is
// `is_valid`, `type` and `app_id` that count. https://developers.facebook.com/docs/graph-api/reference/debug_token

import { INACTIVE, problem } from '../opaque/asked.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'
import { AGENT, claimsOf, identifier, joinScopes, type ProviderCheck } from './row.ts'

/** Error codes that say nothing about the token: unknown, service, and call limits. */
const PASSING_ERRORS = [1, 2, 4, 17, 32, 341, 613]

function errorCodeOf(object: JsonObject): unknown {
  const error = member(object, 'error')
  return isJsonObject(error) ? member(error, 'code') : undefined
}

export const FACEBOOK: ProviderCheck = {
  baseUrl: 'https://graph.facebook.com/v23.0',
  needsSecret: true,
  hasClientTokens: false,
  read: [200, 400],
  toRequest: (baseUrl, token, app) => ({
    url: `${baseUrl}/debug_token?input_token=${encodeURIComponent(token)}`,
    method: 'GET',
    headers: { ...AGENT, authorization: `Bearer ${app.id}|${app.secret}` },
  }),
  readAnswer(status, body) {
    if (body === null)
      return problem(status === 401 || status === 403 ? 'credentials_refused' : 'status', { status })
    const data = member(body, 'data')
    if (!isJsonObject(data)) {
      // 190 at the top is about the token we authenticate with, 190 below `data` about the one we ask about.
      const refused = errorCodeOf(body) === 190
      return problem(refused ? 'credentials_refused' : status === 200 ? 'malformed' : 'status', { status })
    }
    const valid = member(data, 'is_valid')
    if (typeof valid !== 'boolean') return problem('malformed', { member: 'is_valid' })
    if (!valid)
      return PASSING_ERRORS.includes(errorCodeOf(data) as number) ? problem('status', { status }) : INACTIVE
    // Tokens of pages and of apps are no user's.
    if (member(data, 'type') !== 'USER') return INACTIVE
    const appId = identifier(data, 'app_id')
    const expires = member(data, 'expires_at')
    return {
      claims: claimsOf({
        aud: appId,
        client_id: appId,
        sub: identifier(data, 'user_id'),
        scope: joinScopes(member(data, 'scopes')),
        // 0 stands for never.
        exp: expires === 0 ? undefined : expires,
        iat: member(data, 'issued_at'),
      }),
    }
  },
}
