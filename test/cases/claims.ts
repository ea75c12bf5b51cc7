// The claims that an access token needs. RFC 9068 sections 2.2 and 4, RFC 7519 section 4.1.

import { AUDIENCE, OTHER_AUDIENCE } from '../support/case-world.ts'
import { allow, requestWith, refused, USER, withToken, type CaseRow } from './row.ts'
import { now } from './time.ts'

/** Claims that depend on the time at which the row runs. The tolerance of the main issuer is 5 seconds. */
const timed =
  (claims: (now: number) => Record<string, unknown>): CaseRow['request'] =>
  (world) =>
    requestWith({ claims: claims(now()) })(world)

const malformed = (claim: string, ...values: unknown[]): CaseRow[] =>
  values.map((value) => ({
    id: `claims/${claim} ${JSON.stringify(value)?.slice(0, 40)}`,
    request: requestWith({ claims: { [claim]: value } }),
    expect: refused('claim_malformed'),
  }))

export const CLAIM_ROWS: readonly CaseRow[] = [
  {
    id: 'claims/aud among others',
    request: requestWith({ claims: { aud: ['https://x.example', AUDIENCE] } }),
    expect: allow(USER),
  },
  {
    id: 'claims/aud the second one configured',
    request: requestWith({ claims: { aud: `${AUDIENCE}/v2` } }),
    expect: allow(USER),
  },
  ...[
    OTHER_AUDIENCE,
    'client-1',
    `${AUDIENCE}/`,
    `${AUDIENCE}.evil`,
    AUDIENCE.slice(0, -1),
    AUDIENCE.toUpperCase(),
    ['https://x.example'],
    AUDIENCE.replaceAll('.', 'x'),
    `${AUDIENCE},https://x.example`,
    '*',
    [],
  ].map((aud): CaseRow => ({
    id: `claims/aud ${JSON.stringify(aud)}`,
    request: requestWith({ claims: { aud } }),
    expect: refused('audience_mismatch'),
  })),
  ...malformed('aud', [''], '', [AUDIENCE, 1], [[AUDIENCE]], 1, null, {}),
  {
    id: 'claims/aud of one issuer in a token of the other',
    request: async (world) => withToken(await world.other.token({ claims: { aud: AUDIENCE } })),
    expect: refused('audience_mismatch'),
  },

  {
    id: 'claims/exp just past, within the tolerance',
    request: timed((at) => ({ exp: at - 2 })),
    expect: allow(USER),
  },
  {
    id: 'claims/exp past',
    request: timed((at) => ({ iat: at - 600, exp: at - 6 })),
    expect: refused('token_expired'),
  },
  { id: 'claims/nbf past', request: timed((at) => ({ nbf: at - 1 })), expect: allow(USER) },
  {
    id: 'claims/nbf ahead',
    request: timed((at) => ({ nbf: at + 60 })),
    expect: refused('token_not_yet_valid'),
  },
  {
    id: 'claims/iat ahead',
    request: timed((at) => ({ iat: at + 3600, exp: at + 4000 })),
    expect: refused('token_issued_in_future'),
  },
  {
    id: 'claims/lifetime at the limit',
    request: timed((at) => ({ iat: at, exp: at + 3600 })),
    expect: allow(USER),
  },
  {
    id: 'claims/lifetime beyond it',
    request: timed((at) => ({ iat: at, exp: at + 3601 })),
    expect: refused('token_lifetime'),
  },
  { id: 'claims/exp with a fraction', request: timed((at) => ({ exp: at + 60.5 })), expect: allow(USER) },
  ...malformed('exp', '1790000000', null, [1_790_000_000], true, {}, -1, 9e15),
  ...malformed('iat', '1', null, -1),
  ...malformed('nbf', '1', null, {}),
  { id: 'claims/exp zero', request: requestWith({ claims: { exp: 0 } }), expect: refused('token_expired') },
  {
    id: 'claims/exp 1e400',
    request: async (world) => {
      const { header, claims } = world.main.members()
      const { signCompact } = await import('../support/test-issuer.ts')
      return withToken(
        await signCompact(
          world.main.keys[0]!,
          header,
          JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e400'),
        ),
      )
    },
    expect: refused('claim_malformed'),
  },
  ...['exp', 'aud', 'sub', 'iat'].map((claim): CaseRow => ({
    id: `claims/no ${claim}`,
    request: requestWith({ claims: { [claim]: undefined } }),
    expect: refused('claim_missing'),
  })),
  ...malformed('sub', '', 7, null, ['user-1'], {}, 'x'.repeat(1_025)),
  ...malformed('client_id', '', 7, null),
  ...malformed('jti', '', 7, null, ['a']),

  ...[{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null, 'x', { jkt: 'x', 'x5t#S256': 'x' }].map(
    (cnf): CaseRow => ({
      id: `binding/cnf ${JSON.stringify(cnf)}`,
      request: requestWith({ claims: { cnf } }),
      expect: refused('sender_constraint_unproven'),
    }),
  ),
]
