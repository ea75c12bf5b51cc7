// Moves about refusals of the token itself: its form, its issuer and signature, its kind and its claims.

import type { FailureCode } from '../../shared/index.ts'
import { always, client, detailOf, issuer, issuerPath, quoted, sectionPath, you } from './move.ts'
import type { Facts } from './facts.ts'
import type { FindMoves, Move } from './move.ts'
import { audiencesOf, issOf, timeOf } from './shown-claims.ts'
import { shownAt, shownSpan } from './times.ts'

const bare = (text: string): string => text.toLowerCase().replace(/\/$/, '')

const unknownIssuer: FindMoves = (facts) => {
  const iss = issOf(facts)
  const configured = [...facts.stage.config.issuers.keys()]
  if (!Object.hasOwn(facts.claims, 'iss'))
    return [
      client(`The token names no issuer; request it from one that is accepted here: ${quoted(configured)}.`),
    ]
  const near = configured.find((one) => bare(one) === bare(iss))
  if (near !== undefined)
    return [
      you(
        `The token spells its issuer "${iss}", the configuration "${near}": write it as the token does. Every character counts.`,
      ),
    ]
  return [
    client(`Request the token from an issuer that is accepted here: ${quoted(configured)}.`),
    you(`Or add "${iss}" to issuers, if its tokens are to be accepted in this stage.`),
  ]
}

function otherAudience(facts: Facts): readonly Move[] {
  const audiences = audiencesOf(facts)
  const resource = facts.traced.context?.resource
  const ours = [...(facts.issuer?.audiences ?? [])]
  const looksLike = detailOf(facts, 'looks_like')
  const hints = looksLike === '' ? [] : [you(`It fits the profile ${looksLike}: docs/providers.md.`)]
  if (facts.traced.trace.stopped?.stage === 'policy' && resource != null)
    return [client(`Request the token for ${resource.identifier}; it is for ${quoted(audiences)}.`)]
  const near = audiences.find((one) => ours.some((other) => bare(other) === bare(one)))
  if (near !== undefined)
    return [
      you(
        `The token spells this API "${near}", the configuration ${quoted(ours)}: write it in ${issuerPath(facts, 'audience')} as the token does.`,
      ),
    ]
  return [
    client(
      `Request the token for this API: the audience has to be ${quoted(ours)}, and it is ${quoted(audiences) || 'none'}.`,
    ),
    you(`Or add the audience of the token to ${issuerPath(facts, 'audience')}, if it is a name of this API.`),
    ...hints,
  ]
}

const expired: FindMoves = (facts) => {
  const exp = timeOf(facts, 'exp') ?? 0
  const tolerance = facts.issuer?.clockToleranceSeconds ?? 0
  const late = facts.now - exp
  return [
    client(`Request a new token: this one expired ${shownSpan(late)} before ${shownAt(facts.now)}.`),
    ...(late <= 300
      ? [
          you(
            `If the token is new: the clocks differ by ${shownSpan(late)}, and ${issuerPath(facts, 'clockToleranceSeconds')} is ${tolerance} s.`,
          ),
        ]
      : []),
  ]
}

const early =
  (name: 'iat' | 'nbf', what: string): FindMoves =>
  (facts) => {
    const ahead = (timeOf(facts, name) ?? 0) - facts.now
    const tolerance = facts.issuer?.clockToleranceSeconds ?? 0
    const setting = issuerPath(facts, 'clockToleranceSeconds')
    return [
      issuer(
        `${what} ${shownSpan(ahead)} after ${shownAt(facts.now)}: its clock is ahead of that of the edge. Set the clock.`,
      ),
      ahead <= 300
        ? you(`Or allow for it: ${setting} is ${tolerance} s; ${Math.ceil(ahead)} would accept this token.`)
        : you(`More than ${setting} can allow for (300 s).`),
      client(`The same token is accepted from ${shownAt(facts.now + ahead - tolerance)} on.`),
    ]
  }

const otherKind = (kind: string): FindMoves => always(client(`Send the access token: this is ${kind}.`))

const unproven: FindMoves = (facts) => {
  const looksLike = detailOf(facts, 'looks_like')
  const profile = issuerPath(facts, 'profile')
  return [
    you(
      looksLike === ''
        ? `The token has not all evidence of an access token of ${profile} (missing: ${detailOf(facts, 'missing') || detailOf(facts, 'unknown')}): choose the profile of the provider, or change the provider's settings (docs/providers.md).`
        : `The token fits the profile ${looksLike}: set ${profile} to it (docs/providers.md).`,
    ),
    client('Or send the access token, if this is another one.'),
  ]
}

const opaque: FindMoves = () => [
  client(
    'Request the token for this API (resource, or the audience parameter of the provider): many issuers then give out a JWT.',
  ),
  you('Or let the issuer introspect its opaque tokens: introspection (docs/opaque-tokens.md).'),
]

