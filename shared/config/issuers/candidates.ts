// Profiles that tokens of an issuer may have if the configured one is wrong. The log names one of them as a hint.

import type { IssuerTemplate } from '../../plan/values/issuers.ts'
import { PROFILES } from '../../token/profiles.ts'
import type { Profile } from '../../token/profiles/profile.ts'

/** Profiles other than the configured one that tokens of this issuer may have. */
export const candidatesFor = ({ name, evidence }: Profile): IssuerTemplate['candidates'] =>
  Object.values<Profile>(PROFILES)
    .filter((other) => other.name !== name && other.evidence !== evidence)
    .map(({ issuerEnding, name, typ, evidence, otherKinds, waived, scopes }) => ({
      issuerEnding,
      hint: {
        ...{ name, typ, evidence, otherKinds, waived },
        scopeClaims: scopes.standard === null ? scopes.choices.map(({ claim }) => String(claim)) : null,
      },
    }))
