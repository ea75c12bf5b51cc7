// Which marks tell an issuer's access tokens from everything else it signs. One row per profile; the
// positive marks must all be there, and none of the negative ones (lane.ts) may be.

export interface Profile {
  /** Accepted `typ`, lower case and without `application/` (RFC 7515 section 4.1.9). */
  readonly typ: ReadonlySet<string>
  /** Members only an access token of this profile has. */
  readonly marks: readonly string[]
  /** Members that must be there (any type; their form is checked one by one). */
  readonly required: readonly string[]
  readonly source: string
}

export const PROFILES = {
  rfc9068: {
    typ: new Set(['at+jwt']),
    marks: ['client_id', 'jti'],
    required: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
    source: 'RFC 9068 sections 2.1, 2.2 and 4',
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof PROFILES
