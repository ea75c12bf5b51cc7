// The handshake of a WebSocket API. A rule with the path `$connect` covers it, and no other rule does.

import { allow, requestFor, deny, refused, USER, type CaseRow, type Change } from './row.ts'

const connecting = (change: Change = {}) => requestFor('GET', '$connect', change)

export const WEBSOCKET_ROWS: readonly CaseRow[] = [
  { id: 'websocket/access token', request: connecting(), expect: allow(USER) },
  {
    id: 'websocket/no token',
    request: () => ({ method: 'GET', path: '$connect', authorization: [] }),
    expect: deny('credential_missing', 401, 401),
  },
  { id: 'websocket/ID token', request: connecting({ claims: { nonce: 'n' } }), expect: refused('id_token') },
  {
    id: 'websocket/scope lacking',
    request: connecting({ claims: { scope: 'other' } }),
    expect: deny('insufficient_scope', 403, 403),
  },
  {
    id: 'websocket/audience of another API',
    request: connecting({ claims: { aud: 'https://x.example' } }),
    expect: refused('audience_mismatch'),
  },
  {
    id: 'websocket/token in the query',
    request: async (world) => ({ ...(await connecting()(world)), query: 'access_token=x' }),
    expect: deny('credential_in_query', 400, 401),
  },
]
