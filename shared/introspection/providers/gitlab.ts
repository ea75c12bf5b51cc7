// GitLab: token info. Anybody may ask about a token with the token itself, in the Authorization field; that it was
// issued to our application is proven by `application.uid` alone. https://docs.gitlab.com/api/oauth2/

import { INACTIVE, problem } from '../introspection-result.ts'
import { isJsonObject, member } from '../../token/strict-json.ts'
import { claimsOf, identifier, joinScopes, type ProviderCheck } from './row.ts'

export const GITLAB: ProviderCheck = {
  form: /^(?:[0-9a-f]{64}|gl[a-z]+-[\w.-]{20,})$/,
  read: [200],
  toRequest: (baseUrl, token) => ({
    url: `${baseUrl}/oauth/token/info`,
    method: 'GET',
    headers: { authorization: `Bearer ${token}` },
  }),
  readAnswer(status, body, nowSeconds) {
    if (status === 401) return INACTIVE
    if (body === null) return problem('status', { status })
    const application = member(body, 'application')
    if (!isJsonObject(application)) return problem('malformed', { member: 'application' })
    const uid = identifier(application, 'uid')
    if (uid === undefined) return problem('malformed', { member: 'uid' })
    // `null` says that no user owns it; nothing at all says nothing.
    if (!Object.hasOwn(body, 'resource_owner_id'))
      return problem('malformed', { member: 'resource_owner_id' })
    const secondsLeft = member(body, 'expires_in') ?? member(body, 'expires_in_seconds')
    return {
      claims: claimsOf({
        aud: uid,
        client_id: uid,
        sub: identifier(body, 'resource_owner_id'),
        scope: joinScopes(member(body, 'scope')),
        // Seconds that are left, counted from the answer.
        exp: typeof secondsLeft === 'number' ? nowSeconds + secondsLeft : secondsLeft,
        iat: member(body, 'created_at'),
      }),
    }
  },
}
