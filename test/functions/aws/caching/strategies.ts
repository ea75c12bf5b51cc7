// Every caching strategy, and the gateways whose answers are compared: the documented behaviour, and each choice that
// the documentation leaves open.

import type { UndocumentedChoices } from '../../../../local/api-gateway/undocumented.ts'
import type { AwsConfig } from '../../../../shared/index.ts'
import { LIFETIME_SECONDS, type GatewayKind } from './gateways.ts'

export interface ComparedGateway {
  readonly name: string
  readonly choices?: Partial<UndocumentedChoices>
  /** Whether an allow may outlive its token by the rest of its lifetime. */
  readonly mayOutlive?: true
  /** Compared with a gateway that caches nothing, because the event shows another path than the client sent. */
  readonly asShown?: true
}

export interface Strategy {
  readonly name: string
  readonly kind: GatewayKind
  readonly aws: AwsConfig
  /** All of them in front of one authorizer. */
  readonly gateways: readonly ComparedGateway[]
}

const lifetime = { resultTtlSeconds: LIFETIME_SECONDS }

const documented: ComparedGateway = { name: 'as documented' }

const evaluatedOnce: ComparedGateway = {
  name: 'conditions evaluated once',
  choices: { cachedPolicyConditions: 'as-first-evaluated' },
  mayOutlive: true,
}

const decoded: ComparedGateway = {
  name: 'paths shown decoded',
  choices: { httpApiPath: 'decoded' },
  asShown: true,
}

export const EXACT: AwsConfig = { strategy: 'exact', ...lifetime }
export const TABLE: AwsConfig = { strategy: 'table', ...lifetime }

export const STRATEGIES: readonly Strategy[] = [
  { name: 'exact, REST', kind: 'rest request', aws: EXACT, gateways: [documented, evaluatedOnce] },
  {
    name: 'exact, HTTP API, policy',
    kind: 'http policy',
    aws: { ...EXACT, httpApiResponse: 'policy' },
    gateways: [documented, decoded],
  },
  {
    name: 'exact, HTTP API, simple answers',
    kind: 'http simple',
    aws: { ...EXACT, httpApiResponse: 'simple' },
    gateways: [{ ...documented, mayOutlive: true }],
  },
  { name: 'table, TOKEN', kind: 'rest token', aws: TABLE, gateways: [documented, evaluatedOnce] },
  { name: 'off, TOKEN', kind: 'rest token', aws: { strategy: 'off' }, gateways: [documented] },
]
