// The profile of an issuer without `keys`, all of whose tokens are introspected.

import type { Profile } from '../../token/profiles/profile.ts'
import { kindEvidence } from './decisive-evidence.ts'
import type { ResolvedTokenReader } from './token-reader.ts'

/** An introspection without `keys`: if required members name the kind, they are evidence, and a `nonce` is waived. */
export function introspectedProfile({ reader }: ResolvedTokenReader, profile: Profile): Profile {
  const evidence = kindEvidence(reader?.requiredMembers ?? [])
  if (evidence.length === 0) return profile
  return { ...profile, evidence: evidence.map((one) => [one]), waived: ['nonce'] }
}
