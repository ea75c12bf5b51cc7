// The parts of an authorizer: the code for one feature each, which fills slots of the pipeline. The pipeline and its
// wiring import no part. An artefact names the parts that its plan uses (config/parts-of.ts), and carries no other.

import type { CreateLoadedKey } from '../audit/fingerprint.ts'
import type { CoreConfig } from '../config/config.ts'
import type { IntrospectionPart, LookupCreators } from '../introspection/introspection-part.ts'
import type { IssuerKeys, KeyParts } from '../keys/issuer-keys.ts'
import type { FillParts } from '../plan/fill.ts'
import type { Ports } from '../platform/ports.ts'
import type { RouteRuleCheck } from '../policy/route-rule.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { CheckRequest } from '../request/read-request.ts'
import type { Receiver } from '../revocation/receiver.ts'
import type { CreateRevocationCheck } from '../revocation/revocation-part.ts'
import type { findResource } from '../routes/resource-path.ts'
import type { ConfirmationMethod } from '../sender/confirmation-method.ts'
import type { CreateNonces } from '../sender/dpop/nonces.ts'
import type { CreateStoreCheck } from '../sender/dpop/replay.ts'
import type { CreateHeaderCertificate } from '../sender/mtls/header-certificate.ts'
import type { SenderConstraint } from '../sender/sender-constraint.ts'
import type { Outcome, Stages } from '../stages.ts'
import type { Soon } from '../token/token-reader.ts'

/** What fills the slots. A slot that the configuration does not use may be empty. */
export interface Parts extends KeyParts, FillParts {
  /** For `introspection`, `check` and `userinfo`. */
  readonly lookups?: (
    config: CoreConfig,
    keys: IssuerKeys,
    ports: Ports,
    creators: LookupCreators,
  ) => IntrospectionPart
  readonly tokenLookups?: Partial<LookupCreators['tokenLookups']>
  readonly userinfoLookup?: LookupCreators['userinfoLookup']
  readonly lookupExtras?: LookupCreators['extras']
  /** For `resources`: the resource of a path, and the rule about tokens for it. */
  readonly resources?: { readonly find: typeof findResource; readonly rules: readonly RouteRuleCheck[] }
  /** For conditions of routes. */
  readonly conditions?: readonly RouteRuleCheck[]
  /** For `senderConstraint`, and one or both of the methods below. */
  readonly senderConstraint?: CreateSenderConstraint
  readonly dpop?: CreateConfirmationMethod
  readonly mtls?: CreateConfirmationMethod
  /** For `mtls.header`. */
  readonly mtlsHeader?: CreateHeaderCertificate
  /** For `routes[].replay`. */
  readonly dpopReplays?: CreateStoreCheck
  /** For `dpop.nonce`. */
  readonly dpopNonces?: CreateNonces
  /** For `revocation`. */
  readonly revocation?: CreateRevocationCheck
  /** For `revocation.logout`. */
  readonly receivers?: CreateReceivers
  /** For `log.fingerprintKey`. */
  readonly fingerprintKey?: CreateLoadedKey
  /** For `Authorizer.examine`. */
  readonly examine?: (context: DecisionContext, stages: Stages) => Soon<Outcome>
  /** For callers who make the request of an authorizer themselves. */
  readonly checkRequest?: CheckRequest
}

/** `parts`: those of the authorizer. */
export type CreateSenderConstraint = (config: CoreConfig, ports: Ports, parts: Parts) => SenderConstraint

/** `parts`: those of the authorizer. */
export type CreateConfirmationMethod = (config: CoreConfig, ports: Ports, parts: Parts) => ConfirmationMethod

/** `keys`: those of the authorizer, with their limits on fetches. */
export type CreateReceivers = (config: CoreConfig, ports: Ports, keys: IssuerKeys) => readonly Receiver[]

/** Some of the slots: what a module of `lanekeeper/parts/` exports. */
export type Part = Partial<Parts>

const combineExtras = (
  one: Parts['lookupExtras'],
  other: Parts['lookupExtras'],
): Parts['lookupExtras'] & {} => ({
  ...one,
  ...other,
  providers: { ...one?.providers, ...other?.providers },
})

/** The slots that several parts fill. The lists are in the order of the parts. */
export const combineParts = (...parts: readonly Part[]): Parts =>
  parts.reduce<Parts>(
    (all, part) => ({
      ...all,
      ...part,
      keyTypes: [...all.keyTypes, ...(part.keyTypes ?? [])],
      tokenLookups: { ...all.tokenLookups, ...part.tokenLookups },
      lookupExtras: combineExtras(all.lookupExtras, part.lookupExtras),
    }),
    { keyTypes: [] },
  )
