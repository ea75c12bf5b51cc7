// Meanings of the refusals of a token that is bound to its sender, or should be. See meanings.ts.

import type { FailureMeaning } from './meaning.ts'

export const SENDER_MEANINGS = {
  sender_constraint_missing: {
    meaning:
      'The route or the issuer demands a token that is bound to its sender, and this one has no `cnf`.',
    source: 'docs/dpop.md',
  },
  dpop_scheme_unbound: {
    meaning: 'The token came with the scheme DPoP, and it is not bound to a DPoP key (`cnf.jkt`).',
    source: 'RFC 9449 section 7.1',
  },
  dpop_proof_unexpected: {
    meaning:
      'The request has a DPoP field and the scheme Bearer, and its token has no `cnf.jkt`: the client expects a binding that nobody checks.',
    source: 'docs/dpop.md',
  },
  dpop_proof_missing: {
    meaning: 'The token is bound to a DPoP key, and the request has no DPoP field.',
    source: 'RFC 9449 section 7.1',
  },
  dpop_proof_invalid: {
    meaning: 'The DPoP proof fails a check (detail: problem).',
    source: 'RFC 9449 section 4.3',
  },
  dpop_proof_replayed: {
    meaning:
      'A proof of the same key with the same `jti` was used before: in this instance, or in any where the route has `replay: "strong"`.',
    source: 'RFC 9449 section 11.1',
  },
  dpop_key_mismatch: {
    meaning: 'The key in the DPoP proof is not the one that the token is bound to (`cnf.jkt`).',
    source: 'RFC 9449 section 7.1',
  },
  dpop_nonce_required: {
    meaning: 'The DPoP proof has no nonce, or one that this edge does not accept (detail: problem).',
    source: 'RFC 9449 section 9',
  },
  replay_unavailable: {
    meaning: 'The store of used DPoP proofs, which the route demands, did not answer (detail: why).',
    source: 'RFC 9449 section 11.1; RFC 9110 section 15.6.4',
  },
  client_certificate_missing: {
    meaning:
      'The token is bound to a client certificate, and the platform states none (detail: problem, where a header field had one without its guard).',
    source: 'RFC 8705 section 3',
  },
  client_certificate_refused: {
    meaning:
      'The token is bound to a client certificate, and the one presented does not count (detail: problem).',
    source: 'docs/mtls.md',
  },
  client_certificate_mismatch: {
    meaning: 'The client certificate is not the one that the token is bound to (`cnf.x5t#S256`).',
    source: 'RFC 8705 section 3',
  },
} as const satisfies Readonly<Record<string, FailureMeaning>>
