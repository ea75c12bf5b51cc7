// GitHub: "Check a token" of the REST API for OAuth applications. The URL names the app, which authenticates itself; a
// token of any other app is not found. The answer echoes the token, so only the members named here are read.
// https://docs.github.com/rest/apps/oauth-applications. Enterprise: baseUrl https://HOST/api/v3.

import { INACTIVE, problem } from '../introspection-result.ts'
import { isJsonObject, member } from '../../token/strict-json.ts'
import { claimsOf, identifier, joinScopes, type ProviderCheck } from './row.ts'

/** An ISO time in seconds since the epoch. Any other value stays as it is, and member-form.ts refuses it. */
function toSeconds(value: unknown): unknown {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? value : time / 1000
}

export const GITHUB: ProviderCheck = {
  form: /^(?:gh[oupsr]_[A-Za-z0-9]{36,251}|github_pat_\w{22,244})$/,
  read: [200],
  toRequest: (baseUrl, token, app) => ({
    url: `${baseUrl}/applications/${encodeURIComponent(app.id)}/token`,
    method: 'POST',
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Basic ${btoa(`${app.id}:${app.secret}`)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ access_token: token }),
  }),
  readAnswer(status, body) {
    if (status === 404) return INACTIVE
    if (status === 401) return problem('credentials_refused', { status })
    // 403 is about limits, or too many refused credentials, never about the token.
    if (status === 403) return problem('rate_limited')
    // 422 means an invalid request or too many requests. It does not say which, so it says nothing about the token.
    if (body === null) return problem('status', { status })
    const app = member(body, 'app')
    if (!isJsonObject(app)) return problem('malformed', { member: 'app' })
    const user = member(body, 'user')
    const clientId = identifier(app, 'client_id')
    if (clientId === undefined) return problem('malformed', { member: 'client_id' })
    return {
      claims: claimsOf({
        aud: clientId,
        client_id: clientId,
        sub: isJsonObject(user) ? identifier(user, 'id') : undefined,
        username: isJsonObject(user) ? member(user, 'login') : undefined,
        scope: joinScopes(member(body, 'scopes')),
        exp: toSeconds(member(body, 'expires_at')),
        iat: toSeconds(member(body, 'created_at')),
      }),
    }
  },
}
