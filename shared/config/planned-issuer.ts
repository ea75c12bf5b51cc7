// An issuer as a plan has it: without the members of its profile that only the compiler and the documentation read, and
// without empty lists. An object that several issuers share stays one object, which a plan has once.

import type { ProfileHint } from '../token/looks-like.ts'
import type { Evidence, PlannedCondition, PlannedProfile } from '../token/profiles/profile.ts'
import type { ResolvedIssuer } from './config.ts'

/** Makes one object for each object that it is given. */
function onceFor<Given extends object, Made>(make: (given: Given) => Made): (given: Given) => Made {
  const made = new Map<Given, Made>()
  return (given) => {
    if (!made.has(given)) made.set(given, make(given))
    return made.get(given)!
  }
}

/** The compiler demands every member of `PlannedProfile` here. */
const PROFILE_MEMBERS: Readonly<Record<keyof PlannedProfile, true>> = {
  name: true,
  typ: true,
  evidence: true,
  otherKinds: true,
  waived: true,
  scopes: true,
  client: true,
  user: true,
  tokenId: true,
  session: true,
  clientCredentialsWhen: true,
  otherwise: true,
  required: true,
  tenant: true,
  idTokensHaveMetadataIssuer: true,
}

const pick = <Given extends object>(
  given: Given,
  members: Readonly<Record<string, true | undefined>>,
): Given => Object.fromEntries(Object.entries(given).filter(([name]) => members[name] === true)) as Given

const toEvidence = ({ in: place, ...evidence }: Evidence): Evidence =>
  place === 'header' ? { in: place, ...evidence } : evidence

const toCondition = (condition: PlannedCondition & { readonly text?: string }): PlannedCondition => {
  const { text: _, ...planned } = condition
  return 'evidence' in planned ? { ...planned, evidence: toEvidence(planned.evidence) } : planned
}

type Kind = Pick<PlannedProfile, 'evidence' | 'otherKinds' | 'waived'>

const toKind = <Given extends Kind>({ evidence, otherKinds = [], waived = [], ...others }: Given) => ({
  ...others,
  evidence: evidence.map((group) => group.map(toEvidence)),
  ...(otherKinds.length === 0
    ? {}
    : { otherKinds: otherKinds.map((other) => ({ ...other, evidence: toEvidence(other.evidence) })) }),
  ...(waived.length === 0 ? {} : { waived }),
})

/** Without the members that only some configurations use. */
const toProfile = (profile: PlannedProfile, isRevocable: boolean): PlannedProfile => ({
  ...toKind(pick(profile, isRevocable ? PROFILE_MEMBERS : { ...PROFILE_MEMBERS, session: undefined })),
  scopes: pick(profile.scopes, { choices: true, ignored: true }),
  clientCredentialsWhen: profile.clientCredentialsWhen.map(toCondition),
})

const toHint = ({ scopeClaims, ...hint }: ProfileHint): ProfileHint => ({
  ...toKind(hint),
  ...(scopeClaims == null ? {} : { scopeClaims }),
})

/** Issuers by their `iss`, as a plan has them. `isRevocable`: whether `revocation` is configured. */
export function toPlannedIssuers(
  issuers: ReadonlyMap<string, ResolvedIssuer>,
  isRevocable: boolean,
): ReadonlyMap<string, ResolvedIssuer> {
  const planProfile = onceFor((profile: PlannedProfile) => toProfile(profile, isRevocable))
  const planHint = onceFor(toHint)
  const planHints = onceFor((hints: readonly ProfileHint[]) => hints.map(planHint))
  return new Map(
    [...issuers].map(([iss, issuer]) => [
      iss,
      { ...issuer, profile: planProfile(issuer.profile), looksLike: planHints(issuer.looksLike) },
    ]),
  )
}
