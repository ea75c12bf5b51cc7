// GitLab: token info. The token itself, in the Authorization field, is enough to ask. Only `application.uid` proves
// that it was issued to our application. https://docs.gitlab.com/api/oauth2/

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
    // `null`: no user owns the token. If the member is absent, the owner is unknown.
    if (!Object.hasOwn(body, 'resource_owner_id'))
      return problem('malformed', { member: 'resource_owner_id' })
    const secondsLeft = member(body, 'expires_in') ?? member(body, 'expires_in_seconds')
    return {
      claims: claimsOf({
        aud: uid,
        client_id: uid,
        sub: identifier(body, 'resource_owner_id'),
        scope: joinScopes(member(body, 'scope')),
        // The seconds left, counted from the answer.
        exp: typeof secondsLeft === 'number' ? nowSeconds + secondsLeft : secondsLeft,
        iat: member(body, 'created_at'),
      }),
    }
  },
}
