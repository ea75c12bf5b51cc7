// Google: tokeninfo. As in Google's own client library, the token is in the Authorization field of a POST, never in the
// URL. The endpoint answers about any Google token. `aud` must be one of our client ids: otherwise a token that a user
// gave to another app would open ours.
// https://docs.cloud.google.com/nodejs/docs/reference/google-auth-library/latest/google-auth-library/tokeninfo

import { INACTIVE, problem } from '../introspection-result.ts'
import { member } from '../../token/strict-json.ts'
import { claimsOf, identifier, type ProviderCheck } from './row.ts'

/** Google sends booleans as strings, too. */
const toBoolean = (value: unknown): unknown => (value === 'true' ? true : value === 'false' ? false : value)

/** Google sends numbers as strings. Any other value stays as it is, and member-form.ts refuses it. */
const toNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value

export const GOOGLE: ProviderCheck = {
  form: /^ya29\.[\w.-]{40,}$/,
  read: [200],
  toRequest: (baseUrl, token) => ({
    url: `${baseUrl}/tokeninfo`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    },
  }),
  readAnswer(status, body) {
    if (status === 400) return INACTIVE
    if (body === null) return problem('status', { status })
    // An answer about an access token always has both.
    const absent = ['exp', 'aud'].find((name) => member(body, name) === undefined)
    if (absent !== undefined) return problem('malformed', { member: absent })
    return {
      claims: claimsOf({
        aud: member(body, 'aud'),
        client_id: member(body, 'azp') ?? member(body, 'aud'),
        sub: identifier(body, 'sub'),
        scope: member(body, 'scope'),
        exp: toNumber(member(body, 'exp')),
        email: member(body, 'email'),
        email_verified: toBoolean(member(body, 'email_verified')),
      }),
    }
  },
}
