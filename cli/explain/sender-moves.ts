// Moves about refusals of bound tokens, of revoked ones, and of what a route demands of a grant.

import type { FailureCode } from '../../shared/index.ts'
import { always, client, detailOf, issuer, issuerPath, quoted, sectionPath, you } from './move.ts'
import type { Facts } from './facts.ts'
import type { FindMoves, Move } from './move.ts'
import { findScopes, nameOfClaim, scopeClaimOf, type Elsewhere } from './shown-claims.ts'

/** Proofs by `detail.problem`, where there is more to say than the name of the rule. */
const PROOFS: Readonly<Record<string, (facts: Facts) => readonly Move[]>> = {
  htu: (facts) => [
    client('Make the proof for the URL of this request: htu has to be its scheme, host and path.'),
    you(`Or add the URL that clients use to ${sectionPath(facts, 'publicUrls')}.`),
  ],
  htm: always(client('Make the proof for the method of this request (htm).')),
  iat: (facts) => [
    client('Make a new proof for every request, and set the clock of the client.'),
    you(`A proof may be as old as ${sectionPath(facts, 'dpop.maxAgeSeconds')} says.`),
  ],
  ath: always(client('Make the proof for this access token (ath).')),
}

const wrongProof: FindMoves = (facts) =>
  PROOFS[detailOf(facts, 'problem')]?.(facts) ?? [
    client(`Make a proof as RFC 9449 section 4.2 says; this one fails at ${detailOf(facts, 'problem')}.`),
  ]

/** The setting that would read the scopes there. */
function scopesMove(facts: Facts, { path, shape }: Elsewhere): Move {
  const name = path.join('.')
  const choices = facts.issuer?.profile.scopes.choices ?? []
  const isChoice = choices.some(({ claim, shape: form }) => {
    const wanted = typeof claim === 'string' ? [claim] : claim
    return (
      form === shape &&
      wanted.length === path.length &&
      wanted.every((one, index) => one === '*' || one === path[index])
    )
  })
  const claim = path.length === 1 ? `'${path[0]}'` : `[${path.map((one) => `'${one}'`).join(', ')}]`
  const setting = `{ claim: ${claim}, shape: '${shape}' }`
  return you(
    isChoice
      ? `The token has it in the claim ${name}: set ${issuerPath(facts, 'scopes')} to ${setting}.`
      : `The token has it in the claim ${name}, where the profile ${facts.issuer?.profile.name} has no scopes: choose the profile of the provider in ${issuerPath(facts, 'profile')}, or describe the provider there with scopes: ${setting} (docs/providers.md).`,
  )
}

const lacksScope: FindMoves = (facts) => {
  const missing = detailOf(facts, 'missing')
  const isOneOf = missing.startsWith('one of: ')
  const wanted = missing.replace('one of: ', '').split(' ')
  const claim = scopeClaimOf(facts)
  const read = claim === undefined ? '' : nameOfClaim(claim)
  const places = (isOneOf ? wanted.map((scope) => [scope]) : [wanted]).flatMap((scopes) =>
    findScopes(facts.claims, scopes, read),
  )
  const request = `Request the token with the scope ${isOneOf ? wanted.join(' or ') : wanted.join(' ')}.`
  return [
    ...places.slice(0, 3).map((place) => scopesMove(facts, place)),
    client(request),
    issuer('Or let the client have that scope.'),
  ]
}

const condition: FindMoves = (facts) => [
  client(
    `The route demands another value of the claim ${detailOf(facts, 'claim')}; this caller may not make the request.`,
  ),
  you('Or change the condition of the rule.'),
]

export const SENDER_MOVES = {
  sender_constraint_unproven: (facts) => [
    client(
      'The token is bound to its sender: send it with its proof (scheme DPoP), or present its certificate.',
    ),
    you(
      `Or accept bound tokens: ${issuerPath(facts, 'senderConstraint')}. To explain it with its proof: --header 'DPoP: PROOF' or --certificate.`,
    ),
  ],
  sender_constraint_missing: always(client('Request a token that is bound to a key or to a certificate.')),
  dpop_scheme_unbound: always(client('Send a token that is not bound with the scheme Bearer.')),
  dpop_proof_unexpected: always(client('Leave the DPoP field out: the token is not bound to a key.')),
  dpop_proof_missing: always(
    client("Send a proof in the DPoP field. To explain it with a proof: --header 'DPoP: PROOF'."),
  ),
  dpop_proof_invalid: wrongProof,
  dpop_proof_replayed: always(client('Make a new proof for every request, also to repeat one.')),
  dpop_key_mismatch: always(client('Sign the proof with the key that the token was requested with.')),
  dpop_nonce_required: always(
    client('Make the proof again with the nonce of the DPoP-Nonce field in the answer.'),
  ),
  replay_unavailable: (facts) => [
    you(`The store of used proofs did not answer: see ${sectionPath(facts, 'dpop.replay')}.`),
  ],
  client_certificate_missing: always(
    client('Present the certificate of the token in the TLS handshake. To explain it: --certificate FILE.'),
    you('See whether the request reaches the edge through mutual TLS at all (docs/mtls.md).'),
  ),
  client_certificate_refused: (facts) => [
    client(`The certificate does not count (${detailOf(facts, 'problem')}): docs/mtls.md.`),
  ],
  client_certificate_mismatch: always(
    client('Present the certificate that the token was requested with, or request a new token.'),
  ),

  token_revoked: always(client('Request a new token.'), you('Who revoked it: lanekeeper revocations.')),
  revocation_unavailable: (facts) => [
    you(`The store of revocations did not answer: see ${sectionPath(facts, 'revocation')}.`),
  ],

  insufficient_scope: lacksScope,
  email_unverified: (facts) => [
    client('The user has to verify the address with the provider.'),
    you(`Or identify users by another claim: ${issuerPath(facts, 'principal')}.`),
  ],
  client_not_allowed: ({ route }) => [
    client('This client may not make this request.'),
    you(`Or add it to the clients of the rule; they are ${quoted(route?.conditions.clients ?? [])}.`),
  ],
  claim_condition_unmet: condition,
  claim_distributed: (facts) => [
    issuer(
      `The token says that the claim ${detailOf(facts, 'claim')} is elsewhere: have fewer values in it, or filter them (docs/providers.md).`,
    ),
  ],
  authorization_details_lacking: (facts) => [
    client(`Request the token with authorization details of the type ${detailOf(facts, 'missing')}.`),
  ],
  insufficient_user_authentication: (facts) => [
    client(
      detailOf(facts, 'demanded') === 'acr'
        ? 'Let the user sign in again in a stronger way (acr_values of the challenge).'
        : 'Let the user sign in again (max_age of the challenge).',
    ),
  ],
  identity_inexpressible: (facts) => [
    you(
      `The claim ${detailOf(facts, 'claim')} cannot be passed on: take it out of identity.claims, or have it shorter.`,
    ),
  ],
  identity_missing: (facts) => [
    issuer('Neither the token nor userinfo has the claim that identifies the user.'),
    you(`Or identify users by another claim: ${issuerPath(facts, 'principal')}.`),
  ],
  userinfo_mismatch: always(issuer('Userinfo tells of another user than the token.')),
} satisfies Partial<Record<FailureCode, FindMoves>>
