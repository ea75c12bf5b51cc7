// Rows about bound tokens, which may need several requests, and the configurations that they are about.

import type { FailureDetail, LanekeeperConfig } from '../../shared/index.ts'
import type { CaseWorld } from '../support/case-world.ts'
import type { CaseRequest, EdgeName, Expectation } from './row.ts'

export interface SenderRow {
  readonly id: string
  /** The requests, in order: those before the last one, and the one that the row is about. */
  readonly requests: (world: CaseWorld) => Promise<readonly CaseRequest[]>
  /** The outcome of those before the last one. Default: they pass. */
  readonly before?: Expectation
  readonly expect: Expectation
  readonly detail?: FailureDetail
  /** For a REST API with a TOKEN authorizer, which gets no fields and no certificate. Absent: the row is about them. */
  readonly onToken?: Expectation
  /** Edges that decide otherwise, because they do not know the host of a request. */
  readonly elsewhere?: Readonly<Partial<Record<EdgeName, Expectation>>>
  readonly notOn?: readonly EdgeName[]
}

/** Rows that share a configuration. */
export interface SenderSuite {
  readonly name: string
  readonly config: (world: CaseWorld) => LanekeeperConfig | Promise<LanekeeperConfig>
  /** Further variables that the configuration refers to. */
  readonly env?: Readonly<Record<string, string>>
  readonly rows: readonly SenderRow[]
  /** The outcome of the requests before the last one of a row, if it does not state it. */
  readonly passed: Expectation
  /** Edges that refuse the configuration. */
  readonly notOn?: readonly EdgeName[]
}