const keyProblem =
  (what: string): FindMoves =>
  (facts) => [
    client(`${what} Request a new token; an old one may be signed with a key that is no longer published.`),
    issuer('See which keys it publishes, and with which it signs.'),
    you(`See ${issuerPath(facts, 'keys')}: the key set of another environment has other keys.`),
  ]

const claimProblem: FindMoves = (facts) => {
  const configure = detailOf(facts, 'configure')
  const claim = detailOf(facts, 'claim')
  if (configure !== '')
    return [you(`The claim ${claim} is a ${detailOf(facts, 'shape')} in the token: change ${configure}.`)]
  return [
    issuer(
      `Its tokens need the claim ${claim} in the form that the profile has (${issuerPath(facts, 'profile')}).`,
    ),
  ]
}

export const TOKEN_MOVES = {
  token_too_large: (facts) => [
    issuer('Put less into the token.'),
    you(`Or raise ${sectionPath(facts, 'limits.maxTokenBytes')}.`),
  ],
  token_opaque: opaque,
  token_encrypted: always(
    issuer('Give out signed tokens (JWS), and no encrypted ones.'),
    you('Or introspect them (docs/opaque-tokens.md).'),
  ),
  token_malformed: (facts) => [
    client(
      `Send the token as it was issued: ${detailOf(facts, 'part') || 'it'} is not in canonical form (${detailOf(facts, 'problem')}). It was cut, padded or changed.`,
    ),
  ],
  token_inactive: always(
    client('Request a new token: the issuer says that this one has expired, was revoked or never issued.'),
    issuer('Or add the client that introspects to the audience of the token.'),
  ),
  kind_unverified: otherKind('another kind of token, as it says itself'),
  issuer_not_allowed: ({ route }) => [
    client(`Request the token from ${route?.issuer ?? 'the issuer of the route'}: the route takes no other.`),
  ],
  alg_unsupported: always(issuer('Sign with an algorithm that is supported here (RS256, ES256, EdDSA...).')),
  header_member_refused: (facts) => [
    issuer(`Leave ${detailOf(facts, 'member')} out of the header of access tokens.`),
  ],
  kid_malformed: always(issuer('Name its keys with a kid of 1 to 256 characters.')),
  issuer_unknown: unknownIssuer,
  alg_not_allowed: (facts) => [
    you(
      `Add the algorithm to ${issuerPath(facts, 'algorithms')} (accepted: ${[...(facts.issuer?.keys.algorithms ?? [])].join(', ')}), if the issuer signs with it.`,
    ),
  ],
  key_unknown: keyProblem('No published key has the kid of the token.'),
  key_mismatch: keyProblem('The key with this kid is for another algorithm or tenant.'),
  key_ambiguous: always(issuer('Publish one key under each kid, and put the kid into its tokens.')),
  key_refused: (facts) => [
    issuer(`The key of the token may not be used (${detailOf(facts, 'problem')}): replace it.`),
  ],
  signature_invalid: keyProblem(
    'The signature is not by the published key: the token was changed, or another key signed it.',
  ),

  id_token: always(
    client(
      'Send the access token, not the ID token: the two come together, and the access token has to be requested for this API.',
    ),
  ),
  logout_token: otherKind('a logout token'),
  refresh_token: otherKind('a refresh token'),
  dpop_proof: otherKind('a DPoP proof, which belongs into the DPoP field'),
  client_assertion: otherKind('a client assertion'),
  introspection_response: otherKind('an introspection response'),
  security_event_token: otherKind('a security event token'),
  registration_token: otherKind('a registration token'),
  action_token: otherKind('an action token'),
  verifiable_presentation: otherKind('a verifiable credential or presentation'),
  token_kind_unproven: unproven,

  audience_mismatch: otherAudience,
  client_mismatch: (facts) => [
    client('Use a client that is accepted here.'),
    you(`Or add the client of the token to ${issuerPath(facts, 'clients')}.`),
  ],
  tenant_mismatch: (facts) => [
    client(`The tenant of the token is not that of its iss: ${issuerPath(facts, 'tenants')}.`),
  ],
  token_expired: expired,
  token_not_yet_valid: early('nbf', 'The token is valid only'),
  token_issued_in_future: early('iat', 'The token says that it was issued'),
  token_lifetime: (facts) => [
    issuer(`Give out tokens that live no longer than ${shownSpan(facts.issuer?.maxLifetimeSeconds ?? 0)}.`),
    you(`Or raise ${issuerPath(facts, 'maxLifetimeSeconds')}.`),
  ],
  claim_missing: claimProblem,
  claim_malformed: claimProblem,
} satisfies Partial<Record<FailureCode, FindMoves>>
