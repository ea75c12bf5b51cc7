// Tokens that only one issuer can introspect, whatever their form: Gitea's is a JWT without `iss`, that of Zitadel's
// library is a JWE, that of Django's signer begins like a JWT. What such a token states about itself can only lead to a
// refusal.

import { base64url } from 'jose'
import type { Members } from '../support/test-issuer.ts'
import { AUDIENCE, type CaseWorld } from '../support/case-world.ts'
import { allow, refused, USER, type Expectation } from './row.ts'

/** How the one issuer that can introspect the token is configured. */
export type Sole =
  | 'introspection'
  | 'check'
  | 'introspection, nonce waived'
  | 'introspection, required member purpose'

export interface SoleRow {
  readonly id: string
  readonly sole: Sole
  readonly token: (world: CaseWorld) => string | Promise<string>
  /**
   * The members in which its issuer's answer differs from that for a good token. `null`: the issuer does not know the
   * token.
   */
  readonly answer: Members | null
  readonly expect: Expectation
  readonly isIntrospected: boolean
}

export const soleIssuer = (world: CaseWorld): string => `${world.opaque.url}/sole`

/** Its issuer's answer about a token: with the members of RFC 7662, or with those of GitLab. */
export const answerOf = (world: CaseWorld, { sole, answer }: SoleRow): Members =>
  sole === 'check'
    ? {
        application: { uid: 'app-1' },
        resource_owner_id: 'user-1',
        expires_in: 600,
        scope: ['read'],
        ...answer,
      }
    : {
        ...{ active: true, token_type: 'Bearer', iss: soleIssuer(world), sub: 'user-1', aud: AUDIENCE },
        ...{ client_id: 'client-1', scope: 'read', ...answer },
      }

const encode = (value: unknown) => base64url.encode(JSON.stringify(value))

/** A counter that makes each token different. The signatures are arbitrary, since no key here could verify them. */
let serial = 0
const jwt =
  (claims: (world: CaseWorld) => Members, header: Members = { alg: 'RS256', kid: 'k', typ: 'JWT' }) =>
  (world: CaseWorld) =>
    `${encode(header)}.${encode({ jti: `${serial++}`, exp: 4_000_000_000, ...claims(world) })}.c2lnbmF0dXJl`

const stating = (claims: Members) => jwt((world) => ({ iss: soleIssuer(world), ...claims }))

const text = (make: (serial: string) => string) => () => make(`x${serial++}x`)

const jwe = text(
  (id) => `${encode({ alg: 'A256GCMKW', enc: 'A256GCM', tag: 'dGFn', iv: 'aXY' })}.${id}.aXY.dGV4dA.dGFn`,
)
const jweOf = (header: (world: CaseWorld) => Members) => (world: CaseWorld) =>
  `${encode({ alg: 'dir', enc: 'A256GCM', ...header(world) })}..x${serial++}x.dGV4dA.dGFn`
const signer = text((id) => `${encode({ user: 1, id })}.ZkXyZw.c2lnbmF0dXJl`)
const dotted = text((id) => `ory_at_${id}.c2lnbmF0dXJl`)

/** An access token as Gitea writes it. */
const gitea = jwt(() => ({ gnt: 1, tt: 0 }))

const ALLOWED = {
  introspection: allow({ ...USER, issuer: 'sole' }),
  check: allow({ ...USER, issuer: 'sole', client_id: 'app-1' }),
}

const both = (id: string, token: SoleRow['token']): SoleRow[] =>
  (['introspection', 'check'] as const).flatMap((sole): SoleRow[] => [
    { id: `${id}, by ${sole}`, sole, token, answer: {}, expect: ALLOWED[sole], isIntrospected: true },
    {
      ...{ id: `${id} that is not active, by ${sole}`, sole, token, answer: null },
      ...{ expect: refused('token_inactive'), isIntrospected: true },
    },
  ])

const row = (
  id: string,
  token: SoleRow['token'],
  expect: Expectation,
  isIntrospected: boolean,
  answer: Members = {},
): SoleRow => ({ id, sole: 'introspection', token, answer, expect, isIntrospected })

const waiving = (sole: Sole, naming: Members, stated: Members, silent: Members): SoleRow[] => {
  const token = (claims: Members) => stating({ nonce: 'n', ...claims })
  const at = (id: string, claims: Members, answer: Members, expect: Expectation): SoleRow => ({
    ...{ id: `a JWT with a nonce, and ${id}, by ${sole}`, sole, token: token(claims) },
    ...{ answer, expect, isIntrospected: true },
  })
  return [
    at('an answer that names its kind', {}, naming, ALLOWED.introspection),
    at('an answer that does not', {}, silent, refused('kind_unverified')),
    ...(Object.keys(stated).length === 0 ? [] : [at('its kind', stated, silent, ALLOWED.introspection)]),
  ]
}

