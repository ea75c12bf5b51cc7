// The rules for a request with a bound token, or with the scheme DPoP. RFC 9449 sections 4.3 (1), 6.2, 7.1 and 7.2.

import type { Field } from '../cases/row.ts'
import { byRequest, goodRequest, type Making, type Rule, type Sent } from './mutant.ts'

const dpop = (...proofs: readonly string[]): Field[] => proofs.map((proof) => ['DPoP', proof])

/** The good request with another Authorization field. */
const withField = (making: Making, ...authorization: readonly string[]): Sent =>
  making.send('', making.proof(), { authorization })

const withFields = (making: Making, fields: readonly Field[]): Sent =>
  making.send(making.bound, '', { fields })

const HANDSHAKE = 'the handshake is one route'

const proven = { code: 'dpop_proof_invalid', problem: 'repeated' } as const
const unproven = 'sender_constraint_unproven'

export const REQUEST_RULES: readonly Rule[] = [
  {
    name: 'scheme and token',
    source: 'RFC 9449 section 7.1',
    mutants: [
      byRequest('no Authorization field', 'credential_missing', (making) => withField(making)),
      byRequest('the scheme alone', 'credential_malformed', (making) => withField(making, 'DPoP')),
      byRequest('a tab after the scheme', 'credential_malformed', (making) =>
        withField(making, `DPoP\t${making.bound}`),
      ),
      byRequest('a longer scheme', 'credential_scheme', (making) =>
        withField(making, `DPoPs ${making.bound}`),
      ),
      byRequest('the token alone', 'credential_scheme', (making) => withField(making, making.bound)),
      byRequest('something after the token', 'credential_malformed', (making) =>
        withField(making, `DPoP ${making.bound} x`),
      ),
      byRequest('another scheme', 'credential_scheme', (making) =>
        withField(making, `Basic ${making.bound}`),
      ),
      byRequest('the token in quotes', 'credential_malformed', (making) =>
        withField(making, `DPoP "${making.bound}"`),
      ),
      byRequest('the token with padding', 'signature_invalid', (making) =>
        withField(making, `DPoP ${making.bound.slice(0, -4)}AAAA`),
      ),
      byRequest('the proof as the token', 'kind_unverified', (making) => {
        const proof = making.proof()
        return making.send(proof, proof)
      }),
    ],
    goods: [
      goodRequest('the scheme in lower case', (making) => withField(making, `dpop ${making.bound}`)),
      goodRequest('the scheme in upper case', (making) => withField(making, `DPOP ${making.bound}`)),
      goodRequest('two spaces', (making) => withField(making, `DPoP  ${making.bound}`)),
      goodRequest('an unbound token as Bearer', (making) =>
        making.send('', '', { authorization: [`Bearer ${making.unbound}`], fields: [] }),
      ),
    ],
  },
  {
    name: 'one Authorization field',
    source: 'RFC 9449 section 7.2, figure 19',
    mutants: [
      byRequest('twice', 'credential_repeated', (making) =>
        withField(making, `DPoP ${making.bound}`, `DPoP ${making.bound}`),
      ),
      byRequest('Bearer beside it', 'credential_repeated', (making) =>
        withField(making, `DPoP ${making.bound}`, `Bearer ${making.unbound}`),
      ),
      byRequest('Bearer before it', 'credential_repeated', (making) =>
        withField(making, `Bearer ${making.unbound}`, `DPoP ${making.bound}`),
      ),
      byRequest('joined with a comma', 'credential_repeated', (making) =>
        withField(making, `DPoP ${making.bound}, Bearer ${making.bound}`),
      ),
    ],
  },
  {
    name: 'one DPoP field',
    source: 'RFC 9449 section 4.3 (1)',
    mutants: [
      byRequest('two good proofs', proven, (making) =>
        withFields(making, dpop(making.proof(), making.proof())),
      ),
      byRequest('the same proof twice', proven, (making) => {
        const proof = making.proof()
        return withFields(making, [...dpop(proof), ['dpop', proof]])
      }),
      byRequest('names in another case', proven, (making) =>
        withFields(making, [...dpop(making.proof()), ['dpop', making.proof()]]),
      ),
      byRequest('joined with a comma', proven, (making) =>
        withFields(making, dpop(`${making.proof()},${making.proof()}`)),
      ),
      byRequest('a comma after it', proven, (making) => withFields(making, dpop(`${making.proof()},`))),
      byRequest('a comma before it', proven, (making) => withFields(making, dpop(`,${making.proof()}`))),
    ],
    goods: [
      goodRequest('the name in upper case', (making) => withFields(making, [['DPOP', making.proof()]])),
    ],
  },
  {
    name: 'a bound token has a proof',
    source: 'RFC 9449 section 7.1',
    mutants: [
      byRequest('no DPoP field', 'dpop_proof_missing', (making) => withFields(making, [])),
      byRequest('the proof in another field', 'dpop_proof_missing', (making) =>
        withFields(making, [['DPoP-Proof', making.proof()]]),
      ),
      byRequest('an empty field', { code: 'dpop_proof_invalid', problem: 'malformed' }, (making) =>
        withFields(making, dpop('')),
      ),
      {
        name: 'no DPoP field, after a good request with the token',
        code: 'dpop_proof_missing',
        requests: (making) => [making.send(making.bound, making.proof()), withFields(making, [])],
      },
    ],
  },
  {
    name: 'a bound token is no bearer token',
    source: 'RFC 9449 section 7.2',
    mutants: [
      byRequest('as Bearer with its proof', unproven, (making) =>
        withField(making, `Bearer ${making.bound}`),
      ),
      byRequest('as Bearer without a proof', unproven, (making) =>
        making.send('', '', { authorization: [`Bearer ${making.bound}`], fields: [] }),
      ),
      {
        name: 'as Bearer, after a good request with the token',
        code: unproven,
        requests: (making) => [
          making.send(making.bound, making.proof()),
          withField(making, `Bearer ${making.bound}`),
        ],
      },
      byRequest('bound to a key and to a certificate', 'client_certificate_missing', async (making) =>
        boundBy(making, { jkt: making.key.jkt, 'x5t#S256': 'A'.repeat(43) }),
      ),
      byRequest('bound to a certificate alone', 'dpop_scheme_unbound', (making) =>
        boundBy(making, { 'x5t#S256': 'A'.repeat(43) }),
      ),
      byRequest('a method that nobody knows', unproven, (making) => boundBy(making, { kid: making.key.jkt })),
      byRequest('cnf without a method', unproven, (making) => boundBy(making, {})),
      ...[null, true, 'jkt', [], 1].map((cnf) =>
        byRequest(`cnf ${JSON.stringify(cnf)}`, unproven, (making: Making) => boundBy(making, cnf)),
      ),
      ...[null, 1, [], {}, true].map((jkt) =>
        byRequest(`jkt ${JSON.stringify(jkt)}`, unproven, (making: Making) => boundBy(making, { jkt })),
      ),
      byRequest('jkt in another case', unproven, (making) => boundBy(making, { JKT: making.key.jkt })),
    ],
    goods: [
      goodRequest('a member of cnf that nobody knows beside jkt', (making) =>
        boundBy(making, { jkt: making.key.jkt, typ: 'x' }),
      ),
    ],
  },
  {
    name: 'an unbound token has another scheme',
    source: 'RFC 9449 section 7.1',
    mutants: [
      byRequest('with a proof', 'dpop_scheme_unbound', (making) =>
        making.send(making.unbound, making.proof({}, { token: making.unbound })),
      ),
      byRequest('without a proof', 'dpop_scheme_unbound', (making) =>
        making.send(making.unbound, '', { fields: [] }),
      ),
    ],
  },
  {
    name: 'a proof is for a bound token',
    source: 'RFC 9449 section 7.2 (nothing is ignored)',
    mutants: [
      byRequest('an unbound token as Bearer with a proof', 'dpop_proof_unexpected', (making) =>
        making.send('', making.proof({}, { token: making.unbound }), {
          authorization: [`Bearer ${making.unbound}`],
        }),
      ),
      byRequest('an unbound token as Bearer with an empty DPoP field', 'dpop_proof_unexpected', (making) =>
        making.send('', '', { authorization: [`Bearer ${making.unbound}`] }),
      ),
    ],
  },
  {
    name: 'who demands a bound token gets one',
    source: 'RFC 9449 section 7.1; senderConstraint',
    mutants: [
      byRequest(
        'an unbound token, of an issuer that binds all',
        'sender_constraint_missing',
        async (making) =>
          making.send('', '', {
            authorization: [`Bearer ${await making.tokenOf('strict')}`],
            fields: [],
          }),
      ),
      byRequest('the same with the scheme DPoP', 'sender_constraint_missing', async (making) => {
        const token = await making.tokenOf('strict')
        return making.send(token, making.proof({}, { token }))
      }),
      byRequest(
        'an unbound token, on a route that demands a bound one',
        'sender_constraint_missing',
        (making) =>
          making.send('', '', {
            path: '/demanding',
            authorization: [`Bearer ${making.unbound}`],
            fields: [],
          }),
        { notOn: { websocket: HANDSHAKE } },
      ),
      byRequest('a bound token as Bearer, of an issuer that takes none', unproven, async (making) =>
        withField(making, `Bearer ${await making.tokenOf('plain', { cnf: { jkt: making.key.jkt } })}`),
      ),
      byRequest(
        'a bound token with its proof, of an issuer that takes none',
        'credential_scheme',
        async (making) => {
          const token = await making.tokenOf('plain', { cnf: { jkt: making.key.jkt } })
          return making.send(token, making.proof({}, { token }))
        },
      ),
    ],
    goods: [
      goodRequest('a bound token, of an issuer that binds all', async (making) => {
        const token = await making.tokenOf('strict', { cnf: { jkt: making.key.jkt } })
        return making.send(token, making.proof({}, { token }))
      }),
      goodRequest(
        'a bound token, on a route that demands one',
        (making) =>
          making.send(making.bound, making.proof({}, { url: `${making.origin}/demanding` }), {
            path: '/demanding',
          }),
        { notOn: { websocket: HANDSHAKE } },
      ),
      goodRequest('an unbound token of an issuer that takes no other', async (making) =>
        making.send('', '', {
          authorization: [`Bearer ${await making.tokenOf('plain')}`],
          fields: [],
        }),
      ),
    ],
  },
  {
    name: 'no credentials in the query',
    source: 'RFC 6750 section 2.3, RFC 9700 section 4.3.2',
    mutants: [
      byRequest('the token in the query', 'credential_in_query', (making) =>
        making.send('', making.proof(), { authorization: [], query: `access_token=${making.bound}` }),
      ),
      byRequest('the token in the query as well', 'credential_in_query', (making) =>
        making.send(making.bound, making.proof(), { query: `access_token=${making.bound}` }),
      ),
      byRequest('the proof in the query', 'dpop_proof_missing', (making) =>
        making.send(making.bound, '', { fields: [], query: `DPoP=${making.proof()}` }),
      ),
    ],
  },
  {
    name: 'introspected tokens',
    source: 'RFC 9449 section 6.2',
    mutants: [
      byRequest('token_type Bearer of a bound token', unproven, (making) =>
        introspected(making, { token_type: 'Bearer', cnf: { jkt: making.key.jkt } }),
      ),
      byRequest('token_type DPoP of an unbound token', unproven, (making) =>
        introspected(making, { token_type: 'DPoP' }),
      ),
      byRequest('bound to another key', 'dpop_key_mismatch', (making) =>
        introspected(making, { token_type: 'DPoP', cnf: { jkt: making.otherKey.jkt } }),
      ),
      byRequest('no proof', 'dpop_proof_missing', (making) => {
        const token = making.opaque({ token_type: 'DPoP', cnf: { jkt: making.key.jkt } })
        return making.send(token, '', { fields: [] })
      }),
      byRequest('as Bearer', unproven, (making) => {
        const token = making.opaque({ token_type: 'DPoP', cnf: { jkt: making.key.jkt } })
        return withField(making, `Bearer ${token}`)
      }),
      byRequest('unbound with the scheme DPoP', 'dpop_scheme_unbound', (making) => introspected(making, {})),
    ],
    goods: [
      goodRequest('token_type DPoP', (making) =>
        introspected(making, { token_type: 'DPoP', cnf: { jkt: making.key.jkt } }),
      ),
      goodRequest('token_type in lower case', (making) =>
        introspected(making, { token_type: 'dpop', cnf: { jkt: making.key.jkt } }),
      ),
      goodRequest('no token_type', (making) => introspected(making, { cnf: { jkt: making.key.jkt } })),
    ],
  },
  {
    name: 'a TOKEN event has no proof',
    source: 'RFC 9449 section 4.3 (1); API Gateway, Lambda authorizer input',
    edges: ['rest TOKEN'],
    mutants: [
      byRequest('a bound token with its proof', { code: unproven, problem: 'no_fields' }, (making) =>
        making.send(making.bound, making.proof()),
      ),
      byRequest('a bound token as Bearer', unproven, (making) => withField(making, `Bearer ${making.bound}`)),
      byRequest('an unbound token with the scheme DPoP', 'dpop_scheme_unbound', (making) =>
        making.send(making.unbound, ''),
      ),
      byRequest(
        'an unbound token where a bound one is demanded',
        'sender_constraint_missing',
        async (making) =>
          making.send('', '', { authorization: [`Bearer ${await making.tokenOf('strict')}`], fields: [] }),
      ),
      byRequest('an introspected bound token', { code: unproven, problem: 'no_fields' }, (making) =>
        introspected(making, { token_type: 'DPoP', cnf: { jkt: making.key.jkt } }),
      ),
    ],
    goods: [
      goodRequest('an unbound token as Bearer', (making) =>
        making.send('', '', { authorization: [`Bearer ${making.unbound}`], fields: [] }),
      ),
    ],
  },
]

async function boundBy(making: Making, cnf: unknown): Promise<Sent> {
  const token = await making.token({ cnf })
  return making.send(token, making.proof({}, { token }))
}

function introspected(making: Making, members: Readonly<Record<string, unknown>>): Sent {
  const token = making.opaque(members)
  return making.send(token, making.proof({}, { token }))
}
