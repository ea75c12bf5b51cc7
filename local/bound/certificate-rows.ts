// The rows of the tour about tokens that are bound to a client certificate (RFC 8705 section 3), to a key besides, and
// what an edge is told of certificates by others than its platform.

import { asScheme, forgedFields, withFields } from './changes.ts'
import {
  ALLOW,
  CLOSED,
  INVALID_PROOF,
  INVALID_TOKEN,
  PASSES,
  refuse,
  type Answer,
  type Row,
  type Section,
} from './row.ts'

/** `gateway`: the answer of the domains of API Gateway, REST and HTTP alike. */
const ofDomain = (worker: Answer, gateway: Answer): Row['expected'] => ({
  worker,
  rest: gateway,
  http: gateway,
})

const REFUSED_BY_GATEWAY: Answer = [403, null]

/** What the partner sends. */
const PARTNER = { path: '/orders', token: 'certified', certificate: 'partner' } as const

export const CERTIFIED: Section = {
  title: 'Tokens that are bound to a client certificate',
  rows: [
    { ...PARTNER, what: 'with its certificate', expected: PASSES, sender: 'mtls' },
    {
      ...PARTNER,
      what: 'with its certificate, on a route for these tokens',
      method: 'POST',
      path: '/transfers',
      expected: PASSES,
      sender: 'mtls',
    },
    {
      ...PARTNER,
      what: 'an opaque one: introspection names the certificate',
      token: 'certifiedOpaque',
      expected: PASSES,
      sender: 'mtls',
    },
    {
      ...PARTNER,
      what: 'without a certificate',
      certificate: null,
      expected: ofDomain([401, 'client_certificate_missing'], CLOSED),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      ...PARTNER,
      what: 'without one, at the default endpoint: it is off',
      toDefaultEndpoint: true,
      certificate: null,
      expected: { rest: REFUSED_BY_GATEWAY, http: REFUSED_BY_GATEWAY },
    },
    {
      ...PARTNER,
      what: 'with another certificate of the same CA',
      certificate: 'device',
      expected: refuse('client_certificate_mismatch'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      ...PARTNER,
      what: 'an opaque one with another certificate',
      token: 'certifiedOpaque',
      certificate: 'device',
      expected: refuse('client_certificate_mismatch'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      ...PARTNER,
      what: 'with the self-signed certificate of another',
      certificate: 'workshop',
      expected: ofDomain([401, 'client_certificate_refused'], REFUSED_BY_GATEWAY),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      path: '/orders',
      token: 'workshop',
      certificate: 'workshop',
      what: 'bound to a self-signed one, and with it: trust is "chain"',
      expected: ofDomain([401, 'client_certificate_refused'], REFUSED_BY_GATEWAY),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      path: '/orders',
      token: 'former',
      certificate: 'former',
      what: 'bound to a revoked one, and with it: AWS does not look',
      expected: ofDomain([401, 'client_certificate_refused'], ALLOW),
      challenges: INVALID_TOKEN.bearer,
      sender: 'mtls',
    },
    {
      path: '/orders',
      token: 'plain',
      certificate: null,
      what: 'a plain token without a certificate',
      expected: ofDomain(ALLOW, CLOSED),
    },
  ],
}

/**
 * A token of the partner, the certificate of a device, and fields that say that it is the certificate of the partner.
 */
const forged = (what: string, by: keyof ReturnType<typeof forgedFields>): Row => ({
  ...PARTNER,
  what,
  certificate: 'device',
  change: (made, { certificateOf }) => withFields(made, forgedFields(certificateOf('partner'))[by]),
  expected: refuse('client_certificate_mismatch'),
  challenges: INVALID_TOKEN.bearer,
})

export const FORGED: Section = {
  title: 'The right certificate in a header field that the client writes',
  rows: [
    forged('Client-Cert, as a proxy sets it', 'rfc9440'),
    forged('X-Amzn-Mtls-Clientcert, as a load balancer sets it', 'loadBalancer'),
    forged('CloudFront-Viewer-Cert, as CloudFront sets it', 'cloudFront'),
    forged('Cf-Client-Cert, as a rule of Cloudflare sets it', 'cloudflare'),
    {
      ...PARTNER,
      what: 'all of them, without a certificate',
      certificate: null,
      change: (made, { certificateOf }) =>
        withFields(made, Object.assign({}, ...Object.values(forgedFields(certificateOf('partner'))))),
      expected: ofDomain([401, 'client_certificate_missing'], CLOSED),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      ...PARTNER,
      what: 'the same, at the default endpoint',
      toDefaultEndpoint: true,
      certificate: null,
      change: (made, { certificateOf }) =>
        withFields(made, Object.assign({}, ...Object.values(forgedFields(certificateOf('partner'))))),
      expected: { rest: REFUSED_BY_GATEWAY, http: REFUSED_BY_GATEWAY },
    },
  ],
}

export const ROUTES: Section = {
  title: 'Tokens on the routes of others',
  rows: [
    {
      ...PARTNER,
      what: 'bound to a certificate, on a route for plain tokens',
      path: '/catalogue',
      expected: {
        worker: [401, 'sender_constraint_unproven'],
        rest: [401, 'sender_constraint_unproven'],
        http: [401, 'sender_constraint_unproven'],
        token: [401, 'sender_constraint_unproven'],
      },
      challenges: 'bearer invalid_token',
    },
    {
      ...PARTNER,
      what: 'bound to a certificate, on a route for keys',
      method: 'POST',
      path: '/payments',
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      what: 'bound to a key, on a route for certificates',
      method: 'POST',
      path: '/transfers',
      token: 'bound',
      key: 'phone',
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      what: 'the plain token, on a route for certificates',
      method: 'POST',
      path: '/transfers',
      token: 'plain',
      certificate: 'partner',
      expected: refuse('sender_constraint_missing'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      ...PARTNER,
      what: 'bound to a certificate, with a proof beside it',
      key: 'phone',
      change: (made) => asScheme('Bearer', made),
      expected: refuse('dpop_proof_unexpected', 400),
      challenges: 'bearer invalid_request, dpop',
    },
    {
      ...PARTNER,
      what: 'bound to a certificate, with the scheme DPoP',
      key: 'phone',
      expected: refuse('dpop_scheme_unbound'),
      challenges: INVALID_TOKEN.dpop,
    },
  ],
}

/** What the courier sends. */
const COURIER = { path: '/orders', token: 'twice', key: 'phone', certificate: 'courier' } as const

export const BOTH_BOUND: Section = {
  title: 'A token that is bound to a key and to a certificate',
  rows: [
    { ...COURIER, what: 'with both proofs', expected: PASSES, sender: 'dpop mtls' },
    {
      ...COURIER,
      what: 'with both, on a route for keys',
      method: 'POST',
      path: '/payments',
      expected: PASSES,
      sender: 'dpop mtls',
    },
    {
      ...COURIER,
      what: 'with both, on a route for certificates',
      method: 'POST',
      path: '/transfers',
      expected: PASSES,
      sender: 'dpop mtls',
    },
    {
      ...COURIER,
      what: 'with the proof, and another certificate',
      certificate: 'device',
      expected: refuse('client_certificate_mismatch'),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      ...COURIER,
      what: 'with the proof, and no certificate',
      certificate: null,
      expected: ofDomain([401, 'client_certificate_missing'], CLOSED),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      ...COURIER,
      what: 'with the certificate, and no proof',
      change: (made) => withFields(made, { dpop: null }),
      expected: refuse('dpop_proof_missing'),
      challenges: INVALID_PROOF,
    },
    {
      ...COURIER,
      what: 'with the certificate, as a plain token',
      change: (made) => asScheme('Bearer', withFields(made, { dpop: null })),
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      ...COURIER,
      what: 'with the certificate, and a proof by another key',
      key: 'laptop',
      expected: refuse('dpop_key_mismatch'),
      challenges: INVALID_TOKEN.dpop,
    },
  ],
}