export const SOLE_ROWS: readonly SoleRow[] = [
  ...both('a JWE', jwe),
  ...both('signed JSON that begins like a JWT', signer),
  ...both('a text with a dot', dotted),
  ...both('a JWT without iss', gitea),
  row('a JWE that the answer calls a refresh token', jwe, refused('refresh_token'), true, {
    token_type: 'refresh_token',
  }),
  row('a JWE that the answer calls an ID token', jwe, refused('id_token'), true, { token_use: 'id_token' }),
  row('a JWE of which the answer does not say what it is', jwe, refused('token_kind_unproven'), true, {
    token_type: undefined,
  }),
  row(
    'a JWT that names somebody else',
    jwt(() => ({ iss: 'https://evil.example' })),
    refused('issuer_unknown'),
    false,
  ),
  row(
    'a JWT that names nobody by null',
    jwt(() => ({ iss: null })),
    refused('issuer_unknown'),
    false,
  ),
  row('a JWT of the issuer whose JWTs are verified', ({ main }) => main.token(), allow(USER), false),
  row(
    'a JWT in the name of the issuer whose JWTs are verified',
    jwt(({ main }) => ({ iss: main.issuer })),
    refused('key_unknown'),
    false,
  ),
  row('a JWT that names its issuer', stating({}), ALLOWED.introspection, true),
  ...[{}, { iss: undefined }].flatMap((named) => {
    const how = 'iss' in named ? ', without iss' : ''
    return [
      row(`an ID token by typ${how}`, stating({ typ: 'ID', ...named }), refused('kind_unverified'), false),
      row(
        `an ID token by at_hash${how}`,
        stating({ at_hash: 'h', ...named }),
        refused('kind_unverified'),
        false,
      ),
      row(
        `an ID token by tokenName${how}`,
        stating({ tokenName: 'id_token', ...named }),
        refused('kind_unverified'),
        false,
      ),
    ]
  }),
  // An access token of a code flow as OpenAM writes it, and OpenAM's answer about it.
  row(
    'an access token of OpenAM with a nonce',
    jwt((world) => ({ iss: soleIssuer(world), tokenName: 'access_token', typ: 'Bearer', nonce: 'n' })),
    ALLOWED.introspection,
    true,
    { token_type: 'access_token' },
  ),
  row(
    'a JWT with a nonce that says nothing else, and an answer that names its kind',
    stating({ nonce: 'n' }),
    ALLOWED.introspection,
    true,
    { token_type: 'access_token' },
  ),
  row(
    'a JWT with a nonce that says nothing else, and an answer that calls it Bearer in typ',
    stating({ nonce: 'n' }),
    ALLOWED.introspection,
    true,
    { typ: 'Bearer' },
  ),
  row(
    'a JWT with a nonce that says nothing else, and an answer that says how it is used',
    stating({ nonce: 'n' }),
    refused('kind_unverified'),
    true,
  ),
  row(
    'a JWT with a nonce that says how it is used',
    stating({ nonce: 'n', token_type: 'Bearer' }),
    refused('kind_unverified'),
    true,
  ),
  row(
    'a JWT with a nonce, tokenName access_token',
    stating({ nonce: 'n', tokenName: 'access_token' }),
    ALLOWED.introspection,
    true,
  ),
  row(
    'a JWT with a nonce, header typ at+jwt',
    jwt((world) => ({ iss: soleIssuer(world), nonce: 'n' }), { alg: 'RS256', kid: 'k', typ: 'at+jwt' }),
    refused('kind_unverified'),
    true,
  ),
  row(
    'a JWT with a nonce, without iss',
    stating({ nonce: 'n', iss: undefined }),
    refused('kind_unverified'),
    true,
  ),
  row(
    'an ID token of OpenAM with a nonce',
    stating({ nonce: 'n', tokenName: 'id_token' }),
    refused('kind_unverified'),
    false,
  ),
  row(
    'a JWT with a nonce and at_hash, tokenName access_token',
    stating({ nonce: 'n', at_hash: 'h', tokenName: 'access_token' }),
    refused('kind_unverified'),
    false,
  ),
  row(
    'a JWT with a nonce, tokenName access_token, that the answer calls an ID token',
    stating({ nonce: 'n', tokenName: 'access_token' }),
    refused('id_token'),
    true,
    { token_use: 'id_token' },
  ),
  row(
    'a JWT with a nonce, tokenName access_token, and an answer with a nonce that names no kind',
    stating({ nonce: 'n', tokenName: 'access_token' }),
    refused('id_token'),
    true,
    { nonce: 'n' },
  ),
  // A token's statement of another kind counts in every spelling, whatever else the token calls itself.
  ...(
    [
      { tokenType: 'id_token', typ: 'Bearer' },
      { token_use: 'ID_TOKEN', tokenName: 'access_token' },
      { token_use: 'refresh_token' },
      { purpose: 'id_token' },
    ] satisfies Members[]
  ).flatMap((names) =>
    [{ nonce: 'n' }, {}].map((nonce) =>
      row(
        `a JWT that says ${JSON.stringify({ ...nonce, ...names })}`,
        stating({ ...nonce, ...names }),
        refused('kind_unverified'),
        false,
        { token_use: 'access' },
      ),
    ),
  ),
  row(
    'a JWT that calls itself an access token in whatever spelling',
    stating({ nonce: 'n', tokenUse: 'ACCESS_TOKEN', purpose: 'payments' }),
    ALLOWED.introspection,
    true,
  ),
  row(
    'a JWE that names somebody else in its header',
    jweOf((world) => ({ iss: world.main.issuer })),
    refused('token_encrypted'),
    false,
  ),
  row(
    'a JWE that names its issuer in its header',
    jweOf((world) => ({ iss: soleIssuer(world) })),
    ALLOWED.introspection,
    true,
  ),
  row(
    'a JWT that names its issuer, and somebody else in its header',
    jwt((world) => ({ iss: soleIssuer(world) }), {
      alg: 'RS256',
      kid: 'k',
      typ: 'JWT',
      iss: 'https://evil.example',
    }),
    refused('issuer_unknown'),
    false,
  ),
  row(
    'a JWT of the issuer whose JWTs are verified, with another part',
    async ({ main }) => `${await main.token()}.x`,
    refused('token_malformed'),
    false,
  ),
  row(
    'an ID token with an empty part behind it',
    async (world) => `${await stating({ typ: 'ID' })(world)}.`,
    refused('kind_unverified'),
    false,
  ),
  // Where the configuration waives the nonce, the answer or the token still has to state the kind.
  ...waiving('introspection, nonce waived', { token_use: 'access' }, { token_use: 'access' }, {}),
  ...waiving(
    'introspection, required member purpose',
    { purpose: 'access_token' },
    {},
    { purpose: 'payments' },
  ),
  {
    ...{
      id: 'an answer that says purpose id_token',
      sole: 'introspection, required member purpose',
      token: stating({}),
    },
    ...{ answer: { purpose: 'id_token' }, expect: refused('id_token'), isIntrospected: true },
  },
  {
    ...{
      id: 'an answer that says another purpose',
      sole: 'introspection, required member purpose',
      token: stating({}),
    },
    ...{ answer: { purpose: 'payments' }, expect: ALLOWED.introspection, isIntrospected: true },
  },
  // What such a token is bound to has to be in the answer.
  ...[{}, { cnf: { jkt: 'x' } }].map((bound): SoleRow => ({
    ...{
      id: `a JWT ${'cnf' in bound ? 'that says that it is bound' : 'without iss'}, by check`,
      sole: 'check',
    },
    ...{ token: stating({ iss: undefined, ...bound }), answer: {}, isIntrospected: true },
    expect: 'cnf' in bound ? refused('sender_constraint_unproven') : ALLOWED.check,
  })),
  row(
    'a JWT that says that it is bound',
    stating({ cnf: { jkt: 'x' } }),
    refused('sender_constraint_unproven'),
    true,
  ),
  row('the same that says nothing of it', stating({}), ALLOWED.introspection, true),
  {
    id: 'a JWT with a nonce and without iss, at a provider that has a check',
    sole: 'check',
    token: stating({ nonce: 'n', iss: undefined }),
    answer: {},
    expect: refused('kind_unverified'),
    isIntrospected: true,
  },
  {
    id: 'an ID token of the provider that has a check',
    sole: 'check',
    token: jwt((world) => ({ iss: soleIssuer(world) })),
    answer: {},
    expect: refused('issuer_unknown'),
    isIntrospected: false,
  },
]
